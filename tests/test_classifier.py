"""The classifier and its file: round trip, golden bytes, every kind of damage, predicting without traces."""

import gzip
import hashlib
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from tests.golden_classifier import GOLDEN, GOLDEN_FILE, golden_classifier, square_images
from torch import nn

from inkwise.classifier import Classifier, evaluation_mode
from inkwise.classifier_file import FORMAT, Header
from inkwise.errors import CheckpointError, ShapeError
from inkwise.networks.build import ARCHITECTURES, build_network
from inkwise.networks.describe import describe_layers
from inkwise.preprocessing import Preprocessing

OUTPUTS = {
    "mlp-logsoftmax": "log_probabilities",
    "cnn-lenet": "log_probabilities",
    "cnn-keras": "probabilities",
}

# Exact: every term is a multiple of a power of 2. Worked out in float64, where the sums are the same.
GOLDEN_LOGITS = [
    [-0.1563262939453125, -0.0074005126953125, 0.01715087890625],
    [0.103923797607421875, -0.054065704345703125, -0.150119781494140625],
    [-0.16070556640625, -0.38677978515625, -0.13373565673828125],
    [-0.185516357421875, 0.0704803466796875, -0.0285186767578125],
]
GOLDEN_SHA256 = "add52b7fbafdcfc2270564f88014915a2b3441a563cbccffa7bb8421e4f02a7f"
GOLDEN_LAYERS = [
    {"name": "flatten()", "kind": "flatten"},
    {"name": "hidden_1", "kind": "linear", "weight": "hidden_1.weight", "bias": "hidden_1.bias"},
    {"name": "activation", "kind": "relu"},
    {"name": "hidden_2", "kind": "linear", "weight": "hidden_2.weight", "bias": "hidden_2.bias"},
    {"name": "activation", "kind": "relu"},
    {"name": "output", "kind": "linear", "weight": "output.weight", "bias": "output.bias"},
]
GOLDEN_HEADER = {
    "format": 2,
    "network": "mlp-class",
    "network_options": {},
    "layers": GOLDEN_LAYERS,
    "output": "logits",
    "preprocessing": {"mean": 0.5, "std": 0.5},
    "classes": ["nought", "one", "två"],
    "recipe": {"name": "golden", "training": {"seed": 7, "learning_rate": 0.01}},
    "metrics": {"epochs": 2.0, "validation_accuracy": 0.75},
    "provenance": {"dataset": "squares", "seed": 7, "commit": None},
}


def fresh_classifier(name: str, *, num_classes: int = 5) -> Classifier:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = build_network(name, num_classes=num_classes)
    header = Header(
        format=FORMAT, network=name, output=OUTPUTS.get(name, "logits"), preprocessing=Preprocessing(),
        classes=[f"class {k}" for k in range(num_classes)],
    )  # fmt: skip
    return Classifier(network.eval(), header)


def noise(num_images: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (num_images, 28, 28), dtype=np.uint8)


@pytest.fixture
def golden_path(tmp_path: Path) -> Path:
    path = tmp_path / "golden.safetensors"
    path.write_bytes(gzip.decompress(GOLDEN_FILE.read_bytes()))
    return path


def read_json(path: Path) -> dict[str, Any]:
    """Return the JSON at the head of a safetensors file: 8 bytes of its length, then itself."""
    raw = path.read_bytes()
    length = int.from_bytes(raw[:8], "little")
    document: dict[str, Any] = json.loads(raw[8 : 8 + length])
    return document


# --- the file ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_saved_classifier_loads_to_equal_bits(name: str, tmp_path: Path) -> None:
    classifier = fresh_classifier(name)
    classifier.save(tmp_path / "one.safetensors")
    loaded = Classifier.load(tmp_path / "one.safetensors")
    assert loaded.header.model_copy(update={"layers": []}) == classifier.header
    assert loaded.header.layers == describe_layers(classifier.network)
    assert torch.equal(loaded.log_probabilities(noise(7)), classifier.log_probabilities(noise(7)))


def test_loading_leaves_the_random_state_alone(tmp_path: Path) -> None:
    golden_classifier().save(tmp_path / "file.safetensors")
    before = torch.get_rng_state()
    Classifier.load(tmp_path / "file.safetensors")
    assert torch.equal(torch.get_rng_state(), before)


def test_saving_twice_gives_equal_bytes(tmp_path: Path) -> None:
    golden_classifier().save(tmp_path / "one.safetensors")
    Classifier.load(tmp_path / "one.safetensors").save(tmp_path / "two.safetensors")
    assert (tmp_path / "one.safetensors").read_bytes() == (tmp_path / "two.safetensors").read_bytes()


