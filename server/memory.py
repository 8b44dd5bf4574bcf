"""What was worked out before, for a while."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Found = TypeVar("Found")


class Memory(Generic[Found]):
    """The last few things that were worked out; one at a time is worked out."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[Hashable, Found] = OrderedDict()
        self._lock = Lock()

    def remembered(self, question: Hashable, work_out: Callable[[], Found]) -> Found:
        """Return the answer to *question*, worked out now if it is not remembered."""
        with self._lock:
            if question not in self._held:
                self._held[question] = work_out()
                if len(self._held) > self._most:
                    self._held.popitem(last=False)
            return self._held[question]
