"""What the server counts, in Prometheus's text format."""

import os
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # where prometheus_client sums the workers of a server
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20)
_IMAGES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 10_000)


class Metrics:
    """Counters of one application; they do not mix with another's in the same process.

    Attributes:
        depth, held: gauges, set whenever what they show changes: another worker may be asked to show it.
    """

    def __init__(self) -> None:
        registry = CollectorRegistry()
        self._registry = registry
        self._requests = Counter(
            "inkwise_requests", "Requests answered.", ["route", "status"], registry=registry
        )
        self._seconds = Histogram(
            "inkwise_request_seconds", "From the headers to the whole answer.", ["route"], buckets=_SECONDS,
            registry=registry,
        )  # fmt: skip
        self._batches = Histogram(
            "inkwise_batch_images", "Images classified at once.", buckets=_IMAGES, registry=registry
        )
        self.depth = self._gauge("inkwise_queue_depth", "Jobs at work or waiting for a thread.")
        self.held = self._gauge("inkwise_held_bytes", "Bytes of request bodies in memory.")
        self._children: dict[tuple[str, int], tuple[Any, Any]] = {}
        if SHARED_FOLDER not in os.environ:
            ProcessCollector(registry=registry)  # memory and processor time, where the system tells them

    def _gauge(self, name: str, help_text: str) -> Gauge:
        return Gauge(name, help_text, registry=self._registry, multiprocess_mode="livesum")

    def count_request(self, route: str, status: int, seconds: float) -> None:
        """Count one answered request.

        Args:
            route: the path as documented, "other" for any that is not: a scanner must not fill the memory.
            status: of the answer.
            seconds: it took.
        """
        children = self._children.get((route, status))
        if children is None:
            children = (self._requests.labels(route, str(status)), self._seconds.labels(route))
            self._children[route, status] = children
        children[0].inc()
        children[1].observe(seconds)

    def count_images(self, num_images: int) -> None:
        """Count the images of one batch."""
        self._batches.observe(num_images)

    def show(self) -> bytes:
        """Return all of it as text, of all workers where there are several."""
        if SHARED_FOLDER in os.environ:
            together = CollectorRegistry()
            MultiProcessCollector(together)  # type: ignore[no-untyped-call]
            return generate_latest(together)
        return generate_latest(self._registry)


def forget_worker(process: int) -> None:
    """Take what a worker that has ended held off the gauges; what it counted stays."""
    mark_process_dead(process)  # type: ignore[no-untyped-call]
