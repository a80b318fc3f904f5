"""What all routes share: the classifiers, the threads, the counters."""

from dataclasses import dataclass

from starlette.requests import Request

from inkwise.serving.bodies.images import JSON
from inkwise.serving.bodies.receiving import HeldBytes, Received
from inkwise.serving.classifiers import Served, open_all
from inkwise.serving.gathering import Gathering
from inkwise.serving.metrics import Metrics
from inkwise.serving.settings import Settings
from inkwise.serving.work import WorkQueue


@dataclass(frozen=True)
class Service:
    """A server's parts.

    Attributes:
        settings: as it was set up.
        served: its classifiers, the first answers where none is chosen.
        work: its threads.
        held: the bodies in memory.
        metrics: its counters.
        gathering: where a few images are classified beside other requests'.
    """

    settings: Settings
    served: list[Served]
    work: WorkQueue
    held: HeldBytes
    metrics: Metrics
    gathering: Gathering

    @classmethod
    def open(cls, settings: Settings) -> "Service":
        """Return the parts that settings ask for.

        Raises:
            CheckpointError: a classifier cannot be read.
        """
        limits = settings.limits
        metrics = Metrics()
        held = HeldBytes(limits.held_bytes, tell=metrics.held.set)
        work = WorkQueue(
            threads=settings.threads, waiting=limits.waiting, seconds=limits.seconds, tell=metrics.depth.set
        )
        gathering = Gathering(seconds=limits.seconds, count_images=metrics.count_images)
        return cls(settings, open_all(settings.runs), work, held, metrics, gathering)

    def receive(self, request: Request, kind: str) -> Received:
        """Return what gives the body of request, as long as limits allow."""
        limits = self.settings.limits
        most = min(limits.json_bytes, limits.body_bytes) if kind == JSON else limits.body_bytes
        return Received(request, most=most, held=self.held)


def service_of(request: Request) -> Service:
    """Return the service that answers request."""
    service: Service = request.scope["inkwise.service"]
    return service
