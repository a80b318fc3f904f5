"""The run folder: what a training leaves on disk, and opening it again.

recipe.toml              everything to repeat it; inkwise train RUN/recipe.toml
environment.json         machine, versions, commit, precision, threads
history.jsonl            one line an epoch
checkpoint.safetensors   the training itself, to resume it
classifier.safetensors   the result
evaluation.json          its one look at the test part, and train_seconds
report.html              all of it, to look at
"""

import json
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from inkwise.classifier import Classifier
from inkwise.classifier_file import FILE_NAME
from inkwise.errors import InkwiseError, RunError
from inkwise.files import is_leftover
from inkwise.html_table import html_table
from inkwise.recipes.load import load_recipe
from inkwise.recipes.recipe import Recipe
from inkwise.runs.history import EpochRecord, history_from_lines
from inkwise.runs.lock import LOCK_NAME

OWN_IMAGES_NAME = "own-images.safetensors"
_BEFORE_RECIPE = (OWN_IMAGES_NAME, LOCK_NAME)  # what is there before recipe.toml


@dataclass(frozen=True)
class Run:
    """A run folder. Its files are read when they are asked for."""

    path: Path

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> "Run":
        """Return the run in a folder.

        Raises:
            RunError: no such folder, or it holds no run.
        """
        folder = Path(path)
        if folder.is_file():
            raise RunError(f"{folder}: a file, not a folder; expected a run, a folder made by inkwise train")
        if not folder.is_dir():
            raise RunError(
                f"{folder}: no such folder; expected a run, make one with: inkwise train --out {folder}"
            )
        run = cls(folder)
        if not run.recipe_path.is_file():
            raise RunError(
                f"{folder}: holds no recipe.toml, so it is not a run; expected a folder made by inkwise train"
            )
        return run

    @property
    def recipe_path(self) -> Path:
        """recipe.toml"""
        return self.path / "recipe.toml"

    @property
    def environment_path(self) -> Path:
        """environment.json"""
        return self.path / "environment.json"

    @property
    def history_path(self) -> Path:
        """history.jsonl"""
        return self.path / "history.jsonl"

    @property
    def checkpoint_path(self) -> Path:
        """checkpoint.safetensors"""
        return self.path / "checkpoint.safetensors"

    @property
    def classifier_path(self) -> Path:
        """classifier.safetensors"""
        return self.path / FILE_NAME

    @property
    def evaluation_path(self) -> Path:
        """evaluation.json"""
        return self.path / "evaluation.json"

    @property
    def report_path(self) -> Path:
        """report.html"""
        return self.path / "report.html"

    @cached_property
    def recipe(self) -> Recipe:
        """The recipe it was trained by, seed and data included."""
        return load_recipe(self.recipe_path)

    @cached_property
    def classifier(self) -> Classifier:
        """The trained classifier, on the CPU."""
        return Classifier.load(self.classifier_path)

    @property
    def is_new(self) -> bool:
        """Whether nothing is there yet, or only what a start that was cut off left in the folder."""
        if not self.path.is_dir():
            return not self.path.exists()
        return all(path.name in _BEFORE_RECIPE or is_leftover(path) for path in self.path.iterdir())

    @property
    def is_finished(self) -> bool:
        """Whether it was trained to the end and evaluated."""
        return self.evaluation_path.is_file()

    @property
    def environment(self) -> dict[str, Any]:
        """Machine, versions and settings of the training."""
        return self._json(self.environment_path)

    @property
    def evaluation(self) -> dict[str, Any]:
        """The keys of `inkwise evaluate --json`, and train_seconds."""
        return self._json(self.evaluation_path)

    @property
    def history(self) -> list[EpochRecord]:
        """One record an epoch; empty before the first is done."""
        if not self.history_path.is_file():
            return []
        try:
            return history_from_lines(self.history_path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:  # pydantic's ValidationError is one
            first = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
            raise RunError(
                f"{self.history_path}: not a history ({first}); the file was altered, train again"
            ) from error

    def _repr_html_(self) -> str:
        """Return what a notebook shows: a table of what was trained on what, and how it ended."""
        try:
            facts = {"run": str(self.path), **self._facts()}
        except InkwiseError as error:
            facts = {"run": str(self.path), "cannot be read": str(error)}
        return html_table(facts.items())

    def _facts(self) -> dict[str, str]:
        training = self.recipe.training
        facts = {
            "recipe": f"{self.recipe.name}: {self.recipe.summary}",
            "trained on": f"{self.recipe.data.dataset}, seed {training.seed}",
            "epochs": str(len(self.history)),
        }
        if not self.is_finished:
            return facts | {"state": "not finished"}
        found = self.evaluation
        num_images, num_errors = found.get("num_images", 0), found.get("num_errors", 0)
        return facts | {"test images right": f"{num_images - num_errors:,} of {num_images:,}"}

    def _json(self, path: Path) -> dict[str, Any]:
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise RunError(
                f"{path}: no such file; the run is not finished, go on with: "
                f"inkwise train --resume --out {self.path}"
            ) from None
        except (OSError, ValueError, RecursionError) as error:
            raise RunError(
                f"{path}: not a JSON object ({error}); the file was altered, train again"
            ) from error
        if not isinstance(document, dict):
            raise RunError(
                f"{path}: not a JSON object (it begins as {type(document).__name__}); "
                "the file was altered, train again"
            )
        return document
