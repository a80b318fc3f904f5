"""The training loop: epochs of steps, a validation after each, a checkpoint now and then."""

import math
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, NoReturn

import torch
from torch import Tensor, nn

from inkwise.augmentation.change import change_images
from inkwise.classifier import evaluation_mode
from inkwise.errors import InterruptedTrainingError, TrainingError
from inkwise.files import write_atomically
from inkwise.networks.outputs import to_log_probabilities
from inkwise.recipes.recipe import Recipe
from inkwise.runs.history import EpochRecord, history_to_lines
from inkwise.runs.run import Run
from inkwise.training.batches import AUGMENTATION, DROPOUT, Augment, seed_for
from inkwise.training.interrupt import StopRequest, stop_on_signal
from inkwise.training.optimizers import learning_rate_at, set_learning_rate
from inkwise.training.parallel.group import ALONE, Group
from inkwise.training.state import TrainingState, update_average
from inkwise.training.step import Step
from inkwise.training.streaming.source import Source

REPORT_SECONDS = 0.2  # between two progress reports within an epoch


@dataclass(frozen=True)
class Progress:
    """What a listener is told. At the end of an epoch `record` holds its result."""

    epoch: int  # 1 for the first
    num_epochs: int
    batch: int  # batches of this epoch done
    num_batches: int
    train_loss: float  # mean of this epoch so far
    images_per_second: float
    eta_seconds: float
    record: EpochRecord | None = None

    @property
    def share_done(self) -> float:
        """How much of the whole training is done, a fraction."""
        return (self.epoch - 1 + self.batch / self.num_batches) / self.num_epochs


Listener = Callable[[Progress], None]


def write_history_as_well(run: Run, state: Any, on_progress: Listener) -> Listener:
    """Return on_progress that writes history.jsonl too, of state.records, at the end of each epoch."""

    def tell(progress: Progress) -> None:
        if progress.record:
            write_atomically(run.history_path, history_to_lines(state.records))
        on_progress(progress)

    return tell


@dataclass(frozen=True)
class TrainingLoop:
    """One training, ready to run.

    Attributes:
        step: makes one optimizer update; works on the network and optimizer of the state it is given.
        validation: images for the end of each epoch, or None.
        num_epochs: after scaling to a small set.
        ahead: whether a thread of its own prepares the batches.
        save_checkpoint: keeps the state; called every checkpoint_seconds, at the end and on Ctrl-C.
        group: the processes that train together, each by a loop of its own.
        stop_requests: the context in which somebody may ask the training to stop.
    """

    recipe: Recipe
    step: Step
    train: Source
    validation: Source | None
    num_epochs: int
    ahead: bool
    save_checkpoint: Callable[[TrainingState], None]
    on_progress: Listener = lambda progress: None
    checkpoint_seconds: float = 10.0
    group: Group = ALONE
    stop_requests: Callable[[], AbstractContextManager[StopRequest]] = stop_on_signal

    def run(self, state: TrainingState) -> None:
        """Train until num_epochs, or until patience runs out; state holds the result.

        With patience, the network ends with the weights of its best epoch.

        Raises:
            TrainingError: the loss is no longer a finite number.
            InterruptedTrainingError: a signal asked to stop; state is saved.
        """
        clock = Clock(self, state)
        state.network.train()
        with self.stop_requests() as stop:
            while not has_ended(self, state):
                self._run_epoch(state, clock, stop)
                self.finish_epoch(state, clock)
        if state.best_epoch:
            state.judged.load_state_dict(state.best_tensors)
        self.save_checkpoint(state)

    def _run_epoch(self, state: TrainingState, clock: "Clock", stop: StopRequest) -> None:
        training, num_batches = self.recipe.training, self.train.num_batches
        if state.batch == 0:
            torch.manual_seed(seed_for(training.seed, DROPOUT, state.epoch))
        batches = self.train.epoch(
            self.train.order(seed=training.seed, epoch=state.epoch),
            first_batch=state.batch,
            ahead=self.ahead,
            augment=self.augment(state.epoch),
        )
        for images, labels in batches:
            step_number = state.epoch * num_batches + state.batch
            learning_rate = learning_rate_at(
                step_number, num_steps=self.num_epochs * num_batches, training=training
            )
            set_learning_rate(state.optimizer, learning_rate)
            loss, outputs = self.step(images, labels)
            if state.average is not None:
                update_average(
                    state.average, state.network, num_steps=step_number, decay=training.weight_averaging
                )
            state.loss_sum.add_(loss, alpha=len(labels))
            state.num_correct += (outputs.argmax(1) == labels).sum()
            state.batch += 1
            clock.tick(state)
            if self.group.any(stop.requested):
                clock.stop(state)

    def augment(self, epoch: int) -> Augment | None:
        """Return what changes the images of an epoch; every batch draws from a stream of its own."""
        augmentation, seed = self.recipe.augmentation, self.recipe.training.seed
        if augmentation.is_identity:
            return None

        def augment(images: Tensor, batch: int) -> Tensor:
            generator = torch.Generator().manual_seed(seed_for(seed, AUGMENTATION, epoch, batch))
            return change_images(images, augmentation, generator)

        return augment

    def finish_epoch(self, state: TrainingState, clock: "Clock") -> None:
        """Validate, and keep the record of an epoch whose steps are made.

        Raises:
            TrainingError: the loss is no longer a finite number.
        """
        num_images, num_batches = len(self.train), self.train.num_batches
        train_loss = float(state.loss_sum) / num_images
        state.epoch += 1
        if not torch.isfinite(state.loss_sum):
            raise divergence(self, train_loss, epoch=state.epoch)
        loss, accuracy = self._validate(state.judged)
        num_steps = state.epoch * num_batches
        state.records.append(
            EpochRecord(
                epoch=state.epoch,
                step=num_steps,
                train_loss=train_loss,
                learning_rate=learning_rate_at(
                    num_steps - 1, num_steps=self.num_epochs * num_batches, training=self.recipe.training
                ),
                # An image of no class can be neither right nor wrong.
                train_accuracy=int(state.num_correct) / self.train.num_labelled,
                validation_loss=loss,
                validation_accuracy=accuracy,
            )
        )
        self._keep_best(state)
        state.batch = 0
        state.loss_sum.zero_()
        state.num_correct.zero_()
        clock.report(state, record=state.records[-1])

    def _validate(self, network: nn.Module) -> tuple[float | None, float | None]:
        if self.validation is None:
            return None, None
        loss_sum, num_correct, num_images = 0.0, 0, len(self.validation)
        with evaluation_mode(network), torch.inference_mode():
            for images, labels in self.validation.epoch(self.validation.order()):
                outputs = self.group.whole(network(images), len(labels))
                log_probabilities = to_log_probabilities(outputs, self.recipe.network.output)
                loss_sum -= float(_at_labels(log_probabilities, labels).cpu().double().sum())
                num_correct += int((log_probabilities.argmax(1) == labels).sum())
        return loss_sum / num_images, num_correct / num_images

    def _keep_best(self, state: TrainingState) -> None:
        if not self.recipe.training.patience:
            return
        if ends_best(state.records):
            state.best_epoch = state.epoch
            state.best_tensors = {name: tensor.clone() for name, tensor in state.judged.state_dict().items()}


