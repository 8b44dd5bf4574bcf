"""Who may waive what, and for how long."""

from datetime import date
from pathlib import PurePosixPath

import pytest

from engine.checks.people import same_person
from engine.checks.waivers import read_waivers, waive
from engine.source.finding import Finding
from engine.source.span import Span

TODAY = date(2026, 3, 10)
FILE = PurePosixPath("waivers.yaml")
GOOD = "rule: fact-unused, where: facts/a, reason: soon, author: ann, approved_by: bob, expires: 2026-06-01"


def read(entry: str, today: date = TODAY) -> tuple[int, list[str]]:
    """Return how many waivers hold, and the rules that find something wrong with the others."""
    held, wrong = read_waivers(f"waivers:\n  - {{{entry}}}\n", FILE, today)
    return len(held), [f.rule for f in wrong]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ann", "Ann"),
        ("ann", " ann "),
        ("Ann Lee", "ann  lee"),
        ("Ann Lee", "Lee, Ann"),
        ("Ann Lee", "annlee"),
        ("ann-lee", "Ann Lee"),
        ("@annlee", "Ann Lee"),
        ("José", "jose"),
        ("Jose\u0301", "José"),
        ("straße", "STRASSE"),
        ("\uff41\uff4e\uff4e", "ann"),
        ("ann.lee@example.org", "ann.lee"),
        ("ann.lee@example.org", "Ann Lee"),
        ("ann.lee@example.org", "ann.lee@example.com"),
        ("ann+lint@example.org", "ann@example.org"),
        ("12345+annlee@users.noreply.example.com", "annlee"),
        ("Ann Lee <al@example.org>", "al@example.org"),
        ("Ann Lee <al@example.org>", "Ann Lee"),
        ("Ann Lee <al@example.org>", "AL"),
    ],
)
def test_one_person_under_two_names(one: str, other: str) -> None:
    assert same_person(one, other)
    assert same_person(other, one)
    assert read(GOOD.replace("ann", f"'{one}'").replace("bob", f"'{other}'")) == (0, ["self-approved-waiver"])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ann", "bob"),
        ("ann", "anna"),
        ("Ann Lee", "Ann Leed"),
        ("Ann Lee", "Bo Lee"),
        ("ann@example.org", "bob@example.org"),
        ("Ann <a@example.org>", "Bob <b@example.org>"),
        ("", "bob"),
        ("", ""),
        ("...", "..."),
    ],
)
def test_two_people(one: str, other: str) -> None:
    assert not same_person(one, other)


@pytest.mark.parametrize("nobody", ["''", "' '", "'-'", "'?'", "none", "TBD", "n/a", "nobody", "[bob]"])
def test_somebody_has_approved(nobody: str) -> None:
    assert read(GOOD.replace("bob", nobody)) == (0, ["waiver-without-reason-or-approver"])


@pytest.mark.parametrize(
    ("expires", "today", "holds"),
    [
        ("2026-03-10", TODAY, True),
        ("2026-03-09", TODAY, False),
        ("2026-09-06", TODAY, True),
        ("2026-09-07", TODAY, False),
        ("2026-W20-1", TODAY, False),
        ("20260601", TODAY, False),
        ("2026-02-30", TODAY, False),
        ("never", TODAY, False),
        ("9999-12-31", date(9999, 12, 31), True),
        ("0001-01-01", date(1, 1, 1), True),
    ],
)
def test_a_waiver_holds_through_its_last_day_and_no_longer_than_180(expires: str, today: date, holds: bool) -> None:
    wrong = [] if holds else ["waiver-expired-or-malformed"]
    assert read(GOOD.replace("2026-06-01", expires), today) == (int(holds), wrong)


def test_a_setting_that_a_waiver_does_not_have_is_told() -> None:
    assert read(GOOD + ", approver: carl") == (0, ["waiver-malformed"])
    assert read(GOOD.replace("soon", "'-'")) == (0, ["waiver-without-reason-or-approver"])


def test_two_waivers_of_one_finding_and_one_of_what_cannot_be_waived() -> None:
    entries = [GOOD, GOOD.replace("bob", "carl"), GOOD.replace("fact-unused", "unknown-state")]
    text = "waivers:\n" + "".join(f"  - {{{entry}}}\n" for entry in entries)
    held, _ = read_waivers(text, FILE, TODAY)
    finding = Finding(Span(PurePosixPath("a.yaml"), 1, 1), "fact-unused", "unused", where="facts/a")
    left, waived = waive([finding], held, lambda rule: rule == "fact-unused")
    assert [w.waiver.approved_by for w in waived] == ["bob"]
    assert [(f.rule, f.message) for f in left] == [
        ("unused-waiver", "another waiver is for `fact-unused` at `facts/a`"),
        ("unused-waiver", "nothing is found for `unknown-state` at `facts/a`, which cannot be waived"),
    ]
