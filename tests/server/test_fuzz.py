"""Schemathesis against the served document: every check, with keys and stateful links, on both stores.

``CALLWRIGHT_FUZZ`` is the number of cases an operation; 50 by default, more in ``make fuzz``. Chains of linked
operations are a fifth as many, since each is many requests.
"""

import os
import subprocess
import sys
from pathlib import Path

from tests.server.running import Running

HERE = Path(__file__).parent
CASES = os.environ.get("CALLWRIGHT_FUZZ", "50")


def test_the_server_does_as_its_document_says(server: Running, tmp_path: Path) -> None:
    settings = tmp_path / "schemathesis.toml"
    settings.write_text(f"[phases.stateful.generation]\nmax-examples = {max(10, int(CASES) // 5)}\n")
    command = [
        str(Path(sys.executable).parent / "st"),
        "--config-file",
        str(settings),
        "run",
        f"{server.base_url}/openapi.json",
        "--header",
        f"Authorization: Bearer {server.key()}",
        "--checks",
        "all",
        "--phases",
        "examples,coverage,fuzzing,stateful",
        "--max-examples",
        CASES,
        "--request-timeout",
        "120",
        "--max-response-time",
        "120",
        "--continue-on-failure",
        "--generation-database",
        "none",
        "--seed",
        "20260310",
        "--no-color",
    ]
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "fuzz_hooks", "PYTHONPATH": str(HERE)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    faults = [line for line in server.lines if '"event": "fault"' in line]
    assert faults == []
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "Tested:" in done.stdout
