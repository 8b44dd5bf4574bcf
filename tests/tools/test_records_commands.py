"""The commands of supervisors and auditors, run as they are typed."""

import base64
import contextlib
import json
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tools.campaigns import simulate, worker
from tools.records_commands import attempts, jobs, ledger, metrics, retention, suppress

SMALL = "tests/data/small"
FACTS = {
    "party.first_name": "Alex",
    "party.zip": "78701",
    "party.dob": "1985-05-03",
    "account.balance": 240,
    "account.places": ["US"],
}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CALLWRIGHT_DATABASE", f"sqlite:///{tmp_path}/store.db")
    monkeypatch.setenv("CALLWRIGHT_KEY", base64.b64encode(bytes(32)).decode())

    def command(group, *given: str, input: str = "") -> Result:
        return CliRunner().invoke(group, list(given), input=input)

    return command


def line(n: int = 1, **given: object) -> str:
    job = {"account": f"a{n}", "person": f"p{n}", "number": f"512555{n:04d}", "debts": [f"d{n}"], "flow": "call"}
    return json.dumps({**job, "facts": FACTS, "zones": ["America/Chicago"], **given})


def enqueue(run, *lines: str) -> list[dict]:
    done = run(jobs, "enqueue", "-", "--bundle", SMALL, "--format", "json", input="\n".join(lines))
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_jobs_are_enqueued_listed_shown_and_canceled(run) -> None:
    first, again = enqueue(run, line(1, key="k", campaign="spring"), line(1, key="k", campaign="spring"))
    assert first["created"]
    assert not again["created"]
    ident = first["job"]
    assert ident in run(jobs, "list", "--campaign", "spring").output
    assert run(jobs, "list", "--state", "failed").stdout == ""
    shown = run(jobs, "show", ident).output
    assert "waits until it is due" in shown
    assert run(jobs, "cancel", ident).exit_code == 0
    assert "canceled by a person" in run(jobs, "show", ident).output
    assert run(jobs, "redrive", ident).exit_code == 3


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ('{"account": "a"}', "line 1: a job names its `person`"),
        ("[1]", "line 1:"),
        ("not a job", "line 1:"),
        (line(1, colour="red"), "`colour` is no part of a job"),
        (line(1, priority=11), "priority 11"),
        (line(1, flags=["x"]), "`x` is not a flag"),
        (line(1, facts={"account.ballance": 1}), "account.ballance"),
        (line(1, facts=[1]), "`facts` is an object of facts"),
        (line(1, facts={"party.zip": {"a": 1}}), "`party.zip` has no value that a fact can have"),
        (line(1, facts={"party.zip": "7" * 1_000_000}), "longer than 10,000 characters"),
        (line(1, prioritty=1), "did you mean `priority`?"),
        (line(1, account=""), "`account` has 1 to 200 characters"),
        (line(1, account=5), '`account` is a text: write it in quotes, as "account-1"'),
        (line(1, account="a" * 201), "`account` has 1 to 200 characters"),
        (line(1, account="a\nb"), "without line breaks"),
        (line(1, account="a\x00"), "NUL"),
        (line(1, account="\ud800"), "surrogate"),
        (line(1, number="abc"), "`number` is a telephone number"),
        (line(1, number="12"), "`number` is a telephone number"),
        (line(1, number="٥١٢٥٥٥٠٠٠١"), "`number` is a telephone number"),
        (line(1, debts="d1"), "`debts` is a list of texts"),
        (line(1, debts=[""]), "`debt` has 1 to 200 characters"),
        (line(1, zones="America/Chicago"), "`zones` is a list of texts"),
        (line(1, zones=["Mars/Base"]), "there is no time zone `Mars/Base`"),
        (line(1, due="tomorrow"), "`due` is not a date and time"),
        (line(1, due="2026-03-10T10:00:00"), "does not say how far it is from UTC"),
        (line(1, due=5), "`due` is not a date and time"),
        (line(1, tries=0), "tried 1 to 1000 times"),
        (line(1, tries=10**9), "`tries` is a whole number"),
        (line(1, tries=True), "`tries` is a whole number"),
        (line(1, wait=-1), "waits 0 to 31536000 seconds"),
        (line(1, wait=float("nan")), "`wait` is a number of seconds"),
        (line(1, longest_wait=1e300), "waits 0 to 31536000 seconds"),
        (line(1, flags="dnc"), "`flags` is a list of texts"),
        (line(1, campaign={"a": 1}), "`campaign` is a text"),
        (line(1, key="k" * 201), "`key` has 0 to 200 characters"),
        (line(1, flow="nope"), "the bundle has no flow `nope`; it has call"),
        (line(1, locale="xx"), "the bundle has no locale `xx`; it has en-US"),
        ('{"account": "a", "account": "b"}', "`account` stands twice"),
        ("[" * 100_000, "nested too deeply"),
        (line(1) + "\n" + line(2, tries=0), "line 2: a job is tried"),
    ],
)
def test_what_is_no_job_is_told_with_its_line(run, wrong: str, said: str) -> None:
    done = run(jobs, "enqueue", "-", "--bundle", SMALL, input=wrong)
    assert done.exit_code == 3
    assert said in done.output


def test_bytes_that_are_no_text_are_told_and_nothing_is_taken_in(run, tmp_path: Path) -> None:
    (tmp_path / "jobs").write_bytes(line(1).encode() + b"\n" + line(2).encode().replace(b"a2", b"\xff"))
    done = run(jobs, "enqueue", str(tmp_path / "jobs"), "--bundle", SMALL)
    assert done.exit_code == 3
    assert "line 2: a text holds half of a surrogate pair" in done.output
    assert run(jobs, "list").stdout == ""


