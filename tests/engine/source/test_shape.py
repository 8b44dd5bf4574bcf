"""Scalars are typed by their place, and each slip in a shape is one finding."""

import json
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from engine.source.finding import Finding
from engine.source.read import FOLDERS, read_texts
from engine.source.schema import packaged, schema_for
from engine.source.shape import check_shape, typed
from engine.source.syntax import parse
from engine.source.tree import Map
from engine.terms import Kind

PATH = PurePosixPath("flows/x.yaml")
NAMED = {"state", "intent", "prompt", "fact", "action", "disposition", "place", "class", "rule"}
FLOW = "callwright: 1\nkind: flow\nid: f\nversion: 1.0.0\ntitle: t\nstart: a\nstates:\n  a: "
POLICY = "callwright: 1\nkind: policy\nid: us.x\nversion: 1.0.0\ntitle: t\nplace: US\nrules:\n  us.x.r: "
LAW = "source: law, severity: house"


def findings_in(text: str, kind: Kind = Kind.FLOW) -> tuple[Finding, ...]:
    """Return what is wrong with the shape of *text*."""
    parsed = parse(text, PATH)
    assert isinstance(parsed.root, Map)
    assert parsed.findings == ()
    return check_shape(parsed.root, kind)


@pytest.mark.parametrize("kind", list(Kind))
def test_each_schema_is_one(kind: Kind) -> None:
    schema = schema_for(kind)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"https://callwright.dev/schemas/1/{kind}.json"
    json.dumps(schema)


@pytest.mark.parametrize("kind", list(Kind))
def test_every_setting_is_described(kind: Kind) -> None:
    schema = packaged(kind)
    waiting, bare = [(kind.value, schema)], []
    while waiting:
        where, part = waiting.pop()
        for name, below in part.get("properties", {}).items():
            if "not" not in below:
                target = schema["$defs"][below["$ref"].removeprefix("#/$defs/")] if "$ref" in below else below
                if not (below.get("description") or target.get("description")):
                    bare.append(f"{where}/{name}")
        for name, below in part.items():
            below_parts = below if isinstance(below, list) else [below]
            waiting += [(f"{where}/{name}", b) for b in below_parts if isinstance(b, dict) and name != "if"]
            if name in ("properties", "$defs"):
                waiting += [(f"{where}/{n}", b) for n, b in below.items() if isinstance(b, dict)]
    assert bare == []


def test_the_places_of_names_can_be_closed() -> None:
    together = {name for kind in Kind for name in schema_for(kind)["$defs"]}
    assert together >= NAMED
    closed = schema_for(Kind.FLOW)
    closed["$defs"]["state"] = {"enum": ["a"]}
    document = {"callwright": 1, "kind": "flow", "id": "f", "version": "1.0.0", "title": "t", "start": "b"}
    document["states"] = {"a": {"then": {"go": "a"}}}
    errors = [error.message for error in Draft202012Validator(closed).iter_errors(document)]
    assert errors == ["'b' is not one of ['a']"]


def test_a_schema_given_away_is_free_to_be_changed() -> None:
    schema_for(Kind.FLOW)["$defs"].clear()
    assert schema_for(Kind.FLOW)["$defs"]


@pytest.mark.parametrize("kind", list(Kind))
def test_no_choice_is_between_shapes_of_one_sort(kind: Kind) -> None:
    schema = packaged(kind)

    def sort(part: dict) -> str:
        return part["type"] if "type" in part else sort(schema["$defs"][part["$ref"].removeprefix("#/$defs/")])

    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict):
            choices = part.get("oneOf", [])
            if choices and not all(choice.keys() == {"required"} for choice in choices):
                sorts = [sort(choice) for choice in choices]
                assert len(set(sorts)) == len(sorts)
            waiting += part.values()


