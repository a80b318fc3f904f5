"""An ONNX model with weights and activations of eight bits: a quarter of the size, at a little accuracy."""

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from inkwise.classifier import EVALUATION_BATCH
from inkwise.data.dataset import Split
from inkwise.errors import DataError, ExportError
from inkwise.exporting.probe import Probe
from inkwise.exporting.prove import Answer

ONE_LOST_IN = 1000  # validation images: 0.1 points
_CALIBRATED_ON = 500  # training images
_INFERRED = "onnx.infer"  # a note the quantiser leaves for itself


class Quantised(BaseModel):
    """What eight bits cost, on validation images.

    Attributes:
        num_images: validation images.
        accuracy: with eight bits, a fraction.
        accuracy_before: in float32.
    """

    model_config = ConfigDict(frozen=True)

    num_images: int
    accuracy: float
    accuracy_before: float


def quantise(model: onnx.ModelProto, probe: Probe) -> bytes:
    """Return model with its convolutions and linear layers in eight bits; the rest stays float32.

    Ranges of activations are read off training images. Weights take seven of their eight bits, so that no
    processor's 16-bit sums overflow and the accuracy measured here holds elsewhere.

    Args:
        model: from build_onnx.
        probe: with the classifier's data.
    Raises:
        DataError: the probe has no training or no validation images.
    """
    train = probe.train
    if train is None or probe.validation is None:
        raise DataError(
            f"--int8 is judged on the classifier's validation images, found {probe.words} alone; "
            "expected its data on this machine, with its classes and a validation part; name it with --data"
        )
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static  # 0.3 s

    step = max(1, len(train) // _CALIBRATED_ON)
    with tempfile.TemporaryDirectory() as folder, _quiet():
        path = Path(folder, "int8.onnx")
        quantize_static(
            onnx.load_from_string(model.SerializeToString()),  # it is emptied
            path,
            _Images(train.images[::step]),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv", "Gemm"],
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
        )
        made = onnx.load(path)
    kept = [entry for entry in made.metadata_props if entry.key != _INFERRED]
    del made.metadata_props[:]
    made.metadata_props.extend(kept)
    onnx.checker.check_model(made, full_check=True)
    content: bytes = made.SerializeToString()
    return content


class _Images:
    """Hands out images in batches, as the quantiser asks for them."""

    def __init__(self, images: NDArray[np.uint8]) -> None:
        self._batches = iter(
            [images[start : start + EVALUATION_BATCH] for start in range(0, len(images), EVALUATION_BATCH)]
        )

    def get_next(self) -> dict[str, Any] | None:
        batch = next(self._batches, None)
        return None if batch is None else {"images": batch}


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the quantiser's advice to its callers, which goes to the root logger, off the user's terminal."""
    root = logging.getLogger()
    before = root.disabled
    root.disabled = True
    try:
        yield
    finally:
        root.disabled = before


def judge_int8(answer: Answer, before: Answer, validation: Split) -> Quantised:
    """Return what eight bits cost on validation images.

    Args:
        answer: the classifier in eight bits.
        before: the same in float32.
        validation: its validation images, labels by its own classes.
    Raises:
        ExportError: more than a thousandth of the accuracy is lost.
    """
    num_images, right, right_before = (
        len(validation), _num_right(answer, validation), _num_right(before, validation)
    )  # fmt: skip
    found = Quantised(
        num_images=num_images, accuracy=right / num_images, accuracy_before=right_before / num_images
    )
    num_lost = right_before - right
    if num_lost * ONE_LOST_IN > num_images:
        raise ExportError(
            f"--int8 loses {100 * num_lost / num_images:.2f} points of accuracy on {num_images:,} validation "
            f"images ({100 * found.accuracy_before:.2f} % to {100 * found.accuracy:.2f} %), expected at most "
            f"{100 / ONE_LOST_IN:.1f}; nothing was written, export without --int8"
        )
    return found


def _num_right(answer: Answer, split: Split) -> int:
    starts = range(0, len(split), EVALUATION_BATCH)
    predicted = [answer(split.images[start : start + EVALUATION_BATCH]).argmax(axis=1) for start in starts]
    return int((np.concatenate(predicted) == split.labels).sum())
