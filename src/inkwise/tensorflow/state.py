"""Everything that changes while Keras trains, and the file that holds it: safetensors, no pickle.

Every variable is kept as it lies in Keras, the seeds of dropout among them, so that a training goes on to the
same bits as if it had never stopped.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from safetensors.numpy import save
from torch import nn

from inkwise.classifier_file import read_safetensors
from inkwise.errors import CheckpointError
from inkwise.files import write_atomically
from inkwise.runs.history import EpochRecord
from inkwise.tensorflow.step import KerasStep
from inkwise.tensorflow.twin import Twin
from inkwise.tensorflow.weights import to_torch
from inkwise.training.state import FORMAT, CheckpointDocument, kept_share, parse_document

_KEY = "inkwise-tensorflow-checkpoint"


class RunningAverage:
    """A twin that holds the running average of another's weights, as training.state.update_average has it."""

    def __init__(self, twin: Twin, source: Twin, *, decay: float) -> None:
        self.twin, self.source, self.decay = twin, source, decay
        self._compiled = tf.function(self._move, input_signature=[tf.TensorSpec((), tf.float32)])

    def update(self, num_steps: int) -> None:
        """Move every weight towards the source's; num_steps counts those before the one just made."""
        self._compiled(np.float32(1 - kept_share(num_steps, self.decay)))

    def _move(self, share: Any) -> None:
        for old, new in zip(self.twin.model.weights, self.source.model.weights, strict=True):
            old.assign_add(share * (new - old))


@dataclass
class KerasState:
    """Where a training stands; the names that PyTorch's TrainingState has mean the same.

    Attributes:
        twin: the network in Keras.
        network: the same in PyTorch, which takes the weights when they are asked for.
        step: holds optimizer and metrics.
        average: of the twin's weights, or None where none is kept.
        best: the judged twin's weights after best_epoch; kept only with patience.
    """

    twin: Twin
    network: nn.Module
    step: KerasStep
    average: RunningAverage | None = None
    epoch: int = 0
    batch: int = 0
    num_steps: int = 0
    records: list[EpochRecord] = field(default_factory=list)
    best_epoch: int = 0
    best: list[NDArray[np.float32]] = field(default_factory=list)

    @property
    def judged_twin(self) -> Twin:
        """The twin that is validated and becomes the classifier: the average, where one is kept."""
        return self.twin if self.average is None else self.average.twin

    @property
    def judged(self) -> nn.Module:
        """The same as a PyTorch network."""
        return to_torch(self.judged_twin, self.network, num_steps=self.num_steps)

    @property
    def loss_sum(self) -> float:
        """The sum of the losses of this epoch's images so far."""
        return float(self.step.mean_loss.total)

    def save(self, path: Path, *, data_digest: str) -> None:
        """Write the state to path; atomic.

        Raises:
            OutputError: the file cannot be written; the one before stays.
        """
        tensors = {name: np.asarray(variable.numpy()) for name, variable in self._variables()}
        tensors |= {f"best.{index}": value for index, value in enumerate(self.best)}
        tensors["num_steps"] = np.array(self.num_steps)
        document = CheckpointDocument(
            format=FORMAT, epoch=self.epoch, batch=self.batch, best_epoch=self.best_epoch,
            data_digest=data_digest, records=self.records,
        )  # fmt: skip
        write_atomically(path, save(tensors, metadata={_KEY: document.model_dump_json()}))

    def restore(self, path: Path, *, data_digest: str) -> None:
        """Take all variables and counters from the file that save wrote.

        Raises:
            CheckpointError: the file is missing, damaged, of PyTorch, or of a training on other images.
        """
        metadata, tensors = read_safetensors(path, framework="numpy")
        if _KEY not in metadata:
            raise CheckpointError(
                f"{path}: not a checkpoint of --framework tensorflow; resume with the framework it began in"
            )
        document = parse_document(metadata[_KEY], path)
        document.check_images(data_digest, path)
        try:
            for name, variable in self._variables():
                variable.assign(tensors[name])
            self.num_steps = int(tensors["num_steps"])
        except (LookupError, ValueError, TypeError) as error:
            raise CheckpointError(f"{path}: a tensor was altered ({error}); begin a new run") from error
        self.epoch, self.batch, self.records = document.epoch, document.batch, list(document.records)
        self.best_epoch = document.best_epoch
        self.best = [tensors[f"best.{index}"] for index in range(len(tensors)) if f"best.{index}" in tensors]

    def _variables(self) -> Iterator[tuple[str, Any]]:
        step = self.step
        metrics = [*step.mean_loss.variables, *step.accuracy.variables]
        groups: dict[str, Sequence[Any]] = {
            "network": self.twin.model.variables,
            "optimizer": step.optimizer.variables,
            "metric": metrics,
            "average": [] if self.average is None else self.average.twin.model.weights,
        }
        for group, variables in groups.items():
            yield from ((f"{group}.{index}", variable) for index, variable in enumerate(variables))
