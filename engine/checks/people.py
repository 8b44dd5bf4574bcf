"""Whether two names are one person's, however they are written."""

import re
import unicodedata

_ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")
_NOBODY = frozenset({"none", "nobody", "tbd", "todo", "na", "n a", "unknown"})


def names_somebody(written: str) -> bool:
    """Return whether *written* is the name or address of anybody, and no dash or word that stands for none."""
    words = _words(written)
    return bool(words) and " ".join(words) not in _NOBODY


def same_person(one: str, other: str) -> bool:
    """Return whether two names, addresses, or names with an address can be those of one person.

    Case, accents, blanks, punctuation and the order of a name's words do not tell people apart; nor does the host
    of an address, or what is added to its front after a `+`.
    """
    return not _known_as(one).isdisjoint(_known_as(other))


def _known_as(written: str) -> frozenset[str]:
    """Return all names that *written* gives, each made plain."""
    fronts = [address.partition("@")[0] for address in _ADDRESS.findall(written)]
    names = [_ADDRESS.sub(" ", written), *fronts, *(part for front in fronts for part in front.split("+"))]
    plain = (_words(name) for name in names)
    return frozenset(form for words in plain if words for form in ("".join(words), " ".join(sorted(words))))


def _words(written: str) -> tuple[str, ...]:
    apart = unicodedata.normalize("NFKD", written.casefold())
    return tuple(re.findall(r"[^\W_]+", "".join(c for c in apart if not unicodedata.combining(c))))
