"""``callwright understand``: readings in text, and a batch in JSON lines."""

import json
from pathlib import Path

import pytest

from tests.tools.console import run, small


def test_text() -> None:
    ran = small("understand", "please stop calling me")
    assert ran.status == 0
    assert ran.out.startswith("accepted: stop_calling")


def test_json_has_every_reading_with_its_score() -> None:
    ran = small("understand", "please stop calling me", "--format", "json")
    data = json.loads(ran.out)
    assert [i["intent"] for i in data["intents"] if i["accepted"]] == ["stop_calling"]
    assert set(data) == {"intents", "slots", "polarity"}
    assert all(0 <= i["score"] <= 1 for i in data["intents"])


def test_a_batch_keeps_its_order(tmp_path: Path) -> None:
    texts = ["stop calling", "wrong number", "", "Überraschung 🙂", "stop calling"]
    lines = "\n".join(json.dumps({"text": text, "at": "2026-02-10T14:00:00-05:00"}) for text in texts) + "\n\n"
    ran = small("understand", "--batch", "-", stdin=lines)
    found = [json.loads(line) for line in ran.out.splitlines()]
    assert ran.status == 0
    accepted = [[i["intent"] for i in answer["intents"] if i["accepted"]] for answer in found]
    assert accepted == [["stop_calling"], ["wrong_party"], [], [], ["stop_calling"]]
    file = tmp_path / "batch.jsonl"
    file.write_text(lines)
    assert small("understand", "--batch", file).out == ran.out


def test_slots_are_read_in_the_state_that_asks(tmp_path: Path) -> None:
    line = {"text": "one zero zero zero one", "state": "verify.zip", "locale": "en-US"}
    ran = small("understand", "--batch", "-", stdin=json.dumps(line))
    assert json.loads(ran.out)["slots"]["heard.zip"]["value"] == "10001"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("stop", "this line is not JSON"),
        ("[1]", 'this line has no "text"'),
        ('{"text": 5}', 'this line has no "text"'),
        ('{"text": "a", "state": 5}', '"state" is a text'),
        ('{"text": "a", "state": "nowhere"}', "the flow `call` has no state `nowhere`"),
        ('{"text": "a", "locale": "xx"}', "there is no locale `xx`"),
        ('{"text": "a", "at": "soon"}', '"at" is not a date and time'),
        ('{"text": "a", "facts": []}', '"facts" are given by name'),
        ('{"text": "a", "facts": {"party.frist_name": "Alex"}}', "there is no fact `party.frist_name`"),
        ('{"text": "a", "facts": {"account.balance": "much"}}', "`much` is not an amount"),
        ("[" * 50_000, "this line is not JSON"),
        ('{"text": "' + "a" * 1_100_000 + '"}', "this line is too long: at most 100,000 characters"),
        ('{"text": "a", "text": "b"}', '"text" is written twice in this line'),
        ('{"text": "a", "facts": {"party.zip": "1", "party.zip": "2"}}', '"party.zip" is written twice in this line'),
        ('{"text": "a\x00b"}', "this line is not JSON"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_in_its_place(line: str, message: str) -> None:
    ran = small("understand", "--batch", "-", stdin='{"text": "hello"}\n' + line + '\n{"text": "stop calling"}\n')
    before, wrong, after = (json.loads(answer) for answer in ran.out.splitlines())
    assert ran.status == 2
    assert set(wrong) == {"error"}
    assert wrong["error"] in ran.err
    assert wrong["error"].startswith(f"standard input:2: {message}")
    assert "intents" in before
    assert after["intents"][0]["intent"] == "stop_calling"
    assert "1 line could not be read" in ran.err


def test_a_line_of_other_bytes_than_utf_8_is_named_in_its_place() -> None:
    ran = small("understand", "--batch", "-", stdin=b'{"text": "caf\xe9"}\n{"text": "stop calling"}\n')
    assert ran.status == 2
    assert ran.err.startswith("standard input:1: this line is not UTF-8")
    assert len(ran.out.splitlines()) == 2


def test_when_to_call_back_is_read() -> None:
    line = {"text": "Call me back tomorrow at 3 pm", "at": "2026-11-18T10:00:00-06:00"}
    spanish = {"text": "llámeme el viernes a las cinco", "locale": "es-US", "at": "2026-11-18T10:00:00-06:00"}
    ran = run("understand", "--batch", "-", stdin="".join(json.dumps(one) + "\n" for one in (line, spanish)))
    says = [{name: slot["says"] for name, slot in json.loads(a)["slots"].items()} for a in ran.out.splitlines()]
    assert says == [
        {"callback.date": ["2026-11-19"], "callback.time": ["15:00"]},
        {"callback.date": ["2026-11-20"], "callback.time": ["17:00"]},
    ]


def test_what_is_known_of_the_callee_by_line_or_for_all(tmp_path: Path) -> None:
    lines = [
        {"text": "this is Zebulon", "facts": {"party.first_name": "Zebulon", "account.balance": 240.00}},
        {"text": "this is Zebulon", "facts": {"party.first_name": "Alex", "account.balance": None}},
    ]
    batch = "".join(json.dumps(line) + "\n" for line in lines)
    first, second = (json.loads(a) for a in run("understand", "--batch", "-", stdin=batch).out.splitlines())
    assert [i["intent"] for i in first["intents"] if i["accepted"]] == ["identity_confirmed"]
    assert "identity_confirmed" not in [i["intent"] for i in second["intents"] if i["accepted"]]
    file = tmp_path / "given.yaml"
    file.write_text("given: {party.first_name: Zebulon}\n")
    ran = run("understand", "this is Zebulon", "--given", file)
    assert ran.out.startswith("accepted: identity_confirmed")
    file.write_text("given: {party.frist_name: Zebulon}\n")
    assert run("understand", "this is Zebulon", "--given", file).status == 3


def test_words_or_a_batch() -> None:
    assert small("understand").status == 2
    assert small("understand", "hello", "--batch", "-").status == 2
    assert small("understand", "hello", "--state", "nowhere").status == 2
    assert small("understand", "hello", "--flow", "nowhere").status == 2
