"""report.html: everything worth knowing of one run on one page that needs no network and runs no script."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inkwise.figures.percent import say_percent
from inkwise.files import write_atomically
from inkwise.networks.build import num_parameters
from inkwise.reports import charts, words
from inkwise.reports.page import picture_address, render_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from inkwise.data.dataset import Dataset
    from inkwise.evaluation.evaluate import Evaluation
    from inkwise.inspection.doctor.finding import Finding
    from inkwise.recipes.recipe import Recipe
    from inkwise.runs.run import Run


@dataclass(frozen=True)
class MistakeCard:
    """One wrong image as the page shows it; picture is a data: address of a 28x28 PNG."""

    picture: str
    index: int
    label: str
    answer: str
    sure: str


def write_report(
    run: Run,
    *,
    evaluation: Evaluation,
    dataset: Dataset,
    log_probabilities: Tensor,
    findings: Sequence[Finding] = (),
) -> Path:
    """Write report.html into the run's folder and return its path; see render_report.

    Raises:
        OutputError: the file cannot be written.
    """
    page = render_report(
        run,
        evaluation=evaluation,
        dataset=dataset,
        log_probabilities=log_probabilities,
        findings=findings,
    )
    write_atomically(run.report_path, page)
    return run.report_path


def render_report(
    run: Run,
    *,
    evaluation: Evaluation,
    dataset: Dataset,
    log_probabilities: Tensor,
    findings: Sequence[Finding] = (),
) -> str:
    """Return the HTML page of a run.

    Args:
        run: its recipe, history, environment and classifier are told.
        evaluation: of the run's classifier on dataset.test.
        dataset: what it was trained on; the pictures of the mistakes come from dataset.test.
        log_probabilities: (N, K) float, the outputs for dataset.test that evaluation was made from.
        findings: of the doctor, on this run; told in this order.
    """
    history = run.history
    return render_page(
        "report.html",
        evaluation=evaluation,
        findings=findings,
        words=words,
        charts=charts.draw_charts(
            history, evaluation, log_probabilities=log_probabilities, labels=dataset.test.labels
        ),
        history=history,
        facts=_list_facts(run, dataset),
        recipe=run.recipe,
        settings=_flatten(run.recipe.model_dump(exclude_none=True)),
        environment=_flatten(run.environment),
        notes=dict(dataset.notes),
        mistakes=_make_cards(evaluation, dataset.test.images),
        run_name=run.path.absolute().name,
        run_argument=shlex.quote(run.path.absolute().name),
    )


def _list_facts(run: Run, dataset: Dataset) -> dict[str, str]:
    """Return what was trained on what, most asked for first."""
    recipe, history, environment = run.recipe, run.history, run.environment
    epochs = f"{len(history)} epoch{'s' if len(history) > 1 else ''}"
    facts = {
        "Recipe": f"{recipe.name}: {recipe.summary}",
        "Network": f"{recipe.network.architecture}, {num_parameters(run.classifier.network):,} parameters",
        "Images": (
            f"{dataset.name}: {len(dataset.train):,} to learn from (validation split included), "
            f"{len(dataset.test):,} to test"
        ),
        "Training": f"{epochs}, {history[-1].step:,} steps of {recipe.training.batch_size} images",
        "Seed": str(recipe.training.seed),
    }
    if run.is_finished:
        seconds = words.say_duration(run.evaluation["train_seconds"])
        facts["Time"] = f"{seconds}, from reading the files to the evaluated classifier"
    facts |= {
        name.capitalize(): str(environment[name])
        for name in ("device", "processor", "precision")
        if environment.get(name)
    }
    return facts | _list_references(recipe, dataset)


def _list_references(recipe: Recipe, dataset: Dataset) -> dict[str, str]:
    """Return what the recipe's source and inkwise got, both on MNIST, so only there worth showing."""
    if dataset.name != "mnist":
        return {}
    published = recipe.published.test_accuracy if recipe.published else None
    facts = {"Published": say_percent(published)} if published else {}
    if recipe.expected:
        tolerance = f"{100 * recipe.expected.tolerance:.2g} points"
        facts["Expected"] = f"{say_percent(recipe.expected.test_accuracy)}, give or take {tolerance}"
    return facts


def _flatten(document: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """Return nested tables as one, a.b = text, in the order given."""
    flat: dict[str, str] = {}
    for name, value in document.items():
        if isinstance(value, dict):
            flat.update(_flatten(value, f"{prefix}{name}."))
        else:
            flat[f"{prefix}{name}"] = str(value)
    return flat


def _make_cards(evaluation: Evaluation, images: NDArray[np.uint8]) -> list[MistakeCard]:
    return [
        MistakeCard(
            picture=picture_address(images[mistake.index]),
            index=mistake.index,
            label=evaluation.classes[mistake.label],
            answer=evaluation.classes[mistake.predicted],
            sure=say_percent(mistake.probability, decimals=1),
        )
        for mistake in evaluation.worst_mistakes
    ]
