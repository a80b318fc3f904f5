"""The Exploration: all that `inkwise explore` finds out about a data set, in one record."""

from html import escape
from typing import Literal

from pydantic import BaseModel

from inkwise.exploration.duplicates import Duplicates
from inkwise.exploration.facts import FirstSample, LabelBias, PartFacts
from inkwise.exploration.label_audit import LabelAudit
from inkwise.html_table import html_table


class Exploration(BaseModel, frozen=True):
    """Everything `inkwise explore --json` prints. A notebook shows it as a table.

    Attributes:
        name: what the set was loaded as.
        classes: K names.
        num_classes: K.
        task: "classification".
        task_reason: why, in words.
        train: facts of the train part.
        test: facts of the test part.
        label_bias: train against test.
        first_sample: the first train image with its label.
        duplicates: images that are there twice, or None where they were not looked for.
        label_audit: labels that networks doubt, or None where they were not asked.
        notes: how the set came to be.
    """

    name: str
    classes: tuple[str, ...]
    num_classes: int
    task: Literal["classification"]
    task_reason: str
    train: PartFacts
    test: PartFacts
    label_bias: LabelBias
    first_sample: FirstSample
    duplicates: Duplicates | None
    label_audit: LabelAudit | None
    notes: dict[str, str]

    def rows(self) -> list[tuple[str, str, str]]:
        """Return the facts of both parts as text: what it is, of train, of test."""
        train, test = _tell(self.train), _tell(self.test)
        return [(name, train[name], test[name]) for name in train]

    def _repr_html_(self) -> str:
        lines = list(self.rows())
        for label, name in enumerate(self.classes):
            counts = (self.train.label_counts[label], self.test.label_counts[label])
            lines.append((f"images of {name}", f"{counts[0]:,}", f"{counts[1]:,}"))
        said = [self.label_bias.verdict]
        said += [found.verdict for found in (self.duplicates, self.label_audit) if found]
        words = "".join(f"<p>{escape(text)}</p>" for text in said)
        title = f"{self.name}: {self.num_classes} classes"
        table = html_table(lines, columns=("", "train", "test"), caption=title, side="right")
        return f"{table}{words}"


def _tell(part: PartFacts) -> dict[str, str]:
    return {
        "images": f"{part.images_shape} {part.images_dtype}",
        "labels": f"{part.labels_shape} {part.labels_dtype}",
        "pixel range": f"{part.pixel_range[0]} to {part.pixel_range[1]}",
        "scaled to [0, 1]": f"{part.scaled_range[0]:.4g} to {part.scaled_range[1]:.4g}",
        "scaled mean": f"{part.pixel_mean:.4f}",
        "scaled std": f"{part.pixel_std:.4f}",
    }
