"""The training loop in TensorFlow: what training/loop.py does, over tf.data batches and metric objects."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from inkwise.networks.layers import OutputConvention
from inkwise.recipes.recipe import Recipe
from inkwise.runs.history import EpochRecord
from inkwise.tensorflow.pipeline import Pipeline
from inkwise.tensorflow.state import KerasState
from inkwise.training.interrupt import StopRequest, stop_on_signal
from inkwise.training.loop import Clock, Listener, divergence, ends_best, has_ended
from inkwise.training.optimizers import learning_rate_at


class Judge:
    """The compiled test step: what a model says of images, beside their labels."""

    def __init__(self, model: Any, output: OutputConvention) -> None:
        self.model, self.output = model, output
        images, labels = tf.TensorSpec((None, *model.input_shape[1:])), tf.TensorSpec((None,), tf.int64)
        self._compiled = tf.function(self._judge, input_signature=[images, labels])

    def __call__(self, images: Any, labels: Any) -> tuple[float, int]:
        """Return the sum of the losses of a batch, and how many of its images are named rightly."""
        losses, num_right = self._compiled(images, labels)
        return float(losses.numpy().astype(np.float64).sum()), int(num_right)

    def _judge(self, images: Any, labels: Any) -> Any:
        log_probabilities = to_log_probabilities(self.model(images, training=False), self.output)
        is_right = tf.argmax(log_probabilities, axis=1) == labels
        losses = -tf.gather(log_probabilities, labels, axis=1, batch_dims=1)
        return losses, tf.reduce_sum(tf.cast(is_right, tf.int32))


def to_log_probabilities(outputs: Any, convention: OutputConvention) -> Any:
    """Return log-probabilities (N, K), as networks/outputs.py does for PyTorch."""
    if convention == "logits":
        return tf.nn.log_softmax(outputs)
    if convention == "probabilities":
        return tf.math.log(tf.maximum(outputs, np.finfo(np.float32).tiny))
    return outputs


@dataclass(frozen=True)
class KerasLoop:
    """One training, ready to run; the attributes mean what they do in PyTorch's TrainingLoop.

    Attributes:
        judge: of the twin that is validated.
        device: in TensorFlow's words.
    """

    recipe: Recipe
    train: Pipeline
    validation: Pipeline | None
    judge: Judge
    num_epochs: int
    save_checkpoint: Callable[[KerasState], None]
    on_progress: Listener = lambda progress: None
    checkpoint_seconds: float = 10.0
    device: str = "/CPU:0"

    def run(self, state: KerasState) -> None:
        """Train until num_epochs, or until patience runs out; state holds the result.

        Raises:
            TrainingError: the loss is no longer a finite number.
            InterruptedTrainingError: a signal asked to stop; state is saved.
        """
        clock = Clock(self, state)
        with stop_on_signal() as stop, tf.device(self.device):
            while not has_ended(self, state):
                self._run_epoch(state, clock, stop)
                self._finish_epoch(state, clock)
        if state.best_epoch:
            state.judged_twin.model.set_weights(state.best)
        self.save_checkpoint(state)

    def _run_epoch(self, state: KerasState, clock: Clock, stop: StopRequest) -> None:
        if state.batch == 0:
            state.step.reset_metrics()
        for images, labels in self.train.epoch(state.epoch, first_batch=state.batch):
            state.step(images, labels, learning_rate=self._learning_rate(state.num_steps))
            if state.average is not None:
                state.average.update(state.num_steps)
            state.batch += 1
            state.num_steps += 1
            clock.tick(state)
            if stop.requested:
                clock.stop(state)

    def _learning_rate(self, step: int) -> float:
        num_steps = self.num_epochs * self.train.num_batches
        return learning_rate_at(step, num_steps=num_steps, training=self.recipe.training)

    def _finish_epoch(self, state: KerasState, clock: Clock) -> None:
        train_loss = float(state.step.mean_loss.result())
        state.epoch += 1
        if not np.isfinite(train_loss):
            raise divergence(self, train_loss, epoch=state.epoch)
        loss, accuracy = self._validate()
        state.records.append(
            EpochRecord(
                epoch=state.epoch,
                step=state.num_steps,
                train_loss=train_loss,
                learning_rate=self._learning_rate(state.num_steps - 1),
                train_accuracy=float(state.step.accuracy.result()),
                validation_loss=loss,
                validation_accuracy=accuracy,
            )
        )
        self._keep_best(state)
        state.batch = 0
        clock.report(state, record=state.records[-1])

    def _validate(self) -> tuple[float | None, float | None]:
        if self.validation is None:
            return None, None
        batches = [self.judge(images, labels) for images, labels in self.validation.in_order()]
        loss_sum, num_right = (sum(column) for column in zip(*batches, strict=True))
        return loss_sum / len(self.validation), num_right / len(self.validation)

    def _keep_best(self, state: KerasState) -> None:
        if not self.recipe.training.patience:
            return
        if ends_best(state.records):
            state.best_epoch, state.best = state.epoch, state.judged_twin.model.get_weights()
