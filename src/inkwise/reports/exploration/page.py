"""exploration.html: everything worth knowing of a data set before training, and its pictures as files."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inkwise.data.catalogue import CATALOGUE
from inkwise.files import write_atomically
from inkwise.reports.exploration import cards, charts, words
from inkwise.reports.page import Tile, render_page

if TYPE_CHECKING:
    from inkwise.data.dataset import Dataset
    from inkwise.exploration.classes import ClassImages
    from inkwise.exploration.exploration import Exploration

FILE_NAME = "exploration.html"


def write_exploration(
    found: Exploration, dataset: Dataset, *, images: ClassImages, out: str | os.PathLike[str]
) -> Path:
    """Write exploration.html and each picture as PNG and SVG into the folder out; return the page's path.

    Raises:
        OutputError: a file cannot be written.
    """
    folder = Path(out)
    selection = charts.select(dataset, images)
    svgs = charts.write_pictures(charts.draw_pictures(found, dataset, selection), folder)
    write_atomically(folder / FILE_NAME, render_exploration(found, dataset, selection=selection, svgs=svgs))
    return folder / FILE_NAME


def render_exploration(
    found: Exploration, dataset: Dataset, *, selection: charts.Selection, svgs: dict[str, str]
) -> str:
    """Return the HTML page of an exploration.

    Args:
        found: of dataset.
        dataset: where the images come from.
        selection: which of them are shown.
        svgs: the pictures of draw_pictures as draw_svg made them.
    """
    classes = found.classes
    return render_page(
        "exploration.html",
        found=found,
        words=words,
        charts=charts.make_charts(found, svgs),
        tiles=_make_tiles(found),
        strips=cards.make_strips(dataset.train, selection.samples, classes),
        batches=cards.make_batches(dataset.train, selection.batches, classes),
        class_cards=cards.make_class_cards(selection.images, classes, found.train.label_counts),
        spread=words.say_spread(selection.images, classes),
        argument=shlex.quote(found.name),
        **_make_copies(found, dataset),
        **_make_suspects(found, dataset),
    )


def _make_tiles(found: Exploration) -> list[Tile]:
    tiles = [Tile(str(found.num_classes), "classes")]
    if twice := found.duplicates:
        leaks = twice.num_exact_leaks + twice.num_near_leaks
        tiles.append(
            Tile(
                f"{twice.num_exact_copies:,}", "exact copy" if twice.num_exact_copies == 1 else "exact copies"
            )
        )
        tiles.append(
            Tile(
                f"{twice.num_near_pairs:,}",
                "pair of near copies" if twice.num_near_pairs == 1 else "pairs of near copies",
            )
        )
        tiles.append(Tile(f"{leaks:,}", "test images with a copy or near copy in train"))
    if audit := found.label_audit:
        doubtful = audit.train.num_suspicious + audit.test.num_suspicious
        tiles.append(Tile(f"{doubtful:,}", "doubtful labels"))
    return tiles


def _make_copies(found: Exploration, dataset: Dataset) -> dict[str, Any]:
    if found.duplicates is None:
        return {"groups": [], "pairs": []}
    return {
        "groups": cards.make_group_cards(found.duplicates, dataset),
        "pairs": cards.make_pair_cards(found.duplicates, dataset),
    }


def _make_suspects(found: Exploration, dataset: Dataset) -> dict[str, Any]:
    audit = found.label_audit
    if audit is None:
        return {"doubtful": []}
    # Only a set that is loaded by its name has the catalogue's order of images.
    contested = CATALOGUE[found.name].contested_test_labels if audit.contested else ()
    return {
        "doubtful": [
            ("test", audit.test, cards.make_suspect_cards(
                audit.test, dataset.test, found.classes, contested=contested
            )),
            ("train", audit.train, cards.make_suspect_cards(audit.train, dataset.train, found.classes)),
        ]
    }  # fmt: skip
