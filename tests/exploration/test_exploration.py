"""The record as a table of a notebook."""

from xml.etree import ElementTree

import numpy as np

from inkwise.data.dataset import Dataset, Split
from inkwise.experiments.explore import explore


def test_notebook_shows_a_table_with_names_as_text() -> None:
    images = np.zeros((6, 28, 28), np.uint8)
    images[1::2] = 9
    split = Split(images, np.arange(6) % 2)
    found = explore(Dataset("<pets>", ("<b>cat", "dog & co"), split, split))
    html = found._repr_html_()
    assert "<b>" not in html
    table = ElementTree.fromstring(f"<div>{html}</div>").find("table")
    assert table.findtext("caption") == "<pets>: 2 classes"
    rows = [["".join(cell.itertext()) for cell in row] for row in table.iter("tr")]
    assert rows[0] == ["", "train", "test"]
    assert rows[1] == ["images", "(6, 28, 28) uint8", "(6, 28, 28) uint8"]
    assert rows[-2:] == [["images of <b>cat", "3", "3"], ["images of dog & co", "3", "3"]]
    assert "10 exact copies, 6 test images among the train images" in html
