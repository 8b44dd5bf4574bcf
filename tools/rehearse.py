"""Find scenarios, with the flows some are told over, and play them."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from engine.bundle import CompiledBundle
from engine.rehearsal.generate import MARK
from engine.rehearsal.replay import Replay
from engine.rehearsal.replay import replay as play
from engine.rehearsal.stage import Stage
from engine.source.documents import Document, Sources
from engine.source.finding import Finding
from engine.source.read import read_folder
from engine.terms import Kind
from tools.bundles import MOST_SHOWN, Opened, existing, make_ready, read_scenarios
from tools.console import CouldNotRead, count, errors, show

SCENARIOS, DRILLS = Path("scenarios"), Path("tests", "drills")
"""Where a bundle's scenarios lie, and its drills: flows that do wrong on purpose, with scenarios told over them."""


@dataclass(frozen=True, slots=True)
class Company:
    """Scenarios that were found, stage by stage, their texts, and what keeps any from being read."""

    stages: tuple[Stage, ...]
    texts: Mapping[PurePosixPath, str]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Played:
    """How a scenario went, under which bundle; ``replay`` is None where it cannot be read."""

    document: Document
    bundle: CompiledBundle
    replay: Replay | None
    findings: tuple[Finding, ...]
    proposed: bool


def find_scenarios(paths: Sequence[Path], folder: Path) -> Company:
    """Return the scenarios at *paths*, looked for here and then in *folder*, a bundle's.

    A folder that holds ``flows`` holds drills: its flows are laid beside the bundle's, and its scenarios are those
    in its ``scenarios``. Without any path, the scenarios and the drills of the bundle are meant.

    Raises:
        CouldNotRead: There is nothing at one of the paths, or a folder is a bundle of its own.
    """
    chosen = [existing(path, folder) for path in paths] or _usual(folder)
    drills = [path for path in chosen if _of_flows(path)]
    read = [(read_scenarios([path for path in chosen if path not in drills], folder), Sources({}, (), ()))]
    for path in drills:
        if (path / "policies").is_dir():
            raise CouldNotRead(f"`{path}` is a bundle of its own: name it with `--bundle {path}`")
        told = path / SCENARIOS
        read.append((read_scenarios([told] if told.is_dir() else [], folder), read_folder(path, scenarios=False)))
    return Company(
        tuple(Stage(told.of(Kind.SCENARIO), flows.documents) for told, flows in read),
        {name: text for told, flows in read for name, text in {**told.texts, **flows.texts}.items()},
        tuple(finding for told, flows in read for finding in (*errors(told.findings), *errors(flows.findings))),
    )


def _usual(folder: Path) -> list[Path]:
    drills = folder / DRILLS
    return [path for path in (folder / SCENARIOS, drills) if path.is_dir() and (path != drills or _of_flows(path))]


def _of_flows(path: Path) -> bool:
    return os.path.isdir(path / "flows")


def played(opened: Opened, company: Company) -> Iterator[Played]:
    """Play every scenario of *company*, each under the bundle with the flows of its stage.

    Raises:
        CouldNotRead: The flows of a stage do not compile with the bundle's.
    """
    for stage in company.stages:
        bundle = _bundle(opened, stage, company)
        for document in stage.scenarios:
            told, findings = Stage((document,)).read(bundle)
            one = play(bundle, told[0]) if told else None
            proposed = MARK in company.texts.get(document.path, "")
            yield Played(document, bundle, one, findings, proposed)


def _bundle(opened: Opened, stage: Stage, company: Company) -> CompiledBundle:
    if not stage.flows:
        return opened.bundle
    compiled = stage.over(opened.sources)
    if compiled.bundle is None:
        wrong = errors(compiled.findings)
        show(wrong[:MOST_SHOWN], {**opened.texts, **company.texts})
        raise CouldNotRead(f"the flows of the drills have {count(len(wrong), 'error')}: mend them first")
    make_ready(compiled.bundle)
    return compiled.bundle
