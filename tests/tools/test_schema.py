"""``callwright schema``: generic and for one bundle, judged by the standard's own validator."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from engine.source.documents import Sources
from engine.source.read import read_folder
from engine.source.schema import packaged
from engine.source.shape import typed
from engine.terms import Kind
from tests.tools.console import ROOT, SMALL, run, small

MOST = 40


@cache
def sources(folder: str) -> Sources:
    return read_folder(Path(folder))


def plain(kind: Kind, folder: str = SMALL) -> dict[str, Any]:
    """Return each document of *kind* as an editor's plug-in sees it."""
    found = sources(folder).of(kind)[:MOST]
    return {str(d.path): typed(d.root, packaged(kind)) for d in found}


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("generic", [True, False])
def test_schemas_are_schemas_and_take_the_shipped_documents(kind: Kind, generic: bool) -> None:
    schema = json.loads(run("schema", kind, "--bundle", ROOT, *(["--generic"] if generic else [])).out)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    for path, document in plain(kind, str(ROOT)).items():
        assert [f"{path}: {list(e.absolute_path)} {e.message[:90]}" for e in validator.iter_errors(document)] == []


def test_a_bundle_knows_its_own_names() -> None:
    schema = json.loads(small("schema", "flow").out)
    assert schema["$defs"]["state"]["enum"] == ["ask_payment", "dob", "greeting", "read_back", "verify", "zip"]
    assert "stop_calling" in schema["$defs"]["intent"]["enum"]
    assert "voicemail" in schema["$defs"]["intent"]["enum"]
    validator = Draft202012Validator(schema)
    document = next(d for d in plain(Kind.FLOW).values() if d["id"] == "call")
    assert list(validator.iter_errors(document)) == []
    document["states"]["ask_payment"]["hears"]["refuse"] = {"go": "greting"}
    assert any("greting" in e.message or "greting" in str(e.context) for e in validator.iter_errors(document))


def test_one_schema_serves_every_kind() -> None:
    schema = json.loads(small("schema").out)
    validator = Draft202012Validator(schema)
    for kind in (Kind.FLOW, Kind.POLICY, Kind.PROMPTS, Kind.VOCABULARY, Kind.INTENTS):
        for document in plain(kind).values():
            assert list(validator.iter_errors(document)) == []
    assert list(validator.iter_errors({"callwright": 1, "kind": "flow"}))


def test_files_are_written_for_an_editor(tmp_path: Path) -> None:
    ran = small("schema", "-o", tmp_path / "schemas")
    assert ran.status == 0
    assert {p.name for p in (tmp_path / "schemas").iterdir()} == {*(f"{k}.json" for k in Kind), "any.json"}
