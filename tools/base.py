"""What a change is compared with: the git revision from which it sets out."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tools.console import CouldNotRead

MAIN = ("origin/HEAD", "origin/main", "origin/master", "main", "master")
"""Where changes are merged, the first that there is."""


@dataclass(frozen=True, slots=True)
class Base:
    """A revision of the repository that holds a folder.

    Args:
        folder: The folder, as it is now.
        name: What the revision is called.
        commit: Its id.
    """

    folder: Path
    name: str
    commit: str

    def text(self, file: str) -> str:
        """Return the text of a file of the folder as it then was; '' where there was none, or it is no text."""
        held = _git(self.folder, "show", f"{self.commit}:./{file}")
        return held if held is not None else ""


def base_of(folder: Path, name: str | None) -> Base | None:
    """Return the revision that a change in *folder* sets out from, or None where none is known.

    Args:
        folder: A folder, in a git repository or not.
        name: The revision, where it is named; else it is where the present one left the branch that changes are
            merged into, and the present one where there is no such branch.

    Raises:
        CouldNotRead: No revision is called *name*.
    """
    if name is not None:
        commit = _commit(folder, name)
        if commit is None:
            raise CouldNotRead(f"`{name}` is no git revision of `{folder}`: name a commit, a branch or a tag")
        return Base(folder, name, commit)
    if _commit(folder, "HEAD") is None:
        return None
    for branch in MAIN:
        if _commit(folder, branch) is not None:
            left = _git(folder, "merge-base", "HEAD", branch)
            return Base(folder, branch, left.strip()) if left else None
    head = _commit(folder, "HEAD")
    return Base(folder, "HEAD", head) if head else None


def authors_of(folder: Path, file: str, line: int) -> frozenset[str]:
    """Return who last changed a line of a file of *folder*, by name and address; empty where git does not know."""
    said = _git(folder, "blame", "--porcelain", "-L", f"{line},{line}", "--", file)
    marks = dict(part.partition(" ")[::2] for part in (said or "").splitlines()[1:])
    if marks.get("author-mail", "<not.committed.yet>") != "<not.committed.yet>":
        return frozenset({marks["author"], marks["author-mail"].strip("<>")})
    if _git(folder, "rev-parse", "--git-dir") is None:
        return frozenset()
    present = (_git(folder, "config", key) for key in ("user.name", "user.email"))
    return frozenset(name.strip() for name in present if name and name.strip())


def _commit(folder: Path, name: str) -> str | None:
    if name.startswith("-"):
        return None
    found = _git(folder, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    return found.strip() if found else None


def _git(folder: Path, *words: str) -> str | None:
    """Return what git says, or None where it says no, is not there, or its words are no text."""
    try:
        done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, check=False)
        return done.stdout.decode("utf-8") if done.returncode == 0 else None
    except (OSError, UnicodeDecodeError):
        return None
