"""`inkwise explore`: the facts of a data set before training."""

from typing import TYPE_CHECKING, Annotated

import typer

from inkwise.cli.output import print_json

if TYPE_CHECKING:
    from inkwise.exploration.facts import Exploration, PartFacts

Data = Annotated[str, typer.Argument(metavar="DATA", help="A name of `inkwise data list`, or a path.")]


def explore(
    data: Data,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show shapes, value ranges, label shares and the first image of a data set."""
    from inkwise.cli.transfer import show_progress
    from inkwise.exploration.facts import explore as explore_data

    with show_progress(data) as on_progress:
        found = explore_data(data, on_progress=on_progress)
    if json:
        print_json(found.model_dump(mode="json"))
    else:
        _print(found)


def half_blocks(image: tuple[tuple[int, ...], ...]) -> str:
    """Return an image as text, two rows of pixels to a line; a pixel of 128 or more is drawn."""
    marks = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
    pairs = zip(image[::2], image[1::2], strict=True)
    return "\n".join(
        "".join(marks[a >= 128, b >= 128] for a, b in zip(upper, lower, strict=True))
        for upper, lower in pairs
    )


def _print(found: "Exploration") -> None:
    from rich.console import Console

    console = Console(highlight=False, markup=False, emoji=False)
    console.print(_parts_table(found), _labels_table(found))
    console.print(f"label bias    {found.label_bias.verdict}")
    console.print(f"task          {found.task_reason}")
    for name, text in found.notes.items():
        console.print(f"{name:13} {text}")
    first = found.first_sample
    console.print(
        f"\nfirst image   label {first.label}, class {first.class_name}, one-hot {list(first.one_hot)}"
    )
    console.print(half_blocks(first.image))


def _parts_table(found: "Exploration") -> object:
    from rich.table import Table

    table = Table(title=f"{found.name}: {found.num_classes} classes", title_justify="left")
    for column in ("", "train", "test"):
        table.add_column(column)
    facts = (_lines(found.train), _lines(found.test))
    for name, train in facts[0].items():
        table.add_row(name, train, facts[1][name])
    return table


def _lines(part: "PartFacts") -> dict[str, str]:
    return {
        "images": f"{part.images_shape} {part.images_dtype}",
        "labels": f"{part.labels_shape} {part.labels_dtype}",
        "pixel range": f"{part.pixel_range[0]} to {part.pixel_range[1]}",
        "scaled to [0, 1]": f"{part.scaled_range[0]:.4g} to {part.scaled_range[1]:.4g}",
        "scaled mean": f"{part.pixel_mean:.4f}",
        "scaled std": f"{part.pixel_std:.4f}",
    }


def _labels_table(found: "Exploration") -> object:
    from rich.table import Table

    table = Table(title="Images of each class", title_justify="left")
    for column in ("label", "class", "train", "share", "test", "share"):
        table.add_column(column, justify="left" if column == "class" else "right")
    for label, name in enumerate(found.classes):
        row = [str(label), name]
        for part in (found.train, found.test):
            row += [f"{part.label_counts[label]:,}", f"{part.label_shares[label]:.2%}"]
        table.add_row(*row)
    return table
