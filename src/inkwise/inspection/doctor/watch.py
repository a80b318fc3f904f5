"""Watches anybody's own training loop, and names what is wrong with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import mean

import torch
from torch import Tensor, nn

from inkwise.inspection.doctor.data import as_grey, check_channels, check_range
from inkwise.inspection.doctor.finding import Finding
from inkwise.inspection.doctor.gradients import check_gradients, matrices, weights_moved
from inkwise.inspection.doctor.history import Course, chance_loss, check_loss
from inkwise.inspection.doctor.labels import check_same_order, check_shuffled
from inkwise.inspection.doctor.network import (
    DROPOUTS,
    check_dead_units,
    check_dropout,
    dropout_inactive,
    look_through,
    mode_layers,
    trained_for_evaluation,
)
from inkwise.inspection.doctor.orientation import check_mirrored
from inkwise.inspection.doctor.outputs import check_dead_classes, check_loss_pair
from inkwise.recipes.recipe import LossName

STRETCH = 50  # steps whose mean loss counts as one; a single batch's loss jumps
MOST_KEPT = 2000  # rows of outputs and images of batches kept to be looked at
FEWEST_EVALUATED = 100  # images; fewer passed to see a shape, or for a picture
LOSS_OF_MODULE: dict[type, LossName] = {nn.CrossEntropyLoss: "cross-entropy", nn.NLLLoss: "nll"}


@dataclass
class Pass:
    """One call of the network: how many images, in which mode, and whether a gradient came back."""

    num_images: int
    dropout_acts: bool
    is_in_training_mode: bool
    digest: int
    is_trained: bool = False


class Watch:
    """What a training loop was seen to do; made by `watch`.

    Attributes:
        passes: one a call of the network.
        losses: of each batch, where the loss is a module handed to watch, or told by `saw`.
        norms: length of the gradient of each step.
    """

    def __init__(self, network: nn.Module, *, loss: LossName, originals: Tensor | None) -> None:
        self.network, self.loss, self.originals = network, loss, originals
        self.optimizer: torch.optim.Optimizer | None = None
        self.initial = {name: weight.detach().clone() for name, weight in network.named_parameters()}
        self.passes: list[Pass] = []
        self.losses: list[float] = []
        self.norms: list[float] = []
        self._labels: list[Tensor] = []
        self._outputs: list[Tensor] = []
        self._images: list[Tensor] = []
        self._squares: list[float] = []
        self._is_looking = False  # the doctor's own passes do not count

    def saw(self, labels: Tensor, *, loss: Tensor | None = None, outputs: Tensor | None = None) -> None:
        """Tell what hooks cannot see where the loss is a function: call it once a training batch.

        Args:
            labels: (B,) int64.
            loss: the batch's mean loss.
            outputs: (B, K), as the loss got them.
        """
        self._labels.append(labels.detach().cpu())
        if loss is not None:
            self.losses.append(float(loss.detach()))
        if outputs is not None:
            self._outputs.append(outputs.detach().float().cpu())
            del self._outputs[: -MOST_KEPT // max(len(labels), 1)]

    def findings(self) -> list[Finding]:
        """Return what is wrong, as far as was seen; an empty list where nothing is."""
        self._end_step()
        self._is_looking = True
        try:
            found = [*self._data(), *self._order(), *self._answers(), *self._modes(), *self._course()]
        finally:
            self._is_looking = False
        return [finding for finding in found if finding]

    def _data(self) -> Iterator[Finding | None]:
        if self._images:
            images = torch.cat(self._images)
            yield check_range(images)
            if images.ndim == 4:
                yield check_channels(images)
            if self.originals is not None:
                yield check_mirrored(as_grey(images), as_grey(self.originals))

    def _order(self) -> Iterator[Finding | None]:
        by_labels = check_shuffled(torch.cat(self._labels)) if self._labels else None
        yield by_labels or check_same_order([one.digest for one in self.passes if one.is_trained])

    def _answers(self) -> Iterator[Finding | None]:
        if self._outputs:
            outputs = torch.cat(self._outputs)
            yield check_loss_pair(outputs, loss=self.loss)
            labels = torch.cat(self._labels)[-len(outputs) :]
            yield check_dead_classes(outputs, labels)
        if self._images:
            yield check_dead_units(look_through(self.network, torch.cat(self._images))[1])

    def _modes(self) -> Iterator[Finding | None]:
        trained = [one for one in self.passes if one.is_trained]
        num_dropouts = sum(isinstance(layer, DROPOUTS) for layer in self.network.modules())
        yield check_dropout(self.network)
        if trained and num_dropouts and not any(one.dropout_acts for one in trained):
            yield dropout_inactive(
                f"In all {len(trained):,} training steps its {num_dropouts} dropout layers were in "
                "evaluation mode.",
                "call network.train() before each epoch, after every network.eval()",
            )
        evaluated = [one for one in self.passes if not one.is_trained and one.is_in_training_mode]
        num_images = sum(one.num_images for one in evaluated)
        if trained and mode_layers(self.network) and num_images >= FEWEST_EVALUATED:
            yield trained_for_evaluation(num_images, num_layers=len(mode_layers(self.network)))

    def _course(self) -> Iterator[Finding | None]:
        yield check_gradients(self.norms)
        if self.losses and self._labels:
            stretches = [
                mean(self.losses[start : start + STRETCH]) for start in range(0, len(self.losses), STRETCH)
            ]
            rates = [group["lr"] for group in self.optimizer.param_groups] if self.optimizer else []
            yield check_loss(
                Course(
                    stretches,
                    num_steps=len(self.losses),
                    chance=chance_loss(torch.cat(self._labels)),
                    learning_rate=max(rates, default=None),
                    moved=weights_moved(self.network, self.initial),
                    gradient_norm=self.norms[-1] if self.norms else None,
                )
            )

    # The hooks.

    def enter(self, network: nn.Module, arguments: tuple[object, ...], output: object) -> None:
        """Take one call of the network."""
        if self._is_looking:
            return
        self._end_step()
        images = arguments[0] if arguments else None
        if not isinstance(images, Tensor) or not isinstance(output, Tensor):
            return
        layers = mode_layers(network)
        passed = Pass(
            num_images=len(images),
            dropout_acts=any(layer.training for layer in layers if isinstance(layer, DROPOUTS)),
            is_in_training_mode=any(layer.training for layer in layers),
            digest=hash(images[:1].detach().cpu().numpy().tobytes()),
        )
        self.passes.append(passed)
        if output.requires_grad:
            output.register_hook(lambda gradient: self._mark(passed))
            if sum(map(len, self._images)) < MOST_KEPT // 8:
                self._images.append(images.detach().cpu())

    def _mark(self, passed: Pass) -> None:
        passed.is_trained = True

    def add_gradient(self, gradient: Tensor) -> None:
        """Take one parameter's gradient of one backward pass."""
        self._squares.append(float(gradient.detach().double().square().sum()))

    def _end_step(self) -> None:
        if self._squares:
            self.norms.append(sum(self._squares) ** 0.5)
            self._squares.clear()

    def take_loss(self, module: nn.Module, arguments: tuple[Tensor, Tensor], loss: Tensor) -> None:
        """Take one call of the loss module."""
        if loss.requires_grad and loss.ndim == 0:
            self.saw(arguments[1], loss=loss, outputs=arguments[0])


