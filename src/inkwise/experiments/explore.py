"""The whole of `inkwise explore`: from a data set to its Exploration, and the page that shows it."""

import os
from collections.abc import Callable
from typing import Any

from inkwise.data.catalogue import CATALOGUE
from inkwise.data.formats.part import Progress
from inkwise.data.load import load_dataset
from inkwise.data.streaming.images import sample_dataset
from inkwise.exploration.exploration import Exploration
from inkwise.exploration.facts import describe_part, first_sample, label_bias, say_task

_MOST_STREAMED = 60_000

Stage = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done and how much there is in all."""


def explore(
    source: Any,
    *,
    out: str | os.PathLike[str] | None = None,
    duplicates: bool = True,
    audit_labels: bool = False,
    device: str = "auto",
    fetch: bool = True,
    on_progress: Progress | None = None,
    on_stage: Stage = lambda name, done, total: None,
) -> Exploration:
    """Return what a data set holds; images are read in pieces, so a mapped set stays on the disk.

    Of a streamed set a sample of 60,000 images a part is looked at, and notes["sample"] says so.

    Args:
        source: whatever load_dataset takes.
        out: a folder to write exploration.html and its pictures (PNG and SVG) into; None writes nothing.
        duplicates: whether equal images and near copies are looked for.
        audit_labels: whether five networks are trained that judge labels of images they have not seen.
        device: where these networks are trained, as for a training.
        fetch: whether a catalogue set that is not on this machine is downloaded.
        on_progress: as for load_dataset.
        on_stage: told how far the longer parts are.
    Raises:
        DataError: as load_dataset; or too few images to audit labels.
        ShapeError: as load_dataset.
        OutputError: a file cannot be written.
    """
    dataset = load_dataset(source, fetch=fetch, on_progress=on_progress)
    dataset = sample_dataset(dataset, most=_MOST_STREAMED)
    train, test = (describe_part(split, len(dataset.classes)) for split in (dataset.train, dataset.test))
    twice = audit = None
    if duplicates:
        from inkwise.exploration.duplicates import find_duplicates

        twice = find_duplicates(dataset, on_step=lambda *step: on_stage("comparing images", *step))
    if audit_labels:
        from inkwise.exploration import label_audit

        entry = CATALOGUE.get(source) if isinstance(source, str) else None
        audit = label_audit.audit_labels(
            dataset,
            contested=entry.contested_test_indices if entry else (),
            device=device,
            on_step=lambda *step: on_stage("training judges", *step),
        )
    found = Exploration(
        name=dataset.name,
        classes=dataset.classes,
        num_classes=len(dataset.classes),
        task="classification",
        task_reason=say_task(dataset),
        train=train,
        test=test,
        label_bias=label_bias(train.label_counts, test.label_counts),
        first_sample=first_sample(dataset),
        duplicates=twice,
        label_audit=audit,
        notes=dict(dataset.notes),
    )
    if out is not None:
        from inkwise.exploration.classes import class_images
        from inkwise.reports.exploration.page import write_exploration

        on_stage("drawing pictures", 0, 1)
        write_exploration(found, dataset, images=class_images(dataset.train, len(dataset.classes)), out=out)
        on_stage("drawing pictures", 1, 1)
    return found
