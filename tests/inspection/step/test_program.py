"""The printed program does what inkwise's loop does: it is run here, and compared to the last bit."""

import copy
import runpy
import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.bars import bars, bars_dataset
from torch import nn

from inkwise.classifier import memory_layout
from inkwise.data.dataset import Split
from inkwise.experiments.train import train
from inkwise.inspection.step.program import Arithmetic, write_program
from inkwise.networks.build import build_network
from inkwise.preprocessing import Preprocessing
from inkwise.recipes.load import list_recipes, load_recipe
from inkwise.runs.run import Run
from inkwise.training.batches import DROPOUT, seed_for
from inkwise.training.device import AUTOCAST, thread_count
from inkwise.training.losses import build_loss
from inkwise.training.optimizers import build_optimizer, learning_rate_at, set_learning_rate
from inkwise.training.session import cut_validation, prepare_session
from inkwise.training.step import TextbookStep, pool_before_relu
from inkwise.training.unrolled import UnrolledStep

BUILTIN = [recipe.name for recipe in list_recipes()]
NUM_STEPS = 4
VARIANTS = {
    "momentum": ("cnn-lenet", {"momentum": 0.9, "learning_rate": 0.05}),
    "nesterov": ("mlp-class", {"momentum": 0.9, "nesterov": True}),
    "weight decay": ("mlp-logsoftmax", {"weight_decay": 0.01}),
    "adamw": ("quick", {"optimizer": "adamw", "weight_decay": 0.05, "schedule": "constant"}),
    "linear": ("mlp-sequential", {"schedule": "linear", "warmup_fraction": 0.4}),
    "cosine": ("mlp-wide", {"schedule": "cosine", "warmup_fraction": 0.0}),
    "no dropout": ("cnn-keras", {"dropout": 0.0}),
}


@pytest.fixture(autouse=True)
def _same_chance():
    with torch.random.fork_rng(), thread_count(1):
        yield


def preprocessing_of(recipe):
    numbers = recipe.preprocessing
    return (
        Preprocessing() if numbers.mean == "measured" else Preprocessing(mean=numbers.mean, std=numbers.std)
    )


def run_program(recipe, *, arithmetic=None):
    """Return the names that the recipe's program defines, its network fresh; it is not trained."""
    network = build_network(recipe.network.architecture, **recipe.network.options)
    text = write_program(
        recipe, network, preprocessing_of(recipe), num_classes=10, batch_size=recipe.training.batch_size,
        arithmetic=arithmetic or Arithmetic(threads=1),
    )  # fmt: skip
    names = {"__name__": "step"}
    exec(compile(text, "step.py", "exec"), names)
    return names


def batches(recipe, num_batches=NUM_STEPS):
    """Yield uint8 images and labels, the last batch smaller; a batch of thousands is cut to 64."""
    size = min(recipe.training.batch_size, 64)
    split = bars(num_batches * size - 3)
    for place in range(0, len(split), size):
        yield (
            torch.tensor(split.images[place : place + size]),
            torch.tensor(split.labels[place : place + size]),
        )


def train_by_program(recipe, names):
    """Take the steps of the program; return its losses."""
    losses = []
    torch.manual_seed(names["seed_of"](DROPOUT, 0))
    names["network"].train()
    for step, (images, labels) in enumerate(batches(recipe)):
        if "learning_rate_at" in names:
            names["optimizer"].param_groups[0]["lr"] = names["learning_rate_at"](step, NUM_STEPS)
        losses.append(names["training_step"](names["preprocess"](images), labels))
    return losses


def train_by_inkwise(recipe, network, *, make_step):
    """Take the same steps as TrainingLoop does; return the losses."""
    optimizer, losses = build_optimizer(network, recipe.training), []
    step, layout = make_step(network.train(), optimizer), memory_layout(network)
    torch.manual_seed(seed_for(recipe.training.seed, DROPOUT, 0))
    for number, (images, labels) in enumerate(batches(recipe)):
        rate = learning_rate_at(number, num_steps=NUM_STEPS, training=recipe.training)
        set_learning_rate(optimizer, rate)
        loss, _ = step(preprocessing_of(recipe)(images).to(memory_format=layout), labels)
        losses.append(loss)
    return losses


