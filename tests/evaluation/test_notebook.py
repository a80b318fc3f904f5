"""What a notebook shows of an Evaluation: its own numbers, escaped names, tables that can be read aloud."""

import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest
import torch

from inkwise.evaluation.evaluate import evaluate_outputs

# Three right of four: rows say class 0, 1, 0, 1 and the last is a 0.
OUTPUTS = torch.tensor([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.4, 0.6]]).log()
LABELS = torch.tensor([0, 1, 0, 0])


@pytest.fixture
def evaluation():
    return evaluate_outputs(OUTPUTS, LABELS, classes=["cat", "dog"], dataset="pets", split_name="test")


def rows_of(evaluation):
    """Return the words of each row; the HTML is well-formed XML too."""
    root = ElementTree.fromstring(evaluation._repr_html_())
    return [["".join(cell.itertext()) for cell in row] for row in root.iter("tr")]


def test_notebook_shows_the_whole_with_its_interval(evaluation):
    """Wilson for 3 of 4: (0.3006, 0.9544)."""
    assert rows_of(evaluation)[:4] == [
        ["images right", "3 of 4"],
        ["accuracy", "75.00%"],
        ["its 95 % interval", "30.06% to 95.44%"],
        ["loss: mean of -log p, in nats", f"{-(OUTPUTS.exp()[range(4), LABELS].log()).mean():.4f}"],
    ]


def test_notebook_shows_each_class(evaluation):
    """cat: both called so are right, 2 of 3 found, F1 = 2*1*(2/3)/(5/3) = 0.8; dog: 1 of 2, all found."""
    assert rows_of(evaluation)[-3:] == [
        ["class", "precision", "recall", "F1", "images"],
        ["cat", "100.00%", "66.67%", "80.00%", "3"],
        ["dog", "50.00%", "100.00%", "66.67%", "1"],
    ]


def test_one_mistake_in_many_images_is_never_rounded_away():
    labels = torch.zeros(100_000, dtype=torch.int64)
    labels[0] = 1
    outputs = torch.tensor([[0.9, 0.1]]).log().expand(100_000, 2)
    many = evaluate_outputs(outputs, labels, classes=["a", "b"], dataset="many", split_name="test")
    assert ["accuracy", "99.999%"] in rows_of(many)
    assert ["classes never predicted", "b"] in rows_of(many)


def test_names_of_classes_are_escaped():
    bad = "<script>alert(1)</script>&"
    shown = evaluate_outputs(OUTPUTS, LABELS, classes=[bad, "b"], dataset=bad, split_name="test")
    assert "<script" not in shown._repr_html_()
    assert [row[0] for row in rows_of(shown)][-2:] == [bad, "b"]


def test_tables_can_be_read_aloud(evaluation):
    """Every table has a caption, every row a header cell, every column too."""
    root = ElementTree.fromstring(evaluation._repr_html_())
    captions = [table.findtext("caption") for table in root.iter("table")]
    assert captions == ["pets, test part", "Each class"]
    assert {cell.get("scope") for cell in root.iter("th")} == {"row", "col"}
    assert all(row[0].tag == "th" for row in root.iter("tr"))


def test_notebook_view_sets_no_colour(evaluation):
    """Light or dark is the notebook's own."""
    assert not re.search(r"color|background|#[0-9a-f]{3}", evaluation._repr_html_())


def test_notebook_view_needs_no_matplotlib():
    code = "import inkwise.evaluation.evaluate, sys; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "False", done.stderr