def test_names_in_any_writing_and_what_is_null_are_taken_in(run) -> None:
    [made] = enqueue(run, line(1, account="漢字 😀", household=None, due=None, facts={"party.zip": None}))
    shown = json.loads(run(jobs, "show", made["job"], "--format", "json").stdout)
    assert shown["job"]["state"] == "queued"


def test_an_unknown_job_is_told(run) -> None:
    done = run(jobs, "show", "nothing")
    assert done.exit_code == 3
    assert "there is no job nothing" in done.output


def test_a_worker_works_and_the_ledger_tells(run, tmp_path: Path) -> None:
    enqueue(run, *(line(n) for n in range(3)))
    [ident] = run(suppress, "add", "person", "p2", "attorney").output.split()
    assert "attorney" in run(suppress, "list").output
    done = run(worker, "--worker-id", "w1", "--once", "--bundle", SMALL, "--seed", "4")
    assert done.exit_code == 0, done.output
    assert "worker w1:" in done.output
    rows = json.loads(run(attempts, "list", "--format", "json").stdout)
    assert len(rows) == 2
    explained = run(ledger, "explain", rows[0]["id"])
    assert "entry" in explained.output
    assert "local time:" in explained.output
    assert rows[0]["id"] in run(attempts, "show", rows[0]["id"]).output
    assert "the ledger is sound" in run(ledger, "verify", "--redecide").output
    export = tmp_path / "export.jsonl"
    assert run(ledger, "export", str(export)).exit_code == 0
    assert "Alex" not in export.read_text()
    assert run(ledger, "verify", "--against", str(export)).exit_code == 0
    assert "attempts per account" in run(metrics).output
    assert json.loads(run(metrics, "--format", "json").stdout)["early_disclosures"] == 0
    assert run(suppress, "lift", ident, "--reason", "a mistake").exit_code == 0
    assert run(suppress, "lift", ident, "--reason", "a mistake").exit_code == 1


def test_retention_is_run_and_set(run) -> None:
    assert run(retention, "set", "outbox", "7").exit_code == 0
    assert "outbox" in run(retention, "run").output
    [one] = json.loads(run(retention, "run", "--class", "outbox", "--format", "json").stdout)
    assert one == {"name": "outbox", "days": 7, "removed": 0}
    refused = run(retention, "set", "contacts", "3")
    assert refused.exit_code == 2
    assert "rules count calls over up to 400 days" in refused.output


def test_without_a_key_nothing_is_opened(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CALLWRIGHT_KEY")
    done = run(jobs, "list")
    assert done.exit_code == 3
    assert "CALLWRIGHT_KEY" in done.output


def test_a_rehearsal_says_what_it_came_to_and_what_it_broke(run) -> None:
    done = run(simulate, "--calls", "12", "--seed", "3", "--bundle", SMALL)
    assert "Rehearsed 12 jobs" in done.output
    assert done.exit_code == (1 if "BREACH" in done.output else 0)
    assert "right party per contact" in done.output


# ------------------------------------------------------------- what is broken


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("foo", "write sqlite:///PATH or postgresql://"),
        ("mysql://me:secret@host/db", "no store can be at a `mysql` address"),
        ("sqlite:////nowhere/at/all.db", "unable to open database file"),
        ("postgresql://me:secret@127.0.0.1:9/db", "Connection refused"),
        ("sqlite:////dev/full", "database or disk is full"),
    ],
)
def test_an_address_at_which_no_store_can_be_is_told(run, address: str, said: str) -> None:
    done = run(jobs, "list", "--database", address)
    assert done.exit_code == 3
    assert said in done.output
    assert "secret" not in done.output


def test_a_file_that_is_no_database_is_told(run, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("a shopping list\n" * 50)
    done = run(jobs, "list", "--database", f"sqlite:///{tmp_path}/notes.txt")
    assert done.exit_code == 3
    assert "file is not a database" in done.output


@pytest.fixture
def decided(run, tmp_path: Path) -> Path:
    """Give the file of a store in whose ledger a dial stands."""
    enqueue(run, line(1))
    assert run(worker, "--worker-id", "w1", "--once", "--bundle", SMALL).exit_code == 0
    return tmp_path / "store.db"


@pytest.mark.parametrize("body", [b"", b"\0", b"\0" * 40])
def test_a_ledger_entry_that_was_damaged_is_told_by_verify_and_by_explain(run, decided: Path, body: bytes) -> None:
    with contextlib.closing(sqlite3.connect(decided)) as db, db:
        db.execute("UPDATE ledger SET body = ? WHERE seq = 1", (body,))
    for again in ((), ("--redecide",)):
        done = run(ledger, "verify", *again)
        assert done.exit_code == 1
        assert "entry 1 is not what was written there" in done.output
    done = run(ledger, "explain", "1")
    assert done.exit_code == 3
    assert "the body of ledger entry 1 was changed" in done.output


@pytest.mark.parametrize("wanted", ["0", "99", "9" * 30, "../x", "漢字", ""])
def test_what_is_not_in_the_ledger_is_told(run, decided: Path, wanted: str) -> None:
    done = run(ledger, "explain", wanted)
    assert done.exit_code == 3
    assert "Error:" in done.output


@pytest.mark.parametrize("text", ["zzz", '{"checkpoint": 1}', "5", '{"checkpoint": 1, "hash": "x"}', "\xff"])
def test_what_is_no_export_is_told(run, decided: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "export").write_bytes(text.encode("latin-1"))
    done = run(ledger, "verify", "--against", str(tmp_path / "export"))
    assert done.exit_code == 3
    assert "is no export of a ledger" in done.output


def test_an_export_that_cannot_be_written_is_told(run, decided: Path) -> None:
    done = run(ledger, "export", "/dev/full")
    assert done.exit_code == 3
    assert "/dev/full cannot be written: No space left on device" in done.output
