"""How often a caller may come: a token bucket a caller, one for all processes of a server.

The buckets lie in memory that every process forked from the one that made them shares, so that a caller has the
same rate whichever of them answers. A process that dies lets go of them by itself.
"""

import fcntl
import mmap
import struct
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from threading import Lock

from server.settings import Settings

_SLOT = struct.Struct("=Qdd")  # the caller's fingerprint, tokens, when they were counted
_ROWS, _WAYS = 4096, 4
#: Callers remembered at once, about; one that is forgotten has a full bucket.
MOST = _ROWS * _WAYS


class Buckets:
    """Token buckets by caller.

    Args:
        rate: Tokens a second that come back.
        burst: Tokens in a full bucket.
        clock: Seconds that only grow, alike in every process of the machine.
    """

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._clock = rate, max(burst, 1.0), clock
        self._held = mmap.mmap(-1, MOST * _SLOT.size)
        self._alone = _Alone()

    def take(self, caller: str) -> float:
        """Take a token of *caller* and return 0.0, or return after how many seconds there will be one."""
        mark = _mark(caller)
        with self._alone:
            now = self._clock()
            at, tokens = self._find(mark, now)
            short = 1.0 - tokens
            _SLOT.pack_into(self._held, at, mark, tokens if short > 0 else tokens - 1.0, now)
        return short / self._rate if short > 0 else 0.0

    def wait(self, caller: str) -> float:
        """Return after how many seconds *caller* has a token, without taking one."""
        mark = _mark(caller)
        if not any(_SLOT.unpack_from(self._held, at)[0] == mark for at in _row(mark)):
            return 0.0
        with self._alone:
            short = 1.0 - self._find(mark, self._clock())[1]
        return short / self._rate if short > 0 else 0.0

    def _find(self, mark: int, now: float) -> tuple[int, float]:
        """Return where the bucket of *mark* lies, or may be laid, and how many tokens are in it."""
        oldest, since = 0, float("inf")
        for at in _row(mark):
            found, tokens, counted = _SLOT.unpack_from(self._held, at)
            if found == mark:
                return at, min(self._burst, tokens + (now - counted) * self._rate)
            if counted < since:
                oldest, since = at, counted
        return oldest, self._burst


class _Alone:
    """Keeps out other threads, and other processes that were forked from the one that made it."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - locked for as long as the buckets are in use
        self._lock = Lock()

    def __enter__(self) -> None:
        self._lock.acquire()
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
        except BaseException:
            self._lock.release()
            raise

    def __exit__(self, *_: object) -> None:
        try:
            fcntl.lockf(self._file, fcntl.LOCK_UN)
        finally:
            self._lock.release()


@dataclass(frozen=True, slots=True)
class Limits:
    """Who may come how often.

    Args:
        callers: Requests, by API key.
        strangers: Refused requests, by address.
    """

    callers: Buckets
    strangers: Buckets

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        """Return the limits that *settings* ask for; made before any process is forked that is to share them."""
        strangers = Buckets(settings.strangers, settings.strangers * 2)
        return cls(Buckets(settings.rate, settings.burst), strangers)


def _mark(caller: str) -> int:
    return int.from_bytes(blake2b(caller.encode(errors="replace"), digest_size=8).digest()) or 1


def _row(mark: int) -> range:
    first = mark % _ROWS * _WAYS * _SLOT.size
    return range(first, first + _WAYS * _SLOT.size, _SLOT.size)
