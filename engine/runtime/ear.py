"""A recogniser that is trained when the first words are heard, and then shared."""

from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from engine.bundle import CompiledBundle, IntentSpec
from engine.terms import FactSource

if TYPE_CHECKING:
    from engine.nlu.encoder import Encoder
    from engine.nlu.recogniser import Recogniser


class Ear:
    """Trains a recogniser once, at the first words; a dial, a proof or a call of events alone needs none."""

    def __init__(
        self,
        intents: tuple[tuple[str, tuple[IntentSpec, ...]], ...],
        slots: tuple[tuple[str, str], ...],
        protected: tuple[str, ...],
    ) -> None:
        self._intents, self._slots, self._protected = dict(intents), dict(slots), protected
        self._trained: Recogniser | None = None
        self._cache: Path | None = None
        self._encoder: Encoder | None = None
        self._lock = Lock()

    def keep_in(self, cache: Path) -> None:
        """Keep what is trained in the folder *cache*, by content, and take it from there."""
        self._cache = cache

    def hear_with(self, encoder: "Encoder") -> None:
        """Hear with *encoder* beside words from now on."""
        with self._lock:
            if encoder is not self._encoder:
                self._encoder, self._trained = encoder, None

    def recogniser(self) -> "Recogniser":
        """Return the recogniser, trained by the first caller."""
        from engine.nlu.recogniser import Recogniser

        with self._lock:
            if self._trained is None:
                self._trained = Recogniser.train(
                    self._intents, self._slots, self._protected, self._cache, self._encoder
                )
            return self._trained


def ear_of(bundle: CompiledBundle) -> Ear:
    """Return the ear of *bundle*; bundles that mean the same words share one."""
    slots = {f.name: f.reads for f in bundle.vocabulary.facts.values() if f.origin is FactSource.HEARD}
    return _ear(tuple(sorted(bundle.intents.items())), tuple(sorted(slots.items())), bundle.vocabulary.protected)


@lru_cache(maxsize=4)
def _ear(
    intents: tuple[tuple[str, tuple[IntentSpec, ...]], ...],
    slots: tuple[tuple[str, str], ...],
    protected: tuple[str, ...],
) -> Ear:
    return Ear(intents, slots, protected)
