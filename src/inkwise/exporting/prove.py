"""Whether an exported classifier answers as the one it was made of, and how fast each is."""

import statistics
import time
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from inkwise.classifier import EVALUATION_BATCH, Classifier, evaluation_mode, memory_layout
from inkwise.errors import ExportError
from inkwise.networks.outputs import to_log_probabilities
from inkwise.onnx_session import open_session

TOLERANCE = 1e-5  # of a probability
_NUM_ALONE = 10  # images asked one by one too: a batch of one is a shape of its own
_SECONDS = 0.2  # for each measurement

Answer = Callable[[NDArray[np.uint8]], NDArray[np.float32]]  # (N, 28, 28) -> probabilities (N, K)


class Difference(BaseModel):
    """How far two classifiers are apart on the same images.

    Attributes:
        num_images: looked at.
        num_other_classes: of them, those that get another class.
        greatest_difference: between two probabilities of the same class for the same image.
    """

    model_config = ConfigDict(frozen=True)

    num_images: int
    num_other_classes: int
    greatest_difference: float


class Speed(BaseModel):
    """How fast a classifier answers on this machine, on one thread.

    Attributes:
        runtime: what runs it, such as "ONNX Runtime".
        one_image_seconds: median time of an answer for one image, preprocessing included.
        images_per_second: in batches of 250.
    """

    model_config = ConfigDict(frozen=True)

    runtime: str
    one_image_seconds: float
    images_per_second: float


def compare_answers(answer: Answer, expected: NDArray[np.float32], images: NDArray[np.uint8]) -> Difference:
    """Return how far the probabilities of answer are from the expected ones, (N, K), for images.

    Asked in batches and, for the first images, one by one too; the worse of the two counts.

    Raises:
        ExportError: the shapes differ, or an answer is not a number.
    """
    alone = [answer(images[index : index + 1]) for index in range(min(_NUM_ALONE, len(images)))]
    batches = [
        answer(images[start : start + EVALUATION_BATCH]) for start in range(0, len(images), EVALUATION_BATCH)
    ]
    found, wanted = np.concatenate([*alone, *batches]), np.concatenate([expected[: len(alone)], expected])
    if found.shape != wanted.shape or not np.isfinite(found).all():
        raise ExportError(
            f"the exported classifier answers with shape {found.shape} or with NaN, expected numbers of "
            f"shape {wanted.shape}; nothing was written, please report it"
        )
    return Difference(
        num_images=len(images),
        num_other_classes=int((found.argmax(axis=1) != wanted.argmax(axis=1))[len(alone) :].sum()),
        greatest_difference=float(np.abs(found - wanted).max()),
    )


def check_equal(difference: Difference, *, name: str) -> None:
    """Raise unless the two classifiers are equal: every class, and each probability within 1e-5.

    Args:
        difference: what was found.
        name: of what was exported, for the message.
    Raises:
        ExportError: they are not.
    """
    if difference.num_other_classes == 0 and difference.greatest_difference <= TOLERANCE:
        return
    raise ExportError(
        f"{name}: {difference.num_other_classes} of {difference.num_images:,} images get another class and "
        f"probabilities differ by up to {difference.greatest_difference:.1e} from PyTorch's, expected none "
        f"and at most {TOLERANCE:.0e}; nothing was written, please report it"
    )


def answer_of_onnx(content: bytes) -> Answer:
    """Return an ONNX model as a function of images, which looks at its "classes" too.

    Raises:
        ExportError: when called, where these are not the places of the largest probabilities.
    """
    session = open_session(content)

    def answer(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        found: tuple[NDArray[np.float32], NDArray[np.int64]] = session.run(
            ["probabilities", "classes"], {"images": images}
        )
        if not np.array_equal(found[1], found[0].argmax(axis=1)):
            raise ExportError(
                'the ONNX model\'s "classes" are not the places of its largest probabilities; '
                "nothing was written, please report it"
            )
        return found[0]

    return answer


def answer_in_pytorch(classifier: Classifier) -> Answer:
    """Return the classifier as a function of images, with as little around it as PyTorch allows."""
    layout = memory_layout(classifier.network)

    def answer(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        with torch.inference_mode():
            inputs = classifier.preprocessing(torch.from_numpy(images)).to(memory_format=layout)
            outputs = classifier.network(inputs)
            probabilities: NDArray[np.float32] = (
                to_log_probabilities(outputs, classifier.header.output).exp().numpy()
            )
        return probabilities

    return answer


def measure_pytorch(classifier: Classifier, images: NDArray[np.uint8]) -> Speed:
    """Return how fast the classifier answers in PyTorch."""
    with evaluation_mode(classifier.network):
        return measure_speed(answer_in_pytorch(classifier), images, runtime="PyTorch")


def measure_speed(answer: Answer, images: NDArray[np.uint8], *, runtime: str) -> Speed:
    """Return how fast answer is for one image, and for many.

    PyTorch gets one thread meanwhile, as ONNX Runtime has: two would wait for one another wherever the
    machine has other work.
    """
    batch, threads = images[:EVALUATION_BATCH], torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return Speed(
            runtime=runtime,
            one_image_seconds=_median_seconds(answer, images[:1]),
            images_per_second=len(batch) / _median_seconds(answer, batch),
        )
    finally:
        torch.set_num_threads(threads)


def _median_seconds(answer: Answer, images: NDArray[np.uint8]) -> float:
    """Return the median time of a call, after two that warm up; at least five are timed."""
    seconds: list[float] = []
    end = time.perf_counter() + _SECONDS
    for _ in range(2):
        answer(images)
    while len(seconds) < 5 or time.perf_counter() < end:
        start = time.perf_counter()
        answer(images)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)
