"""What was found out before and need not be found out again: that a check found nothing, by all that it reads.

Only that nothing was found is remembered. A finding speaks of lines and shows sentences, and is found anew each time.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Protocol

from engine.bundle import CompiledBundle, Prompt
from engine.checks.prove.limits import Budget
from engine.source.documents import Sources
from engine.terms import FactSource, Kind


class Memory(Protocol):
    """Keeps plain values: texts, numbers, tuples and mappings of them."""

    def read(self, key: str) -> Any:
        """Return what is kept under *key*, or None."""

    def write(self, key: str, value: object) -> None:
        """Keep *value* under *key*, if that can be done."""


class Forgetful:
    """Keeps nothing."""

    def read(self, key: str) -> Any:
        """Return None."""

    def write(self, key: str, value: object) -> None:
        """Keep nothing."""


@dataclass(frozen=True, slots=True)
class Memories:
    """What was found out before; by default nothing.

    Args:
        found: That checks found nothing.
        heard: How the bundle's own sentences are understood.
    """

    found: Memory = field(default_factory=Forgetful)
    heard: Memory = field(default_factory=Forgetful)


class Digests:
    """Names of what a check reads of a bundle, equal only for what is equal to it.

    Args:
        sources: The bundle's files.
        bundle: It, compiled.
    """

    def __init__(self, sources: Sources, bundle: CompiledBundle) -> None:
        self._sources = sources
        self._bundle = bundle

    def clean(self, check: str, reads: tuple[Kind, ...], as_of: date, budget: Budget) -> str:
        """Return the key under which is kept that *check*, which reads documents of *reads*, found nothing.

        Every check reads the vocabulary, the policies and the names that other documents declare.
        """
        kinds = sorted({Kind.VOCABULARY, Kind.POLICY, *reads})
        return _digest("clean", check, [self._texts[kind] for kind in kinds], self._names, as_of, budget)

    def heard(self, what: str, as_of: date) -> str:
        """Return the key for *what* depends on nothing but how the bundle's own sentences are understood."""
        facts = self._bundle.vocabulary.facts.values()
        slots = sorted((f.name, f.reads) for f in facts if f.origin is FactSource.HEARD)
        return _digest(what, self._texts[Kind.INTENTS], slots, self._bundle.vocabulary.protected, as_of)

    @cached_property
    def linked(self) -> str:
        """Everything that a scenario can name."""
        states = sorted((flow.id, sorted(flow.states)) for flow in self._bundle.flows.values())
        return _digest("linked", self._texts[Kind.VOCABULARY], self._texts[Kind.POLICY], self._names, states)

    @cached_property
    def _texts(self) -> Mapping[Kind, str]:
        return {
            kind: _digest([(str(d.path), text_digest(self._sources.texts[d.path])) for d in self._sources.of(kind)])
            for kind in Kind
            if kind is not Kind.SCENARIO
        }

    @cached_property
    def _names(self) -> str:
        said = self._bundle.prompts.values()
        prompts = sorted((p.id, p.owned_by_policy, sorted(p.discloses), _named(p)) for p in said)
        intents = sorted((locale, [s.id for s in specs]) for locale, specs in self._bundle.intents.items())
        return _digest(prompts, intents, self._bundle.locales)


def text_digest(text: str) -> str:
    """Return the SHA-256 of *text*, in hex."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _named(prompt: Prompt) -> list[tuple[str, list[str]]]:
    return sorted((locale, sorted(text.names)) for locale, text in prompt.texts.items())


def _digest(*parts: object) -> str:
    return text_digest(repr(parts))