def test_written_file_has_the_golden_bytes(tmp_path: Path) -> None:
    """A change here is a change of the file format: raise FORMAT and keep the old golden file."""
    path = tmp_path / "golden.safetensors"
    golden_classifier().save(path)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == GOLDEN_SHA256
    assert path.read_bytes() == gzip.decompress(GOLDEN_FILE.read_bytes())


def test_header_says_what_a_reader_needs(golden_path: Path) -> None:
    """Format number, preprocessing, classes, recipe, metrics and provenance, as plain JSON."""
    head = read_json(golden_path)
    assert list(head["__metadata__"]) == ["inkwise"]
    assert json.loads(head["__metadata__"]["inkwise"]) == GOLDEN_HEADER
    assert head["hidden_1.weight"] == {"dtype": "F32", "shape": [128, 784], "data_offsets": [512, 401920]}


@pytest.mark.parametrize(("number", "lacking"), [(1, {"layers": []}), (2, {})])
def test_golden_file_still_loads_and_predicts(number: int, lacking: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "golden.safetensors"
    path.write_bytes(gzip.decompress((GOLDEN / f"classifier-format-{number}.safetensors.gz").read_bytes()))
    classifier = Classifier.load(path)
    assert classifier.header.model_dump() == {**GOLDEN_HEADER, "format": number, **lacking}
    logits = torch.tensor(GOLDEN_LOGITS)
    with torch.no_grad():
        assert torch.equal(
            classifier.network(classifier.preprocessing(torch.from_numpy(square_images()))), logits
        )
    predictions = classifier.predict(square_images())
    np.testing.assert_allclose(predictions.probabilities, logits.softmax(1).numpy(), rtol=1e-6)
    assert predictions.labels.tolist() == [2, 0, 2, 1]
    assert predictions.class_names == ["två", "nought", "två", "one"]
    assert len(predictions) == 4


# --- damage ------------------------------------------------------------------------------------------------


def assert_refused(path: Path, match: str) -> None:
    with pytest.raises(CheckpointError, match=match) as caught:
        Classifier.load(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 500, 1200, 2000, 400_000, 436_603])
def test_truncated_file_is_refused(golden_path: Path, size: int) -> None:
    golden_path.write_bytes(golden_path.read_bytes()[:size])
    assert_refused(golden_path, r"not a whole safetensors file \(.*\); it was cut short or altered")


def test_file_with_bytes_after_its_end_is_refused(golden_path: Path) -> None:
    golden_path.write_bytes(golden_path.read_bytes() + b"\0")
    assert_refused(golden_path, "not a whole safetensors file")


@pytest.mark.parametrize("position", range(8))
def test_flipped_byte_in_the_header_length_is_refused(golden_path: Path, position: int) -> None:
    raw = bytearray(golden_path.read_bytes())
    raw[position] ^= 0xFF
    golden_path.write_bytes(raw)
    assert_refused(golden_path, "it was cut short or altered, take another copy")


def test_flipped_byte_anywhere_in_the_header_never_passes_as_another_error(golden_path: Path) -> None:
    """Each is either refused in one line or changes a value that no reader can check (a name, a number)."""
    raw = golden_path.read_bytes()
    length = int.from_bytes(raw[:8], "little")
    num_refused = 0
    for position in range(8, 8 + length, 5):
        golden_path.write_bytes(raw[:position] + bytes([raw[position] ^ 0x15]) + raw[position + 1 :])
        problem = ""
        try:
            Classifier.load(golden_path)
        except CheckpointError as error:
            problem = str(error)
            num_refused += 1
        assert problem == "" or problem.startswith(f"{golden_path}: ")
        assert "\n" not in problem
    assert num_refused > length // 5 / 2


def test_missing_file_is_named(tmp_path: Path) -> None:
    assert_refused(
        tmp_path / "none.safetensors", "no such file; expected a run folder or a classifier.safetensors"
    )


def test_folder_without_classifier_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        CheckpointError, match=r"classifier\.safetensors: no such file; expected a run folder"
    ):
        Classifier.load(tmp_path)


def test_foreign_safetensors_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "foreign.safetensors"
    save_file({"weight": torch.zeros(2)}, path, metadata={"format": "pt"})
    assert_refused(
        path, r"a safetensors file, but not an inkwise classifier \(its header has no 'inkwise' entry\)"
    )


def test_pickle_in_disguise_is_refused_and_never_run(tmp_path: Path) -> None:
    """Unpickling these bytes would make a folder; reading them as a classifier must not."""

    class Bomb:
        def __reduce__(self) -> tuple[Callable[[Path], None], tuple[Path]]:
            return Path.mkdir, (tmp_path / "exploded",)

    path = tmp_path / "classifier.safetensors"
    path.write_bytes(pickle.dumps(Bomb()) + bytes(1000))
    assert_refused(path, "not a whole safetensors file")
    torch.save({"weight": torch.zeros(3)}, path)
    assert_refused(path, "not a whole safetensors file")
    assert not (tmp_path / "exploded").exists()


