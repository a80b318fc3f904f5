"""The pictures of the explanation show what it says: the same digit, and steps that bring it back."""

import numpy as np
from dev.handwriting import steps
from dev.handwriting_pictures import COLUMN_NAMES, SIDE, make_pictures


def likeness(first: np.ndarray, second: np.ndarray) -> float:
    """Return the correlation of two images, 1 for equal ones."""
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])


def test_every_column_has_its_name() -> None:
    assert len(COLUMN_NAMES) == 1 + len(steps())


def test_pictures_differ_and_the_last_step_makes_them_alike() -> None:
    """Resized they have little in common with the clean drawing; after all steps they are it."""
    pictures, ways = list(make_pictures().values()), list(steps().values())
    assert {picture.shape for picture in pictures} == {(SIDE, SIDE, 3)}
    resized, *_, prepared = ([way(picture) for picture in pictures] for way in ways)
    assert max(likeness(resized[0], image) for image in resized[1:]) < 0.5
    assert min(likeness(prepared[0], image) for image in prepared[1:]) > 0.9
