"""The bundle of the examples, with some of its blocks replaced."""

import re
from datetime import date
from pathlib import Path, PurePosixPath

from engine.checks.run import Report, run
from engine.compiler import compile_bundle
from engine.rehearsal.scenario import read_scenario
from engine.source.read import read_texts
from engine.terms import Kind

BASE = Path(__file__).parent / "base"
AS_OF = date(2026, 3, 10)
MARK = re.compile(r"\s*# error\[([a-z-]+)\]\s*$")


def base() -> dict[PurePosixPath, str]:
    """Return the files of the examples' bundle."""
    return {PurePosixPath(p.relative_to(BASE).as_posix()): p.read_text("utf-8") for p in sorted(BASE.rglob("*.yaml"))}


def blocks(text: str) -> dict[str, str]:
    """Return the top-level blocks of a document by their keys."""
    found: dict[str, list[str]] = {}
    key = ""
    for line in text.splitlines():
        if line and not line[0].isspace() and not line.startswith("#"):
            key = line.partition(":")[0]
        found.setdefault(key, []).append(line)
    return {name: "\n".join(lines) + "\n" for name, lines in found.items()}


def with_example(example: str) -> tuple[dict[PurePosixPath, str], set[tuple[PurePosixPath, int, str]]]:
    """Return the bundle with the example's blocks in place of its own, and where the example marks findings."""
    texts = base()
    marked = set()
    for part in re.split(r"^# (?=\S+\.yaml$)", example, flags=re.MULTILINE)[1:]:
        name, _, body = part.partition("\n")
        path = PurePosixPath(name)
        texts[path] = "".join({**blocks(texts.get(path, "")), **blocks(body)}.values())
    for path, text in texts.items():
        lines = text.splitlines()
        for number, line in enumerate(lines, 1):
            mark = MARK.search(line)
            if mark:
                marked.add((path, number, mark[1]))
                lines[number - 1] = MARK.sub("", line)
        texts[path] = "\n".join(lines) + "\n"
    return texts, marked


def checked(texts: dict[PurePosixPath, str], *only: str) -> Report:
    """Return the report on a bundle."""
    sources = read_texts(texts)
    compiled = compile_bundle(sources)
    found = list(compiled.findings)
    if compiled.bundle is not None:
        found += [f for told in sources.of(Kind.SCENARIO) for f in read_scenario(told, compiled.bundle)[1]]
    return run(sources, compiled.bundle, found, AS_OF, only=only)
