"""The training step explained: its program, and with real numbers why each of its lines is there."""

import copy
import math
import textwrap
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from inkwise.classifier import Classifier
from inkwise.data.dataset import Dataset
from inkwise.inspection.step.gradients import (
    SHIFT,
    Accumulation,
    Batch,
    GradientCheck,
    Recording,
    accumulate,
    check_gradient,
    record,
)
from inkwise.inspection.step.program import Arithmetic, write_program
from inkwise.networks.build import build_first_network
from inkwise.preprocessing import as_image_tensor
from inkwise.recipes.recipe import Recipe, validate_recipe
from inkwise.runs.run import Run
from inkwise.training.batches import fitting_batch_size
from inkwise.training.losses import build_loss
from inkwise.training.session import cut_validation, fit_preprocessing
from inkwise.training.unrolled import can_unroll

NUM_IMAGES = 64  # of the batch that the numbers are from, at most


@dataclass(frozen=True)
class StepExplanation:
    """The training step of a run or recipe; str() is a Python file with the numbers as comments.

    Attributes:
        code: the program, plain PyTorch.
        weights: whose numbers these are, "trained" or "first".
        num_images: training images in the batch that they are from.
        gradient_check: the derivative of the loss by one weight, in two ways.
        accumulation: that derivative, asked for twice.
        recording: what the forward pass keeps for it.
    """

    code: str
    weights: str
    num_images: int
    gradient_check: GradientCheck
    accumulation: Accumulation
    recording: Recording

    def __str__(self) -> str:
        comment = _NUMBERS.format(
            explained=self,
            check=self.gradient_check,
            sums=self.accumulation,
            notes=self.recording,
            place=", ".join(map(str, self.gradient_check.place)),
            shift=SHIFT,
            both=2 * SHIFT,
            apart=_say_apart(self.gradient_check.relative_error),
            kept=f"{self.recording.kept_bytes:,}",
            kept_without=f"{self.recording.kept_bytes_without:,}",
        )
        return f"{self.code}\n{textwrap.indent(comment, '# ', lambda line: True)}".replace("# \n", "#\n")


_NUMBERS = """\
Numbers of the {explained.weights} weights, in float64, by the first {explained.num_images} training images.

Line 4, checked without autograd. One weight, {check.name}[{place}] = {check.weight:.6f},
is moved a little up and down:

    loss at weight + {shift:.7f}        {check.loss_above: .15f}
    loss at weight - {shift:.7f}        {check.loss_below: .15f}
    difference / {both:.7f}            {check.by_difference: .9f}
    the gradient by loss.backward()   {check.by_backward: .9f}   {apart}

Line 1, why it is there. The gradient of the same weight:

    after backward()                  {sums.once: .9f}
    after a second backward()         {sums.twice: .9f}   it adds
    after zero_grad() and backward()  {sums.forgotten: .9f}

Line 2, what it keeps for line 4; and torch.no_grad(), for when no weight will move, as in validation:

    outputs = network(images)         {kept:>12} bytes   outputs.grad_fn is {notes.grad_fn}
    with torch.no_grad(): the same    {kept_without:>12} bytes   outputs.grad_fn is {notes.grad_fn_without}
"""


def _say_apart(relative_error: float) -> str:
    return f"equal in {-math.log10(relative_error):.0f} digits" if relative_error else "equal"


def explain_step(source: Run | Classifier | Recipe, dataset: Dataset) -> StepExplanation:
    """Return the training step as plain PyTorch, and its numbers for the first training images.

    Nothing is changed: neither source's weights nor the random state.

    Args:
        source: a run, or a classifier without its run: its trained weights; or a recipe: the weights that a
            training of it begins with.
        dataset: what it is trained on; only its train part is looked at.
    Raises:
        CheckpointError, RunError: the run is not finished or was altered.
        RecipeError: the classifier holds no recipe, or its batches would be of one image.
        DataError: too few images for a recipe with patience.
    """
    classifier = source.classifier if isinstance(source, Run) else source
    if isinstance(classifier, Classifier):
        recipe = validate_recipe(classifier.header.recipe, origin="the classifier's recipe")
        network, preprocessing = copy.deepcopy(classifier.network).cpu(), classifier.preprocessing
        classes, weights = classifier.classes, "trained"
        train, _ = cut_validation(dataset, recipe)
    else:
        recipe, classes, weights = classifier, dataset.classes, "first"
        network = build_first_network(
            recipe.network.architecture,
            seed=recipe.training.seed,
            num_classes=len(classes),
            **recipe.network.options,
        )
        train, _ = cut_validation(dataset, recipe)
        preprocessing = fit_preprocessing(recipe, dataset.train, train)
    environment = source.environment if isinstance(source, Run) else {}
    # Fits the images that the program trains on; the run may have had more.
    batch_size = fitting_batch_size(recipe, network, len(train))
    code = write_program(
        recipe, network, preprocessing, num_classes=len(classes), batch_size=batch_size,
        arithmetic=_arithmetic(recipe, network, environment),
    )  # fmt: skip
    num_images = min(batch_size, NUM_IMAGES, len(dataset.train))
    images = preprocessing(as_image_tensor(dataset.train.images[:num_images]))
    labels = torch.tensor(dataset.train.labels[:num_images])
    batch = Batch(network.double().train(), build_loss(recipe.training.loss), images.double(), labels)
    with torch.random.fork_rng():
        return StepExplanation(
            code, weights, num_images, check_gradient(batch), accumulate(batch), record(batch)
        )


def _arithmetic(recipe: Recipe, network: nn.Module, environment: dict[str, Any]) -> Arithmetic:
    """Return how the run computed, or how a new one would on a processor."""
    if environment:
        return Arithmetic(
            precision=environment.get("precision", "float32"),
            is_unrolled=environment.get("step") == "unrolled",
            threads=environment.get("training_threads"),
            device=environment.get("device", "cpu"),
        )
    precision = "bfloat16" if recipe.training.precision == "bfloat16" else "float32"
    is_unrolled = can_unroll(network, recipe, device=torch.device("cpu"), precision=precision)
    return Arithmetic(precision=precision, is_unrolled=is_unrolled, threads=1 if is_unrolled else None)
