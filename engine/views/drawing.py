"""Pictures, drawn by ``graphviz-pure``: a console program of its own, run as a child with a time limit.

It is the one part of the views that is not plain Python; where it is not
installed, graphs are still had as DOT, Mermaid and outline.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from engine.views.dot import Drawn, Layout, read_layout

PROGRAM = "graphviz-pure"
TIME_LIMIT = 30.0
"""Seconds after which a drawing is given up."""


class NotDrawn(RuntimeError):
    """The picture could not be drawn; the text says why, and the mend."""


def lay_out(found: Drawn) -> Layout:
    """Return where everything of *found* is placed.

    Raises:
        NotDrawn: The drawing program is missing, failed or took too long.
    """
    return read_layout(found, _run(found.dot, "json0").decode("utf-8"))


def png(found: Drawn) -> bytes:
    """Return *found* as a PNG picture.

    Raises:
        NotDrawn: The drawing program is missing, failed or took too long.
    """
    return _run(found.dot, "png")


def _run(dot: str, form: str) -> bytes:
    beside = Path(sys.executable).parent / PROGRAM
    program = str(beside) if beside.exists() else shutil.which(PROGRAM)
    if program is None:
        raise NotDrawn("picture not drawn: install `callwright[graph]`, or use --format dot, mermaid or outline")
    try:
        done = subprocess.run(
            [program, f"-T{form}"], input=dot.encode("utf-8"), capture_output=True, timeout=TIME_LIMIT
        )
    except subprocess.TimeoutExpired as slow:
        raise NotDrawn(f"picture not drawn: it took more than {TIME_LIMIT:.0f} seconds; use --format outline") from slow
    except OSError as wrong:
        raise NotDrawn(f"picture not drawn: `{PROGRAM}` cannot be run: {wrong.strerror}") from wrong
    if done.returncode != 0 or not done.stdout:
        reason = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise NotDrawn(f"picture not drawn: {reason[0] if reason else 'the drawing program failed'}")
    return done.stdout
