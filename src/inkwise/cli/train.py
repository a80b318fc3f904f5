"""inkwise train"""

from typing import Annotated

import typer

from inkwise.cli.output import note
from inkwise.cli.settings import RayOption
from inkwise.cores import num_cores

_Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change one value of the recipe; repeatable."),
]
_Framework = Annotated[
    str | None,
    typer.Option(help="torch, or tensorflow (its extra); without it torch, or what a run began in."),
]
_Workers = Annotated[
    int | None,
    typer.Option(
        min=1, show_default=False, help="Processes on Ray (its extra) that share every batch; without it one."
    ),
]
_FromCorrections = Annotated[
    bool,
    typer.Option(
        "--from-corrections", help="Teach the shipped reader what `inkwise read --correct` was told."
    ),
]


def train(
    recipe: Annotated[
        str | None,
        typer.Argument(
            metavar="RECIPE",
            help="A built-in recipe (inkwise recipes) or a TOML file; without it quick.",
            show_default=False,
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            help="A catalogue name or a path; without it mnist, or digits where mnist is out of reach."
        ),
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Instead of the recipe's.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Instead of the recipe's.")] = None,
    settings: _Settings = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    framework: _Framework = None,
    out: Annotated[
        str | None, typer.Option(metavar="RUN", help="The run folder; without it a new one in runs/.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the interrupted training in --out.")
    ] = False,
    workers: _Workers = None,
    ray: RayOption = None,
    from_corrections: _FromCorrections = False,
) -> None:
    """Train a recipe, evaluate it once on the test part, and write the run folder with its report."""
    if from_corrections and recipe is not None:
        raise typer.BadParameter("has a recipe of its own, reader-corrected", param_hint="--from-corrections")
    recipe = recipe or ("reader-corrected" if from_corrections else "quick")

    from rich.console import Console

    from inkwise.cli.settings import parse_settings
    from inkwise.cli.terminal.progress import TrainingTable
    from inkwise.experiments import train as training
    from inkwise.reports.terminal.text import tell_result
    from inkwise.training.parallel.torchrun import is_follower

    changes = parse_settings(settings or [])
    with TrainingTable(
        data or training.wanted_data(recipe, settings=changes, out=out, resume=resume)
    ) as table:
        run = training.train(
            recipe, data=data, epochs=epochs, seed=seed, settings=changes,
            device=device, framework=framework, out=out, resume=resume, on_progress=table.show,
            on_load=table.load, on_write=table.write, on_note=note, writers=num_cores(),
            workers=workers, ray=ray,
        )  # fmt: skip
    if is_follower():  # what torchrun started beside the first process, which speaks for all
        return
    Console(highlight=False).print(*tell_result(run), sep="\n", soft_wrap=True)
    if from_corrections:
        print(f"        inkwise read {run.path} PHOTO")
