"""Damaged documents: no crash, no hang, and never a clean report on a file that was not read to its end."""

import random
import time

from checks.bundles import AS_OF, base

from engine.checks.prove.limits import Budget
from engine.checks.run import run
from engine.compiler import compile_bundle
from engine.source.finding import Level
from engine.source.read import read_texts
from engine.source.syntax import parse

ROUNDS = 400
JUNK = (
    "{",
    "}",
    "[",
    "]",
    ":",
    "- ",
    "'",
    '"',
    "\n",
    "  ",
    "#",
    "&a ",
    "*a",
    "!!x ",
    "\t",
    "{{",
    "%",
    "null",
    "\u202e",
    "~",
)


def damaged(text: str, chance: random.Random) -> str:
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(text))
        match chance.randrange(4):
            case 0:
                text = text[:at] + chance.choice(JUNK) + text[at:]
            case 1:
                text = text[:at] + text[at + chance.randint(1, 30) :]
            case 2:
                lines = text.split("\n")
                chance.shuffle(lines[chance.randrange(len(lines)) :])
                del lines[chance.randrange(len(lines))]
                text = "\n".join(lines)
            case _:
                other = chance.randrange(len(text))
                text = text[:at] + text[other : other + 20] + text[at:]
    return text


def test_damaged_documents_are_never_clean_unless_they_were_read() -> None:
    chance = random.Random(11)
    slowest = 0.0
    for _ in range(ROUNDS):
        texts = base()
        path = chance.choice(sorted(texts))
        texts[path] = damaged(texts[path], chance)
        begun = time.process_time()
        sources = read_texts(texts)
        compiled = compile_bundle(sources)
        report = run(sources, compiled.bundle, compiled.findings, AS_OF, budget=Budget(5_000, 50_000))
        slowest = max(slowest, time.process_time() - begun)
        if parse(texts[path], path).root is None:
            assert report.unsure or any(f.level is Level.ERROR for f in report.findings)
            assert report.unsure
        if compiled.bundle is None:
            assert any(f.level is Level.ERROR for f in report.findings)
    assert slowest < 1.0
