"""`inkwise bench`: speed beside others' programs, recipes side by side, how well paper is read, serving."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inkwise.cli.output import note, print_json
from inkwise.cli.settings import refuse_unused

if TYPE_CHECKING:
    from pydantic import BaseModel

# What each bench takes beside --json and --out.
_TAKES = {
    "reading": ("images",),
    "scaling": ("images", "threads"),
    "serving": ("run", "repetitions", "seconds"),
    "recipes": ("repetitions", "images", "epochs", "threads", "device", "seed", "warm_up"),
    "": ("repetitions", "images", "epochs", "threads"),
}


def bench(
    context: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME",
            help="s3, s2-pt, load, memory; none: all. Or reading, scaling, serving or recipes [NAME...].",
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for bench.json and bench.md, or those of reading, recipes, scaling, serving."
        ),
    ] = None,
    repetitions: Annotated[int, typer.Option(min=1, help="Runs of each side or recipe, in turn.")] = 3,
    images: Annotated[
        int | None,
        typer.Option(min=1, help="A quick look at so many images, or pictures a row; nothing is judged."),
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Other epochs: a quick look.")] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="Of all sides; default: as torch takes.")] = None,
    run: Annotated[
        str | None,
        typer.Option(metavar="RUN", help="What serving serves; default: an untrained network of standard."),
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option(min=0.05, help="Of serving, a row; default 4, with others nothing is judged."),
    ] = None,
    device: Annotated[str, typer.Option(help="Of recipes: cpu, cuda or mps.")] = "cpu",
    seed: Annotated[int, typer.Option(min=0, help="Of recipes: the first repetition's.")] = 0,
    warm_up: Annotated[bool, typer.Option("--warm-up", help="Of recipes: train a little first.")] = False,
) -> None:
    """Measure inkwise beside the tutorials' own programs on MNIST, both sides in turn, as ratios.

    s3: the whole recipe of "MNIST With PyTorch"; s2-pt: the PyTorch half of "(TF & PyTorch) MNIST tutorial";
    load: MNIST from .gz to ready-to-train; memory: peak of an S3 run. Takes minutes.

    recipes: whole recipes side by side, ours (none named), those named, or tutorials, beside "fast", the
    recipe of train_mnist_fast, and "plain", PyTorch's own example: accuracy, seconds by stage, memory, size.

    reading: MNIST's test digits put on paper by rendering, 500 pictures a row and 100 strings, read by
    `inkwise read` and beside it resized to 28x28 as `inkwise predict` does.

    scaling: time and memory of training and predicting 60,000, 600,000 and 6 million mapped images, 1 and 2
    threads (4.7 GB below the temporary folder, removed at the end); --images sets the most.

    serving: `inkwise serve` beside the usual FastAPI and PyTorch handler, same model, same client: requests a
    second, latency at a fixed rate, start; and one image through ONNX Runtime beside PyTorch.
    """
    _check_usage(context, names[0] if names and names[0] in _TAKES else "")
    if names == ["reading"]:
        return _bench_reading(json=json, out=out, num_pictures=images)
    if names == ["scaling"]:
        return _bench_scaling(json=json, out=out, num_images=images, num_threads=threads)
    if names and names[0] == "recipes":
        return _bench_recipes(
            names[1:], json=json, out=out, repetitions=repetitions, first_seed=seed, num_images=images,
            epochs=epochs, num_threads=threads, device=device, warm_up=warm_up,
        )  # fmt: skip
    if names == ["serving"]:
        return _bench_serving(run, json=json, out=out, repetitions=repetitions, seconds=seconds)
    from inkwise.experiments.bench.measure import run_benches, write_result
    from inkwise.experiments.bench.result import print_table

    result = run_benches(
        names or (),
        repetitions=repetitions,
        num_images=images,
        epochs=epochs,
        num_threads=threads,
        on_progress=note,
    )
    return _tell(result, print_table, wrote=write_result(result, out) if out else (), json=json)


def _tell(result: "BaseModel", show: Callable[[Any], None], *, wrote: Iterable[Path], json: bool) -> None:
    """Say what was written, and print what was measured."""
    for path in wrote:
        note(f"wrote {path}")
    if json:
        print_json(result.model_dump(mode="json"))
    else:
        show(result)


def _check_usage(context: typer.Context, kind: str) -> None:
    """Refuse options that this bench would not look at."""
    takes = ", ".join(f"--{name.replace('_', '-')}" for name in _TAKES[kind])
    reason = f"is not for `inkwise bench {kind}`".rstrip("` ") + f"`, which takes {takes}"
    refuse_unused(context, ("names", "json", "out", *_TAKES[kind]), reason=reason)


def _bench_reading(*, json: bool, out: Path | None, num_pictures: int | None) -> None:
    from inkwise.experiments.bench.reading import run_reading_bench, show_rows, write_reading
    from inkwise.experiments.bench.reading_result import print_reading

    result = run_reading_bench(num_pictures=num_pictures, on_progress=note)
    wrote = write_reading(result, out, examples=show_rows()) if out else ()
    _tell(result, print_reading, wrote=wrote, json=json)


def _bench_scaling(*, json: bool, out: Path | None, num_images: int | None, num_threads: int | None) -> None:
    from inkwise.experiments.bench.scaling.measure import (
        MOST_IMAGES,
        THREADS,
        run_scaling_bench,
        write_scaling,
    )
    from inkwise.experiments.bench.scaling.result import print_scaling

    result = run_scaling_bench(
        num_images=num_images or MOST_IMAGES,
        threads=(num_threads,) if num_threads else THREADS,
        on_progress=note,
    )
    _tell(result, print_scaling, wrote=write_scaling(result, out) if out else (), json=json)


def _bench_serving(
    run: str | None, *, json: bool, out: Path | None, repetitions: int, seconds: float | None
) -> None:
    from inkwise.experiments.bench.serving.measure import run_serving_bench, write_serving
    from inkwise.experiments.bench.serving.result import print_serving

    result = run_serving_bench(run, repetitions=repetitions, seconds=seconds, on_progress=note)
    _tell(result, print_serving, wrote=write_serving(result, out) if out else (), json=json)


def _bench_recipes(names: list[str], *, json: bool, out: Path | None, **options: Any) -> None:
    from inkwise.experiments.bench.recipes.measure import run_recipes_bench
    from inkwise.experiments.bench.recipes.result import RecipesBench
    from inkwise.experiments.bench.recipes.tables import print_recipes

    def write(result: RecipesBench) -> None:
        from inkwise.experiments.bench.recipes.pictures import write_recipes

        for path in write_recipes(result, out) if out else []:
            note(f"wrote {path}")

    result = run_recipes_bench(names, on_progress=note, on_result=write, **options)
    _tell(result, print_recipes, wrote=(), json=json)
