"""inkwise evaluate"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inkwise.cli.output import note, print_json
from inkwise.cli.settings import refuse_unused

if TYPE_CHECKING:
    from inkwise.evaluation.robustness.sheet import Robustness


def evaluate(
    context: typer.Context,
    run: Annotated[
        Path, typer.Argument(metavar="RUN", help="A run folder or a classifier.safetensors file.")
    ],
    data: Annotated[
        str | None,
        typer.Option(help="A catalogue name or a path; without it what the run was trained on."),
    ] = None,
    robustness: Annotated[
        bool,
        typer.Option("--robustness", help="Also on images shifted, turned, noisy, blurred, and so on."),
    ] = False,
    attacks: Annotated[
        bool, typer.Option("--attacks", help="With --robustness: also under FGSM and PGD, for minutes.")
    ] = False,
    images: Annotated[
        int, typer.Option(min=1, metavar="N", help="Test images for each row of --robustness.")
    ] = 2000,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write robustness.json and robustness.png there.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure a run on test images: accuracy with interval, loss, classes, confusion, mistakes."""
    if not robustness:
        refuse_unused(context, ("run", "data", "as_json"), reason="goes with --robustness")
    from rich.console import Console

    from inkwise.experiments.evaluate import evaluate as evaluate_run
    from inkwise.reports.terminal.text import tell_evaluation

    evaluation = evaluate_run(run, data=data)
    sheet = _measure(run, data=data, images=images, attacks=attacks, out=out) if robustness else None
    if as_json:
        more = {} if sheet is None else {"robustness": sheet.model_dump()}
        print_json({**evaluation.model_dump(), **more})
        return
    Console(highlight=False).print(*tell_evaluation(evaluation), sep="\n")
    if sheet is not None:
        from inkwise.reports.terminal.robustness import tell_robustness

        Console(highlight=False).print(*tell_robustness(sheet), sep="\n")
        if out is not None:
            note(f"drawn in {out / 'robustness.png'}")


def _measure(run: Path, *, data: str | None, images: int, attacks: bool, out: Path | None) -> "Robustness":
    from inkwise.cli.terminal.stages import StageProgress
    from inkwise.experiments.evaluate import evaluate_robustness

    with StageProgress() as stages:
        sheet = evaluate_robustness(
            run, data=data, num_images=images, attacks=attacks,
            on_step=lambda done, total: stages.show("robustness", done, total),
        )  # fmt: skip
    if out is not None:
        from inkwise.figures.encode import to_png
        from inkwise.figures.robustness import draw_robustness
        from inkwise.files import write_atomically

        write_atomically(out / "robustness.json", sheet.model_dump_json(indent=2) + "\n")
        write_atomically(out / "robustness.png", to_png(draw_robustness(sheet)))
    return sheet