def textbook(recipe, precision="float32"):
    def make_step(network, optimizer):
        loss_function = build_loss(recipe.training.loss)
        network = pool_before_relu(network)
        return TextbookStep(network, loss_function, optimizer, autocast=AUTOCAST[precision])

    return make_step


def assert_equal_bits(names, network, losses, expected_losses):
    assert [float(loss) for loss in losses] == [float(loss) for loss in expected_losses]
    moved = 0
    for one, other in zip(names["network"].parameters(), network.parameters(), strict=True):
        assert torch.equal(one, other)
        moved += 1
    assert moved


@pytest.mark.parametrize("name", BUILTIN)
def test_program_begins_with_the_weights_of_a_training(name):
    recipe = load_recipe(name)
    torch.manual_seed(recipe.training.seed)
    network = build_network(recipe.network.architecture, **recipe.network.options)
    for one, other in zip(run_program(recipe)["network"].parameters(), network.parameters(), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("name", BUILTIN)
def test_program_equals_the_textbook_step_to_the_bit(name):
    """T1: zero_grad, forward, loss, backward, step, with the recipe's every number, dropout included."""
    recipe = load_recipe(name)
    names = run_program(recipe)
    network, before = copy.deepcopy(names["network"]), copy.deepcopy(names["network"])
    losses = train_by_program(recipe, names)
    assert_equal_bits(names, network, losses, train_by_inkwise(recipe, network, make_step=textbook(recipe)))
    for one, other in zip(network.parameters(), before.parameters(), strict=True):
        assert torch.equal(one, other) is not one.requires_grad


@pytest.mark.parametrize(("name", "settings"), VARIANTS.values(), ids=VARIANTS)
def test_program_of_a_changed_recipe_equals_the_textbook_step(name, settings):
    recipe = load_recipe(name).with_settings(settings)
    names = run_program(recipe)
    network = copy.deepcopy(names["network"])
    losses = train_by_program(recipe, names)
    assert_equal_bits(names, network, losses, train_by_inkwise(recipe, network, make_step=textbook(recipe)))


@pytest.mark.parametrize("name", ["mlp-logsoftmax", "mlp-sequential"])
def test_program_equals_the_unrolled_step_to_the_bit(name):
    recipe = load_recipe(name)
    names = run_program(recipe, arithmetic=Arithmetic(is_unrolled=True, threads=1))
    network = copy.deepcopy(names["network"])
    losses = train_by_program(recipe, names)
    assert_equal_bits(names, network, losses, train_by_inkwise(recipe, network, make_step=UnrolledStep))


@pytest.mark.parametrize("name", ["quick", "mlp-class"])
def test_program_of_a_bfloat16_run_says_so_and_equals_its_step(name):
    recipe = load_recipe(name)
    names = run_program(recipe, arithmetic=Arithmetic(precision="bfloat16"))
    network = copy.deepcopy(names["network"])
    losses = train_by_program(recipe, names)
    expected = train_by_inkwise(recipe, network, make_step=textbook(recipe, "bfloat16"))
    assert_equal_bits(names, network, losses, expected)


def text_of(name, settings=None, **arithmetic):
    recipe = load_recipe(name).with_settings(settings or {})
    network = build_network(recipe.network.architecture, **recipe.network.options)
    return write_program(
        recipe, network, preprocessing_of(recipe), num_classes=10, batch_size=recipe.training.batch_size,
        arithmetic=Arithmetic(**arithmetic),
    )  # fmt: skip


def test_program_with_bfloat16_turned_off_is_the_float32_one():
    """What the comment promises: enabled=False leaves a float32 step."""
    recipe, text = load_recipe("quick"), text_of("quick", precision="bfloat16")
    assert "multiplied in bfloat16" in text
    names, plain = {"__name__": "step"}, run_program(recipe)
    exec(text.replace("enabled=True", "enabled=False"), names)
    assert train_by_program(recipe, names) == train_by_program(recipe, plain)
    for one, other in zip(names["network"].parameters(), plain["network"].parameters(), strict=True):
        assert torch.equal(one, other)


def test_program_lays_weights_and_pixels_out_as_a_run_does(tmp_path):
    """Either alone gives equal bits, but slower: an image of one channel fits both layouts."""
    session = prepare_session(Run(tmp_path), load_recipe("cnn-lenet"), bars_dataset(100, 20), device="cpu")
    names = run_program(load_recipe("cnn-lenet"))
    images, _ = next(batches(load_recipe("cnn-lenet")))
    expected, _ = next(session.loop.train.epoch(torch.arange(len(images))))
    assert names["preprocess"](images).stride() == expected.stride()
    strides = [parameter.stride() for parameter in names["network"].parameters()]
    assert strides == [parameter.stride() for parameter in session.state.network.parameters()]


def test_loss_of_probabilities_that_are_0_and_1_is_that_of_keras():
    """Clipped at 1e-7: -log 1e-7 = 16.118 for the sure mistake, and no infinity."""
    loss_function = run_program(load_recipe("cnn-keras"))["loss_function"]
    probabilities, labels = torch.tensor([[1.0, 0.0], [1.0, 0.0]]), torch.tensor([0, 1])
    loss = loss_function(probabilities, labels)
    assert torch.equal(loss, build_loss("categorical-cross-entropy")(probabilities, labels))
    assert float(loss) == pytest.approx(16.118 / 2, abs=1e-3)


def test_one_cycle_of_the_program_is_that_of_pytorch():
    """The docstring says that OneCycleLR gives the same rates."""
    rate = run_program(load_recipe("standard"))["learning_rate_at"]
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=0.01, total_steps=100, pct_start=0.2, cycle_momentum=False
    )
    for step in range(100):
        assert rate(step, 100) == pytest.approx(schedule.get_last_lr()[0], rel=1e-12)
        optimizer.step()
        schedule.step()


