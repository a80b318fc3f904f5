"""The recogniser: the shipped one against torch, what a run gives, what is refused, what is not imported."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.bars import bars, bars_dataset

from inkwise.classifier import Classifier
from inkwise.data.load import load_dataset
from inkwise.errors import HandwritingError, ShapeError
from inkwise.experiments.train import train
from inkwise.handwriting.recogniser import DEFAULT_ACCEPT_PROBABILITY, SHIPPED, load_recogniser
from inkwise.runs.run import Run

IMAGES = load_dataset("digits").test.images


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    out = tmp_path_factory.mktemp("runs") / "one"
    return train("mlp-sequential", data=bars_dataset(60, 20), epochs=1, out=out, report=False)


def test_shipped_reader_in_onnx_runtime_equals_torch() -> None:
    """Real digits of the same form, and noise: every probability."""
    noise = np.random.default_rng(0).integers(0, 256, (40, 28, 28), dtype=np.uint8)
    images = np.concatenate([IMAGES, noise])
    shipped, in_torch = load_recogniser(), load_recogniser(SHIPPED / "reader.safetensors")
    np.testing.assert_allclose(shipped.probabilities(images), in_torch.probabilities(images), atol=1e-5)
    assert shipped.accept_probability == in_torch.accept_probability


def test_shipped_files_are_small_and_all_there() -> None:
    files = {path.name: path.stat().st_size for path in SHIPPED.iterdir() if path.suffix != ".pyc"}
    assert set(files) == {"reader.safetensors", "reader.onnx", "model-card.md"}
    assert sum(files.values()) <= 2_000_000
    assert files["reader.onnx"] < 10_000, "the weights are in the other file"


def test_shipped_reader_knows_real_digits_it_never_saw() -> None:
    """scikit-learn's 8x8 digits, enlarged, are no MNIST; most of them are read all the same."""
    split = load_dataset("digits").test
    found = load_recogniser().probabilities(split.images)
    assert (found.argmax(1) == split.labels).mean() > 0.9


def test_shipped_reader_is_an_ordinary_classifier_file() -> None:
    classifier = Classifier.load(SHIPPED / "reader.safetensors")
    assert classifier.classes == tuple("0123456789")
    assert 0.5 <= classifier.header.metrics["accept_probability"] < 1


def test_probabilities_are_float32_rows_that_sum_to_one() -> None:
    found = load_recogniser().probabilities(IMAGES[:7])
    assert (found.dtype, found.shape) == (np.float32, (7, 10))
    np.testing.assert_allclose(found.sum(1), 1, atol=1e-5)


def test_each_image_is_answered_alone_whatever_the_batch() -> None:
    """300 images are two batches; a view with gaps and an empty array are taken as they are."""
    recogniser, images = load_recogniser(), IMAGES[:300]
    together = recogniser.probabilities(images)
    np.testing.assert_allclose(recogniser.probabilities(images[257:258]), together[257:258], atol=1e-6)
    np.testing.assert_allclose(recogniser.probabilities(images[::-1]), together[::-1], atol=1e-6)
    assert recogniser.probabilities(images[:0]).shape == (0, 10)


def test_run_is_read_with_its_own_probabilities(run: Run) -> None:
    images = bars(30, seed=3).images
    recogniser = load_recogniser(run.path)
    np.testing.assert_array_equal(
        recogniser.probabilities(images), run.classifier.predict(images).probabilities
    )
    assert recogniser.accept_probability == DEFAULT_ACCEPT_PROBABILITY


def test_run_of_other_classes_is_refused(tmp_path: Path) -> None:
    run = train(
        "mlp-sequential",
        data=bars_dataset(60, 20, num_classes=4),
        epochs=1,
        out=tmp_path / "run",
        report=False,
    )
    with pytest.raises(HandwritingError, match=r"tells 4 classes apart, 0 to 3; reading needs the ten"):
        load_recogniser(run.path)


@pytest.mark.parametrize(
    "images", [np.zeros((28, 28), np.uint8), np.zeros((1, 28, 28)), np.zeros((1, 20, 20), np.uint8)]
)
def test_other_images_are_refused(images: np.ndarray) -> None:
    with pytest.raises(ShapeError, match=r"uint8 of shape \(N, 28, 28\), got .*pass image\[None\]"):
        load_recogniser().probabilities(images)


def test_shipped_reader_answers_without_torch_and_the_like() -> None:
    """A photo must be read in 1.5 s, and importing torch alone takes 1.3."""
    code = """
import sys
import numpy as np
from inkwise.handwriting.recogniser import load_recogniser
load_recogniser().probabilities(np.zeros((2, 28, 28), np.uint8))
print(sorted({"torch", "scipy", "sklearn", "matplotlib"} & set(sys.modules)))
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == "[]"
