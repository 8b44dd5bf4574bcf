"""Nothing a user hands to a command ends in a traceback: files of every wrong kind, at every door."""

import json
import os
import stat
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.tools.console import SMALL, TOLD, Ran, run, small

GOOD = (TOLD / "promise.yaml").read_text("utf-8")
FILES: dict[str, bytes] = {
    "empty": b"",
    "spaces": b"  \n\n  ",
    "binary": bytes(range(256)) * 8,
    "nul": b"given: {a: \x00}",
    "utf-16": "given: {a: b}".encode("utf-16"),
    "cut utf-8": "given: {a: é}".encode()[:-2],
    "a scalar": b"hello",
    "a number": b"5",
    "a list": b"- 1\n- 2\n",
    "deep": b"[" * 50_000,
    "deep maps": b"{a: " * 5_000,
    "huge": b"a: " + b"x" * 2_000_000,
    "aliases": b"a: &a [x]\nb: *a\n",
    "tag": b"a: !!python/object:os.system x\n",
    "tabs": b"given:\n\ta: b\n",
    "duplicate keys": b"given: {a: 1, a: 2}\n",
    "two documents": b"given: {}\n---\ngiven: {}\n",
    "merge": b"<<: {a: b}\n",
    "open quote": b'given: {a: "b\n',
    "bidi": "given: {a: \u202eb}\n".encode(),
    "json null": b'{"given": null, "at": null, "history": null, "debts": null}',
    "given is a list": b"given: [a, b]\n",
    "given is a word": b"given: yes\n",
    "at is a list": b"at: [1]\ngiven: {}\n",
    "year 0": b"at: 0000-01-01T00:00:00Z\ngiven: {}\n",
    "year 9999": b"at: 9999-12-31T23:59:59-12:00\ngiven: {}\n",
    "year 1": b"at: 0001-01-01T00:00:00+14:00\ngiven: {}\n",
    "history is a word": b"history: never\n",
    "history of words": b"history: [call, call]\n",
    "history without a kind": b"history: [{at: 2026-02-10T14:00:00Z}]\n",
    "debts are words": b"debts: [one]\n",
    "suppressions of words": b"suppressions: [dnc]\n",
    "suppression of nothing": b"suppressions: [{scope: galaxy, reason: dnc}]\n",
    "zones are maps": b"zones: [{a: b}]\n",
    "zone out of the data": b"zones: [../../etc/passwd]\n",
    "balance is a list": b"given: {account.balance: [1, 2]}\n",
    "balance is huge": b"given: {account.balance: " + b"9" * 400 + b"}\n",
    "places are a map": b"given: {account.places: {NY: 1}}\n",
    "first name is a map": b"given: {party.first_name: {a: b}}\n",
    "kind alone": b"kind: scenario\n",
    "no call": b"callwright: 1\nkind: scenario\nid: a\nversion: 1.0.0\ntitle: a\n",
}
BROKEN_STORIES = {
    "call is a word": GOOD.split("call:")[0] + "call: hello\nexpect: {ends: refused}\n",
    "call of words": GOOD.split("call:")[0] + "call: [hello]\nexpect: {ends: refused}\n",
    "empty call": GOOD.split("call:")[0] + "call: []\nexpect: {ends: refused}\n",
    "expect is a word": GOOD.split("expect:")[0] + "expect: refused\n",
    "expect nothing": GOOD.split("expect:")[0] + "expect: {}\n",
    "no expect": GOOD.split("expect:")[0],
    "about only": GOOD.split("expect:")[0] + "expect: {about: nothing}\n",
    "played is a word": GOOD.replace("says: readback", "played: half"),
    "max_turns is huge": GOOD.replace("max_turns: 6", f"max_turns: {'9' * 5000}"),
    "callee is empty": GOOD.replace("event: affirm", "callee: ''"),
    "no event": GOOD.replace("event: affirm", "event: []"),
    "two events": GOOD.replace("event: affirm", "event: [silence, voicemail]"),
    "a slot that opens a gate": GOOD.replace("{heard.zip: '10001'}", "{party.verified: true}"),
    "bad time": GOOD.replace("2026-02-10T14:00:00-05:00", "2026-02-30T14:00:00-05:00"),
    "no flow": GOOD.replace("flow: call\n", ""),
}
WELL = (0, 1, 3)


def told(ran: Ran, well: Sequence[int] = WELL) -> None:
    """Hold a command to an exit status that says what happened, and to words where something went wrong."""
    assert ran.status in well
    assert "Traceback" not in ran.all
    if ran.status == 3:
        assert ran.err.strip() or "no scenario was found" in ran.out
        words = ran.all.lower()
        assert "nonetype" not in words
        assert "keyerror" not in words


@pytest.mark.parametrize("name", FILES)
def test_hostile_files(name: str, tmp_path: Path) -> None:
    file = tmp_path / "hostile.yaml"
    file.write_bytes(FILES[name])
    told(small("decide", file))
    told(small("decide", "-", stdin=FILES[name]))
    told(small("chat", "--given", file, stdin="hello\n"))
    replayed = small("replay", file)
    told(replayed)
    assert replayed.status == 3, "no such file is a scenario"
    batch = small("understand", "--batch", file)
    told(batch, (*WELL, 2))
    assert batch.status != 2 or f"{file}:" in batch.all
    told(small("nlu", "test", file))
    told(small("nlu", "test", file, "--baseline", file))


@pytest.mark.parametrize("name", BROKEN_STORIES)
def test_broken_stories_are_not_replayed(name: str, tmp_path: Path) -> None:
    file = tmp_path / "story.yaml"
    file.write_text(BROKEN_STORIES[name])
    ran = small("replay", file)
    told(ran)
    assert ran.status == 3
    assert f"--> {file}:" in ran.err


@pytest.mark.parametrize("command", ["decide", "replay", "understand --batch", "nlu test", "chat --given", "lint"])
def test_what_is_no_file(command: str, tmp_path: Path) -> None:
    fifo = tmp_path / "locked"
    fifo.write_text("given: {}")
    fifo.chmod(stat.S_IWUSR)
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    for path in (tmp_path, tmp_path / "none", loop, Path("\udcff"), Path("/dev/null/x"), fifo):
        if path == fifo and os.access(path, os.R_OK):
            continue
        ran = run(*command.split(), path, "--bundle", SMALL) if command != "lint" else run("lint", path)
        assert ran.status in (2, 3)
        assert "Traceback" not in ran.all


@pytest.mark.parametrize("name", FILES)
def test_a_bundle_with_a_hostile_file(name: str, tmp_path: Path) -> None:
    for folder in ("flows", "policies", "scenarios"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "hostile.yaml").write_bytes(FILES[name])
    linted = run("lint", tmp_path)
    assert linted.status in (1, 3)
    assert "hostile.yaml" in linted.out
    for command in (["replay"], ["decide"], ["understand", "hello"], ["nlu", "report"], ["chat"]):
        ran = run(*command, "--bundle", tmp_path)
        assert ran.status == 3
        assert "hostile.yaml" in ran.err


yaml_like = st.recursive(
    st.one_of(st.text(max_size=12), st.integers(), st.booleans(), st.none(), st.floats(allow_nan=False)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = ("at", "given", "history", "debts", "zones", "suppressions", "account.places", "number.connected")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(KEYS), yaml_like, max_size=5))
def test_any_json_is_answered_or_refused(case: dict[str, object]) -> None:

    told(small("decide", "-", stdin=json.dumps(case)))