@pytest.mark.parametrize("name", BUILTIN)
def test_program_is_python_that_fits_a_page(name):
    text = text_of(name, threads=1, is_unrolled=True, precision="bfloat16", device="cuda")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compile(text, "step.py", "exec")
    assert max(map(len, text.splitlines())) <= 110
    assert text.endswith("\n")


@pytest.mark.parametrize("name", ['a"""b', "a\\d", "a\nb", "$seed"])
def test_program_of_a_strange_name_stays_python(name):
    recipe = load_recipe("mlp-class").model_copy(update={"name": name})
    network = build_network("mlp-class")
    text = write_program(
        recipe, network, Preprocessing(), num_classes=10, batch_size=32, arithmetic=Arithmetic()
    )
    compile(text, "step.py", "exec")


def test_program_says_what_it_does_otherwise_than_the_run():
    text = text_of("mlp-class", {"patience": 3}, device="cuda")
    assert "The run was on cuda" in text
    assert "The run stops after 3 epochs" in text
    assert "The run" not in text_of("mlp-class")
    taught = text_of("mlp-class", {"start": "reader", "own_images": "mine.safetensors"})
    assert "The run begins with the weights of another classifier ([network] start); this does not." in taught
    assert "The run also trains on images of one's own ([data] own_images); this does not." in taught


