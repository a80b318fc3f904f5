"""The numbers beside the training step: a gradient by difference, gradients that add up, no_grad."""

import re

import pytest
import torch
from tests.bars import bars_dataset
from torch import nn

from inkwise.errors import CheckpointError, RecipeError
from inkwise.experiments.train import train
from inkwise.inspection.step import gradients
from inkwise.inspection.step.explain import explain_step
from inkwise.networks.build import build_network
from inkwise.recipes.load import list_recipes, load_recipe
from inkwise.runs.run import Run
from inkwise.training.device import thread_count
from inkwise.training.losses import build_loss

BUILTIN = [recipe.name for recipe in list_recipes()]
DATASET = bars_dataset(120, 20)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    recipe = load_recipe("mlp-logsoftmax").with_settings({"epochs": 1, "minimum_steps": 0})
    return train(recipe, data=DATASET, out=tmp_path_factory.mktemp("runs") / "run", report=False)


@pytest.mark.parametrize("name", BUILTIN)
def test_gradient_of_each_recipe_equals_its_finite_difference(name):
    """T2, point 5: (L(w + h) - L(w - h)) / 2h in float64, to 5 digits of the gradient."""
    check = explain_step(load_recipe(name), DATASET).gradient_check
    assert check.by_backward != 0
    assert check.by_difference == (check.loss_above - check.loss_below) / (2 * gradients.SHIFT)
    assert check.by_difference == pytest.approx(check.by_backward, rel=1e-5)
    assert check.relative_error < 1e-5


def test_gradient_is_the_one_that_autograd_gives():
    """By hand for the same batch: the largest gradient of the first layer, at the named place."""
    recipe = load_recipe("mlp-class")
    check = explain_step(recipe, DATASET).gradient_check
    torch.manual_seed(recipe.training.seed)
    network = build_network("mlp-class").double()
    images = torch.tensor(DATASET.train.images[:64])[:, None].double() / 255
    loss = build_loss("cross-entropy")(network((images - 0.5) / 0.5), torch.tensor(DATASET.train.labels[:64]))
    (gradient,) = torch.autograd.grad(loss, network.hidden_1.weight)
    assert check.name == "hidden_1.weight"
    assert check.by_backward == pytest.approx(float(gradient[check.place]), rel=1e-5)
    assert abs(check.by_backward) == pytest.approx(float(gradient.abs().max()), rel=1e-5)
    assert check.weight == float(network.hidden_1.weight.detach()[check.place])


@pytest.mark.parametrize("name", ["mlp-logsoftmax", "cnn-keras"])
def test_second_backward_doubles_the_gradient_and_zero_grad_forgets_it(name):
    """T1, S1: gradients accumulate, so each step begins with zero_grad; exact also under dropout."""
    sums = explain_step(load_recipe(name), DATASET).accumulation
    assert sums.once != 0
    assert sums.twice == 2 * sums.once
    assert sums.forgotten == sums.once


def test_no_grad_keeps_nothing_for_backward():
    """T2, S1: torch.no_grad(). A Linear keeps its input, 8 images x (784 + 128 + 64) x 8 bytes, and ReLU
    its output, which is the next one's input; the logits are kept by nobody."""
    recipe = load_recipe("mlp-class").with_settings({"batch_size": 8})
    notes = explain_step(recipe, DATASET).recording
    assert notes.grad_fn == "AddmmBackward0"
    assert notes.kept_bytes == 8 * (784 + 128 + 64) * 8
    assert (notes.grad_fn_without, notes.kept_bytes_without) == ("None", 0)
    assert notes.is_equal


def test_numbers_of_a_run_are_of_its_trained_weights(run):
    explained = explain_step(run, DATASET)
    check = explained.gradient_check
    weight = run.classifier.network.state_dict()[check.name][check.place]
    assert explained.weights == "trained"
    assert check.weight == float(weight)
    assert check.weight != explain_step(run.recipe, DATASET).gradient_check.weight


def test_classifier_without_its_run_is_explained_by_its_own_recipe(run):
    explained = explain_step(run.classifier, DATASET)
    assert explained.gradient_check == explain_step(run, DATASET).gradient_check
    assert "lr=0.003, momentum=0.9" in explained.code


