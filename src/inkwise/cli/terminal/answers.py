"""A job on Ray on the command line: its progress, its summary, what could not be answered."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import typer

from inkwise.cli.output import fail, note, print_json
from inkwise.cli.terminal.stages import StageProgress

if TYPE_CHECKING:
    from inkwise.scale.predicting.answering import Answers, Progress

_DOING = {"predict": "predicting", "read": "reading"}


def check_options(ray: str | None, out: str | None, **others: object) -> None:
    """Refuse --ray without --out, --out without --ray, and what neither can do.

    Raises:
        typer.BadParameter: so.
    """
    if (ray is None) != (out is None):
        raise typer.BadParameter(
            "--ray and --out belong together: --ray works, --out FOLDER is where the answers go",
            param_hint="--out" if ray is None else "--ray",
        )
    wrong = [f"--{name}" for name, value in others.items() if value]
    if ray is not None and wrong:
        raise typer.BadParameter(f"takes no {wrong[0]} beside it", param_hint="--ray")


def show_answers(work: Callable[["Progress"], "Answers"], *, does: str, as_json: bool) -> None:
    """Do a work, show how far it is, and say what came of it; exits with 1 where an image has no answer."""
    with StageProgress() as stages:
        answers = work(lambda done, total: stages.show(_DOING[does], done, total))
    if as_json:
        print_json(answers.model_dump(mode="json"))
    else:
        print(tell_answers(answers))
    if answers.num_skipped:
        note(f"{answers.num_skipped:,} files that are no images were passed over")
    if answers.num_errors:
        fail(
            f"{answers.num_errors:,} of {answers.num_images:,} images could not be read, the others were; "
            f"the column error in {answers.out} says why"
        )


def tell_answers(answers: "Answers") -> str:
    """Return a folder of answers in words."""
    made = answers.num_blocks - answers.num_blocks_before
    before = f", {answers.num_blocks_before:,} of them there before" if answers.num_blocks_before else ""
    blocks = "block" if answers.num_blocks == 1 else "blocks"
    pace = answers.images_per_second
    speed = f"; {made:,} in {answers.seconds:.1f} s, {pace:,.0f} images/s" if pace is not None else ""
    return f"{answers.out}: {answers.num_images:,} images in {answers.num_blocks:,} {blocks}{before}{speed}"
