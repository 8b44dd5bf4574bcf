"""What this process worked with lately, so that it need not be read and opened again.

Nothing is taken to be true because it is remembered here: whoever uses it says which version it was, and the store
refuses what was made from another.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

Thing = TypeVar("Thing")

#: Things remembered at once, and for how many seconds at the longest.
MOST, LONGEST = 1000, 600.0


class Recent(Generic[Thing]):
    """The things of the last few minutes, by their ids.

    Args:
        clock: Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._held: OrderedDict[str, tuple[float, Thing]] = OrderedDict()
        self._lock = Lock()

    def get(self, ident: str) -> Thing | None:
        """Return what is remembered under *ident*."""
        with self._lock:
            self._let_go()
            found = self._held.get(ident)
        return found[1] if found is not None else None

    def put(self, ident: str, thing: Thing) -> None:
        """Remember *thing*."""
        with self._lock:
            self._held[ident] = (self._clock(), thing)
            self._held.move_to_end(ident)
            if len(self._held) > MOST:
                self._held.popitem(last=False)
            self._let_go()

    def drop(self, ident: str) -> None:
        """Forget what is remembered under *ident*."""
        with self._lock:
            self._held.pop(ident, None)

    def _let_go(self) -> None:
        before = self._clock() - LONGEST
        while self._held and next(iter(self._held.values()))[0] < before:
            self._held.popitem(last=False)
