"""The drawing page as one HTML file, with classifiers in it, in half precision where that changes little."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from inkwise.classifier_file import Header
from inkwise.exporting.onnx_graph import build_onnx
from inkwise.exporting.opened import Precision, Tensors
from inkwise.exporting.prove import Difference, answer_of_onnx, check_equal, compare_answers
from inkwise.page.assemble import single_file

# What half precision may move: a probability by a point, and the class of one image in a hundred, where two
# classes were as probable.
HALF_TOLERANCE = 0.01
_ONE_IMAGE_IN = 100


class InPage(NamedTuple):
    """A classifier as the page holds it.

    Attributes:
        content: a classifier file.
        precision: of its tensors.
        difference: of its answers from PyTorch's.
    """

    content: bytes
    precision: Precision
    difference: Difference


def put_in_page(
    header: Header, tensors: Tensors, *, expected: NDArray[np.float32], images: NDArray[np.uint8]
) -> InPage:
    """Return a classifier for the page: in float16 if that moves little.

    Args:
        header: of the classifier, with its layers.
        tensors: by name, float32.
        expected: (N, K) probabilities by PyTorch.
        images: (N, 28, 28) uint8, what they are of.
    Raises:
        ExportError: run from its layers, it answers otherwise than in PyTorch.
    """
    answer = answer_of_onnx(build_onnx(header, tensors).SerializeToString())
    difference = compare_answers(answer, expected, images)
    check_equal(difference, name="the network in the page")
    halves = to_half(tensors)
    if halves is not None:
        rounded = {name: half.astype(np.float32) for name, half in halves.items()}
        answer = answer_of_onnx(build_onnx(header, rounded).SerializeToString())
        by_half = compare_answers(answer, expected, images)
        if _is_near(by_half):
            return InPage(_write(header, halves), "float16", by_half)
    floats = {name: tensor for name, tensor in tensors.items() if tensor.dtype.kind == "f"}
    return InPage(_write(header, floats), "float32", difference)


def _is_near(difference: Difference) -> bool:
    return (
        difference.greatest_difference <= HALF_TOLERANCE
        and difference.num_other_classes * _ONE_IMAGE_IN <= difference.num_images
    )


def to_half(tensors: Tensors) -> dict[str, NDArray[np.float16]] | None:
    """Return the floating tensors in float16; None where a number is beyond 65,504, float16's greatest.

    Whole numbers, the counts of batch normalisation, are for training alone and left out.
    """
    with np.errstate(over="ignore"):
        halves = {
            name: tensor.astype(np.float16) for name, tensor in tensors.items() if tensor.dtype.kind == "f"
        }
    return halves if all(np.isfinite(half).all() for half in halves.values()) else None


def _write(header: Header, tensors: Tensors) -> bytes:
    return save(dict(tensors), metadata={"inkwise": header.model_dump_json()})


def build_page(classifiers: Sequence[tuple[str, float | None, bytes]]) -> str:
    """Return the page with classifiers in it, by title, accuracy on test images where known, and content."""
    told = [{} if accuracy is None else {"accuracy": accuracy} for _, accuracy, _ in classifiers]
    return single_file({"classifiers": told}, [(title, content) for title, _, content in classifiers])
