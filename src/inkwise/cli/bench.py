"""`inkwise bench`: speed as ratios against the tutorials' own programs, measured in one run."""

from pathlib import Path
from typing import Annotated

import typer

from inkwise.cli.output import note, print_json


def bench(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME", help="s3, s2-pt, load, memory; none: all.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    out: Annotated[Path | None, typer.Option(help="Folder for bench.json and bench.md.")] = None,
    repetitions: Annotated[int, typer.Option(min=1, help="Runs of each side, in turn.")] = 3,
    images: Annotated[
        int | None, typer.Option(min=1, help="Only so many training images: a quick look, nothing is judged.")
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Other epochs: a quick look.")] = None,
    threads: Annotated[
        int | None, typer.Option(min=1, help="Of both sides; default: as torch takes.")
    ] = None,
) -> None:
    """Measure inkwise beside the tutorials' own programs on MNIST, both sides in turn, as ratios.

    s3: the whole recipe of "MNIST With PyTorch"; s2-pt: the PyTorch half of "(TF & PyTorch) MNIST tutorial";
    load: MNIST from .gz to ready-to-train; memory: peak of an S3 run. Takes minutes.
    """
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
    for path in write_result(result, out) if out else []:
        note(f"wrote {path}")
    if json:
        print_json(result.model_dump(mode="json"))
    else:
        print_table(result)
