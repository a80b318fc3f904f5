"""A Classifier: network, preprocessing, class names and provenance, saved in one file that runs no code.

The file is described, with what a reader must check, in docs/file-format.md.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save
from torch import Tensor, nn

from inkwise.classifier_file import FORMAT, Header, find_classifier_file, read_classifier_file
from inkwise.data.streaming.images import StreamedImages
from inkwise.errors import CheckpointError, RecipeError, ShapeError
from inkwise.files import write_atomically
from inkwise.networks.build import build_first_network
from inkwise.networks.describe import describe_layers
from inkwise.networks.layers import Layer
from inkwise.networks.outputs import to_log_probabilities
from inkwise.preprocessing import Preprocessing, as_image_tensor

# Images a forward pass where nothing is learned. More leave the cache: 1,000 take convolutions twice as long.
EVALUATION_BATCH = 250


@dataclass(frozen=True)
class Predictions:
    """What a classifier says of N images.

    Attributes:
        probabilities: (N, K) float32, rows sum to 1.
        labels: (N,) int64, the class of the largest probability.
        class_names: N names.
    """

    probabilities: NDArray[np.float32]
    labels: NDArray[np.int64]
    class_names: list[str]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Classifier:
    """A network that cannot be separated from its preprocessing and class names."""

    network: nn.Module
    header: Header
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))

    @property
    def classes(self) -> tuple[str, ...]:
        """The K class names; label k means classes[k]."""
        return tuple(self.header.classes)

    @property
    def preprocessing(self) -> Preprocessing:
        """How uint8 images become what the network takes."""
        return self.header.preprocessing

    @property
    def provenance(self) -> dict[str, Any]:
        """Where it comes from, such as data set, recipe, seed and versions."""
        return self.header.provenance

    def log_probabilities(self, images: Any, *, batch_size: int = EVALUATION_BATCH) -> Tensor:
        """Return the natural logarithm of each class's probability, (N, K) float32 on the CPU.

        The network is run in evaluation mode without gradients and is left in the mode it was in.

        Args:
            images: (N, 28, 28) uint8, 0 to 255, tensor or array, or StreamedImages, which stay on the disk.
            batch_size: images a forward pass; the result does not depend on it beyond rounding.
        Raises:
            ShapeError: any other shape or type.
        """
        layout = memory_layout(self.network)
        parts = []
        with evaluation_mode(self.network), torch.inference_mode():
            for batch in _batches(images, batch_size):
                inputs = self.preprocessing(batch.to(self.device)).to(memory_format=layout)
                parts.append(to_log_probabilities(self.network(inputs), self.header.output).cpu())
        return torch.cat(parts) if parts else torch.empty(0, len(self.classes))

    def predict(self, images: Any, *, batch_size: int = EVALUATION_BATCH) -> Predictions:
        """Return probabilities, labels and class names for images (N, 28, 28) uint8.

        Raises:
            ShapeError: any other shape or type.
        """
        probabilities = self.log_probabilities(images, batch_size=batch_size).exp().numpy()
        labels = probabilities.argmax(axis=1).astype(np.int64)
        return Predictions(probabilities, labels, [self.classes[label] for label in labels])

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the classifier to path, a .safetensors file; atomic.

        Raises:
            OutputError: the file cannot be written.
        """
        tensors = {name: tensor.contiguous().cpu() for name, tensor in self.network.state_dict().items()}
        header = self.header.model_copy(update={"format": FORMAT, "layers": _layers_in_words(self.network)})
        write_atomically(path, save(tensors, metadata={"inkwise": header.model_dump_json()}))

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, device: str = "cpu") -> "Classifier":
        """Return the classifier in a run folder or a .safetensors file.

        Raises:
            CheckpointError: the file is missing, truncated, altered, foreign, or newer than this inkwise.
        """
        path = find_classifier_file(path)
        header, tensors = read_classifier_file(path, framework="pt")
        try:
            # Its first weights are overwritten at once, so any seed serves.
            network = build_first_network(
                header.network, seed=0, num_classes=len(header.classes), **header.network_options
            )
        except (RecipeError, TypeError) as error:  # TypeError: an option called num_classes
            raise CheckpointError(f"{path}: {error}; it was written by another version of inkwise") from error
        load_tensors(network, tensors, path)
        if header.layers and header.layers != _layers_in_words(network):
            raise CheckpointError(
                f"{path}: its layers are not those of the network {header.network!r}; "
                "the file was altered, take another copy"
            )
        return cls(network.to(device).eval(), header, torch.device(device))


def _batches(images: Any, batch_size: int) -> Iterator[Tensor]:
    if isinstance(images, StreamedImages):
        yield from map(torch.from_numpy, images.batches(batch_size))
        return
    tensor = as_image_tensor(images)
    if tensor.ndim != 3:
        raise ShapeError(
            f"images must have shape (N, 28, 28), got {tuple(tensor.shape)}; for one image pass image[None]"
        )
    yield from tensor.split(batch_size) if len(tensor) else ()


def load_tensors(network: nn.Module, tensors: dict[str, Tensor], path: Path) -> None:
    """Copy tensors into network, every name, shape and type checked.

    Raises:
        CheckpointError: a name is missing or left over, a shape or type differs, or a value is not finite.
    """
    expected = network.state_dict()
    for name in sorted(expected.keys() | tensors.keys()):
        if name not in tensors:
            raise CheckpointError(f"{path}: the tensor {name!r} is missing; take another copy")
        if name not in expected:
            raise CheckpointError(f"{path}: the network has no tensor {name!r}; take another copy")
        if expected[name].shape != tensors[name].shape:
            raise CheckpointError(
                f"{path}: tensor {name!r} has shape {tuple(tensors[name].shape)}, "
                f"expected {tuple(expected[name].shape)}; take another copy"
            )
        if expected[name].dtype != tensors[name].dtype:
            given, wanted = (str(one.dtype).removeprefix("torch.") for one in (tensors[name], expected[name]))
            raise CheckpointError(f"{path}: tensor {name!r} is {given}, expected {wanted}; take another copy")
        if tensors[name].is_floating_point() and not bool(tensors[name].isfinite().all()):
            raise CheckpointError(f"{path}: tensor {name!r} holds NaN or infinity; train it again")
    network.load_state_dict(tensors)


def _layers_in_words(network: nn.Module) -> list[Layer]:
    try:
        return describe_layers(network)
    except ShapeError:
        return []  # such a classifier cannot leave PyTorch, and works here all the same


def memory_layout(network: nn.Module) -> torch.memory_format:
    """Return the memory layout that convolutions on a processor like best; nothing changes for the rest."""
    has_convolutions = any(isinstance(layer, nn.Conv2d) for layer in network.modules())
    return torch.channels_last if has_convolutions else torch.contiguous_format


@contextmanager
def evaluation_mode(network: nn.Module) -> Iterator[None]:
    """Put network into evaluation mode for the block and leave every layer in the mode it was in."""
    modes = [(layer, layer.training) for layer in network.modules()]
    network.eval()
    try:
        yield
    finally:
        for layer, mode in modes:
            layer.training = mode
