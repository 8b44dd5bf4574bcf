"""Trained arrays on disk, under the digest of what they were trained from.

A file is written beside its place and moved there in one step, so that nobody
reads half of one; a file that cannot be read is as good as none.
"""

import hashlib
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.nlu.linear import Floats

VERSION = "2"  # of the recipe: raise it when the same examples train other arrays


def digest(
    sentences: Sequence[Sequence[str]], targets: NDArray[np.int8], labels: Sequence[str], encoder: str = ""
) -> str:
    """Return the SHA-256 of everything that decides the trained arrays."""
    sums = hashlib.sha256()
    for part in (VERSION, np.__version__, encoder, *labels, *("\x1f".join(s) for s in sentences)):
        sums.update(part.encode("utf-8", "surrogatepass") + b"\x1e")
    sums.update(targets.tobytes())
    return sums.hexdigest()


def load(folder: Path | None, name: str) -> tuple[Floats, float, float] | None:
    """Return the weights, their share in the scores and the temperature kept as *name*, or None."""
    if folder is None:
        return None
    try:
        with np.load(folder / f"{name}.npz", allow_pickle=False) as kept:
            return np.asarray(kept["weights"], np.float32), float(kept["share"]), float(kept["temperature"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def save(folder: Path | None, name: str, weights: Floats, share: float, temperature: float) -> None:
    """Keep the arrays as *name*; a folder that cannot be written to keeps nothing."""
    if folder is None:
        return
    place = folder / f"{name}.npz"
    draft = folder / f".{name}.{os.getpid()}.npz"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(draft, weights=weights, share=np.float64(share), temperature=np.float64(temperature))
        os.replace(draft, place)
    except OSError:
        draft.unlink(missing_ok=True)