def test_text_shows_every_number_and_stays_python(run):
    explained = explain_step(run, DATASET)
    text = str(explained)
    assert text.startswith(explained.code)
    compile(text, "step.py", "exec")
    check, sums, notes = explained.gradient_check, explained.accumulation, explained.recording
    comment = text.removeprefix(explained.code)
    shown = re.findall(r"(?<= )-?\d+\.\d{9,}(?=\s)", comment)
    losses = [check.loss_above, check.loss_below]
    gradients = [check.by_difference, check.by_backward, sums.once, sums.twice, sums.forgotten]
    assert shown == [*(f"{loss:.15f}" for loss in losses), *(f"{value:.9f}" for value in gradients)]
    assert f"{notes.kept_bytes:,} bytes" in text
    assert "LogSoftmaxBackward0" in text
    assert f"{check.name}[{check.place[0]}, {check.place[1]}] = {check.weight:.6f}" in text
    assert "by the first 32 training images" in text
    assert max(map(len, text.splitlines())) <= 110


def test_program_of_a_run_computes_as_the_run_did(run):
    """mlp-logsoftmax is unrolled on one thread; a recipe alone says what a new run would do."""
    for source in (run, run.recipe):
        code = explain_step(source, DATASET).code
        assert "torch.set_num_threads(1)" in code
        assert "kernel by kernel in the same order" in code


def test_measured_preprocessing_is_written_as_numbers():
    """quick measures mean and standard deviation on the images it trains on."""
    code = explain_step(load_recipe("quick"), DATASET).code
    (found,) = re.findall(r"pixels = \(pixels - (0\.\d+)\) / (0\.\d+)", code)
    pixels = torch.tensor(DATASET.train.images) / 255
    assert float(found[0]) == pytest.approx(float(pixels.mean()), abs=0.01)
    assert float(found[1]) == pytest.approx(float(pixels.std()), abs=0.01)


@pytest.mark.parametrize(
    ("batch_size", "text"),
    [
        (50, "BATCH_SIZE = 50\n"),
        (24, "BATCH_SIZE = 23  # the recipe's 24 would leave a batch of one image, which has no spread"),
    ],
)
def test_program_has_the_batches_that_a_training_of_its_images_has(batch_size, text):
    """Of 145 images, 24 at a time, one is left; 23 at a time, 7 are, and the program trains."""
    settings = {"batch_size": batch_size, "validation_fraction": 0, "calibrate": False, "epochs": 1}
    dataset = bars_dataset(145, 20)
    code = explain_step(load_recipe("quick").with_settings(settings), dataset).code
    assert text in code
    names = {"__name__": "step"}
    with torch.random.fork_rng(), thread_count(1):
        exec(compile(code, "step.py", "exec"), names)
        names["train"](torch.from_numpy(dataset.train.images), torch.from_numpy(dataset.train.labels))


def test_batches_of_one_image_that_the_network_cannot_take_are_refused():
    with pytest.raises(RecipeError, match=r"cnn-cosine has batch normalisation, .*; take 2 train images"):
        explain_step(load_recipe("quick").with_settings({"batch_size": 1}), DATASET)


def test_explaining_changes_neither_weights_nor_chance(run):
    classifier = run.classifier
    before = {name: tensor.clone() for name, tensor in classifier.network.state_dict().items()}
    modes = [layer.training for layer in classifier.network.modules()]
    with torch.random.fork_rng():
        torch.manual_seed(5)
        chance = torch.get_rng_state()
        explain_step(run, DATASET)
        explain_step(run.recipe, DATASET)
        assert torch.equal(torch.get_rng_state(), chance)
    assert [layer.training for layer in classifier.network.modules()] == modes
    for name, tensor in classifier.network.state_dict().items():
        assert torch.equal(tensor, before[name])
    assert all(parameter.grad is None for parameter in classifier.network.parameters())


def test_dead_network_has_the_gradient_0_both_ways():
    """No division by 0 where nothing moves the loss."""
    network = nn.Sequential(nn.Flatten(), nn.Linear(784, 10), nn.ReLU())
    nn.init.constant_(network[1].bias, -1e6)
    batch = gradients.Batch(
        network.double(), build_loss("cross-entropy"), torch.rand(4, 1, 28, 28).double(), torch.arange(4)
    )
    check = gradients.check_gradient(batch)
    assert (check.by_backward, check.by_difference, check.relative_error) == (0, 0, 0)


def test_run_without_its_end_is_refused(tmp_path):
    (tmp_path / "recipe.toml").write_text(load_recipe("mlp-class").to_toml())
    with pytest.raises(CheckpointError, match="no such file; expected a run folder"):
        explain_step(Run.open(tmp_path), DATASET)


def test_classifier_without_recipe_is_refused(run):
    header = run.classifier.header.model_copy(update={"recipe": {}})
    classifier = type(run.classifier)(run.classifier.network, header)
    with pytest.raises(RecipeError, match="the classifier's recipe: the key name is missing"):
        explain_step(classifier, DATASET)
