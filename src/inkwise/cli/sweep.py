"""inkwise sweep"""

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inkwise.cli.output import note, print_json
from inkwise.cli.settings import RayOption, refuse_unused

if TYPE_CHECKING:
    from inkwise.evaluation.sweep import Sweep, Trial


def sweep(
    context: typer.Context,
    recipe: Annotated[
        str | None,
        typer.Argument(metavar="RECIPE", help="A built-in recipe (inkwise recipes) or a TOML file."),
    ] = None,
    space: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUES",
            help="What to try: KEY=V1,V2 or KEY=LOW..HIGH, with :log behind it for a logarithmic span; a "
            "single value is set for all. Repeatable.",
        ),
    ] = None,
    data: Annotated[str, typer.Option(help="A catalogue name or a path.")] = "mnist",
    epochs: Annotated[int | None, typer.Option(min=1, help="Instead of the recipe's.")] = None,
    trials: Annotated[
        int | None, typer.Option(min=1, help="Combinations to try; without it all of up to 64, else 20.")
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Trainings a combination; their mean counts.")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="Of the first training, and of the search.")] = 0,
    max_parameters: Annotated[
        int | None, typer.Option(min=1, help="Larger networks are not trained.")
    ] = None,
    max_seconds: Annotated[
        float | None, typer.Option(min=0, help="Trainings that take longer cannot win.")
    ] = None,
    prune: Annotated[
        bool, typer.Option("--prune/--no-prune", help="Give up trials that lag behind the median.")
    ] = True,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A new folder; without it one in sweeps/.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the sweep in --out.")] = False,
    ray: RayOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Search a recipe's values on the validation split and write the best recipe; the test part rests."""
    _check_usage(context, recipe, space, out=out, resume=resume)
    from rich.console import Console

    from inkwise.experiments.sweep.search import new_sweep_folder
    from inkwise.reports.terminal.sweep import tell_sweep

    with nullcontext(out) if out else new_sweep_folder(recipe or "") as folder:
        found = _search(
            recipe or "quick", space=_pairs(space or []), data=data, out=folder, epochs=epochs,
            trials=trials, seeds=seeds, seed=seed, max_parameters=max_parameters, max_seconds=max_seconds,
            prune=prune, device=device, resume=resume, ray=ray,
        )  # fmt: skip
    if as_json:
        print_json(found.model_dump(mode="json"))
        return
    Console(highlight=False).print(*tell_sweep(found, folder=str(folder)), sep="\n", soft_wrap=True)


def _check_usage(
    context: typer.Context, recipe: str | None, space: list[str] | None, *, out: Path | None, resume: bool
) -> None:
    if resume and (out is None or recipe is not None or space):
        raise typer.BadParameter(
            "needs --out DIR, the folder of the sweep, and keeps its plan: leave RECIPE and --set out",
            param_hint="--resume",
        )
    if resume:
        reason = "is in the plan that a resumed sweep keeps; leave it out, or begin a sweep in another --out"
        refuse_unused(context, ("device", "out", "resume", "ray", "as_json"), reason=reason)
    if not resume and (recipe is None or not space):
        raise typer.BadParameter(
            "needs a recipe and what to try: inkwise sweep quick --set learning_rate=0.005,0.01,0.02",
            param_hint="RECIPE",
        )


def _search(recipe: str, **choices: Any) -> "Sweep":
    """Search, and show how far it is on standard error."""
    from inkwise.cli.terminal.stages import StageProgress
    from inkwise.experiments.sweep.search import sweep as search
    from inkwise.reports.terminal.sweep import tell_trial

    with StageProgress() as stages:

        def show(done: float, total: int) -> None:
            stages.show("searching", round(100 * done), 100 * total)

        def tell(trial: "Trial", number: int, total: int) -> None:
            note(tell_trial(trial, number=number, total=total))

        return search(recipe, **choices, on_progress=show, on_trial=tell)


def _pairs(space: list[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in space]
    for key, equals, values in pairs:
        if not (key and equals and values):
            raise typer.BadParameter(
                f"{key}{equals}{values}: expected KEY=V1,V2 or KEY=LOW..HIGH", param_hint="--set"
            )
    return {key.strip(): values for key, _, values in pairs}
