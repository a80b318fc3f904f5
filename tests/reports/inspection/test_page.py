"""inspection.html: whole, alone, described, and saying what the inspection says."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.bars import bars
from tests.inspection.own_networks import TutorialNet, a_picture, recipe_network
from tests.reports.tags import Tags

from inkwise.inspection.doctor.finding import Finding
from inkwise.inspection.inspect import Inspection, inspect_module
from inkwise.reports.inspection.page import Subject, write_inspection

SIZE_LIMIT = 5_000_000  # bytes
SUBJECT = Subject(network="my-run", image="test image 3 of mnist", command="inkwise inspect my-run --index 3")


def an_inspection(name: str) -> Inspection:
    return inspect_module(recipe_network(name), a_picture(), train=bars(40), label=4, index=3)


@pytest.fixture(scope="module")
def inspection() -> Inspection:
    return an_inspection("cnn-lenet")


@pytest.fixture(scope="module")
def folder(inspection: Inspection, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inspection")
    assert write_inspection(inspection, folder, subject=SUBJECT) == folder / "inspection.html"
    return folder


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    return (folder / "inspection.html").read_text(encoding="utf-8")


def test_page_closes_every_tag(page: str) -> None:
    assert Tags(page).open == []


def test_page_asks_for_nothing_and_runs_nothing(page: str) -> None:
    tags = Tags(page)
    assert not {"script", "link", "iframe", "object", "base"} & {tag for tag, _ in tags.found}
    addresses = [
        value
        for _, attributes in tags.found
        for name, value in attributes.items()
        if name.endswith(("src", "href"))
    ]
    assert addresses
    assert all(address and address.startswith(("data:image/png;base64,", "#")) for address in addresses)
    assert not re.search(r"@import|url\((?!#)", page)


def test_page_of_the_largest_network_is_small(page: str, tmp_path: Path) -> None:
    assert len(page.encode()) < SIZE_LIMIT
    big = write_inspection(an_inspection("cnn-keras"), tmp_path, subject=SUBJECT)
    assert big.stat().st_size < SIZE_LIMIT


def test_page_describes_every_panel(page: str) -> None:
    pictures = [attributes for tag, attributes in Tags(page).found if tag == "svg"]
    described = [attributes["aria-label"] or "" for attributes in pictures]
    assert "Layer 0, Conv2d. Weights: 20 kernels of 5\N{MULTIPLICATION SIGN}5" in described
    assert all(len(words) > 15 for words in described)


def test_page_has_no_id_twice_and_every_link_a_goal(page: str) -> None:
    ids = [attributes["id"] for _, attributes in Tags(page).found if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:url\(#|href="#)([^)"]+)', page)) <= set(ids)


def test_page_tells_every_layer_in_order(page: str, inspection: Inspection) -> None:
    """M7, I12: number, kind, what each axis of the output is, parameters."""
    plain = page.replace("\N{MULTIPLICATION SIGN}", "x")
    rows = re.findall(r'<a href="#layer-(\d+)">(\d+) (\w+)</a>', plain)
    assert rows == [(str(view.index), str(view.index), view.kind) for view in inspection.layers]
    assert "50 channels x 8 rows x 8 columns" in plain
    assert "25,050" in plain
    assert "431,080" in plain


def test_page_tells_the_answer(page: str, inspection: Inspection) -> None:
    plain = page.replace("\N{NO-BREAK SPACE}", " ")
    assert f"<h1>{inspection.classes[inspection.prediction]}" in plain
    share = 100 * float(inspection.probabilities[inspection.prediction])
    assert f"is {share:.2f} % sure" in plain
    assert "inkwise inspect my-run --index 3" in plain


def test_page_says_how_far_a_map_may_be_trusted(page: str, inspection: Inspection) -> None:
    plain = page.replace("\N{MINUS SIGN}", "-")
    for attribution in inspection.attributions:
        assert attribution.note[:40] in plain
        if attribution.agreement_with_random is not None:
            assert f"untrained: {attribution.agreement_with_random:.2f}" in plain


def test_drawing_stands_once_in_the_page(page: str) -> None:
    """The panels of a plate share it: one holds it, the others refer to it."""
    assert page.count('<g id="layer-00-conv2d-all">') == 1
    assert page.count('<use href="#layer-00-conv2d-all"/>') == 3


def test_large_kernels_refer_to_the_same_drawing(page: str) -> None:
    assert page.count("The kernels, large") == 1
    assert page.count('<use href="#layer-03-conv2d-all"/>') == 4


def test_page_made_twice_is_the_same(inspection: Inspection, folder: Path, page: str, tmp_path: Path) -> None:
    again = write_inspection(inspection, tmp_path, subject=SUBJECT)
    assert again.read_text(encoding="utf-8") == page
    for path in folder.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()


def test_findings_come_before_the_layers(inspection: Inspection, tmp_path: Path) -> None:
    finding = Finding("dead-classes", "Class <4> is dead.", "0 of 100", "It cannot win.", "Leave ReLU out.")
    found = replace(inspection, findings=(finding,))
    page = write_inspection(found, tmp_path, subject=SUBJECT).read_text(encoding="utf-8")
    assert page.index("Class &lt;4&gt; is dead.") < page.index("The network, layer by layer")


def test_page_without_neighbours_and_label_says_less(tmp_path: Path) -> None:
    torch.manual_seed(0)
    found = inspect_module(TutorialNet(), a_picture())
    page = write_inspection(found, tmp_path, subject=replace(SUBJECT, was_examined=False)).read_text()
    assert "Nobody has told what it is." in page
    assert "training images" not in page
    assert "dead units" not in page
    assert "relu" in page


def test_page_of_hostile_names_stays_text(inspection: Inspection, tmp_path: Path) -> None:
    hostile = ("<script>alert(1)</script>", 'a"b', "$x^$", "あ", *inspection.classes[4:])
    subject = replace(SUBJECT, network="<b>run</b>", image="<i>photo</i>")
    found = replace(inspection, classes=hostile, prediction=0)
    page = write_inspection(found, tmp_path, subject=subject).read_text(encoding="utf-8")
    assert "script" not in {tag for tag, _ in Tags(page).found}
    assert "<b>run" not in page
    assert "<i>photo" not in page


def test_original_is_shown_beside_what_is_seen(inspection: Inspection, tmp_path: Path) -> None:
    subject = replace(SUBJECT, original=np.zeros((50, 40), np.uint8))
    page = write_inspection(inspection, tmp_path, subject=subject).read_text(encoding="utf-8")
    assert "The picture: 50 rows" in page
    assert "What the network sees: 28 rows" in page


def test_mlp_page_shows_its_first_weights(tmp_path: Path) -> None:
    page = write_inspection(an_inspection("mlp-sequential"), tmp_path, subject=SUBJECT).read_text()
    assert "What each unit of the first layer looks for: 128 units" in page
