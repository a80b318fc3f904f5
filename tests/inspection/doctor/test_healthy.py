"""Healthy trainings give no finding: each built-in recipe, and loops of one's own."""

from pathlib import Path

import pytest
import torch
from tests.bars import bars_dataset
from tests.inspection.doctor.own_loop import bars_tensors, small_network, train_epochs
from torch import nn

from inkwise.data.dataset import Dataset
from inkwise.data.load import load_dataset
from inkwise.experiments.train import train
from inkwise.inspection import doctor
from inkwise.recipes.load import list_recipes, load_recipe
from inkwise.recipes.recipe import Recipe
from inkwise.runs.run import Run

AS_PUBLISHED_WRONG = "mlp-wide-relu-output"
# A recipe that begins with weights trained on digits shows nothing of its health on bars.
HEALTHY = [
    recipe.name for recipe in list_recipes() if recipe.name != AS_PUBLISHED_WRONG and not recipe.network.start
]
FEW = [
    pytest.param(recipe, epochs, marks=[pytest.mark.slow] if (recipe, epochs) == ("cnn-keras", 3) else [])
    for recipe in HEALTHY
    for epochs in (1, 3)
]
SETS = {"digits": lambda: load_dataset("digits"), "bars": lambda: bars_dataset(800, 200)}


def with_few_written(name: str) -> Recipe:
    """Return the recipe with fewer written images: sixty thousand take minutes and show nothing more."""
    recipe = load_recipe(name)
    return recipe.with_settings({"written_images": 60}) if recipe.data.written_images else recipe


def names(run: Run, data: Dataset) -> list[str]:
    return [str(finding) for finding in doctor.examine_run(run, data)]


@pytest.mark.parametrize("set_name", SETS)
@pytest.mark.parametrize(("recipe", "epochs"), FEW)
def test_built_in_recipe_after_few_epochs_has_no_finding(
    recipe: str, epochs: int, set_name: str, tmp_path: Path
) -> None:
    """The loss is still at chance after 3 epochs of cnn-lenet on a small set; that is no mistake yet."""
    data = SETS[set_name]()
    run = train(with_few_written(recipe), data=data, epochs=epochs, out=tmp_path / "run", report=False)
    assert names(run, data) == []


# To its end "best" takes minutes; after few epochs it is looked at above.
@pytest.mark.slow
@pytest.mark.parametrize("recipe", sorted({*HEALTHY} - {"best"}))
def test_built_in_recipe_trained_to_the_end_has_no_finding(recipe: str, tmp_path: Path) -> None:
    data = load_dataset("digits")
    assert names(train(with_few_written(recipe), data=data, out=tmp_path / "run", report=False), data) == []


@pytest.mark.parametrize("seed", range(4))
def test_recipe_with_relu_output_is_always_flagged_and_the_corrected_one_never(
    seed: int, tmp_path: Path
) -> None:
    """S4-1, on digits: whether classes are dead already or can still die."""
    data = load_dataset("digits")
    for recipe, expected in ((AS_PUBLISHED_WRONG, ["dead-classes"]), ("mlp-wide", [])):
        run = train(recipe, data=data, seed=seed, epochs=8, out=tmp_path / recipe, report=False)
        assert [finding.name for finding in doctor.examine_run(run, data)] == expected


def test_own_network_well_trained_has_no_finding() -> None:
    (images, labels), (test_images, test_labels) = bars_tensors(), bars_tensors(200, seed=1)
    network = small_network(dropout=0.2)
    loss, optimizer = nn.CrossEntropyLoss(), torch.optim.Adam(network.parameters(), lr=0.003)
    with doctor.watch(network, loss_function=loss, optimizer=optimizer, originals=images) as watching:
        for _ in range(5):
            network.train()
            train_epochs(network, loss, optimizer, images=images, labels=labels, num_epochs=2)
            network.eval()
            with torch.no_grad():
                network(test_images)
    assert [str(finding) for finding in watching.findings()] == []
    others = {"test": (test_images, test_labels)}
    found = doctor.examine(
        network, images, labels, others=others, batch=images[:64], declared_range=(-1.0, 1.0)
    )
    assert [str(finding) for finding in found] == []


def test_colour_images_are_not_taken_for_grey() -> None:
    images, labels = bars_tensors()
    colour = images.repeat(1, 3, 1, 1) + 0.2 * torch.rand(len(images), 3, 28, 28)
    network = nn.Sequential(nn.Conv2d(3, 4, 5), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 24 * 24, 10))
    assert doctor.examine(network, colour, labels) == []


def test_flipping_clothes_is_not_asked_about() -> None:
    """Without a batch and its originals nothing is said of augmentation."""
    images, labels = bars_tensors()
    assert doctor.examine(small_network(), images, labels) == []
