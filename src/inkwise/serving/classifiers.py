"""The classifiers a server answers with, each by its number or its name."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkwise.classifier_file import FILE_NAME, find_classifier_file, recorded_accuracy, title_of
from inkwise.errors import HandwritingError, unknown_name
from inkwise.exporting.runtime import OnnxClassifier
from inkwise.handwriting.recogniser import (
    DIGITS,
    SHIPPED_NAME,
    SHIPPED_TITLE,
    Recogniser,
    means_shipped,
    recogniser_of,
)
from inkwise.onnx_session import BATCH
from inkwise.serving.problems import ProblemError
from inkwise.serving.work import Deadline

_QUICK_SECONDS = 0.001


@dataclass(frozen=True)
class Served:
    """One classifier.

    Attributes:
        number: its place, from 0.
        name: by which a request may choose it.
        run: the path it was given by; None for the reader that ships.
        classifier: in ONNX Runtime.
    """

    number: int
    name: str
    run: str | None
    classifier: OnnxClassifier

    @property
    def classes(self) -> list[str]:
        """The K class names."""
        return self.classifier.header.classes

    def probabilities(self, images: NDArray[np.uint8], deadline: Deadline) -> NDArray[np.float32]:
        """Return probabilities (N, K) float32 for images (N, 28, 28) uint8, a batch after the other.

        Raises:
            ProblemError: 422, it takes too long.
        """
        found = np.empty((len(images), len(self.classes)), np.float32)
        for start in range(0, len(images), BATCH):
            deadline.check()
            batch = images[start : start + BATCH]
            found[start : start + len(batch)] = self.classifier.probabilities(batch)
        return found

    @cached_property
    def is_quick(self) -> bool:
        """Whether one image takes so little that nobody is kept waiting by it: a millisecond."""
        image = np.zeros((1, 28, 28), np.uint8)
        seconds = []
        for _ in range(5):
            started = time.perf_counter()
            self.classifier.probabilities(image)
            seconds.append(time.perf_counter() - started)
        return min(seconds) < _QUICK_SECONDS

    @cached_property
    def recogniser(self) -> Recogniser:
        """What reads handwriting with it.

        Raises:
            ProblemError: 422, it does not tell the ten digits apart.
        """
        answer, header = self.classifier.probabilities, self.classifier.header
        try:
            return recogniser_of(answer, header, name=self.name, cure="serve a run that was trained on mnist")
        except HandwritingError as error:
            raise ProblemError(422, str(error)) from None

    @cached_property
    def content(self) -> bytes:
        """The bytes of its file, as they were when first asked for."""
        return self.classifier.path.read_bytes()

    def describe(self) -> dict[str, Any]:
        """Return what GET /classifiers says of it."""
        header = self.classifier.header
        return {
            "number": self.number,
            "name": self.name,
            "title": SHIPPED_TITLE if self.run is None else self.name,
            "network": header.network,
            "classes": self.classes,
            "num_parameters": self.classifier.num_parameters,
            "accuracy": recorded_accuracy(self.classifier.path),
            "reads": self.classes == DIGITS,
            "url": f"classifiers/{self.number}/{FILE_NAME}",
        }


def open_all(runs: Sequence[str]) -> list[Served]:
    """Return the classifiers of runs, each checked; of none, the reader that ships.

    Args:
        runs: run folders or .safetensors files; "reader", where no file is called so, is the one that ships.
    Raises:
        CheckpointError: one of them cannot be read.
    """
    served: list[Served] = []
    for given in runs or (SHIPPED_NAME,):
        run = None if means_shipped(given) else given
        title = SHIPPED_NAME if run is None else title_of(find_classifier_file(run))
        name = _free_name(title, [one.name for one in served])
        served.append(Served(len(served), name, run, OnnxClassifier.open(run)))
    return served


def choose(served: Sequence[Served], wanted: str | None) -> Served:
    """Return the classifier that ?run= names, the first where it is None.

    Raises:
        ProblemError: 422, there is none of that number or name.
    """
    if wanted is None:
        return served[0]
    for one in served:
        if wanted in (one.name, str(one.number)):
            return one
    known = [one.name for one in served]
    raise ProblemError(
        422, unknown_name("run", wanted[:100], known) + f", or by number 0 to {len(known) - 1}"
    )


def choose_reader(served: Sequence[Served], wanted: str | None) -> Served:
    """Return the classifier that reads: the wanted one, or the first that tells the ten digits apart.

    Raises:
        ProblemError: 422, there is none.
    """
    if wanted is None:
        return next((one for one in served if one.classes == DIGITS), served[0])
    return choose(served, wanted)


def _free_name(name: str, taken: Sequence[str]) -> str:
    if name not in taken:
        return name
    return next(free for number in range(2, len(taken) + 3) if (free := f"{name}-{number}") not in taken)
