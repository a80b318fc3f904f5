"""A classifier in ONNX Runtime: made of its file at once, without PyTorch."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from inkwise.classifier_file import Header, find_classifier_file, read_classifier_file
from inkwise.data.dataset import IMAGE_SIZE
from inkwise.errors import CheckpointError, ShapeError
from inkwise.exporting.onnx_graph import build_onnx, layer_output_name
from inkwise.handwriting.recogniser import SHIPPED_FILE
from inkwise.onnx_session import ask_probabilities, open_session


class Activation(NamedTuple):
    """What one layer puts out for one image.

    Attributes:
        name: the layer's, as in the classifier file.
        kind: likewise, such as "conv2d".
        values: float32, (channels, height, width) or (features,).
    """

    name: str
    kind: str
    values: NDArray[np.float32]


@dataclass(frozen=True)
class OnnxClassifier:
    """A classifier that ONNX Runtime runs, on one thread: so small a network waits for a second one.

    Attributes:
        path: of its file.
        header: what the file says of it, its layers among them.
        tensors: its weights by name.
    """

    path: Path
    header: Header
    tensors: Mapping[str, NDArray[Any]]

    @classmethod
    def open(cls, run: str | os.PathLike[str] | None = None) -> "OnnxClassifier":
        """Return the classifier of a run folder or a .safetensors file; of None, the reader that ships.

        Raises:
            CheckpointError: the file is missing, truncated, altered, foreign, newer than this inkwise, or of
                a network that is no chain of known layers.
        """
        path = SHIPPED_FILE if run is None else find_classifier_file(run)
        header, tensors = read_classifier_file(path)
        classifier = cls(path, header if header.layers else _with_layers(header, path), tensors)
        classifier._check()
        return classifier

    def _check(self) -> None:
        for name, tensor in self.tensors.items():
            if tensor.dtype.kind == "f" and not np.isfinite(tensor).all():
                raise CheckpointError(f"{self.path}: tensor {name!r} holds NaN or infinity; train it again")
        try:
            found = self.probabilities(np.zeros((1, IMAGE_SIZE, IMAGE_SIZE), np.uint8))
        except CheckpointError as error:
            raise CheckpointError(f"{self.path}: {error}") from error
        except Exception as error:  # ONNX Runtime has no class of its own for what does not fit
            first = str(error).strip().splitlines()[0]
            raise CheckpointError(
                f"{self.path}: its layers and tensors do not fit each other ({first}); take another copy"
            ) from error
        if found.shape[1] != len(self.header.classes):
            raise CheckpointError(
                f"{self.path}: {found.shape[1]} outputs for {len(self.header.classes)} classes; "
                "the file was altered, take another copy"
            )

    @property
    def num_parameters(self) -> int:
        """How many weights and biases there are, as networks.build.num_parameters counts them."""
        named = {getattr(layer, key, None) for layer in self.header.layers for key in ("weight", "bias")}
        return sum(int(self.tensors[name].size) for name in named if name is not None)

    def probabilities(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return probabilities (N, K) float32, rows sum to 1.

        Args:
            images: (N, 28, 28) uint8; N may be 0.
        Raises:
            ShapeError: any other shape or type.
        """
        if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != (IMAGE_SIZE, IMAGE_SIZE):
            raise ShapeError(
                f"images must be uint8 of shape (N, {IMAGE_SIZE}, {IMAGE_SIZE}), got {images.dtype} of shape "
                f"{images.shape}; for one image pass image[None]"
            )
        if not len(images):
            return np.empty((0, len(self.header.classes)), np.float32)
        return ask_probabilities(self._session, images)

    def activations(self, image: NDArray[np.uint8]) -> list[Activation]:
        """Return what every layer puts out for one image (28, 28) uint8, in the order they run.

        Raises:
            ShapeError: any other shape or type.
        """
        if image.shape != (IMAGE_SIZE, IMAGE_SIZE) or image.dtype != np.uint8:
            raise ShapeError(
                f"image must be uint8 of shape ({IMAGE_SIZE}, {IMAGE_SIZE}), got {image.dtype} of "
                f"shape {image.shape}"
            )
        layers = self.header.layers
        names = [layer_output_name(index, layer) for index, layer in enumerate(layers)]
        found = self._all_layers_session.run(names, {"images": image[None]})
        return [
            Activation(layer.name, layer.kind, values[0]) for layer, values in zip(layers, found, strict=True)
        ]

    @cached_property
    def _session(self) -> onnxruntime.InferenceSession:
        return open_session(build_onnx(self.header, self.tensors).SerializeToString())

    @cached_property
    def _all_layers_session(self) -> onnxruntime.InferenceSession:
        return open_session(build_onnx(self.header, self.tensors, all_layers=True).SerializeToString())


def _with_layers(header: Header, path: Path) -> Header:
    """Return the header of an older file with its layers, found by building the network in PyTorch."""
    from inkwise.classifier import Classifier  # takes a second
    from inkwise.networks.describe import describe_layers

    try:
        layers = describe_layers(Classifier.load(path).network)
    except ShapeError as error:
        raise CheckpointError(f"{path}: {error}; such a network runs in PyTorch alone") from error
    return header.model_copy(update={"layers": layers})
