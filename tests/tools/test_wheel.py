"""The wheel works by itself: built from the files alone, installed elsewhere, run outside of the checkout."""

import shutil
import subprocess
import sys
import sysconfig
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.tools.console import ROOT, SMALL, TOLD

PARTS = ("engine", "tools", "server", "dashboard", "flows", "policies", "scenarios")
FILES = ("setup.cfg", "pyproject.toml", "README.md", "LICENSE", "MANIFEST.in", "CHANGELOG.md")
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "-qq")


@dataclass(frozen=True)
class Installed:
    """A wheel, and the environment outside of the checkout in which it is installed."""

    wheel: Path
    bin: Path
    elsewhere: Path

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment, from a folder that has nothing to do with the checkout."""
        full = [str(self.bin / command[0]), *command[1:]]
        return subprocess.run(full, cwd=self.elsewhere, capture_output=True, text=True, check=False, env={})


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    source, place = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("installed")
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, source / part, ignore=shutil.ignore_patterns("__pycache__"))
    for file in FILES:
        shutil.copy(ROOT / file, source / file)
    build = [*PIP, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(place), str(source)]
    subprocess.run(build, check=True)
    shutil.rmtree(source)
    (wheel,) = place.glob("*.whl")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place / "env")], check=True)
    python = place / "env" / "bin" / "python"
    subprocess.run([*PIP, "--python", str(python), "install", "--no-deps", str(wheel)], check=True)
    (site,) = (place / "env" / "lib").glob("python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    return Installed(wheel, place / "env" / "bin", elsewhere)


def test_the_wheel_carries_the_whole_bundle_and_no_tests(installed: Installed) -> None:
    names = set(zipfile.ZipFile(installed.wheel).namelist())
    for part in ("flows", "policies", "scenarios"):
        files = {f"tools/shipped/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / part).rglob("*.yaml")}
        assert files
        assert files <= names
    assert not [name for name in names if name.startswith(("tests/", "flows/", "policies/", "scenarios/"))]


def test_the_wheel_carries_every_module_and_every_packaged_file(installed: Installed) -> None:
    names = set(zipfile.ZipFile(installed.wheel).namelist())
    wanted = {
        path.relative_to(ROOT).as_posix()
        for part in ("engine", "tools", "server", "dashboard")
        for path in (ROOT / part).rglob("*")
        if path.is_file() and path.suffix in (".py", ".json", ".csv", ".sql", ".mako", ".html", ".css", ".js")
    } - {"tools/shipped/__init__.py"}
    assert wanted - names == set()


def test_it_runs_from_where_it_is_installed(installed: Installed) -> None:
    done = installed.run(
        "python", "-c", "import engine, tools.bundles as b; print(engine.__file__); print(b.shipped())"
    )
    engine, bundle = done.stdout.split()
    assert Path(engine).is_relative_to(installed.bin.parent)
    assert Path(bundle).is_relative_to(installed.bin.parent)
    version = installed.run("callwright", "--version")
    assert version.returncode == 0
    assert "0.1.0" in version.stdout


def test_decide_outside_of_the_checkout(installed: Installed) -> None:
    done = installed.run("callwright", "decide", "--at", "2026-03-10T14:00:00-05:00")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("denied: a call on Tue 10 March 2026")


def test_replay_outside_of_the_checkout(installed: Installed) -> None:
    done = installed.run("callwright", "replay", "scenarios/dialing/window_closes.yaml")
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 of 1 scenario passed" in done.stdout


def test_another_bundle_and_an_own_scenario(installed: Installed) -> None:
    story = installed.elsewhere / "promise.yaml"
    shutil.copy(TOLD / "promise.yaml", story)
    done = installed.run("callwright", "replay", "promise.yaml", "--bundle", SMALL)
    assert (done.returncode, done.stderr) == (0, "")
