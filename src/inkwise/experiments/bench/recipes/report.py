"""What one measured training is asked to do, and what it says of itself; needs no torch."""

from typing import Any

from pydantic import BaseModel, ConfigDict

PROGRAM_NAMES = ("fast", "plain")  # by others, see programs.py
# In the order they are told and drawn. "step" is what a step does that cannot be divided; "rest" is the
# loop's own work between its parts: averages, sums, the schedule.
STAGES = (
    "load", "set up", "prepare", "forward", "backward", "update", "step", "calibrate", "evaluate", "save",
    "rest",
)  # fmt: skip
TRAINING_STAGES = ("prepare", "forward", "backward", "update", "step", "rest")


class Job(BaseModel):
    """What one process has to do.

    Attributes:
        name: of one of our recipes, or "fast" or "plain", see programs.py.
        seed: of weights and batch order.
        num_images: only the first so many training images (and a sixth as many test images); None: all.
        epochs: passes over the training images; None: its own.
        device: "cpu", "cuda" or "mps".
        waits: whether the clock waits for the accelerator at every change of stage. Without it the stages
            within the training are not told apart rightly; their sum and the whole are right.
        warm_up: whether a small training comes before the clock starts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    seed: int = 0
    num_images: int | None = None
    epochs: int | None = None
    device: str = "cpu"
    waits: bool = True
    warm_up: bool = False


class Cost(BaseModel):
    """What the trained network costs whoever uses it.

    Attributes:
        num_parameters: weights and biases, those too that no training changes.
        multiply_adds: products summed up by convolutions and linear layers for one image.
        safetensors_bytes: of the classifier's file, float32, with its recipe and provenance.
        onnx_bytes: of the export, float32, with the preprocessing; None where the network is no chain of
            known layers.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    num_parameters: int
    multiply_adds: int
    safetensors_bytes: int
    onnx_bytes: int | None


class Report(BaseModel):
    """What one process measured.

    Attributes:
        stage_seconds: wall seconds by stage; their sum is the whole, from the files to the evaluated
            classifier.
        stage_cpu_seconds: processor seconds of all threads, likewise.
        accuracy: fraction of the test images named rightly.
        curve: wall seconds and accuracy after each epoch, of a program that looks then.
        prepares_ahead: whether a thread of its own makes the batches: "prepare" is what is waited for.
        peak_memory_bytes: the most physical memory of the process until the clock stopped, Python and torch
            included.
        peak_device_bytes: the most that tensors took on the accelerator; None on a processor.
        context_seconds: what the accelerator took to be there, before the clock; None on a processor.
        load_average: how many processes wanted to run over the minute before; None where not known.
        environment: machine, versions, commit.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    stage_seconds: dict[str, float]
    stage_cpu_seconds: dict[str, float]
    accuracy: float
    curve: list[tuple[float, float]] = []
    num_steps: int
    batch_size: int
    precision: str
    num_train: int
    num_test: int
    prepares_ahead: bool
    peak_memory_bytes: int
    peak_device_bytes: int | None
    context_seconds: float | None
    load_average: float | None
    cost: Cost
    environment: dict[str, Any]

    @property
    def seconds(self) -> float:
        """Wall seconds of the whole."""
        return sum(self.stage_seconds.values())

    @property
    def cpu_seconds(self) -> float:
        """Processor seconds of the whole."""
        return sum(self.stage_cpu_seconds.values())

    @property
    def training_seconds(self) -> float:
        """Wall seconds without the reading of files, the setting up, the evaluation and the saving."""
        return sum(self.stage_seconds.get(stage, 0.0) for stage in TRAINING_STAGES)
