"""The recogniser: from 28x28 images of single glyphs to calibrated probabilities of the ten digits.

The one that ships runs in ONNX Runtime, for importing torch takes longer than reading a photo. A run of the
user's own runs in torch.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inkwise.classifier_file import Header, read_header
from inkwise.errors import HandwritingError, ShapeError
from inkwise.onnx_session import ask_probabilities, open_session

SHIPPED = Path(__file__).with_name("shipped")
SHIPPED_FILE = SHIPPED / "reader.safetensors"
SHIPPED_NAME, SHIPPED_TITLE = "reader", "the reader of inkwise"  # in place of a RUN, and for people
DEFAULT_ACCEPT_PROBABILITY = 0.9  # of a run that was never calibrated
DIGITS = [str(digit) for digit in range(10)]

Images = NDArray[np.uint8]
Probabilities = NDArray[np.float32]


@dataclass(frozen=True)
class Recogniser:
    """A classifier of single glyphs.

    Attributes:
        answer: (N, 28, 28) uint8 -> (N, 10) float32, N 1 or more.
        accept_probability: the least probability of an answer that need not be asked about.
    """

    answer: Callable[[Images], Probabilities]
    accept_probability: float

    def probabilities(self, images: Images) -> Probabilities:
        """Return calibrated probabilities (N, 10) float32, rows sum to 1; all near 1/10 for what is no digit.

        Args:
            images: (N, 28, 28) uint8 in MNIST's form, 0 paper to 255 ink; N may be 0.
        Raises:
            ShapeError: any other shape or type.
        """
        if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != (28, 28):
            raise ShapeError(
                f"images must be uint8 of shape (N, 28, 28), got {images.dtype} of shape {images.shape}; "
                "for one image pass image[None]"
            )
        return self.answer(np.ascontiguousarray(images)) if len(images) else np.empty((0, 10), np.float32)


def load_recogniser(run: str | os.PathLike[str] | None = None) -> Recogniser:
    """Return the recogniser that ships with inkwise, or that of a run.

    Args:
        run: a run folder or a .safetensors file, a classifier of the ten digits; None takes the shipped one.
    Raises:
        HandwritingError: the run does not tell the ten digits apart.
        CheckpointError: it cannot be read.
    """
    return _load_shipped() if run is None else _load_run(run)


def recogniser_of(
    answer: Callable[[Images], Probabilities], header: Header, *, name: str, cure: str
) -> Recogniser:
    """Return the recogniser that a classifier makes.

    Args:
        answer: as of Recogniser.
        header: of the classifier.
        name, cure: what an error calls it, and what it says to do.
    Raises:
        HandwritingError: it does not tell the ten digits apart.
    """
    if header.classes != DIGITS:
        raise HandwritingError(
            f"{name} tells {len(header.classes)} classes apart, {header.classes[0]} to {header.classes[-1]}; "
            f"reading needs the ten digits, {cure}"
        )
    return Recogniser(answer, header.metrics.get("accept_probability", DEFAULT_ACCEPT_PROBABILITY))


def means_shipped(run: str | os.PathLike[str]) -> bool:
    """Return whether a RUN argument is the word for the reader that ships, and no file of that name."""
    return os.fspath(run) == SHIPPED_NAME and not Path(run).exists()


def _load_shipped() -> Recogniser:
    answer = partial(ask_probabilities, open_session(SHIPPED / "reader.onnx"))
    return Recogniser(answer, read_header(SHIPPED_FILE).metrics["accept_probability"])


def _load_run(run: str | os.PathLike[str]) -> Recogniser:
    from inkwise.classifier import Classifier  # imports torch, which takes a second

    classifier = Classifier.load(run)

    def answer(images: Images) -> Probabilities:
        return classifier.predict(images).probabilities

    cure = "train it on mnist, or leave RUN out"
    return recogniser_of(answer, classifier.header, name=os.fspath(run), cure=cure)