@pytest.mark.parametrize(
    ("written", "kind", "value"),
    [
        ("2", "integer", 2),
        ("-3", "integer", -3),
        ("'2'", "integer", "2"),
        ("02", "integer", "02"),
        ("1e3", "integer", "1e3"),
        ("true", "boolean", True),
        ("yes", "boolean", "yes"),
        ("'true'", "boolean", "true"),
        ("0.5", "number", 0.5),
        (".5", "number", ".5"),
        ("7", "string", "7"),
        ("no", "string", "no"),
        ("21:00", "string", "21:00"),
    ],
)
def test_a_scalar_is_what_its_place_wants(written: str, kind: str, value: object) -> None:
    root = parse(f"a: {written}\n", PATH).root
    schema = {"type": "object", "properties": {"a": {"type": kind}}}
    result = typed(root, schema)["a"]
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(
    ("body", "message", "mend"),
    [
        ("{sya: hello, then: {end: x}}", "`sya` is not a setting here", "did you mean `say`?"),
        ("{then: {end: x}, hears: {}}", "`hears` and `then` cannot stand together", None),
        ("{say: hello}", "`a` has none of `hears`, `then` or `use`", "add one of `hears`, `then` or `use`"),
        ("{then: []}", "`then` needs at least 1", "fill it in, or take it out"),
        ("{then: [{end: x}, stop]}", "an item of `then` should be settings (`name: value`)", None),
        ("{hears: {x: {again: '2'}}}", "`2` in quotes is a text, and not a whole number", "take the quotes off"),
        ("{hears: {x: {again: 11}}}", "`11` is more than 10", "write 10 or less"),
        ("{asks: [a.b, a.b], hears: {}}", "something stands twice in `asks`", "keep it once"),
        ("{then: {within: 5 days, end: x}}", "`within` needs `do` beside it", "add `do:`"),
        ("{then: {when: {any: [a], none: [b]}, end: x}}", "`when` has room for 1 only", None),
        ("{say: {text: hello}, hears: {}}", "`say` should be the name of a prompt or a list, and is settings", None),
    ],
)
def test_a_slip_in_a_state_is_told_once(body: str, message: str, mend: str | None) -> None:
    findings = findings_in(FLOW + body)
    assert [f.message for f in findings if f.message.startswith(message)] == [f.message for f in findings]
    assert len(findings) == 1
    assert mend is None or findings[0].help == mend
    assert findings[0].where.startswith("f/states/a")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (f"{{ask: on_hearing, deny: Never., {LAW}}}", "`deny` does not belong in a rule asked `on_hearing`"),
        (f"{{ask: befor_dialing, deny: Never., {LAW}}}", "`befor_dialing` is none of the words for `ask`"),
        (f"{{ask: before_speaking, must_say: hello, {LAW}}}", "`must_say` needs `before` beside it"),
        (f"{{ask: before_dialing, {LAW}}}", "`us.x.r` does not say what it does"),
        (
            f"{{ask: on_hearing, do: {{note: hello}}, {LAW}}}",
            "`note` should be settings (`name: value`), and is the text `hello`",
        ),
        (f"{{ask: on_hearing, suppress: {{scope: phone}}, {LAW}}}", "`reason` is missing in `suppress`"),
        (
            f"{{ask: on_hearing, suppress: [{{scope: fone, reason: x}}], {LAW}}}",
            "`fone` is none of the words for `scope`",
        ),
        ("{ask: before_dialing, deny: Never., severity: house}", "`source` is missing in `us.x.r`"),
    ],
)
def test_a_slip_in_a_rule_is_told_once(body: str, message: str) -> None:
    assert [f.message for f in findings_in(POLICY + body, Kind.POLICY)] == [message]


JUNK = st.recursive(
    st.sampled_from(["a", "1", "true", "", "a b", "2026-01-01"]),
    lambda below: st.one_of(
        st.lists(below, max_size=3),
        st.dictionaries(
            st.sampled_from(["say", "then", "go", "when", "any", "rules", "states", "a", "ask", "do"]),
            below,
            max_size=3,
        ),
    ),
    max_leaves=12,
)


@given(
    st.sampled_from(list(Kind)),
    JUNK,
    st.sampled_from(["states", "rules", "facts", "prompts", "intents", "call", "expect", "x"]),
)
def test_any_tree_at_all_is_judged(kind: Kind, junk: object, setting: str) -> None:
    document = {"callwright": 1, "kind": kind.value, "id": "x", "version": "1.0.0", "title": "t", setting: {"a": junk}}
    path = PurePosixPath(FOLDERS[kind][0], "x.yaml")
    sources = read_texts({path: json.dumps(document)})
    assert sources.documents or sources.findings
