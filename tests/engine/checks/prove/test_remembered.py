"""What a process and its folder remember of bundles they looked at changes nothing in what is said of the next."""

import random
from datetime import date
from pathlib import Path, PurePosixPath

import pytest
from checks.prove.bundles_made import FLOW, INTENTS, MADE, PROMPTS, RULES, WORDS, Documents, Edit, edited, edits, texts

from engine.checks.formats import Judged, as_json
from engine.checks.prove import memory, prover, regions
from engine.checks.prove.limits import Budget
from engine.checks.prove.proof import Proof
from engine.checks.prove.prover import Prover
from engine.compiler import compile_bundle
from engine.source.read import read_texts
from tools.look import look

AS_OF = date(2026, 3, 10)
LATER = date(2026, 4, 2)
BUDGET = Budget(8_000, 60_000)
OF_RULES = (RULES, WORDS, *map(PROMPTS.format, ("en-US", "es-US")))
LOOKS = 16
OTHERS = tuple(
    Edit(file.format(locale), way, value)
    for locale in ("en-US", "es-US")
    for file, way, value in (
        (PROMPTS, ("prompts", "hello"), "Words for {{ pay.amount | money }}."),
        (PROMPTS, ("prompts", "bye"), "Do you owe money? Will you pay it, or shall we come and have you arrested?"),
        (PROMPTS, ("prompts", "ask"), " ".join(["Words that go on and on"] * 30) + "."),
        (INTENTS, ("intents", "yes", "examples", 0), "no in words 0"),
        (INTENTS, ("intents", "pay", "patterns"), ["\\bno in\\b"]),
        (INTENTS, ("intents", "no", "examples"), ["no in words 0"]),
    )
)


@pytest.fixture(autouse=True)
def unwalked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for no call in the engine, which remembers nothing and takes long."""
    monkeypatch.setattr(prover, "walk", lambda stage, wanted: {})


def forget() -> None:
    memory._KEPT.clear()
    regions._cluster.cache_clear()


def proved(documents: Documents, as_of: date = AS_OF) -> tuple[Proof, ...]:
    bundle = compile_bundle(read_texts(texts(documents))).bundle
    return () if bundle is None else Prover(bundle, as_of, BUDGET, thorough=False).prove()


def versions(made_by: int, chance: random.Random) -> list[Documents]:
    """Return a bundle, and what edits to its rules, words and flow make of it, in any order."""
    made = MADE[made_by]()
    every = list(edits(made))
    of_rules = [edit for edit in every if edit.file in OF_RULES]
    of_flow = [edit for edit in every if edit.file == FLOW]
    some = (*chance.sample(of_rules, min(len(of_rules), 10)), *chance.sample(of_flow, min(len(of_flow), 10)))
    found = [made.documents, *(edit.applied(made.documents) for edit in some)]
    chance.shuffle(found)
    return found


@pytest.mark.parametrize("made_by", range(len(MADE)))
def test_what_was_proved_before_changes_no_proof(made_by: int) -> None:
    chance = random.Random(f"remembered {made_by}")
    tried = [(documents, chance.choice([AS_OF, AS_OF, LATER])) for documents in versions(made_by, chance)]
    anew = []
    for documents, day in tried:
        forget()
        anew.append(proved(documents, day))
    for order in (1, -1):
        forget()
        assert [proved(documents, day) for documents, day in tried[::order]] == anew[::order]
    assert len({tuple((p.rule, p.verdict) for p in proofs) for proofs in anew}) > 1


def reported(folder: Path) -> str:
    looked = look(folder, AS_OF)
    return as_json(Judged(looked.report, (), looked.texts, looked.digest, looked.documents))


def written(folder: Path, found: dict[PurePosixPath, str]) -> None:
    for path, text in found.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")


@pytest.mark.parametrize("seed", range(3))
def test_what_is_kept_changes_no_byte_of_a_report(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(f"looks {seed}")
    made = MADE[chance.randrange(len(MADE))]()
    every = [*edits(made), *OTHERS * 8]
    standing: list[Edit] = []
    shown = set()
    for number in range(LOOKS):
        if standing and chance.random() < 0.45:
            standing.pop(chance.randrange(len(standing)))
        else:
            standing.append(chance.choice(every))
        documents = edited(made.documents, standing)
        if documents is None:
            standing.pop()
            continue
        written(tmp_path / "bundle", texts(documents))
        monkeypatch.setenv("CALLWRIGHT_CACHE", str(tmp_path / "kept"))
        kept = reported(tmp_path / "bundle")
        held = memory._KEPT[:]
        forget()
        monkeypatch.setenv("CALLWRIGHT_CACHE", str(tmp_path / f"fresh {number}"))
        assert kept == reported(tmp_path / "bundle"), [str(edit) for edit in standing]
        memory._KEPT[:] = held
        shown.add(kept)
    assert len(shown) > LOOKS // 2