def test_program_counts_threads_only_where_they_are_known():
    assert "set_num_threads" not in text_of("mlp-class")
    assert "set_num_threads(2)" in text_of("mlp-class", threads=2)
    assert "set_flush_denormal" not in text_of("mlp-class", threads=2)
    assert "set_flush_denormal(True)" in text_of("mlp-class", threads=1)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("mlp-logsoftmax", {"epochs": 2, "minimum_steps": 0}),
        ("quick", {"minimum_steps": 12, "precision": "float32", "label_smoothing": 0, "calibrate": False}),
        ("quick", {
            "epochs": 2, "precision": "float32", "label_smoothing": 0, "calibrate": False,
            "validation_fraction": 0, "batch_size": 43,
        }),
        ("cnn-keras", {"epochs": 2, "minimum_steps": 0, "validation_fraction": 0.3}),
    ],
)  # fmt: skip
def test_program_run_as_a_file_ends_with_the_weights_of_train(name, settings, tmp_path, capsys):
    """The whole training: the same split, order, dropout and rates; a file run by itself."""
    dataset = bars_dataset(130, 20)
    np.savez(
        tmp_path / "bars.npz",
        x_train=dataset.train.images, y_train=dataset.train.labels,
        x_test=dataset.test.images, y_test=dataset.test.labels,
    )  # fmt: skip
    recipe = load_recipe(name).with_settings(settings)
    run = train(recipe, data=tmp_path / "bars.npz", out=tmp_path / "run", report=False, device="cpu")
    environment = run.environment
    arithmetic = Arithmetic(
        precision=environment["precision"],
        is_unrolled=environment["step"] == "unrolled",
        threads=environment["training_threads"],
    )
    classifier = run.classifier
    text = write_program(
        run.recipe, classifier.network, classifier.preprocessing, num_classes=10,
        batch_size=environment["batch_size"], arithmetic=arithmetic,
    )  # fmt: skip
    (tmp_path / "step.py").write_text(text)
    trained = runpy.run_path(str(tmp_path / "step.py"), run_name="__main__")["network"]
    for one, other in zip(trained.parameters(), classifier.network.parameters(), strict=True):
        assert torch.equal(one, other)
    last = run.history[-1]
    assert f"epoch {last.epoch} of {last.epoch}: mean loss {last.train_loss:.4f}" in capsys.readouterr().out


def test_program_sets_aside_what_a_run_of_mapped_images_does(tmp_path, monkeypatch):
    """Such a set is cut block by block, not class by class; seen by the labels that the run trains on."""
    dataset = bars_dataset(130, 20)
    images = np.lib.format.open_memmap(tmp_path / "images.npy", "w+", np.uint8, (130, 28, 28))
    images[:] = dataset.train.images
    mapped = replace(dataset, train=Split(images, dataset.train.labels))
    monkeypatch.setattr("inkwise.load_dataset", lambda name: mapped)
    recipe = load_recipe("mlp-logsoftmax").with_settings({"validation_fraction": 0.3, "epochs": 1})
    network = build_network(recipe.network.architecture, **recipe.network.options)
    arithmetic = Arithmetic(threads=1)
    text = write_program(
        recipe, network, preprocessing_of(recipe), num_classes=10, batch_size=recipe.training.batch_size,
        arithmetic=arithmetic,
    )  # fmt: skip
    (tmp_path / "step.py").write_text(text)
    chosen = runpy.run_path(str(tmp_path / "step.py"), run_name="__main__")["chosen"]
    assert chosen.tolist() == cut_validation(mapped, recipe)[0].tolist()


def test_program_says_what_momentum_does_only_where_there_is_some():
    assert "0.9 of the step before is added" in text_of("mlp-logsoftmax")
    assert "the step before" not in text_of("mlp-sequential")
    assert "the step before" not in text_of("quick", {"momentum": 0.9})


def test_program_tells_of_pooling_first_only_where_the_run_reorders():
    assert "pools before" in text_of("cnn-lenet")
    assert "pools before" not in text_of("quick")  # whose network is written so already


@pytest.mark.parametrize("schedule", ["one-cycle", "linear", "cosine"])
@pytest.mark.parametrize("num_steps", [1, 2, 7, 100])
def test_rates_of_the_program_are_those_of_a_training(schedule, num_steps):
    recipe = load_recipe("quick").with_settings({"schedule": schedule})
    rate = run_program(recipe)["learning_rate_at"]
    for step in range(num_steps):
        expected = learning_rate_at(step, num_steps=num_steps, training=recipe.training)
        assert rate(step, num_steps) == expected
