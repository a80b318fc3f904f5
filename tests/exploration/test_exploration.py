"""The record as a table of a notebook."""

import numpy as np

from inkwise.data.dataset import Dataset, Split
from inkwise.experiments.explore import explore


def test_notebook_shows_a_table_with_names_as_text() -> None:
    images = np.zeros((6, 28, 28), np.uint8)
    images[1::2] = 9
    split = Split(images, np.arange(6) % 2)
    found = explore(Dataset("<pets>", ("<b>cat", "dog & co"), split, split))
    html = found._repr_html_()
    assert "<caption>&lt;pets&gt;: 2 classes</caption>" in html
    assert "<th>images of &lt;b&gt;cat</th><td>3</td><td>3</td>" in html
    assert "<th>images of dog &amp; co</th>" in html
    assert "<td>(6, 28, 28) uint8</td>" in html
    assert "10 exact copies, 6 test images among the train images" in html
    assert html.count("<table>") == html.count("</table>") == 1
