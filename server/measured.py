"""What the server measures of itself, for Prometheus.

Figures of the process come from every process where there are several (``PROMETHEUS_MULTIPROC_DIR``); figures
of the store are read when they are asked for, so any server gives the same.
"""

import os
from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from engine.terms import JobState

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Measured:
    """The figures of this process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "callwright_requests", "Requests answered", ["operation", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "callwright_request_seconds",
            "Seconds until the answer",
            ["operation"],
            buckets=_BUCKETS,
            registry=self.registry,
        )

    def answered(self, operation: str, status: int, seconds: float) -> None:
        """Count one answer."""
        self.requests.labels(operation, str(status)).inc()
        self.seconds.labels(operation).observe(seconds)


class OfStore:
    """The figures of the store, read when they are asked for.

    Args:
        jobs: Gives the number of jobs in each state.
        ready: Tells whether this server can serve requests.
    """

    def __init__(self, jobs: Callable[[], Mapping[JobState, int]], ready: Callable[[], bool]) -> None:
        self._jobs = jobs
        self._ready = ready

    def collect(self) -> Iterator[Metric]:
        """Yield them."""
        jobs = GaugeMetricFamily("callwright_jobs", "Jobs by state", labels=["state"])
        for state, number in self._jobs().items():
            jobs.add_metric([state.value], number)
        yield jobs
        ready = GaugeMetricFamily("callwright_ready", "Whether this server can serve requests")
        ready.add_metric([], int(self._ready()))
        yield ready


def exposition(own: Measured, store: OfStore) -> tuple[bytes, str]:
    """Return all figures in the text format of Prometheus, and its media type."""
    registry = CollectorRegistry()
    registry.register(store)
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry), CONTENT_TYPE_LATEST
    return generate_latest(registry) + generate_latest(own.registry), CONTENT_TYPE_LATEST
