"""inkwise predict"""

from pathlib import Path
from typing import Annotated

import typer

from inkwise.cli.output import fail_for_some, note, print_json
from inkwise.cli.settings import RayOption
from inkwise.cli.terminal.answers import check_options, show_answers


def predict(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder or a classifier.safetensors.")],
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH",
            help="Pictures, folders, IDX, CSV, NPZ, parquet; - is standard input. With --ray also tars, and "
            "addresses such as s3://bucket/part-*.tar.",
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    csv: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a CSV file.")] = None,
    ray: RayOption = None,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="FOLDER",
            help="With --ray: where the answers go, as parquet files; also an address. Where they are begun "
            "already, the missing ones are made.",
        ),
    ] = None,
) -> None:
    """Name the class of single-object images, each with its probability.

    The images must look like those of the training set. Photos of handwriting: inkwise read.

    A file that cannot be read is told of on standard error, and makes the exit code 1. JSON and CSV
    (without --ray) hold the other answers: an empty list or the header alone where there are none.
    """
    if as_json and csv is not None:
        raise typer.BadParameter("takes no --json beside it; choose one of the two", param_hint="--csv")
    check_options(ray, out, csv=csv)
    if ray is not None and out is not None:
        from inkwise.scale.predicting.into import predict_into

        show_answers(
            lambda show: predict_into(out, run, paths, ray=ray, on_progress=show),
            does="predict", as_json=as_json,
        )  # fmt: skip
        return
    from inkwise.classifier import Classifier
    from inkwise.data.formats.paths import visible
    from inkwise.experiments.predict import predict as predict_paths
    from inkwise.experiments.predict import to_csv
    from inkwise.figures.percent import say_percent
    from inkwise.files import write_atomically

    classifier, errors, num_read = Classifier.load(run), list[str](), 0
    found = predict_paths(classifier, paths, on_error=lambda error: errors.append(visible(str(error))))
    if as_json or csv is not None:
        answers = list(found)
        num_read = len(answers)
        if csv is not None:
            write_atomically(csv, to_csv(answers, classifier.classes), option="--csv")
            note(f"written to {csv}")
        else:
            print_json([prediction.model_dump() for prediction in answers])
    else:
        for one in found:
            num_read += 1
            probability = say_percent(one.probability, decimals=1)
            print(f"{visible(one.path)}[{one.index}]  {one.class_name}  {probability}")
    fail_for_some(errors, num_read=num_read)
