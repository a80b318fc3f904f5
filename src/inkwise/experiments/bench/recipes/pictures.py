"""The result of `inkwise bench recipes` as files: JSON, a page, and three pictures."""

import os
from pathlib import Path

from matplotlib.figure import Figure

from inkwise.experiments.bench.page import write_bench
from inkwise.experiments.bench.recipes.result import RecipesBench, RowResult
from inkwise.experiments.bench.recipes.tables import recipes_page
from inkwise.figures.encode import to_png
from inkwise.figures.experiments.recipes import Point, StageBar, render_against, render_stages


def write_recipes(result: RecipesBench, folder: str | os.PathLike[str]) -> list[Path]:
    """Write recipes.json, recipes.md and three pictures into folder and return their paths.

    Raises:
        OutputError: the folder cannot be written to.
    """
    pictures = {f"{name}.png": to_png(figure) for name, figure in recipes_figures(result).items()}
    return write_bench(result, folder, name="recipes", page=recipes_page(result), pictures=pictures)


def recipes_figures(result: RecipesBench) -> dict[str, Figure]:
    """Return the pictures by name: where the seconds go, accuracy against seconds, and against size."""
    bars = [StageBar(row.name, row.stages) for row in result.rows]
    by_time = [_point(row, row.median_seconds, (min(row.seconds), max(row.seconds))) for row in result.rows]
    by_size = [_point(row, row.cost.num_parameters) for row in result.rows]
    return {
        "recipes-stages": render_stages(bars),
        "recipes-time": render_against(by_time, x_label="seconds from files to evaluated (log scale)"),
        "recipes-size": render_against(by_size, x_label="parameters (log scale)"),
    }


def _point(row: RowResult, value: float, spread: tuple[float, float] | None = None) -> Point:
    curve = row.curve if spread is not None else []
    return Point(
        row.name, row.kind, value, row.mean_accuracy, spread=spread,
        accuracies=(min(row.accuracy), max(row.accuracy)), curve=curve,
    )  # fmt: skip
