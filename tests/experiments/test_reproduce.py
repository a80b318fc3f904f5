"""Published beside measured: on a tiny set and one epoch, so that only the bookkeeping is looked at."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.bars import bars_dataset

from inkwise.errors import InkwiseError, RecipeError
from inkwise.evaluation.reproduction import Reproduction
from inkwise.experiments.reproduce import reproduce, to_markdown
from inkwise.experiments.studies import STUDIES, study_recipe

QUICK = {"epochs": 1}


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> tuple[Reproduction, Path]:
    """S1 in both forms, two seeds each."""
    out = tmp_path_factory.mktemp("reproduce")
    return reproduce(["S1", "S1-class"], num_seeds=2, settings=QUICK, data=bars_dataset(), out=out), out


def test_class_form_equals_sequential_form_bit_for_bit(result: tuple[Reproduction, Path]) -> None:
    """S1, M2: equal initial weights, order and steps end in equal weights; the seeds differ."""
    sequential, by_class = result[0].studies
    assert sequential.weights_digests == by_class.weights_digests
    assert len(set(sequential.weights_digests)) == 2
    assert sequential.test_accuracy == by_class.test_accuracy
    assert (sequential.seeds_at_once, by_class.seeds_at_once) == (2, 1)


def test_folder_holds_table_json_and_seeds(result: tuple[Reproduction, Path]) -> None:
    reproduction, out = result
    assert Reproduction.model_validate_json((out / "reproduce.json").read_text()) == reproduction
    assert (out / "reproduce.md").read_text() == to_markdown(reproduction)
    seeds = [json.loads(line) for line in (out / "seeds.jsonl").read_text().splitlines()]
    assert [(seed["study"], seed["seed"]) for seed in seeds] == [
        ("S1", 0),
        ("S1", 1),
        ("S1-class", 0),
        ("S1-class", 1),
    ]
    assert [path.name for path in sorted(out.iterdir())] == ["reproduce.json", "reproduce.md", "seeds.jsonl"]


def test_mean_and_deviation_are_of_the_seeds(result: tuple[Reproduction, Path]) -> None:
    """Of two numbers the standard deviation is their difference over the root of 2."""
    reproduction, out = result
    first, second = (
        json.loads(line)["test_accuracy"] for line in (out / "seeds.jsonl").read_text().splitlines()[:2]
    )
    study = reproduction.studies[0]
    assert study.test_accuracy == pytest.approx((first + second) / 2)
    assert study.test_accuracy_std == pytest.approx(abs(first - second) / 2**0.5)
    assert (study.study, study.recipe, study.num_seeds) == ("S1", "mlp-sequential", 2)


def test_table_has_a_row_a_study(result: tuple[Reproduction, Path]) -> None:
    lines = to_markdown(result[0]).splitlines()
    rows = [line for line in lines if line.startswith("| S1")]
    assert [row.split(" | ")[1] for row in rows] == ["mlp-sequential", "mlp-class"]
    assert all(row.count("|") == rows[0].count("|") for row in lines if row.startswith("|"))


def test_losses_stand_beside_those_of_the_page(tmp_path: Path) -> None:
    """R1: the third tutorial prints the loss of each of its five epochs."""
    found = reproduce(["S3"], num_seeds=2, settings=QUICK, data=bars_dataset(), out=tmp_path)
    (study,) = found.studies
    seeds = [json.loads(line)["epoch_losses"] for line in (tmp_path / "seeds.jsonl").read_text().splitlines()]
    assert study.epoch_losses == pytest.approx(np.mean(seeds, axis=0))
    assert study.published_epoch_losses == [1.3053, 0.3381, 0.2293, 0.1681, 0.1369]
    assert "loss of each epoch published 1.305 0.338 0.229 0.168 0.137, measured " in to_markdown(found)


def test_losses_are_of_the_seeds_that_came_so_far(tmp_path: Path) -> None:
    """Early stopping ends one seed sooner than another."""
    settings = {"epochs": 12, "patience": 1, "validation_fraction": 0.2, "learning_rate": 0.3}
    found = reproduce(["S3"], num_seeds=4, settings=settings, data=bars_dataset(120, 20), out=tmp_path)
    seeds = [json.loads(line)["epoch_losses"] for line in (tmp_path / "seeds.jsonl").read_text().splitlines()]
    assert len({len(losses) for losses in seeds}) > 1
    losses = found.studies[0].epoch_losses
    assert len(losses) == max(map(len, seeds))
    assert losses[-1] == pytest.approx(np.mean([seed[-1] for seed in seeds if len(seed) == len(losses)]))


def test_seeds_that_are_there_are_not_trained_again(
    result: tuple[Reproduction, Path], tmp_path: Path
) -> None:
    """One more seed of S1 is trained, the two that are there are taken as they are."""
    reproduction, out = result
    for file in out.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    notes: list[str] = []
    trained: set[int] = set()
    more = reproduce(
        ["S1"], num_seeds=3, settings=QUICK, data=bars_dataset(), out=tmp_path, on_note=notes.append,
        on_progress=lambda progress: trained.add(progress.epoch),
    )  # fmt: skip
    assert more.studies[0].weights_digests[:2] == reproduction.studies[0].weights_digests
    assert [note for note in notes if "of 3" in note] == ["S1: seed 2, 3 of 3"]
    assert trained == {1}
    kept = (tmp_path / "seeds.jsonl").read_text().splitlines()
    assert kept[:4] == (out / "seeds.jsonl").read_text().splitlines()
    assert len(kept) == 5


def test_changed_recipe_is_trained_again(result: tuple[Reproduction, Path], tmp_path: Path) -> None:
    """The folder is given as text here."""
    (tmp_path / "seeds.jsonl").write_bytes((result[1] / "seeds.jsonl").read_bytes())
    other = reproduce(
        ["S1"], num_seeds=1, settings={**QUICK, "learning_rate": 0.5}, data=bars_dataset(), out=str(tmp_path)
    )
    assert other.studies[0].weights_digests[0] != result[0].studies[0].weights_digests[0]


@pytest.mark.parametrize("content", ["{", "{}\n", "[]\n", '{"study": 1}\n', "\udcff"])
def test_spoilt_seeds_file_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "seeds.jsonl").write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(InkwiseError, match=r"seeds\.jsonl: .*; take it out") as caught:
        reproduce(["S1"], num_seeds=1, settings=QUICK, data=bars_dataset(), out=tmp_path)
    assert "\n" not in str(caught.value)


def test_unknown_study_suggests_the_nearest() -> None:
    with pytest.raises(
        RecipeError, match=r"unknown study 'S2PT'; did you mean 'S2-PT'\? Known: S1, S1-class"
    ):
        reproduce(["S2PT"])


def test_unknown_setting_is_refused_before_training() -> None:
    with pytest.raises(RecipeError, match="unknown setting 'epoch'; did you mean 'epochs'"):
        reproduce(["S1"], settings={"epoch": 1}, data=bars_dataset())


def test_calibrating_is_no_part_of_a_study() -> None:
    settings = {"calibrate": True, "validation_fraction": 0.1}
    with pytest.raises(
        RecipeError, match=r"S1: calibrate is true, expected false, .* run: inkwise train mlp-"
    ):
        reproduce(["S1"], settings=settings, data=bars_dataset())


@pytest.mark.parametrize("study", STUDIES)
def test_study_trains_on_all_images_for_the_published_epochs(study: str) -> None:
    """S1, S2-PT, S2-TF, S3, S4: no validation cut, no more epochs than the source's."""
    recipe = study_recipe(study)
    assert recipe.data.validation_fraction == 0
    assert (recipe.training.minimum_steps, recipe.training.patience) == (0, 0)
    published = {"S1": 5, "S2-PT": 3, "S2-TF": 5, "S3": 5, "S4": 50}
    if study in published:
        assert recipe.training.epochs == published[study]


def test_dropout_is_off_as_published_and_on_as_intended() -> None:
    """S2-TF, T8: model(images) without training=True never drops a value."""
    assert study_recipe("S2-TF").network.options == {"dropout": 0.0}
    assert study_recipe("S2-TF-dropout").network.options.get("dropout", 0.5) == 0.5
    for study in ("S2-TF", "S2-TF-dropout"):
        assert study_recipe(f"{study}-tensorflow") == study_recipe(study)


def test_relu_output_loses_classes_and_says_in_how_many_seeds() -> None:
    """S4, S4-1: with a rate so high that logits die, classes are never predicted; logits lose none.

    The rate stands in for the 50 epochs of the tutorial: on this set a class is lost in seconds.
    """
    settings = {"epochs": 6, "batch_size": 100, "learning_rate": 0.003}
    reproduction = reproduce(
        ["S4", "S4-relu-output"], num_seeds=2, settings=settings, data=bars_dataset(300, 100)
    )
    corrected, published = reproduction.studies
    assert published.share_with_lost_classes > 0
    assert corrected.share_with_lost_classes == 0
    assert corrected.test_accuracy > published.test_accuracy
    assert f"{published.share_with_lost_classes:.0%}" in to_markdown(reproduction)
