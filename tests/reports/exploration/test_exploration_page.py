"""The page tells what was found, as text that no class name can turn into markup."""

import re
from pathlib import Path

import numpy as np
import pytest
from tests.bars import bars_dataset

from inkwise.data.catalogue import CATALOGUE
from inkwise.data.dataset import Dataset, Split
from inkwise.experiments.explore import explore
from inkwise.exploration.classes import class_images
from inkwise.exploration.exploration import Exploration
from inkwise.exploration.label_audit import ContestedCheck, LabelAudit, PartAudit, Suspect
from inkwise.reports.exploration.page import write_exploration


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    """Bars of two classes with odd names; the last two train images are equal to the first test image."""
    clean = bars_dataset(30, 10, num_classes=2)
    images = np.concatenate([clean.train.images, clean.test.images[[0, 0]]])
    train = Split(images, np.append(clean.train.labels, [0, 1]))
    return Dataset("<i>bars", ("<b>upper", "lower & darker"), train, clean.test)


@pytest.fixture(scope="module")
def found(dataset: Dataset) -> Exploration:
    return explore(dataset)


def page_of(found: Exploration, dataset: Dataset, folder: Path) -> str:
    images = class_images(dataset.train, len(dataset.classes))
    return write_exploration(found, dataset, images=images, out=folder).read_text()


def with_audit(found: Exploration, *, contested: ContestedCheck | None = None) -> Exploration:
    suspect = Suspect(index=3, label=1, probability=0.004, suggested=0, suggested_probability=0.99)
    part = PartAudit(num_judged=10, num_unjudged=2, accuracy=0.9, num_suspicious=1, suspects=(suspect,))
    audit = LabelAudit(
        method="self_confidence", num_folds=5, train=part, test=part, contested=contested, seconds=3.0,
        verdict="one is doubtful",
    )  # fmt: skip
    return found.model_copy(update={"label_audit": audit})


def test_page_asks_for_nothing_outside_itself(found: Exploration, dataset: Dataset, tmp_path: Path) -> None:
    page = page_of(found, dataset, tmp_path)
    assert "<script" not in page
    assert re.findall(r'(?:src|href)="(?!data:|#)[^"]*"', page) == []
    assert len(page) < 5_000_000


def test_names_are_text(found: Exploration, dataset: Dataset, tmp_path: Path) -> None:
    page = page_of(with_audit(found), dataset, tmp_path)
    assert "<b>upper" not in page
    assert "<i>bars" not in page
    assert "&lt;b&gt;upper" in page
    assert "inkwise explore &#39;&lt;i&gt;bars&#39; --out FOLDER" in page


def test_every_picture_is_described(found: Exploration, dataset: Dataset, tmp_path: Path) -> None:
    page = page_of(with_audit(found), dataset, tmp_path)
    images = re.findall(r"<img [^>]*>", page)
    assert len(images) > 40
    assert all(re.search(r'alt="[^"]+"', image) for image in images)
    assert page.count("<svg") == page.count('role="img" aria-label="') == 4


def test_leak_and_conflict_are_warned_of(found: Exploration, dataset: Dataset, tmp_path: Path) -> None:
    page = page_of(found, dataset, tmp_path)
    assert "2 exact copies, 1 test image among the train images" in page
    assert "Differently labelled: 1 of these groups and pairs." in page
    assert "A test image that was learned from says nothing of images never seen." in page
    assert page.count("in train and in test</small>") == 1
    assert "3 equal images" in page


def test_what_was_not_asked_is_offered(found: Exploration, dataset: Dataset, tmp_path: Path) -> None:
    nothing = found.model_copy(update={"duplicates": None})
    page = page_of(nothing, dataset, tmp_path)
    assert "--audit-labels</code> trains networks" in page
    assert "without <code>--no-duplicates</code> does" in page


def test_doubtful_labels_are_shown_with_both_classes(
    found: Exploration, dataset: Dataset, tmp_path: Path
) -> None:
    page = page_of(with_audit(found), dataset, tmp_path)
    assert "One is doubtful." in page
    assert page.count("label <b>lower &amp; darker</b>") == 2  # train and test
    assert "0.4\N{NO-BREAK SPACE}% likely" in page
    assert "People disagree" not in page


def test_contested_label_tells_the_votes(tmp_path: Path) -> None:
    """MNIST's test image 947: five of five saw a 9 where the label says 8."""
    contested = next(one for one in CATALOGUE["mnist"].contested_test_labels if one.index == 947)
    split = bars_dataset(20, 1000).test
    dataset = Dataset("mnist", tuple("0123456789"), split, split)
    found = with_audit(
        explore(dataset, duplicates=False), contested=ContestedCheck(num_known=15, num_found=1)
    )
    assert found.label_audit is not None
    suspect = found.label_audit.test.suspects[0].model_copy(update={"index": 947})
    test = found.label_audit.test.model_copy(update={"suspects": (suspect,)})
    audit = found.label_audit.model_copy(update={"test": test})
    page = page_of(found.model_copy(update={"label_audit": audit}), dataset, tmp_path)
    assert page.count("People disagree:</b>") == 1
    votes = f"{contested.votes_label} of 5 said {contested.label}, {contested.votes_guessed} said"
    assert f"{votes} {contested.guessed}" in page
    assert "0 neither" not in page
