"""Training the sessions of one recipe that differ in their seed at once, where that is faster."""

import json
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, Literal, Protocol, cast

import torch
from torch import Tensor, nn

from inkwise.classifier import Classifier
from inkwise.errors import InterruptedTrainingError
from inkwise.files import write_atomically
from inkwise.networks.build import build_network
from inkwise.recipes.recipe import Recipe
from inkwise.training.batches import BatchSource, epoch_order
from inkwise.training.device import thread_count
from inkwise.training.interrupt import StopRequest, stop_on_signal
from inkwise.training.loop import Clock
from inkwise.training.losses import build_loss_of
from inkwise.training.optimizers import build_optimizer, learning_rate_at, set_learning_rate
from inkwise.training.session import Session
from inkwise.training.step import pool_before_relu
from inkwise.training.together.batches import batches_together
from inkwise.training.together.grouped import GroupedNetwork, GroupedStep, can_group
from inkwise.training.together.perceptrons import PerceptronsStep
from inkwise.training.unrolled import can_unroll

AT_ONCE = 10  # seeds; as many as a published number commonly has, and as were measured

# How several seeds are trained at once: to the bits of each alone, within rounding, or not at all.
Way = Literal["equal", "rounding", "none"]


class TogetherStep(Protocol):
    """One update of S networks, and writing their weights back."""

    optimizer: torch.optim.Optimizer

    def __call__(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]: ...

    def spread(self) -> None: ...


def may_be_at_once(recipe: Recipe) -> bool:
    """Return whether train_seeds would train seeds of this recipe at once, on a processor."""
    options: dict[str, Any] = recipe.network.options
    with torch.device("meta"):
        network = build_network(recipe.network.architecture, **options)
    is_exact = recipe.training.precision == "float32" and not recipe.training.patience
    return is_exact and can_unroll(network, recipe, device=torch.device("cpu"), precision="float32")


def way_together(session: Session) -> Way:
    """Return how sessions like this one can be trained at once.

    "equal": perceptrons that train by the unrolled step; the weights are those of single trainings to the
    last bit. "rounding": chains of convolutions without chance in them, in float32; only rounding differs.
    "none": all others, and those whose seeds would end after different epochs.
    """
    training, environment = session.loop.recipe.training, session.run.environment
    if training.patience or session.loop.train.device.type != "cpu" or session.run.checkpoint_path.exists():
        return "none"
    if not isinstance(session.loop.train, BatchSource):  # streamed: every seed would read the disk
        return "none"
    if environment["step"] == "unrolled":
        return "equal"
    is_plain = not training.weight_averaging and environment["precision"] == "float32"
    return "rounding" if is_plain and can_group(session.state.network) else "none"


def train_seeds(sessions: Sequence[Session]) -> int:
    """Train sessions that differ in their seed alone, and return how many of them at once.

    At once where no bit of the result changes by it and it is faster: perceptrons under the unrolled step.
    Convolutions at once are slower or hardly faster on a processor, so they are trained one after the other.

    Raises:
        InkwiseError: as Session.train.
    """
    if len(sessions) == 1 or any(way_together(session) != "equal" for session in sessions):
        for session in sessions:
            session.train()
        return 1
    for start in range(0, len(sessions), AT_ONCE):
        train_together(sessions[start : start + AT_ONCE])
    return min(len(sessions), AT_ONCE)


def train_together(sessions: Sequence[Session]) -> list[Classifier]:
    """Train all sessions to their end at once and return their classifiers; saved as Session.train saves.

    Args:
        sessions: new ones of one recipe on one set, that differ in their seed alone and for which
            `way_together` knows a way.
    Raises:
        TrainingError: the loss of a seed is not a number.
        InterruptedTrainingError: a signal asked to stop; nothing is kept of it.
    """
    environments = [session.run.environment for session in sessions]
    threads = 1 if way_together(sessions[0]) == "equal" else sessions[0].threads
    step = _build_step(sessions)
    for session, environment in zip(sessions, environments, strict=True):
        document = {**environment, "seeds_together": len(sessions)}
        write_atomically(session.run.environment_path, json.dumps(document, indent=2) + "\n")
    with ExitStack() as stack:
        stack.enter_context(torch.random.fork_rng())
        stack.enter_context(thread_count(threads))
        stop = stack.enter_context(stop_on_signal())
        clocks = [Clock(session.loop, session.state) for session in sessions]
        for _ in range(sessions[0].loop.num_epochs):
            _run_epoch(sessions, step, stop)
            step.spread()
            for session, clock in zip(sessions, clocks, strict=True):
                session.loop.finish_epoch(session.state, clock)
    for session in sessions:
        session.save()
    return [session.classifier() for session in sessions]


def _build_step(sessions: Sequence[Session]) -> TogetherStep:
    networks: list[nn.Module] = [session.state.network for session in sessions]
    first = sessions[0]
    if way_together(first) == "equal":
        return PerceptronsStep(networks, first.state.optimizer)
    recipe = first.loop.recipe
    network = GroupedNetwork([pool_before_relu(one) for one in networks])
    return GroupedStep(network, build_loss_of(recipe), build_optimizer(network, recipe.training))


def _run_epoch(sessions: Sequence[Session], step: TogetherStep, stop: StopRequest) -> None:
    """Make the steps of one epoch; the states hold their sums."""
    loop, states = sessions[0].loop, [session.state for session in sessions]
    epoch, num_batches = states[0].epoch, loop.train.num_batches
    loss_sums = torch.zeros(len(sessions), dtype=torch.float64)
    num_correct = torch.zeros(len(sessions), dtype=torch.int64)
    batches = batches_together(
        [cast(BatchSource, session.loop.train) for session in sessions],
        [
            epoch_order(len(loop.train), seed=session.loop.recipe.training.seed, epoch=epoch)
            for session in sessions
        ],
        augments=[session.loop.augment(epoch) for session in sessions],
        ahead=loop.ahead,
    )
    for number, (images, labels) in enumerate(batches, start=epoch * num_batches):
        rate = learning_rate_at(
            number, num_steps=loop.num_epochs * num_batches, training=loop.recipe.training
        )
        set_learning_rate(step.optimizer, rate)
        losses, outputs = step(images, labels)
        loss_sums.add_(losses, alpha=labels.shape[1])
        num_correct += (outputs.argmax(2) == labels).sum(1)
        if stop.requested:
            raise InterruptedTrainingError(
                f"interrupted in epoch {epoch + 1} of {loop.num_epochs}, {len(sessions)} seeds at once"
            )
    for state, loss_sum, correct in zip(states, loss_sums, num_correct, strict=True):
        state.loss_sum.copy_(loss_sum)
        state.num_correct.copy_(correct)
        state.batch = num_batches
