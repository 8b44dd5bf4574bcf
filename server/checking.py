"""Check a bundle in a process of its own: ``python -m server.checking`` with the files on standard input.

The proofs of a large bundle take a minute of CPU. Calls must not wait for them, and a bundle that takes
for ever can be stopped.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

from engine.checks.prove.proof import Proof, Verdict
from engine.checks.run import run
from engine.compiler import compile_bundle
from engine.nlu.encoder import Encoder, encoder_named
from engine.rehearsal.scenario import read_scenario
from engine.runtime.prepared import prepare
from engine.source.finding import Finding, Level
from engine.source.read import read_texts
from engine.terms import Kind
from server.settings import Settings

#: The most seconds that a check may take.
MOST = 240.0


@dataclass(frozen=True, slots=True)
class Checked:
    """What the checks found.

    Args:
        digest: The bundle's digest; '' where it does not compile.
        findings: Everything wrong or noteworthy, as data.
        proofs: What was proved or refuted of its rules, as data.
        whole: Whether everything was checked to its end.
    """

    digest: str
    findings: tuple[Mapping[str, Any], ...]
    proofs: tuple[Mapping[str, Any], ...]
    whole: bool = True

    @property
    def against(self) -> tuple[Mapping[str, Any], ...]:
        """Return the findings that keep the bundle from coming into force."""
        return tuple(one for one in self.findings if one["level"] == Level.ERROR)

    @property
    def broken(self) -> tuple[str, ...]:
        """Return the rules that a call can break, or of which that is not known."""
        return tuple(sorted({one["rule"] for one in self.proofs if one["verdict"] != Verdict.PROVED}))


def check(files: Mapping[str, str], as_of: date, settings: Settings) -> Checked:
    """Return what is wrong with a bundle, and what is proved of it, as the law stands on *as_of*.

    It is heard as the server of *settings* hears.
    """
    hearing = {"cache": str(settings.cache) if settings.cache else "", "encoder": settings.encoder}
    asked = json.dumps({"files": dict(files), "as_of": as_of.isoformat(), **hearing})
    command = [sys.executable, "-m", "server.checking"]
    here = Path(__file__).resolve().parents[1]
    try:
        done = subprocess.run(
            command, input=asked, capture_output=True, text=True, timeout=MOST, cwd=here, check=True
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
        late = isinstance(error, subprocess.TimeoutExpired)
        message = f"it was not checked in {MOST:.0f} seconds" if late else "it could not be checked"
        return Checked("", (_finding("could-not-check", message),), (), whole=False)
    data = json.loads(done.stdout)
    return Checked(data["digest"], tuple(data["findings"]), tuple(data["proofs"]), data["whole"])


def _finding(rule: str, message: str) -> dict[str, Any]:
    place = {"path": ".", "line": 1, "column": 1}
    return {"level": Level.ERROR.value, "rule": rule, "message": message, "help": "", **place}


def _run(files: Mapping[str, str], as_of: date, cache: Path | None, encoder: Encoder | None) -> Checked:
    sources = read_texts({PurePosixPath(path): text for path, text in files.items()})
    compiled = compile_bundle(sources)
    found = [*compiled.findings]
    if compiled.bundle is not None:
        prepare(compiled.bundle, cache, encoder)
        for document in sources.of(Kind.SCENARIO):
            found += read_scenario(document, compiled.bundle)[1]
    report = run(sources, compiled.bundle, found, as_of)
    digest = compiled.bundle.digest if compiled.bundle is not None else ""
    return Checked(digest, tuple(_shown(report.findings)), tuple(_proved(report.proofs)), not report.unsure)


def _shown(findings: Iterable[Finding]) -> Iterable[dict[str, Any]]:
    for one in findings:
        yield {
            "level": one.level.value,
            "rule": one.rule,
            "message": one.message,
            "help": one.help,
            "path": one.span.path.as_posix(),
            "line": one.span.line,
            "column": one.span.column,
        }


def _proved(proofs: Iterable[Proof]) -> Iterable[dict[str, Any]]:
    for one in proofs:
        yield {
            "rule": one.rule,
            "flow": one.flow,
            "verdict": one.verdict.value,
            "reason": one.reason,
            "call": [str(line) for line in one.call],
        }


def main() -> None:
    """Check what standard input holds, and write what was found."""
    asked = json.load(sys.stdin)
    cache = Path(asked["cache"]) if asked["cache"] else None
    found = _run(asked["files"], date.fromisoformat(asked["as_of"]), cache, encoder_named(asked["encoder"]))
    json.dump(asdict(found), sys.stdout)


if __name__ == "__main__":
    main()
