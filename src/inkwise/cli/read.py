"""inkwise read"""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inkwise.cli.correcting import correct_all
from inkwise.cli.output import fail_for_some, note, print_json
from inkwise.cli.settings import RayOption
from inkwise.cli.terminal.answers import check_options, show_answers

if TYPE_CHECKING:
    from inkwise.reports.reading import PictureReading


def read(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="[RUN] PHOTO",
            help="Photos, scans, drawings, folders of them; - is standard input. RUN, a run folder or a "
            "classifier.safetensors, reads in the place of the reader that inkwise ships.",
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    overlay: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Draw each picture there with what was read on it, and how."),
    ] = None,
    correct: Annotated[
        bool,
        typer.Option(
            "--correct",
            help="Ask for the right digits of each picture; `inkwise train --from-corrections` learns them.",
        ),
    ] = False,
    ray: RayOption = None,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="FOLDER",
            help="With --ray: where what was read goes, as parquet files; also an address. Where it is begun "
            "already, what is missing is read. Pictures may then also lie in tars, parquet, at addresses.",
        ),
    ] = None,
) -> None:
    """Read handwritten digits from photos, scans and drawings, and say which are doubtful."""
    run, pictures = _split(paths, is_local=ray is None)
    check_options(ray, out, overlay=overlay, correct=correct)
    if ray is not None and out is not None:
        from inkwise.scale.predicting.into import read_into

        show_answers(
            lambda show: read_into(out, pictures, run=run, ray=ray, on_progress=show),
            does="read", as_json=as_json,
        )  # fmt: skip
        return
    if correct:
        if as_json or overlay is not None or "-" in pictures:
            raise typer.BadParameter(
                "asks and answers in words; leave out --json, --overlay and -", param_hint="--correct"
            )
        correct_all(pictures, run=run)
        return
    found = _read_all(pictures, run=run, overlay=overlay, as_json=as_json)
    if overlay is not None:
        note(f"drawn in {overlay}")
    failed = [reading.error for reading in found if reading.error is not None]
    fail_for_some(failed, num_read=len(found) - len(failed))


def _split(paths: list[str], *, is_local: bool) -> tuple[str | None, list[str]]:
    """Return the run, where the first path is one, and the pictures."""
    from inkwise.classifier_file import FILE_NAME

    first = Path(paths[0])
    is_run = first.suffix == ".safetensors" or (first / FILE_NAME).exists()
    if is_run and len(paths) == 1:
        raise typer.BadParameter(f"{first} is a run; expected pictures after it", param_hint="PHOTO")
    if is_local and len(paths) > 1 and not (first.suffix or first.exists() or paths[0] == "-"):
        # Likely a run, misspelt: nobody wants the pictures read by another classifier than that.
        raise typer.BadParameter(
            f"{first}: no such run and no such picture, check the path", param_hint="RUN"
        )
    return (paths[0], paths[1:]) if is_run else (None, paths)


def _read_all(
    pictures: list[str], *, run: str | None, overlay: Path | None, as_json: bool
) -> list["PictureReading"]:
    """Read all pictures and print what was found, also where Ctrl-C ends it early."""
    from inkwise.cli.terminal.stages import StageProgress
    from inkwise.experiments.read import read as read_pictures
    from inkwise.reports.reading import tell_reading

    found: list[PictureReading] = []

    def show(done: int, total: int) -> None:
        if total > 1:
            stages.show("reading", done, total)

    try:
        with StageProgress() as stages, warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="PIL")  # a damaged file's, which is an answer anyway
            found.extend(read_pictures(pictures, run=run, overlay=overlay, processes=True, on_progress=show))
    finally:
        if not as_json:
            for reading in found:
                if reading.error is None:
                    print(tell_reading(reading))
    if as_json:
        print_json([reading.model_dump(mode="json") for reading in found])
    return found
