"""Healthy trainings give no finding: each built-in recipe, and loops of one's own."""

import json
from pathlib import Path

import pytest
import torch
from dev import healthy
from tests.bars import bars_dataset
from tests.inspection.doctor.own_loop import bars_tensors, small_network, train_epochs
from torch import nn

from inkwise.data.dataset import Dataset
from inkwise.data.load import load_dataset
from inkwise.experiments.studies import recipe_digest
from inkwise.experiments.train import train
from inkwise.inspection import doctor
from inkwise.runs.run import Run

HEALTHY = {recipe.name: recipe for recipe in healthy.healthy_recipes()}
LONG = {"best", "cnn-keras", "cnn-lenet", "reader", "standard"}  # half a minute to minutes
FEW = [
    pytest.param(recipe, epochs, marks=[pytest.mark.slow] if (recipe, epochs) == ("cnn-keras", 3) else [])
    for recipe in HEALTHY
    for epochs in (1, 3)
]
ROOT = Path(__file__).parents[3]
SETS = {"digits": lambda: load_dataset("digits"), "bars": lambda: bars_dataset(800, 200)}


def names(run: Run, data: Dataset) -> list[str]:
    return [str(finding) for finding in doctor.examine_run(run, data)]


@pytest.mark.parametrize("set_name", SETS)
@pytest.mark.parametrize(("recipe", "epochs"), FEW)
def test_built_in_recipe_after_few_epochs_has_no_finding(
    recipe: str, epochs: int, set_name: str, tmp_path: Path
) -> None:
    """The loss is still at chance after 3 epochs of cnn-lenet on a small set; that is no mistake yet."""
    data = SETS[set_name]()
    run = train(HEALTHY[recipe], data=data, epochs=epochs, out=tmp_path / "run", report=False)
    assert names(run, data) == []


@pytest.mark.slow
@pytest.mark.parametrize("recipe", sorted({*HEALTHY} - LONG))
def test_built_in_recipe_trained_to_the_end_has_no_finding(recipe: str, tmp_path: Path) -> None:
    (row,) = healthy.measure([HEALTHY[recipe]], folder=tmp_path)
    assert row["findings"] == []
    assert f"| `{recipe}` | {row['epochs']} |" in (tmp_path / "healthy.md").read_text("utf-8")


@pytest.mark.parametrize("recipe", HEALTHY)
def test_results_have_no_finding_of_recipes_trained_to_the_end(recipe: str) -> None:
    """Those that take minutes too; after few epochs they are looked at above."""
    rows = json.loads((ROOT / "results" / "doctor" / "healthy.json").read_text("utf-8"))
    (row,) = (row for row in rows if row["recipe"] == recipe)
    assert row["findings"] == []
    assert row["recipe_digest"] == recipe_digest(HEALTHY[recipe]), "run python dev/healthy.py again"


@pytest.mark.parametrize("seed", range(4))
def test_recipe_with_relu_output_is_always_flagged_and_the_corrected_one_never(
    seed: int, tmp_path: Path
) -> None:
    """S4-1, on digits: whether classes are dead already or can still die."""
    data = load_dataset("digits")
    for recipe, expected in ((healthy.AS_PUBLISHED_WRONG, ["dead-classes"]), ("mlp-wide", [])):
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