def _at_labels(log_probabilities: Tensor, labels: Tensor) -> Tensor:
    return log_probabilities.gather(1, labels[:, None])[:, 0]


def has_ended(loop: Any, state: Any) -> bool:
    """Return whether all epochs are done, or patience has run out; loop and state as of Clock."""
    patience = loop.recipe.training.patience
    return state.epoch >= loop.num_epochs or (bool(patience) and state.epoch - state.best_epoch >= patience)


def ends_best(records: Sequence[EpochRecord]) -> bool:
    """Return whether the last record's validation loss is below all before it."""
    losses = [record.validation_loss for record in records if record.validation_loss is not None]
    return losses[-1] == min(losses) and losses.count(losses[-1]) == 1


def divergence(loop: Any, train_loss: float, *, epoch: int) -> TrainingError:
    """Return the error that says what to do about a loss that is no number; loop is as of Clock."""
    rate = loop.recipe.training.learning_rate
    return TrainingError(
        f"the training loss became {train_loss} in epoch {epoch}; the learning rate "
        f"{rate:g} is too high: try --set learning_rate={rate / 10:g}"
    )


class Clock:
    """Measures speed, and knows when it is time to report and to save.

    Args:
        loop: a TrainingLoop, or one of another framework with the same recipe, train (num_batches,
            batch_size and len), num_epochs, on_progress, save_checkpoint and checkpoint_seconds.
        state: where it stands: epoch, batch, best_epoch and loss_sum.
    """

    def __init__(self, loop: Any, state: Any) -> None:
        self.loop = loop
        self.start = self.saved = self.reported = time.monotonic()
        self.batches_before = self._batches(state)

    def _batches(self, state: Any) -> int:
        return int(state.epoch * self.loop.train.num_batches + state.batch)

    def tick(self, state: Any) -> None:
        """Report and save where it is time; to be called after every step."""
        now = time.monotonic()
        if now - self.reported >= REPORT_SECONDS:
            self.reported = now
            self.report(state)
        if now - self.saved >= self.loop.checkpoint_seconds:
            if math.isfinite(float(state.loss_sum)):  # else what was saved last is the better start
                self.loop.save_checkpoint(state)
            self.saved = time.monotonic()

    def stop(self, state: Any) -> NoReturn:
        """End a training that was asked to: save, and say how far it came.

        Raises:
            InterruptedTrainingError: always, but for:
            TrainingError: the loss is no number any more, so nothing is saved of it.
        """
        if not math.isfinite(float(state.loss_sum)):
            raise divergence(self.loop, float(state.loss_sum), epoch=state.epoch + 1)
        self.loop.save_checkpoint(state)
        raise InterruptedTrainingError(
            f"interrupted in epoch {state.epoch + 1} of {self.loop.num_epochs} "
            f"after {state.batch} of {self.loop.train.num_batches} steps"
        )

    def report(self, state: Any, record: EpochRecord | None = None) -> None:
        """Tell the listener how far the training is; with record, that an epoch is done."""
        loop, train = self.loop, self.loop.train
        done = self._batches(state) - self.batches_before
        seconds = max(time.monotonic() - self.start, 1e-9)
        left = loop.num_epochs * train.num_batches - self._batches(state)
        num_images = min(state.batch * train.batch_size, len(train))
        loop.on_progress(
            Progress(
                epoch=record.epoch if record else state.epoch + 1,
                num_epochs=loop.num_epochs,
                batch=train.num_batches if record else state.batch,
                num_batches=train.num_batches,
                train_loss=record.train_loss if record else float(state.loss_sum) / max(num_images, 1),
                images_per_second=min(done * train.batch_size, done / train.num_batches * len(train))
                / seconds,
                eta_seconds=left * seconds / max(done, 1),
                record=record,
            )
        )
