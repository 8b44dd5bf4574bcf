"""Bundles over HTTP: checked, kept as drafts, brought into force."""

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

from engine.bundle import CompiledBundle
from engine.compiler import compile_bundle
from engine.rehearsal.scenario import read_scenario
from engine.source.documents import Sources
from engine.source.finding import Finding, Level
from engine.source.read import read_texts
from engine.terms import Kind
from server.desk import Desk
from server.errors import NotActivated


def submitted(desk: Desk, files: Mapping[str, str]) -> dict[str, Any]:
    """Check a bundle and, when it compiles, keep it as a draft."""
    sources = read_texts({PurePosixPath(path): text for path, text in files.items()})
    bundle, findings = check(sources)
    if bundle is not None:
        desk.store.bundles.publish(bundle.digest, sources.texts, activate=False)
    return {
        "digest": bundle.digest if bundle is not None else None,
        "stored": bundle is not None,
        "findings": shown(findings),
        "proofs": [],
    }


def activated(desk: Desk, digest: str) -> dict[str, Any]:
    """Bring a kept bundle into force, unless anything is wrong with it.

    Raises:
        NotActivated: It has findings that keep it from being published.
        UnknownBundle: There is none.
    """
    sources = read_texts(desk.store.bundles.texts(digest))
    bundle, findings = check(sources)
    errors = tuple(one for one in findings if one.level is Level.ERROR)
    if bundle is None or errors:
        raise NotActivated(f"bundle {digest[:12]} has errors; mend them first", findings=shown(errors[:20]))
    desk.shelf.get(digest)
    desk.store.bundles.activate(digest)
    return described(desk, digest)


def described(desk: Desk, digest: str) -> dict[str, Any]:
    """Return a kept bundle with its flows and findings."""
    sources = read_texts(desk.store.bundles.texts(digest))
    bundle, findings = check(sources)
    return {
        "digest": digest,
        "in_force": any(one.digest == digest and one.in_force for one in listed(desk)),
        "locales": bundle.locales if bundle is not None else (),
        "flows": [
            {"id": flow.id, "version": flow.version, "title": flow.title, "states": tuple(flow.states)}
            for flow in (bundle.flows.values() if bundle is not None else ())
        ],
        "documents": [
            {
                "kind": one.kind.value,
                "id": one.id,
                "version": one.version,
                "title": one.title,
                "path": one.path,
                "digest": one.digest,
            }
            for one in (bundle.documents if bundle is not None else ())
        ],
        "findings": shown(findings),
    }


def check(sources: Sources) -> tuple[CompiledBundle | None, tuple[Finding, ...]]:
    """Return the bundle, where it compiles, and everything that is wrong with it and its scenarios."""
    compiled = compile_bundle(sources)
    findings = list(compiled.findings)
    if compiled.bundle is not None:
        for document in sources.of(Kind.SCENARIO):
            findings += read_scenario(document, compiled.bundle)[1]
    return compiled.bundle, tuple(sorted(set(findings), key=lambda f: (f.span, f.rule, f.message)))


def shown(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return findings as data for the answer."""
    return [
        {
            "level": one.level.value,
            "rule": one.rule,
            "message": one.message,
            "help": one.help,
            "path": one.span.path.as_posix(),
            "line": one.span.line,
            "column": one.span.column,
        }
        for one in findings
    ]


def listed(desk: Desk) -> list[Any]:
    """Return every kept bundle, newest first."""
    return list(desk.store.bundles.list())
