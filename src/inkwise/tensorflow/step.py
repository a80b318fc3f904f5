"""One training step in TensorFlow: a GradientTape, an optimizer of Keras, compiled by tf.function."""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from inkwise.recipes.recipe import LossName, Recipe, TrainingSection

Loss = Callable[[Any, Any], Any]


def takes_one_hot(recipe: Recipe) -> bool:
    """Return whether the recipe's loss takes labels as rows: Keras' categorical one, and soft labels."""
    return recipe.training.loss == "categorical-cross-entropy" or recipe.training.label_smoothing > 0


def build_loss(name: LossName, *, is_one_hot: bool) -> Loss:
    """Return the loss by name: (labels, outputs (B, K)) -> mean over the batch, in nats.

    Args:
        name: as in a recipe.
        is_one_hot: whether labels are rows (B, K), or numbers (B,), which Keras calls sparse.
    """
    if name == "nll":
        return _one_hot_nll if is_one_hot else _sparse_nll
    losses = keras.losses
    kind = losses.CategoricalCrossentropy if is_one_hot else losses.SparseCategoricalCrossentropy
    loss: Loss = kind(from_logits=name == "cross-entropy")
    return loss


def _one_hot_nll(labels: Any, log_probabilities: Any) -> Any:
    return -tf.reduce_mean(tf.reduce_sum(labels * log_probabilities, axis=1))


def _sparse_nll(labels: Any, log_probabilities: Any) -> Any:
    return -tf.reduce_mean(tf.gather(log_probabilities, labels, axis=1, batch_dims=1))


def build_optimizer(model: Any, training: TrainingSection) -> Any:
    """Return Keras' SGD (with momentum), Adam or AdamW, its variables made for model's weights."""
    optimizers, rate = keras.optimizers, training.learning_rate
    if training.optimizer == "sgd":
        optimizer = optimizers.SGD(rate, momentum=training.momentum, nesterov=training.nesterov)
    else:
        settings = {"beta_1": training.beta1, "beta_2": training.beta2, "epsilon": training.epsilon}
        if training.optimizer == "adam":
            optimizer = optimizers.Adam(rate, **settings)
        else:
            optimizer = optimizers.AdamW(rate, weight_decay=training.weight_decay, **settings)
    optimizer.build(model.trainable_variables)
    return optimizer


class KerasStep:
    """A training step as the TensorFlow tutorial has it: compiled, with metric objects that collect.

    Attributes:
        mean_loss, accuracy: over the images since the last reset, which every epoch begins with.
    """

    def __init__(self, model: Any, recipe: Recipe) -> None:
        training, is_one_hot = recipe.training, takes_one_hot(recipe)
        self.model, self.optimizer = model, build_optimizer(model, training)
        self.loss_function = build_loss(training.loss, is_one_hot=is_one_hot)
        # AdamW takes the decay itself; PyTorch's SGD and Adam add it to the gradient, Keras' do not.
        self.decay = 0.0 if training.optimizer == "adamw" else training.weight_decay
        metrics = keras.metrics
        self.mean_loss = metrics.Mean(name="loss")
        self.accuracy = metrics.CategoricalAccuracy() if is_one_hot else metrics.SparseCategoricalAccuracy()
        images = tf.TensorSpec((None, *model.input_shape[1:]), tf.float32)
        labels = tf.TensorSpec((None, model.output_shape[1]), tf.float32)
        # One signature for all batches, so that the smaller last one compiles nothing anew.
        signature = [images, labels if is_one_hot else tf.TensorSpec((None,), tf.int64)]
        self._compiled = tf.function(self._update, input_signature=signature)

    def __call__(self, images: Any, labels: Any, *, learning_rate: float) -> None:
        """Make one optimizer update from a batch, and let the metrics see it."""
        self.optimizer.learning_rate.assign(learning_rate)
        self._compiled(images, labels)

    def reset_metrics(self) -> None:
        """Forget the last epoch, or its numbers would run on into the next."""
        self.mean_loss.reset_state()
        self.accuracy.reset_state()

    def _update(self, images: Any, labels: Any) -> None:
        # 1. Forward, with the tape running: it writes down what is needed to differentiate.
        with tf.GradientTape() as tape:
            # training=True, or dropout would never act: the tutorial leaves it out.
            outputs = self.model(images, training=True)
            # 2. How wrong: one number for the whole batch.
            loss = self.loss_function(labels, outputs)
        # 3. Backward. A tape is new in each step, so there is nothing like zero_grad().
        weights = self.model.trainable_variables
        gradients = tape.gradient(loss, weights)
        if self.decay:
            gradients = [
                gradient + self.decay * weight for gradient, weight in zip(gradients, weights, strict=True)
            ]
        # 4. Step: move every weight a little against its derivative.
        self.optimizer.apply(gradients, weights)
        self.mean_loss.update_state(loss, sample_weight=tf.cast(tf.shape(images)[0], tf.float32))
        self.accuracy.update_state(labels, outputs)
