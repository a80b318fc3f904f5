"""Is one classifier better than another, on the same images? The paired test and the honest words for it.

Pairing is what makes 10,000 images enough: both meet the same easy and the same unreadable ones, so only
the images on which they differ count. The test speaks of these trained classifiers, not of their recipes;
for those, train several seeds of each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from pydantic import BaseModel, ConfigDict
from torch import Tensor

from inkwise.errors import ShapeError
from inkwise.evaluation.intervals import PairedCounts, paired_difference_interval, wilson_interval

SIGNIFICANCE = 0.05  # above it the words are "difference not shown"


class ComparedRun(BaseModel):
    """One classifier of a comparison: its name, errors, accuracy and Wilson 95 % interval (low, high).

    framework is what it was trained in, images_per_second how fast; None where nobody knows.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    num_errors: int
    accuracy: float
    accuracy_interval: tuple[float, float]
    framework: str | None = None
    images_per_second: float | None = None


class PairComparison(BaseModel):
    """Two classifiers on the same images.

    Attributes:
        first, second: their names.
        num_only_first_right, num_only_second_right: images on which one is right and the other wrong.
        difference: accuracy of second minus accuracy of first, a fraction in [-1, 1].
        difference_interval: Newcombe's 95 % interval of it (low, high), for this pair alone.
        p_value: McNemar's exact test.
        adjusted_p_value: p_value after Holm's correction for all pairs; the same when there is one pair.
        is_shown: adjusted_p_value is at most 0.05.
        verdict: the result in words, points being percent of the images; "difference not shown"
            unless is_shown.
    """

    model_config = ConfigDict(frozen=True)

    first: str
    second: str
    num_only_first_right: int
    num_only_second_right: int
    difference: float
    difference_interval: tuple[float, float]
    p_value: float
    adjusted_p_value: float
    is_shown: bool
    verdict: str


class Comparison(BaseModel):
    """Two or more classifiers on the same images; model_dump() is what `inkwise compare --json` prints.

    Attributes:
        dataset, split: the images, such as "mnist" and "test".
        num_images: count.
        runs: one entry a classifier, in the order given.
        pairs: every pair, in the order given.
    """

    model_config = ConfigDict(frozen=True)

    dataset: str
    split: str
    num_images: int
    runs: tuple[ComparedRun, ...]
    pairs: tuple[PairComparison, ...]


def compare_predictions(
    predictions: Mapping[str, Tensor], labels: Tensor, *, dataset: str, split_name: str = "test"
) -> Comparison:
    """Return the Comparison of classifiers that predicted the same images.

    Args:
        predictions: two or more, name to (N,) int64 predicted labels.
        labels: (N,) int64.
        dataset, split_name: what to call them in the record.
    Raises:
        ShapeError: fewer than two, or a shape differs.
    """
    if len(predictions) < 2:
        raise ShapeError(f"a comparison needs at least 2 runs, got {len(predictions)}")
    right = {name: _is_right(name, predicted, labels) for name, predicted in predictions.items()}
    pairs = list(combinations(right, 2))
    counts = [_count(right[first], right[second]) for first, second in pairs]
    p_values = [mcnemar_exact(table) for table in counts]
    return Comparison(
        dataset=dataset,
        split=split_name,
        num_images=len(labels),
        runs=tuple(_summarise(name, is_right) for name, is_right in right.items()),
        pairs=tuple(
            _compare_pair(names, table, p_value=p, adjusted_p_value=adjusted)
            for names, table, p, adjusted in zip(pairs, counts, p_values, adjust_holm(p_values), strict=True)
        ),
    )


def mcnemar_exact(counts: PairedCounts) -> float:
    """Return the two-sided p-value of McNemar's exact test, in (0, 1].

    If neither were better, each image that exactly one gets right would be a fair coin's toss; p is the
    chance of a split at least this uneven. Images that both get right or wrong say nothing.

    Source: McNemar, Psychometrika 12, 1947, pages 153-157, in its exact binomial form.

    >>> mcnemar_exact(PairedCounts(both_right=90, only_first_right=1, only_second_right=9, both_wrong=0))
    0.021484375
    """
    from scipy.stats import binomtest  # slow to import, and only this needs it

    discordant = counts.only_first_right + counts.only_second_right
    return float(binomtest(counts.only_first_right, discordant).pvalue) if discordant else 1.0


def adjust_holm(p_values: Sequence[float]) -> list[float]:
    """Return the p-values after Holm's step-down correction, in the order given, each at most 1.

    With m pairs the smallest is multiplied by m, the next by m - 1, and so on, never falling below an
    earlier one: the chance of showing any difference that is not there stays at 0.05.

    Source: Holm, Scandinavian Journal of Statistics 6, 1979, pages 65-70.

    >>> adjust_holm([0.25, 0.0625, 0.5])
    [0.5, 0.1875, 0.5]
    """
    adjusted, floor = list(p_values), 0.0
    for rank, position in enumerate(sorted(range(len(adjusted)), key=adjusted.__getitem__)):
        floor = max(floor, min(1.0, (len(adjusted) - rank) * p_values[position]))
        adjusted[position] = floor
    return adjusted


def _is_right(name: str, predicted: Tensor, labels: Tensor) -> Tensor:
    if predicted.shape != labels.shape or not len(labels):
        raise ShapeError(
            f"{name}: predictions must have shape ({len(labels)},) with at least 1 image, one a label, "
            f"got {tuple(predicted.shape)}; a paired test needs the same images"
        )
    return predicted == labels


def _count(first: Tensor, second: Tensor) -> PairedCounts:
    cells = ((first & second), (first & ~second), (~first & second), (~first & ~second))
    return PairedCounts(*(int(cell.sum()) for cell in cells))


def _summarise(name: str, is_right: Tensor) -> ComparedRun:
    num_right, num_images = int(is_right.sum()), len(is_right)
    return ComparedRun(
        name=name,
        num_errors=num_images - num_right,
        accuracy=num_right / num_images,
        accuracy_interval=wilson_interval(num_right, num_images),
    )


def _compare_pair(
    names: tuple[str, str], counts: PairedCounts, *, p_value: float, adjusted_p_value: float
) -> PairComparison:
    difference = (counts.only_second_right - counts.only_first_right) / sum(counts)
    is_shown = adjusted_p_value <= SIGNIFICANCE
    better = names[1] if difference > 0 else names[0]
    words = (
        f"{better} is better by {100 * abs(difference):.2f} points" if is_shown else "difference not shown"
    )
    return PairComparison(
        first=names[0],
        second=names[1],
        num_only_first_right=counts.only_first_right,
        num_only_second_right=counts.only_second_right,
        difference=difference,
        difference_interval=paired_difference_interval(counts),
        p_value=p_value,
        adjusted_p_value=adjusted_p_value,
        is_shown=is_shown,
        verdict=words,
    )
