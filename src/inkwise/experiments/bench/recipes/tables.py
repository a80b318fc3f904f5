"""The tables of `inkwise bench recipes`, for a terminal and for pages, and what is said of them."""

from collections.abc import Iterator
from statistics import median

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from inkwise.experiments.bench.page import bench_page, markdown_table
from inkwise.experiments.bench.recipes.report import STAGES
from inkwise.experiments.bench.recipes.result import RecipesBench, RowResult, Wanted

Rows = list[tuple[str, ...]]
_MACHINE = ("inkwise", "commit", "python", "torch", "platform", "num_cores", "threads")
_CLOCK = (
    "Seconds are the median wall time, in brackets the least and the most, from opening the image files to "
    "the evaluated classifier; Python imports and the report page are left out. Each run is a process of its "
    "own, the rows run in turn, and every repetition has another seed; what takes over ten minutes runs once."
)
_JUDGED = ("wanted", "reached")
_COLUMNS_AT_ONCE = 6
_COLUMNS = (
    "`fast` is the recipe of train_mnist_fast and `plain` PyTorch's own example, of 14 epochs unless others "
    "were asked for, both written anew; plain looks at the test part after every epoch, as its source does, "
    "our recipes once. times fast: how often a row's whole time goes into the time that fast's training loop "
    "alone takes; times plain: how often into the whole time of plain. Memory is the most the process held, "
    "Python and torch included. Of multiply-adds there are so many for one image; files hold float32. The "
    "last table has the seconds by stage, of the run with the median time; together they are that time. "
    "Where another thread makes the batches, prepare is what is waited for. rest is the loop's own work."
)
_TIMES = ("times fast", "times plain")
TABLE_HEAD = ("recipe", "test, mean ± std (seeds)", "seconds", "CPU s", *_TIMES, "memory", *_JUDGED)
SIZE_HEAD = ("recipe", "parameters", "multiply-adds", ".onnx", ".safetensors", "precision")


def main_rows(result: RecipesBench) -> Rows:
    """Return accuracy, time and memory as a table for people, its head first."""
    return [TABLE_HEAD, *map(_table_row, result.rows)]


def size_rows(result: RecipesBench) -> Rows:
    """Return the networks' sizes as a table for people, its head first."""
    return [SIZE_HEAD, *map(_size_row, result.rows)]


def stage_rows(result: RecipesBench) -> Rows:
    """Return where the seconds go as a table for people, its head first."""
    used = [stage for stage in STAGES if any(stage in row.stages for row in result.rows)]
    head = ("recipe", *used, "whole")
    return [head, *(_stage_row(row, used) for row in result.rows)]


def recipes_page(result: RecipesBench) -> str:
    """Return the tables and what they hold for as a page."""
    more = map(markdown_table, (size_rows(result), stage_rows(result)))
    said = "\n\n".join([*more, explain(result)])
    return bench_page("Recipes side by side", main_rows(result), said=said, facts=result.environment)


def explain(result: RecipesBench) -> str:
    """Return in words what was measured."""
    return " ".join([_CLOCK, *_warmth(result), *_accelerator(result), _COLUMNS])


def _warmth(result: RecipesBench) -> Iterator[str]:
    if result.is_warm:
        yield "A small training came first in every process, off the clock, so that all was loaded."


def _accelerator(result: RecipesBench) -> Iterator[str]:
    if result.device == "cpu":
        return
    contexts = [row.context_seconds for row in result.rows if row.context_seconds is not None]
    taken = f" ({median(contexts):.1f} s)" if contexts else ""
    yield f"Making the context of the accelerator, {result.environment['processor']}, is left out{taken}."
    if not result.is_warm:
        yield "Loading its libraries and kernels, at their first use, is included."
    yield (
        "Its stages come from runs of their own, in which the clock waits for it at every change of stage; "
        "together they take longer than the whole does."
    )


def _table_row(row: RowResult) -> tuple[str, ...]:
    spread = "" if row.std_accuracy is None else f" ± {100 * row.std_accuracy:.3f}"
    return (
        row.name,
        f"{100 * row.mean_accuracy:.3f}{spread} % ({len(row.seeds)})",
        f"{row.median_seconds:.2f} ({min(row.seconds):.2f} to {max(row.seconds):.2f})",
        f"{row.median_cpu_seconds:.2f}",
        _say_times(row.times_fast),
        _say_times(row.times_plain),
        f"{row.peak_memory_bytes / 1e6:.0f} MB",
        say_wanted(row.wanted),
        "" if row.wanted is None else _VERDICTS[row.is_reached],
    )


def _say_times(times: float | None) -> str:
    return "" if times is None else f"{times:.2f}x" if times < 10 else f"{times:,.0f}x"


_VERDICTS = {None: "not judged at this size", True: "yes", False: "NO"}


def say_wanted(wanted: Wanted | None) -> str:
    """Return in words what is wanted.

    >>> from inkwise.experiments.bench.recipes.result import Wanted
    >>> say_wanted(Wanted(accuracy=0.99, times_fast=6)), say_wanted(None)
    ('99 %, 6x', '')
    """
    if wanted is None:
        return ""
    parts = [f"{100 * wanted.accuracy:g} %"]
    parts += [] if wanted.times_fast is None else [f"{wanted.times_fast:g}x"]
    parts += [] if wanted.seconds is None else [f"{wanted.seconds:g} s"]
    parts += [] if wanted.num_parameters is None else [f"{wanted.num_parameters:,} parameters"]
    return ", ".join(parts)


def _size_row(row: RowResult) -> tuple[str, ...]:
    cost = row.cost
    onnx = "" if cost.onnx_bytes is None else f"{cost.onnx_bytes / 1e3:,.1f} kB"
    return (
        row.name, f"{cost.num_parameters:,}", f"{cost.multiply_adds:,}", onnx,
        f"{cost.safetensors_bytes / 1e3:,.1f} kB", row.precision,
    )  # fmt: skip


def _stage_row(row: RowResult, used: list[str]) -> tuple[str, ...]:
    decimals = 3 if row.stages_whole < 10 else 2
    seconds = (f"{row.stages[stage]:.{decimals}f}" if stage in row.stages else "" for stage in used)
    return (row.name, *seconds, f"{row.stages_whole:.{decimals}f}")


def _turned(rows: Rows) -> Iterator[Rows]:
    """Yield the same with a column a recipe, a few at a time: so it fits into 80 letters."""
    head, *body = rows
    for first in range(0, len(body), _COLUMNS_AT_ONCE):
        yield list(zip(head, *body[first : first + _COLUMNS_AT_ONCE], strict=True))


def print_recipes(result: RecipesBench) -> None:
    """Print the tables and what they hold for on standard output."""
    console = Console(highlight=False)
    narrow = [row[: -len(_JUDGED)] for row in main_rows(result)]
    for rows in (narrow, size_rows(result), *_turned(stage_rows(result))):
        table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
        for place, name in enumerate(rows[0]):
            table.add_column(name.replace("times ", "times\n"), justify="right" if place else "left")
        for row in rows[1:]:
            table.add_row(*row)
        console.print(table)
    for one in result.rows:
        if one.wanted is not None:
            verdict = _VERDICTS[one.is_reached]
            console.print(f"{one.name}: wanted {say_wanted(one.wanted)}; reached: {verdict}")
    about = result.environment
    features = ", ".join(about["processor_features"])
    facts = ", ".join(f"{key} {about[key]}" for key in _MACHINE)
    console.print(f"{about['processor']} ({features}), {facts}")
    console.print(explain(result), style="dim")
