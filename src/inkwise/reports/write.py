"""report.html: everything worth knowing of one run on one page that needs no network and runs no script."""

from __future__ import annotations

import shlex
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from inkwise.figures.percent import say_percent
from inkwise.files import write_atomically
from inkwise.networks.build import num_fixed, num_parameters
from inkwise.networks.summary import summarise_layers
from inkwise.reports import charts, words
from inkwise.reports.mistakes import Answers, Contested, say_contested
from inkwise.reports.page import Tile, render_page
from inkwise.reports.result import advise, lay_out_scale

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor, nn

    from inkwise.data.dataset import Dataset
    from inkwise.evaluation.evaluate import Evaluation
    from inkwise.inspection.doctor.finding import Finding
    from inkwise.runs.history import EpochRecord
    from inkwise.runs.run import Run


class LayerRow(NamedTuple):
    """One layer of the model table; share is that of all parameters, in [0, 1]."""

    name: str
    kind: str
    options: str
    output_shape: str
    num_parameters: int
    share: float


def write_report(
    run: Run,
    *,
    evaluation: Evaluation,
    dataset: Dataset,
    log_probabilities: Tensor,
    findings: Sequence[Finding] | None = None,
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
    findings: Sequence[Finding] | None = None,
) -> str:
    """Return the HTML page of a run.

    Args:
        run: its recipe, history, environment and classifier are told.
        evaluation: of the run's classifier on dataset.test.
        dataset: what it was trained on; the pictures of the mistakes come from dataset.test.
        log_probabilities: (N, K) float, the outputs for dataset.test that evaluation was made from.
        findings: of the doctor, on this run; told in this order. None where it was not asked.
    """
    history, recipe, name = run.history, run.recipe, run.path.absolute().name
    answers = Answers(dataset, log_probabilities)
    contested, pairs = answers.contested(evaluation), answers.confused_pairs(evaluation)
    num_findings = len(findings or ())
    drawn = charts.draw_charts(
        history, evaluation, recipe=recipe, log_probabilities=log_probabilities, labels=dataset.test.labels
    )
    return render_page(
        "report.html",
        evaluation=evaluation,
        words=words,
        charts=drawn,
        history=history,
        last_epoch=_list_last_epoch(history),
        scale=lay_out_scale(evaluation, recipe),
        tiles=_list_tiles(run, evaluation, mean_confidence=answers.mean_confidence, contested=contested),
        steps=advise(history, evaluation, run=shlex.quote(name), num_findings=num_findings, pairs=pairs),
        findings=findings,
        facts=_list_facts(run, dataset),
        layers=list_layers(run.classifier.network),
        num_parameters=num_parameters(run.classifier.network),
        num_fixed=num_fixed(run.classifier.network),
        recipe=recipe,
        settings=_flatten(recipe.model_dump(exclude_none=True)),
        environment=_flatten(run.environment),
        day=_say_day(run.environment),
        notes=dict(dataset.notes),
        mistakes=[answers.card(mistake.index) for mistake in evaluation.worst_mistakes],
        pairs=pairs,
        contested=contested,
        say_contested=say_contested,
        run_name=name,
        run_argument=shlex.quote(name),
    )


def list_layers(network: nn.Module) -> list[LayerRow]:
    """Return the rows of the model table, in the order in which an image passes the layers."""
    rows, total = summarise_layers(network), num_parameters(network)
    return [
        LayerRow(
            name=row.name,
            kind=row.kind.partition("(")[0],
            options=row.kind.partition("(")[2].removesuffix(")"),
            output_shape=" \N{MULTIPLICATION SIGN} ".join(f"{size:,}" for size in row.output_shape),
            num_parameters=row.num_parameters,
            share=row.num_parameters / max(total, 1),
        )
        for row in rows
    ]


def _list_tiles(
    run: Run, evaluation: Evaluation, *, mean_confidence: float, contested: Contested | None
) -> list[Tile]:
    """Return errors, confidence and cost."""
    errors = f"error{'' if evaluation.num_errors == 1 else 's'} in {evaluation.num_images:,} images"
    if contested and contested.num_errors:
        errors += f", {contested.num_errors:,} of them on labels that people disagree with"
    network = run.classifier.network
    tiles = [
        Tile(f"{evaluation.num_errors:,}", errors),
        Tile(
            say_percent(mean_confidence),
            f"sure on average: {words.say_lean(evaluation, mean_confidence=mean_confidence)}",
        ),
        Tile(f"{num_parameters(network):,}", f"parameters of {run.recipe.network.architecture}"),
    ]
    if run.is_finished:
        seconds = words.say_duration(run.evaluation["train_seconds"])
        tiles.append(Tile(seconds, f"from reading the files to this result, {_say_epochs(run)}"))
    return tiles


def _list_last_epoch(history: Sequence[EpochRecord]) -> dict[str, str]:
    last = history[-1]
    facts = {
        "Train loss": f"{last.train_loss:.4f} nats",
        "Train right": say_percent(last.train_accuracy),
    }
    if last.validation_loss is not None and last.validation_accuracy is not None:
        facts["Validation loss"] = f"{last.validation_loss:.4f} nats"
        facts["Validation right"] = say_percent(last.validation_accuracy)
    return facts | {"Learning rate": f"{last.learning_rate:.3g}", "Steps": f"{last.step:,}"}


def _say_epochs(run: Run) -> str:
    num_epochs = len(run.history)
    return f"{num_epochs} epoch{'' if num_epochs == 1 else 's'}"


def _say_day(environment: dict[str, Any]) -> str:
    """Return when the training began, such as "21 November 2026"."""
    try:
        started = datetime.fromisoformat(environment["started"])
    except (KeyError, TypeError, ValueError):  # of another version; the page does without
        return ""
    return f"{started.day} {started:%B %Y}"


def _list_facts(run: Run, dataset: Dataset) -> dict[str, str]:
    """Return what was trained on what, most asked for first."""
    recipe, history, environment = run.recipe, run.history, run.environment
    training = recipe.training
    batch_size = environment.get("batch_size", training.batch_size)
    facts = {
        "Recipe": f"{recipe.name}: {recipe.summary}",
        "Images": (
            f"{dataset.name}: {len(dataset.train):,} to learn from (validation split included), "
            f"{len(dataset.test):,} to test"
        ),
        "Classes": ", ".join(dataset.classes),
        "Training": (
            f"{_say_epochs(run)}, {history[-1].step:,} steps, batches of at most {batch_size:,}, "
            f"optimizer {training.optimizer}, loss {training.loss}"
        ),
        "Seed": str(training.seed),
    }
    keys = ("device", "processor", "precision")
    machine = ", ".join(str(environment[key]) for key in keys if environment.get(key))
    return facts | ({"Machine": machine} if machine else {})


def _flatten(document: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """Return nested tables as one, a.b = text, in the order given."""
    flat: dict[str, str] = {}
    for name, value in document.items():
        if isinstance(value, dict):
            flat.update(_flatten(value, f"{prefix}{name}."))
        else:
            flat[f"{prefix}{name}"] = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return flat