def altered(path: Path, **changes: Any) -> Path:
    """Rewrite the header of a classifier file; None takes an entry out."""
    header = {**json.loads(read_json(path)["__metadata__"]["inkwise"]), **changes}
    header = {key: value for key, value in header.items() if value is not None}
    save_file(load_file(path), path, metadata={"inkwise": json.dumps(header)})
    return path


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"format": 3}, "format 3, this inkwise reads up to 2; run: pip install --upgrade inkwise"),
        ({"format": 99, "surprise": 1}, "format 99, this inkwise reads up to 2"),
        ({"format": 0}, "format is not as expected"),
        ({"format": None}, r"format is not as expected \(Field required\)"),
        ({"format": "1"}, "format is not as expected"),
        ({"surprise": 1}, "surprise is not as expected"),
        ({"output": "softmax"}, "output is not as expected"),
        ({"classes": ["one"]}, "classes is not as expected"),
        ({"classes": ["a", "b", 3]}, r"classes\.2 is not as expected"),
        ({"preprocessing": {"mean": 0.5, "std": 0}}, r"preprocessing\.std is not as expected"),
        ({"preprocessing": {"mean": [0.5] * 3, "std": 1.0}}, r"preprocessing\.mean is not as expected"),
        ({"network": "resnet"}, "unknown network 'resnet'.*written by another version of inkwise"),
        ({"network_options": {"relu": True}}, "unknown option 'relu'.*another version of inkwise"),
        ({"network_options": {"num_classes": 4}}, "'num_classes'; it was written by another"),
        ({"network_options": {"name": "x"}}, "unknown option 'name'"),
        ({"network": "cnn-keras", "network_options": {"dropout": 7}}, "dropout"),
        ({"classes": ["a", "b", "c", "d"]}, r"'output.bias' has shape \(3,\), expected \(4,\); take an"),
        ({"layers": GOLDEN_LAYERS[:-1]}, "its layers are not those of the network 'mlp-class'; the file was"),
        ({"layers": [{"name": "0", "kind": "magic"}]}, r"layers\.0 is not as expected"),
        ({"layers": [{"name": "0", "kind": "linear"}]}, r"layers\.0\.linear\.weight is not as expected"),
        ({"network": "mlp-wide"}, r"(tensor '.*' is missing|has no tensor '.*'); take another copy"),
    ],
)  # fmt: skip
def test_altered_header_is_refused(golden_path: Path, changes: dict[str, Any], match: str) -> None:
    assert_refused(altered(golden_path, **changes), match)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "1", "[" * 100_000])
def test_header_that_is_no_json_object_is_refused(golden_path: Path, text: str) -> None:
    save_file(load_file(golden_path), golden_path, metadata={"inkwise": text})
    assert_refused(golden_path, "is not as expected .*; the file was altered, take another copy")


def with_tensors(path: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> Path:
    tensors = load_file(path)
    change(tensors)
    save_file(tensors, path, metadata=read_json(path)["__metadata__"])
    return path


def _nan(tensors: dict[str, torch.Tensor], value: float) -> None:
    tensors["hidden_2.weight"][5, 5] = value


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda t: t.pop("hidden_2.bias"), "the tensor 'hidden_2.bias' is missing; take another copy"),
        (lambda t: t.update(extra=torch.zeros(1)), "the network has no tensor 'extra'; take another copy"),
        (lambda t: t.update({"output.bias": torch.zeros(4)}), r"shape \(4,\), expected \(3,\)"),
        (lambda t: t.update({"output.bias": torch.zeros(3, 1)}), r"shape \(3, 1\), expected \(3,\)"),
        (lambda t: t.update({"output.bias": torch.zeros(3).double()}), "bias' is float64, expected float32"),
        (lambda t: t.update({"output.bias": torch.zeros(3).int()}), "bias' is int32, expected float32"),
        (lambda t: _nan(t, float("nan")), "'hidden_2.weight' holds NaN or infinity; train it again"),
        (lambda t: _nan(t, float("inf")), "'hidden_2.weight' holds NaN or infinity; train it again"),
    ],
)  # fmt: skip
def test_altered_tensors_are_refused(golden_path: Path, change: Callable[..., object], match: str) -> None:
    assert_refused(with_tensors(golden_path, change), match)


# --- predicting --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mlp-class", "cnn-quick", "cnn-keras"])
def test_one_by_one_equals_a_batch(name: str) -> None:
    classifier, images = fresh_classifier(name), noise(9)
    whole = classifier.predict(images).probabilities
    single = np.concatenate([classifier.predict(images[i : i + 1]).probabilities for i in range(9)])
    np.testing.assert_allclose(single, whole, atol=1e-6)
    np.testing.assert_allclose(classifier.predict(images, batch_size=4).probabilities, whole, atol=1e-6)
    np.testing.assert_allclose(whole.sum(axis=1), 1, atol=1e-6)


