"""Each mistake is planted for real, and the doctor names it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.bars import bars_dataset
from tests.inspection.doctor.own_loop import bars_tensors, far_too_large, small_network, train_epochs
from torch import nn

from inkwise.data.dataset import Dataset, Split
from inkwise.data.load import load_dataset
from inkwise.errors import ShapeError
from inkwise.experiments.train import train
from inkwise.inspection import doctor
from inkwise.inspection.doctor import Finding
from inkwise.runs.run import Run

ROOT = Path(__file__).parents[3]

PLANTED: dict[str, list[Callable[[Path], list[Finding]]]] = {}
Plant = Callable[[Path], list[Finding]]


def plants(name: str) -> Callable[[Plant], Plant]:
    """Enter a function that makes the mistake called name and returns what the doctor says."""

    def enter(plant: Plant) -> Plant:
        PLANTED.setdefault(name, []).append(plant)
        return plant

    return enter


def digits() -> Dataset:
    return load_dataset("digits")


def trained(recipe: str, folder: Path, data: Dataset, **settings: object) -> list[Finding]:
    run = train(recipe, data=data, out=folder / "run", report=False, settings=settings)
    return doctor.examine_run(run, data)


def watched(network: nn.Module, *, learning_rate: float = 0.1, **arguments: object) -> list[Finding]:
    images, labels = bars_tensors()
    loss = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(network.parameters(), lr=learning_rate)
    arguments = {"images": images, "labels": labels, **arguments}
    with doctor.watch(network, loss_function=loss, optimizer=optimizer) as watching:
        train_epochs(network, loss, optimizer, **arguments)  # type: ignore[arg-type]
    return watching.findings()


@plants("out-of-range")
def train_on_bytes_never_scaled(folder: Path) -> list[Finding]:
    images, labels = bars_tensors()
    return doctor.examine(small_network(), images * 127.5 + 127.5, labels)


@plants("out-of-range")
def train_on_bytes_scaled_twice(folder: Path) -> list[Finding]:
    data = digits()
    faint = replace(data, train=Split(data.train.images // 255, data.train.labels))
    return trained("mlp-sequential", folder, faint, epochs=1, minimum_steps=0)


@plants("out-of-range")
def declare_another_range(folder: Path) -> list[Finding]:
    """Images in [-1, 1], declared to lie in [0, 1]."""
    images, labels = bars_tensors()
    return doctor.examine(small_network(), images, labels, declared_range=(0.0, 1.0))


@plants("grey-as-colour")
def normalise_one_channel_by_imagenet(folder: Path) -> list[Finding]:
    images, labels = bars_tensors()
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    colour = ((images / 2 + 0.5).expand(-1, 3, -1, -1) - mean[:, None, None]) / std[:, None, None]
    network = nn.Sequential(nn.Conv2d(3, 4, 5), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 24 * 24, 10))
    return doctor.examine(network, colour, labels)


@plants("overlapping-parts")
def validate_on_the_test_part(folder: Path) -> list[Finding]:
    images, labels = bars_tensors()
    test = bars_tensors(200, seed=1)
    return doctor.examine(small_network(), images, labels, others={"validation": test, "test": test})


@plants("overlapping-parts")
def leak_test_images_into_train(folder: Path) -> list[Finding]:
    data = digits()
    images = np.concatenate((data.train.images, data.test.images[:50]))
    labels = np.concatenate((data.train.labels, data.test.labels[:50]))
    leaking = replace(data, train=Split(images, labels))
    return trained("mlp-sequential", folder, leaking, epochs=1, minimum_steps=0)


@plants("labels-off-by-one")
def number_labels_from_one(folder: Path) -> list[Finding]:
    data = digits()
    parts = {
        name: Split(part.images, part.labels + 1)
        for name, part in (("train", data.train), ("test", data.test))
    }
    shifted = Dataset("shifted", tuple("abcdefghijk"), **parts)
    return trained("mlp-sequential", folder, shifted, epochs=1, minimum_steps=0)


@plants("labels-off-by-one")
def number_test_labels_otherwise(folder: Path) -> list[Finding]:
    data = digits()
    shifted = replace(data, test=Split(data.test.images, (data.test.labels + 1) % 10))
    return trained("mlp-sequential", folder, shifted, epochs=1, minimum_steps=0)


@plants("labels-off-by-one")
def lose_the_first_label(folder: Path) -> list[Finding]:
    """Image i stands beside label i + 1, as after a header line that was taken for a label."""
    data = digits()
    moved = replace(data, train=Split(data.train.images[:-1], data.train.labels[1:]))
    return trained("mlp-sequential", folder, moved, epochs=1, minimum_steps=0)


@plants("turned-images")
def transpose_the_test_part(folder: Path) -> list[Finding]:
    data = digits()
    turned = replace(
        data, test=Split(np.ascontiguousarray(data.test.images.transpose(0, 2, 1)), data.test.labels)
    )
    return trained("mlp-sequential", folder, turned, epochs=1, minimum_steps=0)


@plants("turned-images")
def transpose_all_as_emnist_does(folder: Path) -> list[Finding]:
    data = digits()
    parts = {
        name: Split(np.ascontiguousarray(part.images.transpose(0, 2, 1)), part.labels)
        for name, part in (("train", data.train), ("test", data.test))
    }
    return trained("mlp-sequential", folder, replace(data, **parts), epochs=1, minimum_steps=0)


@plants("mirrored-characters")
def flip_half_of_a_batch_of_characters(folder: Path) -> list[Finding]:
    data = digits()
    images, labels = (
        torch.from_numpy(data.train.images)[:, None].float() / 255,
        torch.from_numpy(data.train.labels),
    )
    is_flipped = torch.rand(256, generator=torch.Generator().manual_seed(0)) < 0.5
    batch = torch.where(is_flipped[:, None, None, None], images[:256].flip(-1), images[:256])
    return doctor.examine(small_network(), images, labels, batch=batch)


@plants("mirrored-characters")
def flip_images_in_the_loop(folder: Path) -> list[Finding]:
    data = digits()
    images, labels = (
        torch.from_numpy(data.train.images)[:, None].float() / 255,
        torch.from_numpy(data.train.labels),
    )
    network, loss = small_network(), nn.CrossEntropyLoss()
    with doctor.watch(network, loss_function=loss, originals=images) as watching:
        for batch in torch.randperm(len(images)).split(64):
            flipped = images[batch].flip(-2) if batch[0] % 2 else images[batch]
            loss(network(flipped), labels[batch]).backward()
    return watching.findings()


@plants("unshuffled")
def train_one_class_after_another(folder: Path) -> list[Finding]:
    images, labels = bars_tensors()
    order = labels.argsort()
    return watched(small_network(), images=images[order], labels=labels[order], shuffle=False, num_epochs=1)


@plants("unshuffled")
def repeat_the_same_order_each_epoch(folder: Path) -> list[Finding]:
    return watched(small_network(), shuffle=False)


@plants("softmax-under-cross-entropy")
def end_in_softmax_under_cross_entropy(folder: Path) -> list[Finding]:
    """cnn-keras ends in softmax; as a recipe with logits and cross-entropy it trains, and is wrong."""
    return trained(
        "cnn-keras", folder, bars_dataset(), epochs=1, minimum_steps=0,
        **{"network.output": "logits", "loss": "cross-entropy"},
    )  # fmt: skip


@plants("log-softmax-under-cross-entropy")
def end_in_log_softmax_under_cross_entropy(folder: Path) -> list[Finding]:
    settings = {"network.output": "logits", "loss": "cross-entropy"}
    return trained("mlp-logsoftmax", folder, digits(), epochs=1, minimum_steps=0, **settings)


@plants("logits-under-nll")
def give_logits_to_nll(folder: Path) -> list[Finding]:
    """The evaluation refuses such outputs; the doctor says why before."""
    settings = {"network.output": "log_probabilities", "loss": "nll", "minimum_steps": 0, "epochs": 1}
    data, notes = digits(), []
    with pytest.raises(ShapeError, match="sum to 1 in each row"):
        train("mlp-sequential", data=data, out=folder / "run", settings=settings, on_note=notes.append)
    assert notes[0].startswith("doctor: logits-under-nll: ")
    return doctor.examine_run(Run.open(folder / "run"), data)


@plants("logits-under-nll")
def give_probabilities_to_nll(folder: Path) -> list[Finding]:
    images, labels = bars_tensors()
    network, loss = nn.Sequential(small_network(), nn.Softmax(dim=1)), nn.NLLLoss()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    with doctor.watch(network, loss_function=loss) as watching:
        train_epochs(network, loss, optimizer, images=images, labels=labels)
    return watching.findings()


@plants("dead-classes")
def train_with_relu_on_the_output(folder: Path) -> list[Finding]:
    """S4 as published."""
    return trained("mlp-wide-relu-output", folder, digits(), epochs=20, minimum_steps=0)


@plants("dead-classes")
def kill_one_output(folder: Path) -> list[Finding]:
    """The bias of class 3 is so low that it never wins, after a training that learned all classes."""
    images, labels = bars_tensors()
    network = small_network()
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    train_epochs(network, nn.CrossEntropyLoss(), optimizer, images=images, labels=labels, num_epochs=15)
    with torch.no_grad():
        network[-1].bias[3] -= 50
    return doctor.examine(network, images, labels)


@plants("dead-units")
def begin_with_biases_far_below_zero(folder: Path) -> list[Finding]:
    images, labels = bars_tensors()
    network = small_network()
    with torch.no_grad():
        network[1].bias.fill_(-100)
    return doctor.examine(network, images, labels)


@plants("dropout-inactive")
def set_dropout_to_nothing(folder: Path) -> list[Finding]:
    """S2-TF as published, by its recipe's own setting."""
    return trained("cnn-keras", folder, bars_dataset(), dropout=0.0, epochs=1, minimum_steps=0)


