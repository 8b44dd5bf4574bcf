"""What tests share: the shipped bundle and a small one, each compiled once."""

from pathlib import Path

import pytest

from engine.bundle import CompiledBundle
from engine.compiler import compile_bundle
from engine.runtime.prepared import prepare
from engine.source.finding import Level
from engine.source.read import read_folder
from engine.source.render import render
from tools.bundles import cache

ROOT = Path(__file__).resolve().parent.parent
SMALL = ROOT / "tests" / "data" / "small"


def compiled(folder: Path) -> CompiledBundle:
    """Return the bundle in *folder*; fail with its findings where it does not compile."""
    sources = read_folder(folder)
    result = compile_bundle(sources)
    if result.bundle is None:
        errors = [render(finding, sources.texts) for finding in result.findings if finding.level is Level.ERROR]
        pytest.fail(f"the bundle in {folder} does not compile\n\n" + "\n\n".join(errors), pytrace=False)
    prepare(result.bundle, cache())
    return result.bundle


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the top of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def small() -> CompiledBundle:
    """Return the small bundle."""
    return compiled(SMALL)


@pytest.fixture(scope="session")
def shipped() -> CompiledBundle:
    """Return the shipped bundle."""
    return compiled(ROOT)