def test_shuffled_images_give_shuffled_answers() -> None:
    classifier, images = fresh_classifier("cnn-quick"), noise(12)
    order = np.random.default_rng(1).permutation(12)
    shuffled = classifier.predict(images[order])
    np.testing.assert_allclose(
        shuffled.probabilities, classifier.predict(images).probabilities[order], atol=1e-6
    )


def test_label_is_the_argmax_and_names_its_class() -> None:
    """V2, P2: probabilities from log-probabilities by exp, the label by argmax."""
    classifier, images = fresh_classifier("mlp-logsoftmax"), noise(6)
    predictions = classifier.predict(images)
    assert predictions.labels.tolist() == predictions.probabilities.argmax(axis=1).tolist()
    assert predictions.class_names == [f"class {label}" for label in predictions.labels]
    expected = classifier.log_probabilities(images).exp().numpy()
    np.testing.assert_array_equal(predictions.probabilities, expected)


def test_predicting_leaves_no_trace() -> None:
    """T5: modes of every layer, random state, hooks and gradients are as they were; dropout does not act."""
    network = fresh_classifier("cnn-keras").network.train()
    network[5].eval()  # one layer in another mode than the rest
    modes = [layer.training for layer in network.modules()]
    for parameter in network.parameters():
        parameter.grad = torch.ones_like(parameter)
    calls: list[torch.Size] = []
    hook = network[-2].register_forward_hook(lambda layer, inputs, output: calls.append(output.shape))
    classifier = Classifier(network, fresh_classifier("cnn-keras").header)
    random_state = torch.get_rng_state()
    first, second = classifier.predict(noise(3)), classifier.predict(noise(3))
    np.testing.assert_array_equal(first.probabilities, second.probabilities)
    assert torch.equal(torch.get_rng_state(), random_state)
    assert [layer.training for layer in network.modules()] == modes
    assert calls == [torch.Size([3, 5])] * 2
    assert hook.id in network[-2]._forward_hooks
    assert all(bool((parameter.grad == 1).all()) for parameter in network.parameters())
    assert all(parameter.requires_grad for parameter in network.parameters())
    assert torch.is_grad_enabled()


def test_mode_is_restored_after_an_error() -> None:
    network = nn.Sequential(nn.Dropout(), nn.Linear(2, 2)).train()
    with pytest.raises(RuntimeError), evaluation_mode(network):
        network(torch.zeros(3, 5))
    assert all(layer.training for layer in network.modules())


@pytest.mark.parametrize(
    "images",
    [
        np.zeros((28, 28), np.uint8),
        np.zeros((2, 1, 28, 28), np.uint8),
        np.zeros((2, 27, 28), np.uint8),
        np.zeros((2, 28, 28), np.float32),
        np.zeros((2, 28, 28), np.uint16),
        torch.zeros(2, 28, 28),
        [[0] * 28] * 28,
    ],
    ids=["one", "channel", "27", "float", "uint16", "tensor", "list"],
)
def test_wrong_images_are_refused_with_a_hint(images: Any) -> None:
    with pytest.raises(
        ShapeError, match=r"images must .*\(N, 28, 28\), got .*for one image pass image\[None\]"
    ):
        golden_classifier().predict(images)


@pytest.mark.parametrize("images", ["picture.png", np.array(["a", "b"]), [object()], None])
def test_what_is_no_array_of_numbers_is_refused(images: Any) -> None:
    with pytest.raises(ShapeError, match=r"images must be uint8 of shape \(N, 28, 28\), got"):
        golden_classifier().predict(images)


def test_views_of_images_are_taken_as_they_are() -> None:
    """A mirrored, reversed or read-only view is an array like any other."""
    images = noise(4)
    classifier = fresh_classifier("mlp-class")
    for view in (images[::-1], images[:, :, ::-1], images[::2], images.transpose(0, 2, 1)):
        expected = classifier.predict(np.ascontiguousarray(view)).probabilities
        np.testing.assert_array_equal(classifier.predict(view).probabilities, expected)
    frozen = images.copy()
    frozen.setflags(write=False)
    np.testing.assert_array_equal(
        classifier.predict(frozen).probabilities, classifier.predict(images).probabilities
    )


def test_no_images_give_no_answers() -> None:
    predictions = golden_classifier().predict(np.zeros((0, 28, 28), np.uint8))
    assert predictions.probabilities.shape == (0, 3)
    assert (len(predictions), predictions.class_names) == (0, [])
