"""Every error a user can meet, in one tree.

    InkwiseError
    ├── DataError           a data set, image or label is missing, damaged or makes no sense
    ├── ShapeError          an array has the wrong shape, type or range
    ├── HandwritingError    a picture of writing cannot be read, or a correction makes no sense
    ├── RecipeError         a recipe or a setting is unknown or not valid
    ├── CheckpointError     a classifier or checkpoint file cannot be read
    ├── RunError            a run folder is missing, incomplete or in use
    ├── TrainingError       training cannot go on
    │   └── InterruptedTrainingError  somebody stopped it; what was reached is kept
    ├── OutputError         a result cannot be written (read-only folder, full disk)
    ├── ExportError         an exported file would not answer as its classifier does
    ├── ServingError        the server cannot start as it was told to
    ├── LessonError         a lesson is unknown, or does not run
    └── ClusterError        machines cannot be joined, or too much of the work on them failed

A message says what was given, what was expected and what to do. The command line prints it as one line.
"""

import difflib
from collections.abc import Iterable


class InkwiseError(Exception):
    """Anything that went wrong because of what inkwise was given."""


class DataError(InkwiseError):
    """A data set, image or label is missing, damaged or makes no sense."""


class ShapeError(InkwiseError):
    """An array has the wrong shape, type or range."""


class HandwritingError(InkwiseError):
    """A picture of writing cannot be read, or a correction makes no sense."""


class RecipeError(InkwiseError):
    """A recipe or a setting is unknown or not valid."""


class CheckpointError(InkwiseError):
    """A classifier or checkpoint file cannot be read."""


class RunError(InkwiseError):
    """A run folder is missing, incomplete or in use."""


class TrainingError(InkwiseError):
    """Training cannot go on: the loss is not a number."""


class InterruptedTrainingError(TrainingError):
    """Somebody stopped the training; what was reached is kept."""


class OutputError(InkwiseError):
    """A result cannot be written."""


class ExportError(InkwiseError):
    """An exported file would not answer as its classifier does."""


class ServingError(InkwiseError):
    """The server cannot start as it was told to."""


class LessonError(InkwiseError):
    """A lesson is unknown, or does not run."""


class ClusterError(InkwiseError):
    """Machines cannot be joined, or too much of the work on them failed."""


def unknown_name(kind: str, given: str, known: Iterable[str]) -> str:
    """Return the message for a name that is not known, with the nearest known one.

    >>> unknown_name("dataset", "mnits", ["usps", "mnist"])
    "unknown dataset 'mnits'; did you mean 'mnist'? Known: mnist, usps"
    >>> unknown_name("dataset", "MNIST", ["usps", "mnist"])
    "unknown dataset 'MNIST'; did you mean 'mnist'? Known: mnist, usps"
    """
    names = sorted(known)
    folded = {name.casefold(): name for name in names}
    near = difflib.get_close_matches(given.casefold(), folded, n=1, cutoff=0.6)
    hint = f"; did you mean {folded[near[0]]!r}?" if near else "."
    return f"unknown {kind} {given!r}{hint} Known: {', '.join(names)}"
