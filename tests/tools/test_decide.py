"""``callwright decide``: one answer, every reason, and the exit status."""

import json
from pathlib import Path

import pytest

from tests.tools.console import small

ASK = ("decide", "--fact", "account.places=NY", "--zone", "America/New_York")


def test_allowed() -> None:
    ran = small(*ASK, "--at", "2026-02-10T14:00:00-05:00")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out == "allowed: a call on Tue 10 February 2026, 14:00 America/New_York\n"


def test_denied_with_reason_source_facts_and_the_next_allowed_time() -> None:
    ran = small(*ASK, "--at", "2026-02-10T21:00:00-05:00")
    assert ran.status == 1
    assert "us.window: it is outside the hours that this rule allows" in ran.out
    assert "source: 12 CFR 1006.6(b)(1)(i) (statutory)" in ran.out
    assert "clock.time = 21:00" in ran.out
    assert "it would be allowed from Wed 11 February 2026, 08:00 America/New_York" in ran.out


def test_where_nothing_is_known_the_answer_is_no() -> None:
    ran = small("decide", "--at", "2026-02-10T14:00:00-05:00")
    assert ran.status == 1
    assert "unknown, and so it acts" in ran.out


CASE = """\
at: 2026-02-10T14:00:00-05:00
given: {account.places: [NY]}
zones: [America/New_York]
history:
  - {kind: call, at: 2026-02-09T10:00:00-05:00, number.connected: true}
  - {kind: call, at: 2026-02-09T11:00:00-05:00, number.connected: true}
  - {kind: call, at: 2026-02-09T12:00:00-05:00, number.connected: true}
"""


def test_a_file_and_standard_input_say_the_same(tmp_path: Path) -> None:
    file = tmp_path / "case.yaml"
    file.write_text(CASE)
    from_file, from_stdin = small("decide", file), small("decide", "-", stdin=CASE)
    assert from_file == from_stdin
    assert from_file.status == 1
    assert "place.cap[NY]: NY allows 3 in the period." in from_file.out


def test_json_in_and_out() -> None:
    case = {
        "at": "2026-02-10T14:00:00-05:00",
        "given": {"account.places": ["NY"]},
        "zones": ["America/New_York"],
        "suppressions": [{"scope": "phone", "reason": "dnc"}],
    }
    ran = small("decide", "-", "--format", "json", stdin=json.dumps(case, indent=2))
    decision = json.loads(ran.out)["decision"]
    assert ran.status == 1
    assert decision["outcome"] == "deny"
    assert [fired["rule"] for fired in decision["fired"]] == ["us.dnc"]
    assert decision["next_allowed"] is None


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("--at", "tomorrow"), 2, "`tomorrow` is not a date and time: write it as 2026-03-10T14:00:00-05:00"),
        (("--at", "2026-02-10T14:00:00"), 2, "does not say how far it is from UTC"),
        (("--fact", "account.places"), 2, "write it as account.balance=240.00"),
        (("--fact", "account.place=NY"), 3, "did you mean `account.places`?"),
        (("--fact", "account.balance=much"), 3, "`much` is not an amount of money"),
        (("--zone", "Mars/Base"), 3, "there is no time zone `Mars/Base`"),
        (("nowhere.yaml",), 3, "`nowhere.yaml` could not be read"),
    ],
)
def test_what_cannot_be_read_is_said_with_the_mend(arguments: tuple[str, ...], status: int, message: str) -> None:
    ran = small("decide", *arguments)
    assert ran.status == status
    assert message in ran.err
    assert ran.out == ""
