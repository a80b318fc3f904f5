"""An Exploration as tables for a terminal."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from inkwise.exploration.duplicates import Duplicates, ImageRef
from inkwise.exploration.exploration import Exploration
from inkwise.exploration.label_audit import PartAudit
from inkwise.figures.percent import say_percent

_MOST_LISTED = 10


def tell_exploration(found: Exploration) -> Iterator[RenderableType]:
    """Yield the parts of an exploration, top to bottom, for rich to print."""
    yield _tabulate_parts(found)
    yield _tabulate_labels(found)
    lines = {"label bias": found.label_bias.verdict, "task": found.task_reason, **found.notes}
    if found.duplicates:
        lines["duplicates"] = found.duplicates.verdict
    if found.label_audit:
        lines["labels"] = f"{found.label_audit.verdict} ({found.label_audit.seconds:.0f} s)"
    else:
        lines["labels"] = "not asked which are doubtful, as --audit-labels does: it trains five networks"
    for name, text in lines.items():
        yield Text(f"{name:13} {text}")
    if found.duplicates and (found.duplicates.exact_groups or found.duplicates.near_pairs):
        yield _tabulate_copies(found.duplicates, found.classes)
    if found.label_audit:
        yield _tabulate_suspects("test", found.label_audit.test, found.classes)
        yield _tabulate_suspects("train", found.label_audit.train, found.classes)
    first = found.first_sample
    yield Text(
        f"\nfirst image   label {first.label}, class {first.class_name}, one-hot {list(first.one_hot)}"
    )
    yield Text(half_blocks(first.image))


def half_blocks(image: tuple[tuple[int, ...], ...]) -> str:
    """Return an image as text, two rows of pixels to a line; a pixel of 128 or more is drawn."""
    marks = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
    pairs = zip(image[::2], image[1::2], strict=True)
    return "\n".join(
        "".join(marks[a >= 128, b >= 128] for a, b in zip(upper, lower, strict=True))
        for upper, lower in pairs
    )


def _tabulate_parts(found: Exploration) -> Table:
    table = Table(title=Text(f"{found.name}: {found.num_classes} classes"), title_justify="left")
    for column in ("", "train", "test"):
        table.add_column(column)
    for row in found.rows():
        table.add_row(*map(Text, row))
    return table


def _tabulate_labels(found: Exploration) -> Table:
    table = Table(title="Images of each class", title_justify="left")
    for column in ("label", "class", "train", "share", "test", "share"):
        table.add_column(column, justify="left" if column == "class" else "right")
    for label, name in enumerate(found.classes):
        row = [Text(str(label)), Text(name)]
        for part in (found.train, found.test):
            row += [Text(f"{part.label_counts[label]:,}"), Text(f"{part.label_shares[label]:.2%}")]
        table.add_row(*row)
    return table


def _tabulate_copies(found: Duplicates, classes: tuple[str, ...]) -> Table:
    table = Table(title="Copies, those across train and test first", title_justify="left")
    for column in ("image", "class", "image", "class", ""):
        table.add_column(column)
    for group in found.exact_groups[:_MOST_LISTED]:
        ends = (group.images[0], group.images[-1])
        table.add_row(*_name(ends, classes), f"{group.num_images:,} equal")
    for pair in sorted(found.near_pairs, key=lambda pair: not pair.is_leak)[:_MOST_LISTED]:
        far = f"{255 * pair.difference:.1f} grey levels apart"
        table.add_row(*_name((pair.first, pair.second), classes), far)
    return table


def _name(refs: tuple[ImageRef, ImageRef], classes: tuple[str, ...]) -> list[Text]:
    return [Text(text) for ref in refs for text in (f"{ref.part} {ref.index}", classes[ref.label])]


def _tabulate_suspects(part: str, audit: PartAudit, classes: tuple[str, ...]) -> Table:
    table = Table(title=f"The most doubtful {part} labels", title_justify="left")
    for column in ("image", "label", "likely", "rather", "likely"):
        table.add_column(column, justify="right" if column in ("image", "likely") else "left")
    for suspect in audit.suspects[:_MOST_LISTED]:
        table.add_row(
            str(suspect.index),
            Text(classes[suspect.label]),
            say_percent(suspect.probability),
            Text(classes[suspect.suggested]),
            say_percent(suspect.suggested_probability),
        )
    return table
