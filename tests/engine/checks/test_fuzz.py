"""Damaged documents: no crash, no hang, and never a clean report on a file that was not read to its end.

``CALLWRIGHT_FUZZ`` is how many documents are tried, 1,000 by default; `make fuzz` tries 20,000.
"""
# ruff: noqa: E501, RUF001

import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path, PurePosixPath

import pytest
import yaml
from checks.bundles import AS_OF, BASE, base

from engine.checks.formats import FORMATS, Judged, verdict
from engine.checks.prove.limits import Budget
from engine.checks.run import Report, run
from engine.compiler import compile_bundle
from engine.rehearsal.scenario import read_scenario
from engine.source import read as reading
from engine.source.documents import Sources
from engine.source.finding import Finding, Level
from engine.terms import Kind
from tools.lint import judge
from tools.wanted import Wanted

ROUNDS = int(os.environ.get("CALLWRIGHT_FUZZ", "1000"))
PARTS = 8
HANG = 10.0
"""Seconds of CPU after which a document counts as a hang; how long documents take is shown, not judged."""
EXAMPLES = Path(__file__).parents[2] / "data/language_examples"
SMALL = Budget(2_000, 20_000)

JUNK = (
    *"{}[]:-'\"\n#&*!|>%@`?,\t\\~ ",
    "\n  ", "- ", ": ", " #", "&a ", "*a", "!!x ", "!!python/object/apply:os.system ", "<<: *a", "{{", "}}", "{%", "null",
    "\u202e", "\u200b", "\ufeff", "\u0085", "\u2028", "\x00", "\x1b", "\U0001f9c0", "e\u0301", "а", "---\n", "...\n", "? ",
    "9" * 400, "-1", "1e999", "0x1f", "9999-99-99", "24:61", "in", "not ", "and ", "is known", "| money", "(", ")", "%YAML 1.1\n",
)  # fmt: skip


def mutated(text: str, chance: random.Random) -> str:
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(text) + 1)
        match chance.randrange(6):
            case 0:
                text = text[:at] + chance.choice(JUNK) + text[at:]
            case 1:
                text = text[:at] + text[at + chance.randint(1, 30) :]
            case 2:
                lines = text.split("\n")
                del lines[chance.randrange(len(lines))]
                text = "\n".join(lines)
            case 3:
                lines = text.split("\n")
                chance.shuffle(lines)
                text = "\n".join(lines)
            case 4:
                other = chance.randrange(len(text) + 1)
                text = text[:at] + text[other : other + 40] + text[at:]
            case _:
                text = text[:at]
    return text


def noise(chance: random.Random) -> bytes:
    return chance.randbytes(chance.choice((0, 1, 7, 100, 4_000)))


def bomb(chance: random.Random) -> str:
    """Return a document that is small and means much: depth, references, merges, tags, and one long value."""
    size = chance.choice((50, 500, 20_000))
    aliases = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9) if n else 'x'}]" for n in range(12))
    merges = "a0: &a0 {x: 1}\n" + "\n".join(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}" for n in range(1, 20))
    return chance.choice(
        (
            "[" * size,
            "{a: " * size,
            "[" * size + "]" * size,
            "- " * size + "x",
            "? " * size,
            "\n".join(" " * n + "a:" for n in range(min(size, 600))),
            aliases,
            merges,
            "a: &a [*a]",
            "!!python/object/apply:os.system ['true']",
            "!" * size,
            "&a " * size,
            "a: " + "x" * chance.choice((1_000, 999_000, 1_000_001)),
            "x" * 70_000 + ": y",
            "a: '" + "''" * size,
            'a: "' + "\\x41" * size + '"',
            "a: |\n" + " b\n" * size,
            "%TAG ! tag:x,2000:\n" * min(size, 500) + "---\na: b",
            "---\na: b\n" * min(size, 3_000),
            "#" * size,
            "\n" * size,
        )
    )


HARD: tuple[tuple[str, str, Callable[[int], str]], ...] = (
    ("policies/rules.yaml", "unless: party.verified", lambda n: "unless: " + "(" * n + "party.verified" + ")" * n),
    ("policies/rules.yaml", "unless: party.verified", lambda n: "unless: " + "not " * n + "party.verified"),
    ("policies/rules.yaml", "unless: party.verified", lambda n: "unless: 1" + " + 1" * n + " == 2"),
    ("policies/rules.yaml", "unless: party.verified", lambda n: f"unless: account.balance > {'9' * n}"),
    ("policies/rules.yaml", "unless: party.verified", lambda n: "unless: party.verified" + " and party.verified" * n),
    ("policies/rules.yaml", "unless: party.verified", lambda n: "unless:" + "".join(f"\n      - account.balance != {i}" for i in range(n))),
    ("policies/rules.yaml", "unless: party.verified", lambda n: "unless: [" + "any: [" * min(n, 60) + "party.verified" + "]" * min(n, 60) + "]"),
    ("flows/call/prompts.yaml", "{{ party.first_name }}", lambda n: "{{ party.first_name }}" * n),
    ("flows/call/prompts.yaml", "{{ party.first_name }}", lambda n: "{{ " * n),
    ("flows/call/prompts.yaml", "{{ party.first_name }}", lambda n: "{{ party.first_name" + " | spell" * n + " }}"),
    ("flows/call/prompts.yaml", "{{ party.first_name }}", lambda n: "{% if party.verified %}" * n),
    ("flows/intents.yaml", "  deny:\n", lambda n: f"  deny:\n    patterns: ['{'(a+)+' * min(n, 400)}$', '(a{{1000}}){{1000}}']\n"),
    ("flows/intents.yaml", "  deny:\n", lambda n: f"  deny:\n    patterns: ['{'(' * n}a{')' * n}']\n"),
    ("flows/intents.yaml", "      - nope\n", lambda n: "".join(f"      - word{i}\n" for i in range(min(n, 300)))),
    ("policies/vocabulary.yaml", "  TX: {within: US}", lambda n: "".join(f"  P{i}: {{within: P{i + 1}}}\n" for i in range(min(n, 1_000))) + f"  P{min(n, 1_000)}: {{within: US}}\n  TX: {{within: P0}}"),
    ("flows/call/flow.yaml", "silence: {times: 2", lambda n: f"silence: {{times: {'9' * n}"),
    ("flows/call/flow.yaml", "states:\n", lambda n: "states:\n" + "".join(f"  s{i}:\n    then: [{{go: s{i + 1}}}]\n" for i in range(min(n, 600))) + f"  s{min(n, 600)}:\n    then: [{{end: done}}]\n"),
)  # fmt: skip
"""Places where much is made of little: a file, what stands there, and what it becomes."""