@contextmanager
def watch(
    network: nn.Module,
    *,
    loss_function: nn.Module | None = None,
    loss: LossName | None = None,
    optimizer: torch.optim.Optimizer | None = None,
    originals: Tensor | None = None,
) -> Iterator[Watch]:
    """Watch a training loop of your own: what is done with network in the block is seen by hooks.

    The loop is not changed by it: weights, modes and random state are those of the loop. All hooks are
    removed at the end of the block, after an exception too. Ask `findings()` in the block or after it.

    Args:
        network: as the loop trains it.
        loss_function: nn.CrossEntropyLoss() or nn.NLLLoss(), the very one that the loop calls; with a loss
            that is a function, call `saw` once a batch instead.
        loss: "cross-entropy" or "nll" where loss_function does not say it.
        optimizer: to name the learning rate in the advice.
        originals: (N, H, W) or (N, C, H, W), the images before augmentation; without them mirroring is not
            seen.
    """
    kind = loss or LOSS_OF_MODULE.get(type(loss_function), "cross-entropy")
    watching = Watch(network, loss=kind, originals=originals)
    watching.optimizer = optimizer
    handles = [network.register_forward_hook(watching.enter)]
    handles += [weight.register_hook(watching.add_gradient) for weight in matrices(network)]
    if loss_function is not None:
        handles.append(loss_function.register_forward_hook(watching.take_loss))
    try:
        yield watching
    finally:
        for handle in handles:
            handle.remove()