@plants("dropout-inactive")
def train_in_evaluation_mode(folder: Path) -> list[Finding]:
    """S2-TF as published: the layers are there, and the loop never switches them on."""
    return watched(small_network(dropout=0.5).eval())


@plants("train-mode-at-evaluation")
def evaluate_without_eval(folder: Path) -> list[Finding]:
    """S3, S4: neither eval() nor, in the second case, no_grad()."""
    (images, labels), loss = bars_tensors(), nn.CrossEntropyLoss()
    network = small_network(dropout=0.5)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    with doctor.watch(network, loss_function=loss) as watching:
        train_epochs(network, loss, optimizer, images=images, labels=labels)
        network(images).argmax(1)
    return watching.findings()


@plants("loss-stuck")
def train_on_labels_drawn_at_random(folder: Path) -> list[Finding]:
    data = bars_dataset(2000, 100)
    labels = np.random.default_rng(0).integers(0, 10, 2000)
    mixed = replace(data, train=Split(data.train.images, labels))
    return trained("mlp-sequential", folder, mixed, batch_size=16, epochs=2, minimum_steps=0)


@plants("loss-stuck")
def begin_with_all_weights_zero(folder: Path) -> list[Finding]:
    network = small_network()
    for weight in network.parameters():
        nn.init.zeros_(weight)
    return watched(network)


