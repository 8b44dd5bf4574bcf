"""Which names an expression may use, and what each is."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from engine.expressions.tree import Name
from engine.source.suggest import suggest


@dataclass(frozen=True, slots=True)
class Scope:
    """The names in sight, by the words an author writes."""

    names: Mapping[str, Name]

    def find(self, written: str) -> Name | None:
        """Return what *written* stands for, or None; a column that names a fact gives that fact."""
        name = self.names.get(written)
        return name.refers_to or name if name is not None else None

    def with_names(self, names: Mapping[str, Name]) -> "Scope":
        """Return this scope with *names* added; they hide equal ones."""
        return Scope({**self.names, **names})

    def did_you_mean(self, written: str, also: Collection[str] = ()) -> str:
        """Return the mend for a name that is not in sight, or '' where nothing resembles it."""
        near = suggest(written, (*self.names, *also)) or self._by_last_part(written)
        return f"did you mean `{near}`?" if near else ""

    def _by_last_part(self, written: str) -> str | None:
        ending = "." + written.rpartition(".")[2]
        found = [name for name in self.names if name.endswith(ending)]
        return found[0] if len(found) == 1 else None
