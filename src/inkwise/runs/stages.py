"""What a training is busy with, told to whoever measures it; nobody does, unless asked to."""

from typing import Protocol, TypeVar

Session = TypeVar("Session")


class Stages(Protocol):
    """Told what a training is busy with: `inkwise bench recipes` measures each stage by it."""

    def begin(self, stage: str) -> None:
        """What comes now: "load", "set up", "calibrate", "evaluate", or "report", which counts no more."""

    def enter(self, session: Session) -> Session:
        """Return the session to train: the same, or one that also tells of what goes on in its loop."""


class _Untold:
    def begin(self, stage: str) -> None:
        pass

    def enter(self, session: Session) -> Session:
        return session


UNTOLD: Stages = _Untold()