@plants("learning-rate-too-low")
def train_at_a_ten_thousandth(folder: Path) -> list[Finding]:
    return trained("mlp-sequential", folder, digits(), learning_rate=1e-6, epochs=3, minimum_steps=0)


@plants("learning-rate-too-low")
def watch_a_hundred_thousandth(folder: Path) -> list[Finding]:
    return watched(small_network(), learning_rate=1e-6)


@plants("learning-rate-too-high")
def train_at_a_hundredfold(folder: Path) -> list[Finding]:
    return trained(
        "quick", folder, digits(), architecture="cnn-quick", label_smoothing=0, calibrate=False,
        learning_rate=1.0, epochs=10, minimum_steps=0,
    )  # fmt: skip


@plants("learning-rate-too-high")
def watch_ten_thousandfold(folder: Path) -> list[Finding]:
    return watched(small_network(), learning_rate=1e3, num_epochs=2)


@plants("exploding-gradients")
def begin_with_weights_far_too_large(folder: Path) -> list[Finding]:
    return watched(far_too_large(small_network()), learning_rate=1e-6)


@plants("exploding-gradients")
def show_weights_far_too_large(folder: Path) -> list[Finding]:
    return doctor.examine(far_too_large(small_network()), *bars_tensors())


CASES = [
    pytest.param(name, plant, id=f"{name}: {plant.__name__}")
    for name, planted in PLANTED.items()
    for plant in planted
]


@pytest.mark.parametrize(("name", "plant"), CASES)
def test_planted_mistake_is_named(name: str, plant: Plant, tmp_path: Path) -> None:
    torch.manual_seed(0)
    findings = plant(tmp_path)
    assert name in {finding.name for finding in findings}, [str(finding) for finding in findings]
    for finding in findings:
        assert all((finding.what, finding.evidence, finding.why, finding.advice))
        assert any(character.isdigit() for character in finding.evidence), "evidence is numbers"


@pytest.mark.parametrize("page", ["README.md", "CHANGELOG.md"])
def test_pages_count_the_mistakes(page: str) -> None:
    assert f"{len(doctor.NAMES)} classic mistakes" in (ROOT / page).read_text(encoding="utf-8")


def test_every_name_is_planted_here() -> None:
    assert set(PLANTED) == set(doctor.NAMES)
