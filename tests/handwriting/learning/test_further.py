"""Own images and first weights of a training."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from tests.bars import bars_dataset

from inkwise.classifier import Classifier
from inkwise.errors import CheckpointError, DataError, HandwritingError
from inkwise.experiments.train import train
from inkwise.handwriting.corrections import add_corrections
from inkwise.handwriting.learning.further import first_classifier, further_images
from inkwise.handwriting.reader import ReadGlyph
from inkwise.recipes.load import load_recipe

ROOT = Path(__file__).parents[3]


def own_file(folder: Path, *, labels: object = (1, 0, 1), count: int = 3) -> Path:
    images = np.random.default_rng(0).integers(0, 256, (count, 28, 28)).astype(np.uint8)
    save_file({"images": images, "labels": np.array(labels, np.int64)}, folder / "own.safetensors")
    return folder / "own.safetensors"


def recipe_with(**settings: object):
    return load_recipe("mlp-sequential").with_settings({"epochs": 1, **settings})


def test_own_images_are_repeated_to_their_share(tmp_path: Path) -> None:
    """Of N other images a share of 0.2 is N / 4: 3 images are repeated ceil(N / 4 / 3) times."""
    data = bars_dataset(120, 20)
    recipe = recipe_with(own_images=str(own_file(tmp_path)), own_share=0.2)
    split = further_images(recipe, data)
    num_others = 120 - round(120 / 12)
    assert split is not None
    assert len(split) == 3 * -(-num_others // 12)
    np.testing.assert_array_equal(split.images[:3], split.images[-3:])


def test_few_images_are_repeated_less_than_to_their_share_as_the_page_says(tmp_path: Path) -> None:
    data = bars_dataset(2000, 20)
    split = further_images(recipe_with(own_images=str(own_file(tmp_path)), own_share=0.5), data)
    assert split is not None
    assert len(split) == 3 * 200 < round(2000 * 11 / 12)
    page = " ".join((ROOT / "docs" / "how-to" / "teach-it-your-hand.md").read_text("utf-8").split())
    assert "none more than 200 times" in page
    recipe = load_recipe("reader-corrected").data
    others = 60_000 * (1 - recipe.validation_fraction) + recipe.written_images
    assert round(100 * 2000 / (2000 + others)) == 3
    assert "ten digits come to 3 % of all, forty to a tenth" in page
    assert 200 * 37 / (200 * 37 + others) < recipe.own_share < 200 * 40 / (200 * 40 + others)


def test_recipe_without_any_adds_none() -> None:
    assert further_images(recipe_with(), bars_dataset()) is None
    assert first_classifier(recipe_with()) is None


@pytest.mark.parametrize(
    ("labels", "count", "message"),
    [((1, 0), 3, "3 images, labels of shape"), ((1, 0, 10), 3, "labels from 0 to 10, expected 0 to 9")],
)
def test_own_images_that_do_not_fit_are_refused(
    tmp_path: Path, labels: tuple[int, ...], count: int, message: str
) -> None:
    recipe = recipe_with(own_images=str(own_file(tmp_path, labels=labels, count=count)))
    with pytest.raises(DataError, match=message):
        further_images(recipe, bars_dataset())


def test_own_images_of_another_kind_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.safetensors"
    path.write_bytes(b"not one")
    with pytest.raises(DataError, match=r"own_images = .* cannot be read"):
        further_images(recipe_with(own_images=str(path)), bars_dataset())
    save_file({"images": np.zeros((2, 9, 9), np.uint8)}, path)
    with pytest.raises(DataError, match=r"expected images \(N, 28, 28\) uint8"):
        further_images(recipe_with(own_images=str(path)), bars_dataset())


def test_training_begins_with_the_weights_of_start(tmp_path: Path) -> None:
    """With a learning rate of nearly 0 they stay as they were."""
    data = bars_dataset()
    first = train(recipe_with(), data=data, out=tmp_path / "first", report=False)
    recipe = recipe_with(start=str(first.path), learning_rate=1e-30, seed=7)
    second = train(recipe, data=data, out=tmp_path / "second", report=False)
    for name, tensor in first.classifier.network.state_dict().items():
        np.testing.assert_array_equal(tensor, second.classifier.network.state_dict()[name])


def test_start_of_another_network_is_refused_before_the_folder_is_made(tmp_path: Path) -> None:
    data = bars_dataset()
    first = train(recipe_with(), data=data, out=tmp_path / "first", report=False)
    other = load_recipe("mlp-wide").with_settings({"start": str(first.path)})
    with pytest.raises(CheckpointError, match="tensor"):
        train(other, data=data, out=tmp_path / "second", report=False)
    assert not (tmp_path / "second").exists()


def test_threshold_of_start_is_kept(tmp_path: Path) -> None:
    data = bars_dataset()
    first = train(recipe_with(), data=data, out=tmp_path / "first", report=False).classifier
    header = first.header.model_copy(update={"metrics": {"accept_probability": 0.8, "temperature": 2.0}})
    Classifier(first.network, header).save(tmp_path / "kept.safetensors")
    recipe = recipe_with(start=str(tmp_path / "kept.safetensors"))
    run = train(recipe, data=data, out=tmp_path / "second", report=False)
    assert run.classifier.header.metrics["accept_probability"] == 0.8
    assert "temperature" not in run.classifier.header.metrics


def test_reader_is_a_start() -> None:
    classifier = first_classifier(load_recipe("reader-corrected"))
    assert classifier is not None
    assert classifier.header.network == "cnn-reader"


def test_corrections_are_copied_into_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that recipe.toml repeats the same training when there are more corrections tomorrow."""
    monkeypatch.setenv("INKWISE_CORRECTIONS", str(tmp_path / "store.sqlite"))
    recipe = recipe_with(own_images="corrections")
    with pytest.raises(HandwritingError, match="no corrections yet"):
        train(recipe, data=bars_dataset(), out=tmp_path / "none", report=False)
    assert not (tmp_path / "none").exists()
    image = np.random.default_rng(0).integers(0, 256, (28, 28)).astype(np.uint8)
    glyph = ReadGlyph((0, 0, 9, 9), 0, 0.9, True, image, 0)
    add_corrections([(glyph, 1)], picture="a.png")
    run = train(recipe, data=bars_dataset(), out=tmp_path / "run", report=False)
    kept = load_file(run.recipe.data.own_images)
    assert Path(run.recipe.data.own_images).parent == run.path
    np.testing.assert_array_equal(kept["images"], image[None])
    assert kept["labels"].tolist() == [1]
