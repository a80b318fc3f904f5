"""The training that faults are done to: `python -m dev.injection.victim JSON`; says on stdout how far it is.

Every line is "STAGE DONE": a stage of the training, and the fraction of its steps that is done.
"""

import json
import sys
import traceback
from typing import Any

from inkwise.data.load import load_dataset
from inkwise.errors import InkwiseError
from inkwise.experiments.train import train
from inkwise.training.loop import Progress

CHECKPOINT_SECONDS = 0.1  # so that many a kill falls into the writing of a checkpoint


class Teller:
    """Passes on what a training tells its listeners."""

    def __init__(self) -> None:
        self.stage, self.done = "start", 0.0

    def begin(self, stage: str) -> None:
        """Say that a stage begins."""
        self.stage = stage
        self._say()

    def enter(self, session: Any) -> Any:
        """Say that the steps begin, and leave the session as it is."""
        self.begin("train")
        return session

    def progress(self, progress: Progress) -> None:
        """Say how many of all steps are done."""
        epochs = progress.epoch - 1 + progress.batch / progress.num_batches
        self.done = epochs / progress.num_epochs
        self._say()

    def _say(self) -> None:
        sys.stdout.write(f"{self.stage} {self.done:.4f}\n")
        sys.stdout.flush()


def main(asked: dict[str, Any]) -> int:
    """Train as asked; return what `inkwise train` would exit with, 3 for what is no error of inkwise."""
    teller = Teller()
    try:
        if asked.pop("streamed", False):
            asked["data"] = load_dataset(asked["data"], memory_map_bytes=0)
        train(
            **asked, device="cpu", checkpoint_seconds=CHECKPOINT_SECONDS,
            on_progress=teller.progress, stages=teller,
        )  # fmt: skip
    except InkwiseError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except Exception:
        traceback.print_exc()
        return 3
    teller.begin("end")
    return 0


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
