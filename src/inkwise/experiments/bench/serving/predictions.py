"""One image without HTTP, in a process of its own, which is given a Job as JSON.

Both sides take uint8 pixels and give probabilities, on one thread. ONNX Runtime's side imports no torch.
"""

import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from safetensors.numpy import load_file

_WARM_UP_CALLS = 200
_CALLS_A_LOOK = 100  # between two looks at the clock

Predict = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


class Job(BaseModel):
    """What to measure.

    Attributes:
        side: "usual" is PyTorch eager, "inkwise" is ONNX Runtime.
        run: the classifier.
        images_file: as the client's.
        seconds: about how long.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    side: Literal["usual", "inkwise"]
    run: str
    images_file: str
    seconds: float


class Report(BaseModel):
    """What came of it.

    Attributes:
        median_seconds: of one call.
        num_calls: that count.
        num_wrong: of one call for every image, other labels than those of the file.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    median_seconds: float
    num_calls: int
    num_wrong: int


def measure(job: Job) -> Report:
    """Return how long one image takes."""
    arrays = load_file(job.images_file)
    images = [arrays["images"][number : number + 1] for number in range(len(arrays["images"]))]
    predict = _eager(job.run) if job.side == "usual" else _onnx(job.run)
    labels = [int(predict(image)[0].argmax()) for image in images]
    for number in range(_WARM_UP_CALLS):
        predict(images[number % len(images)])
    seconds = _time_calls(predict, images, job.seconds)
    return Report(
        median_seconds=median(seconds),
        num_calls=len(seconds),
        num_wrong=int((np.array(labels) != arrays["labels"]).sum()),
    )


def _time_calls(predict: Predict, images: list[NDArray[np.uint8]], seconds: float) -> list[float]:
    found: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for _ in range(_CALLS_A_LOOK):
            image = images[len(found) % len(images)]
            began = time.perf_counter()
            predict(image)
            found.append(time.perf_counter() - began)
    return found


def _onnx(run: str) -> Predict:
    from inkwise.exporting.runtime import OnnxClassifier

    return OnnxClassifier.open(run).probabilities


def _eager(run: str) -> Predict:
    import torch

    from inkwise.classifier import Classifier

    torch.set_num_threads(1)  # two threads take longer for one small image
    classifier = Classifier.load(run)
    network, preprocessing = classifier.network, classifier.preprocessing
    ends_in_softmax = classifier.header.output == "probabilities"

    def predict(image: NDArray[np.uint8]) -> NDArray[np.float32]:
        with torch.no_grad():
            outputs = network(preprocessing(torch.from_numpy(image)))
            probabilities: NDArray[np.float32] = (
                outputs if ends_in_softmax else torch.softmax(outputs, dim=1)
            ).numpy()
        return probabilities

    return predict


def main(argument: str) -> None:
    """Do the job given as JSON and print its report as JSON on standard output."""
    report = measure(Job.model_validate_json(argument))
    sys.stdout.write(report.model_dump_json() + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
