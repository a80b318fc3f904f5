"""Everything that changes while a network is trained, and the file that holds it.

A checkpoint is one safetensors file: the tensors by name, all else as JSON under the metadata key
"inkwise-checkpoint". From it a training goes on to the same bits as if it had never stopped.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from safetensors.torch import save
from torch import Tensor, nn

from inkwise.classifier import load_tensors
from inkwise.classifier_file import read_safetensors
from inkwise.errors import CheckpointError
from inkwise.files import write_atomically
from inkwise.runs.history import EpochRecord

FORMAT = 1
_KEY = "inkwise-checkpoint"


@dataclass
class TrainingState:
    """Where a training stands.

    Attributes:
        epoch: epochs finished.
        batch: batches of the next epoch that are done.
        loss_sum: () float64, on MPS float32; sum of the losses of this epoch's images so far.
        num_correct: () int64, of this epoch's images so far.
        average: a network that holds the running average of the weights, or None where none is kept.
        records: one an epoch finished.
        best_epoch: the epoch of the lowest validation loss, 0 for none; kept only with patience.
        best_tensors: the judged network's tensors after that epoch.
    """

    network: nn.Module
    optimizer: torch.optim.Optimizer
    epoch: int = 0
    batch: int = 0
    loss_sum: Tensor = field(default_factory=lambda: torch.zeros((), dtype=torch.float64))
    num_correct: Tensor = field(default_factory=lambda: torch.zeros((), dtype=torch.int64))
    average: nn.Module | None = None
    records: list[EpochRecord] = field(default_factory=list)
    best_epoch: int = 0
    best_tensors: dict[str, Tensor] = field(default_factory=dict)

    @property
    def judged(self) -> nn.Module:
        """The network that is validated and becomes the classifier: the average, where one is kept."""
        return self.network if self.average is None else self.average

    def save(self, path: Path, *, data_digest: str) -> None:
        """Write the state and PyTorch's random state to path; atomic.

        Raises:
            OutputError: the file cannot be written; the one before stays.
        """
        tensors = {name: tensor.detach().cpu().clone().contiguous() for name, tensor in self._tensors()}
        document = CheckpointDocument(
            format=FORMAT, epoch=self.epoch, batch=self.batch, best_epoch=self.best_epoch,
            data_digest=data_digest, records=self.records,
        )  # fmt: skip
        write_atomically(path, save(tensors, metadata={_KEY: document.model_dump_json()}))

    def _tensors(self) -> Iterator[tuple[str, Tensor]]:
        yield from ((f"network.{name}", tensor) for name, tensor in self.network.state_dict().items())
        if self.average is not None:
            yield from ((f"average.{name}", tensor) for name, tensor in self.average.state_dict().items())
        for index, values in self.optimizer.state_dict()["state"].items():
            yield from (
                (f"optimizer.{index}.{name}", torch.as_tensor(value)) for name, value in values.items()
            )
        yield from ((f"best.{name}", tensor) for name, tensor in self.best_tensors.items())
        yield from (("sum.loss", self.loss_sum), ("sum.correct", self.num_correct))
        yield "random.cpu", torch.get_rng_state()
        if self.loss_sum.device.type != "cpu":
            # Dropout on an accelerator draws there.
            yield "random.device", torch.get_device_module(self.loss_sum.device).get_rng_state()

    def restore(self, path: Path, *, data_digest: str) -> None:
        """Take network, optimizer, counters and random state from the file that save wrote.

        Raises:
            CheckpointError: the file is missing, damaged, or of a training on other images.
        """
        metadata, tensors = read_safetensors(path, framework="pt")
        if _KEY not in metadata:
            raise CheckpointError(f"{path}: not an inkwise checkpoint; take --out of the run to resume")
        document = parse_document(metadata[_KEY], path)
        document.check_images(data_digest, path)
        for name in ("sum.loss", "sum.correct", "random.cpu"):
            if name not in tensors:
                raise CheckpointError(f"{path}: the tensor {name!r} is missing; begin a new run")
        try:
            self._take(document, _by_prefix(tensors), path)
        except (LookupError, RuntimeError, TypeError, ValueError) as error:
            raise CheckpointError(f"{path}: a tensor was altered ({error}); begin a new run") from error

    def _take(self, document: "CheckpointDocument", groups: dict[str, dict[str, Tensor]], path: Path) -> None:
        load_tensors(self.network, groups.get("network", {}), path)
        if self.average is not None:
            load_tensors(self.average, groups.get("average", {}), path)
        self._restore_optimizer(groups.get("optimizer", {}))
        self.epoch, self.batch = document.epoch, document.batch
        self.best_epoch, self.best_tensors = document.best_epoch, groups.get("best", {})
        self.records = list(document.records)
        self.loss_sum.copy_(groups["sum"]["loss"])
        self.num_correct.copy_(groups["sum"]["correct"])
        torch.set_rng_state(groups["random"]["cpu"])
        if "device" in groups["random"] and self.loss_sum.device.type != "cpu":
            torch.get_device_module(self.loss_sum.device).set_rng_state(groups["random"]["device"])

    @torch.no_grad()
    def _restore_optimizer(self, tensors: dict[str, Tensor]) -> None:
        parameters = list(self.network.parameters())
        state: dict[int, dict[str, Tensor]] = {}
        for name, tensor in tensors.items():
            index, key = name.split(".", 1)
            parameter = parameters[int(index)]
            if tensor.shape == parameter.shape:
                # The fused kernels walk through memory, so moments must lie as their parameter lies.
                tensor = torch.empty_like(parameter).copy_(tensor)
            state.setdefault(int(index), {})[key] = tensor
        self.optimizer.load_state_dict({**self.optimizer.state_dict(), "state": state})


def kept_share(num_steps: int, decay: float) -> float:
    """Return d = min(decay, (1 + n) / (10 + n)), the share of a running average that a step keeps.

    The first weights, which know nothing, are forgotten within some steps.

    Args:
        num_steps: n, steps before the one just made.
        decay: below 1; 0.999 averages over about the last 1,000 steps.
    Source: TensorFlow's ExponentialMovingAverage.
    """
    return min(decay, (1 + num_steps) / (10 + num_steps))


@torch.no_grad()
def update_average(average: nn.Module, network: nn.Module, *, num_steps: int, decay: float) -> None:
    """Move every weight of average, and batch normalisation's statistics, towards those of network.

    average <- d average + (1 - d) network, with d as kept_share has it.

    Args:
        average: of the same architecture, changed in place.
        num_steps, decay: as of kept_share.
    Source: Polyak and Juditsky, 1992.
    """
    kept = kept_share(num_steps, decay)
    torch._foreach_lerp_(list(average.parameters()), list(network.parameters()), 1 - kept)
    for old, new in zip(average.buffers(), network.buffers(), strict=True):
        if old.is_floating_point():
            old.lerp_(new, 1 - kept)
        else:
            old.copy_(new)  # a count has no average


class CheckpointDocument(BaseModel):
    """What a checkpoint holds beside its tensors."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    format: int
    epoch: int = Field(ge=0)
    batch: int = Field(ge=0)
    best_epoch: int = Field(ge=0)
    data_digest: str
    records: list[EpochRecord]

    @model_validator(mode="after")
    def _one_record_an_epoch(self) -> "CheckpointDocument":
        if not self.best_epoch <= self.epoch == len(self.records):
            raise ValueError(f"{len(self.records)} records of {self.epoch} epochs")
        return self

    def check_images(self, data_digest: str, path: Path) -> None:
        """Raise CheckpointError where the training images of this digest are not those it began with."""
        if self.data_digest != data_digest:
            raise CheckpointError(
                f"{path}: the training images are not those the run began with; "
                "give it the same data again, or begin a new run"
            )


def parse_document(text: str, path: Path) -> CheckpointDocument:
    """Return what a checkpoint says beside its tensors.

    Raises:
        CheckpointError: it was altered, or is of another format.
    """
    try:
        document = CheckpointDocument.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the header"
        raise CheckpointError(
            f"{path}: {where} is not as expected ({first['msg']}); the file was altered, begin a new run"
        ) from error
    if document.format != FORMAT:
        raise CheckpointError(
            f"{path}: checkpoint format {document.format}, expected {FORMAT}; "
            "resume with the inkwise version that began the run"
        )
    return document


def _by_prefix(tensors: dict[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    groups: dict[str, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        prefix, rest = name.split(".", 1)
        groups.setdefault(prefix, {})[rest] = tensor
    return groups
