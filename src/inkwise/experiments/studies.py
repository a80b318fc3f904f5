"""The published trainings that `inkwise reproduce` repeats, and how."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from inkwise.errors import RecipeError
from inkwise.recipes.load import load_recipe
from inkwise.recipes.recipe import Recipe
from inkwise.runs.framework import Framework


@dataclass(frozen=True)
class Study:
    """One published training, and how we repeat it.

    Attributes:
        title: what it is, in a line.
        recipe: the built-in recipe.
        settings: what differs from the recipe, beside the whole train part.
        num_seeds: seeds 0..num_seeds-1 unless told otherwise.
        expected: the range (low, high) that the mean test accuracy should fall in; None where there is none.
        framework: what trains it.
    """

    title: str
    recipe: str
    num_seeds: int = 5
    settings: dict[str, Any] = field(default_factory=dict)
    expected: tuple[float, float] | None = None
    comment: str = ""
    framework: Framework = "torch"


STUDIES = {
    "S1": Study(
        "MNIST Classifier with Pytorch, Sequential form",
        "mlp-sequential",
        comment="the tutorial takes one step and evaluates nothing; 5 epochs of its SGD",
    ),
    "S1-class": Study(
        "MNIST Classifier with Pytorch, class form",
        "mlp-class",
        comment="from equal weights equal to S1 bit for bit: compare the column weights",
    ),
    "S2-PT": Study("(TF & PyTorch) MNIST tutorial, PyTorch", "cnn-lenet", expected=(0.928, 0.938)),
    "S2-TF": Study(
        "(TF & PyTorch) MNIST tutorial, the TensorFlow network in PyTorch, dropout inactive as published",
        "cnn-keras",
        num_seeds=2,
        settings={"dropout": 0.0},
        expected=(0.989, 1.0),
    ),
    "S2-TF-dropout": Study(
        "the same network, dropout active as intended", "cnn-keras", num_seeds=2, expected=(0.989, 1.0)
    ),
    "S2-TF-tensorflow": Study(
        "(TF & PyTorch) MNIST tutorial, TensorFlow, dropout inactive as published",
        "cnn-keras",
        num_seeds=2,
        settings={"dropout": 0.0},
        expected=(0.989, 1.0),
        framework="tensorflow",
    ),
    "S2-TF-dropout-tensorflow": Study(
        "the same in TensorFlow, dropout active as intended",
        "cnn-keras",
        num_seeds=2,
        expected=(0.989, 1.0),
        framework="tensorflow",
    ),
    "S3": Study("MNIST With PyTorch", "mlp-logsoftmax", expected=(0.956, 0.969)),
    "S4": Study("Network in Pytorch, corrected", "mlp-wide", expected=(0.976, 0.982)),
    "S4-relu-output": Study(
        "Network in Pytorch, as published: ReLU on the output", "mlp-wide-relu-output",
        comment="classes whose logit is never above 0 can never be predicted",
    ),
    "S4-relu-output-8": Study(
        "the same after 8 epochs", "mlp-wide-relu-output", num_seeds=16, settings={"epochs": 8},
        comment="where most seeds already have lost classes",
    ),
}  # fmt: skip


def study_recipe(study: str, settings: dict[str, Any] | None = None) -> Recipe:
    """Return the recipe of a study: all training images, exactly the published epochs.

    Raises:
        RecipeError: settings do not fit, or ask for calibrating, which published programs do not do.
    """
    plan = STUDIES[study]
    fixed = {"validation_fraction": 0.0, "minimum_steps": 0}
    recipe = load_recipe(plan.recipe).with_settings({**fixed, **plan.settings, **(settings or {})})
    if recipe.training.calibrate:
        raise RecipeError(
            f"{study}: calibrate is true, expected false, as a study judges the weights as trained; "
            f"leave it out, or run: inkwise train {plan.recipe}"
        )
    return recipe


def recipe_digest(recipe: Recipe) -> str:
    """Return a fingerprint of all that changes the numbers of a training, but for its seed."""
    sections = {"augmentation", "data", "preprocessing", "network", "training"}
    # A key that is new to inkwise, left at its default, changes no training.
    document = recipe.with_settings({"seed": 0}).model_dump_json(include=sections, exclude_defaults=True)
    return hashlib.sha256(document.encode()).hexdigest()[:12]
