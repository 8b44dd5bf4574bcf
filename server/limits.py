"""How often a caller may come: a token bucket a caller, in this process.

Several processes share a rate by each taking its part of it, so that together they never allow more.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

#: Callers remembered at once; the one that was silent longest is forgotten first, with a full bucket.
MOST = 10_000


class Buckets:
    """Token buckets by caller.

    Args:
        rate: Tokens a second that come back.
        burst: Tokens in a full bucket.
        clock: Seconds that only grow.
    """

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._clock = rate, max(burst, 1.0), clock
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def take(self, caller: str) -> float:
        """Take a token of *caller* and return 0.0, or return after how many seconds there will be one."""
        now = self._clock()
        with self._lock:
            tokens = self._tokens(caller, now)
            short = 1.0 - tokens
            self._held[caller] = (tokens if short > 0 else tokens - 1.0, now)
            self._held.move_to_end(caller)
            if len(self._held) > MOST:
                self._held.popitem(last=False)
        return short / self._rate if short > 0 else 0.0

    def wait(self, caller: str) -> float:
        """Return after how many seconds *caller* has a token, without taking one."""
        with self._lock:
            short = 1.0 - self._tokens(caller, self._clock())
        return short / self._rate if short > 0 else 0.0

    def _tokens(self, caller: str, now: float) -> float:
        tokens, since = self._held.get(caller, (self._burst, now))
        return min(self._burst, tokens + (now - since) * self._rate)
