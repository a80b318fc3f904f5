"""What dev/recipes.py says of trainings over seeds."""

import json
from pathlib import Path
from typing import Any

import pytest
from dev import recipes
from torch import nn

from inkwise.data.load import load_dataset
from inkwise.experiments.train import train
from inkwise.recipes.load import load_recipe


def document(recipe: str = "standard", dataset: str = "mnist", *accuracies: float) -> dict[str, Any]:
    rows = [
        {
            "seed": seed, "accuracy": accuracy, "loss": 0.01, "train_seconds": 40.0 + seed,
            "cpu_seconds": 60.0, "load_average": 0.1, "precision": "bfloat16", "commit": "abc1234567",
            "date": "2026-11-21",
        }
        for seed, accuracy in enumerate(accuracies)
    ]  # fmt: skip
    return {
        "recipe": recipe, "dataset": dataset, "recipe_digest": "d", "num_parameters": 1234,
        "float32_bytes": 5000, "int8_bytes": 1500, "file_bytes": 6000, "processor": "A Processor",
        "processor_features": ["avx2"], "num_cores": 2, "training_threads": 2, "torch": "2.13",
        "seeds": rows,
    }  # fmt: skip


def test_row_holds_mean_and_deviation_over_seeds() -> None:
    """0.995 and 0.997: mean 99.6 %, standard deviation 0.1 * sqrt(2) = 0.141 %; seconds 40 and 41."""
    table = recipes.to_markdown([document("standard", "mnist", 0.995, 0.997)])
    assert (
        "| `standard` | mnist | 99.600 ± 0.141 % | 2 | 40.5 | 60.0 | 1,234 | 5.0 kB | 1.5 kB |"
        in table.splitlines()
    )


def test_one_seed_has_no_deviation() -> None:
    assert "| 99.500 % | 1 |" in recipes.to_markdown([document("standard", "mnist", 0.995)])


def test_ensemble_is_the_mean_of_all_probabilities(tmp_path: Path) -> None:
    digits = load_dataset("digits")
    runs = [
        train("mlp-sequential", data=digits, seed=seed, epochs=2, out=tmp_path / f"seed-{seed}", report=False)
        for seed in range(2)
    ]
    answers = [run.classifier.predict(digits.test.images).probabilities for run in runs]
    found = recipes.ensemble([run.path for run in runs], "digits")
    expected = ((answers[0] + answers[1]).argmax(1) == digits.test.labels).mean()
    assert (found["size"], found["accuracy"]) == (2, pytest.approx(expected))
    measured = {**document("standard", "digits", 0.9, 0.9), "ensemble": found}
    assert f"of their probabilities: {100 * expected:.2f} % of the test part" in recipes.to_markdown(
        [measured]
    )


def test_recipes_are_said_in_one_sentence_the_quickest_first(tmp_path: Path) -> None:
    folder = tmp_path / "results" / "recipes"
    folder.mkdir(parents=True)
    slow = {**document("best", "mnist", 0.997), "ensemble": {"size": 5, "accuracy": 0.998, "loss": 0.01}}
    quick = document("quick", "mnist", 0.991, 0.992)
    for row in quick["seeds"]:
        row["train_seconds"] = 1.25
    for one in (slow, quick):
        (folder / f"{one['recipe']}-mnist.json").write_text(json.dumps(one))
    assert recipes.recipes_sentence(tmp_path) == (
        "Our own recipes on MNIST, mean accuracy and median time of 1 to 2 seeds, from the files to the "
        "evaluated classifier on 2 cores: `quick` 99.15 % in 1.2 s, `best` 99.70 % in 40 s "
        "(5 of them together 99.80 %)."
    )


def test_zero_shot_is_said_in_words() -> None:
    measured = document("standard", "mnist", 0.995, 0.997)
    for row, accuracy in zip(measured["seeds"], (0.98, 0.98), strict=True):
        row["zero_shot"] = {"usps": accuracy}
    expected = "`standard`, trained on mnist, names 98.000 ± 0.000 % of the test part of usps."
    assert expected in recipes.to_markdown([measured])


def test_table_puts_mnist_first_and_the_best_of_it(tmp_path: Path) -> None:
    folder = tmp_path / "results" / "recipes"
    folder.mkdir(parents=True)
    for one in (
        document("a", "fashion-mnist", 0.999),
        document("b", "mnist", 0.99),
        document("c", "mnist", 0.995),
    ):
        (folder / f"{one['recipe']}.json").write_text(json.dumps(one))
    rows = recipes.recipes_table(tmp_path).splitlines()[2:5]
    assert [row.split("`")[1] for row in rows] == ["c", "b", "a"]


def test_table_without_results_says_how_to_get_them(tmp_path: Path) -> None:
    assert recipes.recipes_table(tmp_path) == recipes.NOT_MEASURED


def test_sizes_fold_batch_normalisation() -> None:
    """A convolution of 2*1*9 weights and 2 outputs, a linear layer of 3*2 and 3: 24 weights, 5 outputs."""
    network = nn.Sequential(nn.Conv2d(1, 2, 3, bias=False), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(2, 3))
    assert recipes.sizes(network) == {
        "num_parameters": 18 + 4 + 9,
        "float32_bytes": 4 * 29,
        "int8_bytes": 24 + 8 * 5,
    }


@pytest.mark.slow
def test_seeds_are_trained_once_and_kept(tmp_path: Path) -> None:
    first = recipes.measure("quick", "digits", num_seeds=1, zero_shot="digits", folder=tmp_path)
    second = recipes.measure("quick", "digits", num_seeds=2, zero_shot="digits", folder=tmp_path)
    assert second["seeds"][0] == first["seeds"][0]
    assert [row["seed"] for row in second["seeds"]] == [0, 1]
    assert second["seeds"][0]["accuracy"] > 0.9
    assert second["seeds"][0]["zero_shot"]["digits"] > 0.8
    assert json.loads((tmp_path / "quick-digits.json").read_text()) == second


def test_tiny_is_as_small_and_as_right_as_its_recipe_says() -> None:
    seeds = json.loads((recipes.ROOT / "results" / "recipes" / "tiny-mnist.json").read_text("utf-8"))["seeds"]
    share = sum(row["accuracy"] for row in seeds) / len(seeds)
    assert load_recipe("tiny").summary == f"What 1,451 numbers can hold of MNIST: {100 * share:.1f} %"
    assert len(seeds) == 10