def documents(chance: random.Random, rounds: int) -> Iterator[tuple[str, dict[PurePosixPath, bytes]]]:
    """Yield bundles, each with one damaged file, and what was done to it."""
    bundles = [{p: t.encode() for p, t in base().items()}]
    bundles.append({PurePosixPath(f.relative_to(EXAMPLES)): f.read_bytes() for f in sorted(EXAMPLES.rglob("*.yaml"))})
    for number in range(rounds):
        files = dict(bundles[number % 8 == 0])
        path = chance.choice(sorted(files))
        text = files[path].decode()
        match chance.randrange(10):
            case 0:
                yield "noise", files | {path: noise(chance)}
            case 1:
                cut = chance.randrange(len(text))
                yield (
                    "broken letters",
                    files
                    | {
                        path: files[path][:cut] + chance.choice((b"\xff", b"\xed\xa0\x80", b"\xc3")) + files[path][cut:]
                    },
                )
            case 2:
                yield "bomb", files | {path: bomb(chance).encode()}
            case 3:
                place, old, made = chance.choice(HARD)
                size = chance.choice((3, 30, 300, 3_000))
                texts = base()
                new = texts[PurePosixPath(place)].replace(old, made(size), 1)
                yield (
                    f"hard: {old} {size}",
                    {p: t.encode() for p, t in texts.items()} | {PurePosixPath(place): new.encode()},
                )
            case 4:
                yield "cut off", files | {path: files[path][: chance.randrange(len(files[path]))]}
            case _:
                yield "mutated", files | {path: mutated(text, chance).encode("utf-8", "replace")}


def whole(data: bytes) -> bool:
    """Return whether a YAML reader that is not ours gets through *data*."""
    try:
        text = data.decode()
        for _ in yaml.parse(text, Loader=yaml.CSafeLoader):
            pass
    except (UnicodeDecodeError, yaml.YAMLError):
        return False
    return len(data) <= 1_000_000


@pytest.fixture(autouse=True)
def undamaged_files_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "read_document", lru_cache(maxsize=64)(reading.read_document))


def checked(sources: Sources) -> Report:
    compiled = compile_bundle(sources)
    found: list[Finding] = list(compiled.findings)
    if compiled.bundle is not None:
        found += [f for told in sources.of(Kind.SCENARIO) for f in read_scenario(told, compiled.bundle)[1]]
    report = run(sources, compiled.bundle, found, AS_OF, budget=SMALL)
    if compiled.bundle is None:
        assert any(f.level is Level.ERROR for f in report.findings)
    return report


def write(folder: Path, files: dict[PurePosixPath, bytes]) -> None:
    for path, data in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


def fuzz(folder: Path, seed: int, rounds: int) -> tuple[float, str]:
    """Check damaged bundles, and return how long the slowest took and what it was."""
    slowest = (0.0, "")
    held: dict[PurePosixPath, bytes] = {}
    for what, files in documents(random.Random(seed), rounds):
        for path in held.keys() - files.keys():
            (folder / path).unlink()
        write(folder, {path: data for path, data in files.items() if held.get(path) != data})
        held = files
        begun = time.thread_time()
        sources = reading.read_folder(folder)
        report = checked(sources)
        slowest = max(slowest, (time.thread_time() - begun, what))
        assert slowest[0] < HANG, slowest
        judged = Judged(report, (), sources.texts)
        broken = [path for path, data in files.items() if not whole(data)]
        if broken:
            assert verdict(judged) == "COULD NOT CHECK", (what, broken)
        for style in FORMATS.values():
            assert style(judged)
    return slowest


@pytest.mark.parametrize("seed", range(PARTS))
def test_damaged_documents_are_never_clean_unless_they_were_read(tmp_path: Path, seed: int) -> None:
    done: list[tuple[float, str]] = []
    failed: list[BaseException] = []

    def work() -> None:
        try:
            done.append(fuzz(tmp_path, seed, ROUNDS // PARTS))
        except BaseException as error:  # told by the thread that waits
            failed.append(error)

    before = threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(target=work)
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    if failed:
        raise failed[0]
    print(f"part {seed}: {ROUNDS // PARTS} documents, the slowest {done[0][0]:.2f} s of CPU ({done[0][1]})")


@pytest.mark.parametrize(
    "data", [b"\xff\xfe", b"a: 'b", b"[" * 5_000, b"x" * 1_000_001, b"a: *b"], ids=lambda data: repr(data[:8])
)
def test_the_command_never_ends_well_on_a_file_it_did_not_read(tmp_path: Path, data: bytes) -> None:
    write(tmp_path, {PurePosixPath(p.relative_to(BASE)): p.read_bytes() for p in BASE.rglob("*.yaml")})
    write(tmp_path, {PurePosixPath("flows/more.yaml"): data})
    assert judge(Wanted(tmp_path, AS_OF)).report.unsure
