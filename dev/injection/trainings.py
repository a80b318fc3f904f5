"""What is trained while faults happen: small, and between them every part that a resume has to bring back."""

import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# 12,000 images of MNIST in tars, which dev/faults.py makes.
SHARDS = Path(tempfile.gettempdir(), f"inkwise-faults-shards-{os.getuid()}")


@dataclass(frozen=True)
class Training:
    """One training, as inkwise.train takes it.

    Attributes:
        name: what the tables call it.
        what: what of a training it has that others have not.
        share: of all moments that fall to it; they add up to 1.
        is_streamed: its images stay in their files.
    """

    name: str
    recipe: str
    what: str
    share: float
    data: str = "digits"
    epochs: int | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    framework: str | None = None
    is_streamed: bool = False

    def arguments(self, out: str, *, resume: bool) -> dict[str, Any]:
        """Return the keyword arguments of inkwise.train, plain JSON values, and "streamed"."""
        asked: dict[str, Any] = {"data": self.data, "out": out, "resume": resume}
        if self.is_streamed:
            asked["streamed"] = True
        if not resume:
            asked |= {"recipe": self.recipe, "settings": self.settings, "framework": self.framework}
            if self.epochs is not None:
                asked["epochs"] = self.epochs
        return asked


TRAININGS = (
    Training("perceptron", "mlp-logsoftmax", "unrolled step, momentum", 0.16),
    Training(
        "convolutions", "best", "dropout, batch norm, changed images, averaged weights", 0.2,
        epochs=8, settings={"width": 8, "precision": "float32", "weight_averaging": 0.98},
    ),
    Training(
        "patience", "mlp-wide", "Adam, ends early with the weights of its best epoch", 0.16,
        epochs=60, settings={"patience": 4, "batch_size": 64, "validation_fraction": 0.2},
    ),
    Training("quick, float32", "quick", "calibrated", 0.12, settings={"precision": "float32"}),
    Training("quick, mnist", "quick", "calibrated, precision as it comes, real files", 0.16, data="mnist"),
    Training("tensorflow", "cnn-lenet", "Keras: optimizer and metrics as variables", 0.12,
             epochs=25, framework="tensorflow"),
    Training("streamed", "mlp-sequential", "images in tars, through the shuffle buffer", 0.08,
             data=str(SHARDS), epochs=6, is_streamed=True),
)  # fmt: skip
