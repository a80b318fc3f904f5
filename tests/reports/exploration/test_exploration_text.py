"""The terminal shows the same: names as text, the drawing of an image, copies and doubtful labels."""

import io

import numpy as np
from rich.console import Console

from inkwise.data.dataset import Dataset, Split
from inkwise.experiments.explore import explore
from inkwise.exploration.exploration import Exploration
from inkwise.exploration.label_audit import LabelAudit, PartAudit, Suspect
from inkwise.reports.exploration.text import half_blocks, tell_exploration


def told(found: Exploration) -> str:
    console = Console(file=io.StringIO(), width=200, highlight=False, emoji=False)
    console.print(*tell_exploration(found), sep="\n")
    return console.file.getvalue()


def pets() -> Exploration:
    images = np.zeros((4, 28, 28), np.uint8)
    images[2:] = 9
    split = Split(images, np.array([0, 0, 1, 1]))
    return explore(Dataset("[red]pets", ("[bold]cat", "[/dog]"), split, split))


def test_names_in_square_brackets_are_printed_as_they_are() -> None:
    text = told(pets())
    assert "[red]pets: 2 classes" in text
    assert "[bold]cat" in text
    assert "[/dog]" in text


def test_copies_have_a_table_with_their_places() -> None:
    text = told(pets())
    assert "6 exact copies, 4 test images among the train images" in text
    assert "train 2" in text
    assert "test 3" in text
    assert "4 equal" in text


def test_doubtful_labels_have_a_table() -> None:
    suspect = Suspect(index=3, label=1, probability=0.004, suggested=0, suggested_probability=0.99)
    part = PartAudit(num_judged=4, num_unjudged=0, accuracy=0.9, num_suspicious=1, suspects=(suspect,))
    audit = LabelAudit(
        method="self_confidence",
        num_folds=2,
        train=part,
        test=part,
        contested=None,
        seconds=3.2,
        verdict="one",
    )
    text = told(pets().model_copy(update={"label_audit": audit}))
    assert "labels        one (3 s)" in text
    assert text.count("0.40 %") == 2


def test_half_blocks_draw_two_rows_a_line() -> None:
    assert half_blocks(((0, 255, 0, 255), (0, 0, 128, 200))) == " ▀▄█"
    drawn = half_blocks(tuple((0,) * 28 for _ in range(28))).split("\n")
    assert (len(drawn), {len(line) for line in drawn}) == (14, {28})
