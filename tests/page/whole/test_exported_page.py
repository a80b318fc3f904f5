"""What `inkwise export --to page` writes, opened from the disk in Chromium: it reads as PyTorch does."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser
from tests.exporting.classifiers import random_classifier
from tests.page.whole.visits import Visit, visiting_file

import inkwise
from inkwise.exporting.opened import open_for_export

NUM_IMAGES = 100
CLASSIFIERS = [random_classifier("cnn-lenet"), "reader"]
FORWARD = """async ([number, images]) => {
    const { parseClassifier, prepareNetwork, forward } = await import("inkwise/classifier.js");
    const { classifiers } = JSON.parse(document.getElementById("inkwise-config").textContent);
    const bytes = Uint8Array.from(atob(classifiers[number].data), letter => letter.charCodeAt(0));
    const network = prepareNetwork(parseClassifier(bytes.buffer));
    return images.map(image => [...forward(network, Uint8Array.from(image)).probabilities]);
}"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mailed") / "digits.html"
    inkwise.export(CLASSIFIERS[1], path, to="page", beside=CLASSIFIERS[:1])
    return path


@pytest.fixture
def visit(page: Path, browser: Browser) -> Iterator[Visit]:
    with visiting_file(browser, page) as visit:
        yield visit
    assert visit.complaints == []
    assert visit.requests == [page.as_uri()]


def test_digit_drawn_in_the_file_is_read(visit: Visit) -> None:
    visit.write("3")
    visit.expect_answer("3")


@pytest.mark.parametrize("number", [0, 1], ids=["reader", "cnn-lenet"])
def test_network_in_the_file_answers_as_pytorch_does(number: int, visit: Visit) -> None:
    """Within what half precision moves; each layer is held against PyTorch's in tests/page/network."""
    opened = open_for_export(CLASSIFIERS[1 - number])
    images = opened.probe.images[:NUM_IMAGES]
    found = np.array(visit.page.evaluate(FORWARD, [number, images.reshape(NUM_IMAGES, -1).tolist()]))
    np.testing.assert_allclose(found, opened.expected[:NUM_IMAGES], atol=0.01)
