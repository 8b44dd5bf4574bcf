"""What is kept between runs, by everything it depends on.

Each value lies in a file of its own under a digest of its key, of the engine's own source and of the libraries it
stands on. An entry that is damaged, or that lies under another's name, is as good as none.
"""

import hashlib
import io
import os
import pickle
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from enum import Enum
from functools import cache as once
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from tools.bundles import cache

LIBRARIES = (
    "durable-rules", "google-re2", "holidays", "jinja2", "jsonschema", "numpy", "pyyaml", "transitions", "tzdata",
    "z3-solver", "zipcodes",
)  # fmt: skip
_SAFE = ("engine.checks.", "engine.source.", "engine.terms")


class Kept:
    """A folder of values that are kept between runs.

    Args:
        name: What the folder is called, within the folder that CALLWRIGHT_CACHE names.
        most: How many values it holds once it is tidied; the oldest go first.
        given: What else all its values depend on.
    """

    def __init__(self, name: str, most: int, given: str = "") -> None:
        self._name = name
        self._most = most
        self._given = given

    def read(self, key: str) -> Any:
        """Return what is kept under *key*; None where nothing is, or where it is damaged."""
        name = _digest(self._given, key)
        try:
            data = self._file(name).read_bytes()
        except OSError:
            return None
        checksum, payload = data[:32], data[32:]
        if hashlib.sha256(name.encode() + payload).digest() != checksum:
            return None
        try:
            return _Unpickler(io.BytesIO(payload)).load()
        except (pickle.UnpicklingError, AttributeError, EOFError, ImportError, LookupError, TypeError, ValueError):
            return None

    def write(self, key: str, value: object) -> None:
        """Keep *value* under *key*; where that cannot be done, it is found out anew the next time."""
        name = _digest(self._given, key)
        payload = pickle.dumps(value, protocol=5)
        file = self._file(name)
        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            handle, draft = tempfile.mkstemp(dir=file.parent)
            with os.fdopen(handle, "wb") as stream:
                stream.write(hashlib.sha256(name.encode() + payload).digest() + payload)
            os.replace(draft, file)

    def tidy(self) -> None:
        """Let go of the oldest values, a quarter of them at once, where there are too many."""
        with suppress(OSError):
            folder = self._file("")
            if len(os.listdir(folder)) > self._most:
                files = sorted(folder.iterdir(), key=lambda file: file.stat().st_mtime_ns)
                for file in files[: -self._most * 3 // 4]:
                    file.unlink(missing_ok=True)

    def _file(self, name: str) -> Path:
        return cache() / self._name / name


class _Unpickler(pickle.Unpickler):
    """Makes values of findings and proofs, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("builtins", "getattr"):
            return _member
        if module.startswith(_SAFE) or (module, name) in (("pathlib", "PurePosixPath"), ("datetime", "date")):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is not kept here")


def _member(kind: type, name: str) -> Enum:
    """Return the member *name* of the enumeration *kind*; Python 3.11.2 pickles one as its attribute."""
    if not issubclass(kind, Enum):
        raise pickle.UnpicklingError(f"{kind.__name__}.{name} is not kept here")
    return kind[name]


def _digest(given: str, key: str) -> str:
    return hashlib.sha256(f"{engine()} {given} {key}".encode("utf-8", "surrogatepass")).hexdigest()


@once
def engine() -> str:
    """Return the digest of the engine's own source and data, of the libraries, and of the interpreter."""
    root = Path(__file__).resolve().parents[1]
    found = hashlib.sha256(sys.version.encode())
    for library in LIBRARIES:
        found.update(f"{library} {_version(library)}\n".encode())
    for file in _sources(root / "engine"):
        data = file.read_bytes()
        found.update(f"{file.relative_to(root)} {len(data)}\n".encode())
        found.update(data)
    for name in ("kept.py", "look.py"):
        found.update((root / "tools" / name).read_bytes())
    return found.hexdigest()


def _sources(folder: Path) -> Iterable[Path]:
    return sorted(f for f in folder.rglob("*") if f.is_file() and "__pycache__" not in f.parts)


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""
