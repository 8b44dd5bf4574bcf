"""Token buckets: so many at once, so many a second, for each caller, over all threads and processes."""

import subprocess
import sys

import pytest

from server.limits import Buckets
from tests.server.running import ROOT


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_caller_has_a_burst_and_then_its_rate() -> None:
    clock = Clock()
    buckets = Buckets(2.0, 4.0, clock)
    assert [buckets.take("a") for _ in range(5)] == [0.0, 0.0, 0.0, 0.0, 0.5]
    assert buckets.wait("a") == 0.5
    assert buckets.take("b") == 0.0
    clock.now += 0.5
    assert buckets.wait("a") == 0.0
    assert buckets.take("a") == 0.0
    assert buckets.take("a") == 0.5
    clock.now += 3600
    assert [buckets.take("a") for _ in range(5)] == [0.0, 0.0, 0.0, 0.0, 0.5]


def test_to_ask_takes_nothing() -> None:
    buckets = Buckets(1.0, 1.0, Clock())
    assert [buckets.wait("a") for _ in range(3)] == [0.0, 0.0, 0.0]
    assert buckets.take("a") == 0.0
    assert buckets.wait("a") == 1.0


def test_many_callers_are_kept_apart() -> None:
    buckets = Buckets(1.0, 1.0, Clock())
    assert {buckets.take(f"caller-{n}") for n in range(1000)} == {0.0}
    assert {buckets.take(f"caller-{n}") for n in range(1000)} == {1.0}


def test_who_was_silent_longest_is_forgotten_first() -> None:
    clock = Clock()
    buckets = Buckets(0.001, 1.0, clock)
    for number in range(200_000):
        clock.now += 0.001
        buckets.take(f"caller-{number}")
    assert buckets.take("caller-199999") > 0
    assert buckets.take("caller-0") == 0.0


#: A process without other threads, which may be forked safely.
MANY = """
import os, sys
from concurrent.futures import ThreadPoolExecutor
from server.limits import Buckets

buckets = Buckets(1e-9, int(sys.argv[1]))
for _ in range(4):
    if os.fork() == 0:
        with ThreadPoolExecutor(2) as pool:
            taken = sum(pool.map(lambda _: buckets.take("a") == 0.0, range(300)))
        os.write(1, b"%d\\n" % taken)  # in one piece, which no other comes between
        os._exit(0)
for _ in range(4):
    assert os.wait()[1] == 0
"""


@pytest.mark.parametrize("burst", [50, 333])
def test_processes_count_together(burst: int) -> None:
    """Four processes with two threads each take as much as they can of one burst."""
    command = [sys.executable, "-c", MANY, str(burst)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    taken = [int(line) for line in done.stdout.split()]
    assert len(taken) == 4
    assert sum(taken) == burst
