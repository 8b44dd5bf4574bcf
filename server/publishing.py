"""Bundles over HTTP: checked, kept as drafts, brought into force."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from engine.bundle import CompiledBundle
from engine.source.finding import BundleError
from server.checking import Checked, check
from server.desk import Desk
from server.errors import NotActivated


def submitted(desk: Desk, files: Mapping[str, str]) -> dict[str, Any]:
    """Check a bundle and, when it compiles, keep it as a draft."""
    found = _checked(desk, files)
    if found.digest:
        texts = {PurePosixPath(path): text for path, text in files.items()}
        desk.store.bundles.publish(found.digest, texts, activate=False)
    return {
        "digest": found.digest or None,
        "stored": bool(found.digest),
        "findings": found.findings,
        "proofs": found.proofs,
    }


def activated(desk: Desk, digest: str) -> dict[str, Any]:
    """Bring a kept bundle into force, unless anything is wrong with it.

    Raises:
        NotActivated: It has errors, or a call can break one of its rules.
        UnknownBundle: There is none.
    """
    found = _kept(desk, digest)
    if found.against or found.broken or not found.whole:
        rules = ", ".join(found.broken)
        reason = f"a call can break {rules}" if rules else f"it has {len(found.against)} errors"
        raise NotActivated(f"bundle {digest[:12]} does not come into force: {reason}", findings=found.against[:20])
    desk.make_ready(digest)
    desk.store.bundles.activate(digest)
    return described(desk, digest)


def described(desk: Desk, digest: str) -> dict[str, Any]:
    """Return a kept bundle with its flows, its findings and what is proved of it."""
    found = _kept(desk, digest)
    bundle = _compiled(desk, digest)
    return {
        "digest": digest,
        "in_force": any(one.digest == digest and one.in_force for one in desk.store.bundles.list()),
        "locales": bundle.locales if bundle is not None else (),
        "flows": [
            {"id": flow.id, "version": flow.version, "title": flow.title, "states": tuple(flow.states)}
            for flow in (bundle.flows.values() if bundle is not None else ())
        ],
        "documents": bundle.documents if bundle is not None else (),
        "findings": found.findings,
        "proofs": found.proofs,
    }


def _compiled(desk: Desk, digest: str) -> CompiledBundle | None:
    try:
        return desk.shelf.get(digest)
    except BundleError:
        return None


def _kept(desk: Desk, digest: str) -> Checked:
    files = {path.as_posix(): text for path, text in desk.store.bundles.texts(digest).items()}
    return _checked(desk, files)


def _checked(desk: Desk, files: Mapping[str, str]) -> Checked:
    """Return what the checks find in *files* today; the same files are checked once a day."""
    today = desk.now().date()
    return desk.checked.remembered((today, tuple(sorted(files.items()))), lambda: check(files, today, desk.settings))
