"""A sweep chooses by validation images, finds what is planted, and goes on where it was cut short."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from tests.bars import bars_dataset
from torch.utils.data import TensorDataset

from inkwise.data.dataset import Dataset, Split
from inkwise.errors import HandwritingError, InterruptedTrainingError, RecipeError, RunError
from inkwise.evaluation.sweep import Sweep, Trial
from inkwise.experiments.sweep import study
from inkwise.experiments.sweep.search import new_sweep_folder, sweep
from inkwise.handwriting.corrections import add_corrections
from inkwise.handwriting.reader import ReadGlyph
from inkwise.recipes.load import load_recipe
from inkwise.runs.lock import locked

BARS = bars_dataset(240, 20)
SPACE: dict[str, Any] = {"learning_rate": [1e-7, 0.2], "batch_size": [16, 32], "minimum_steps": [0]}


def run(out: Path, **changes: Any) -> Sweep:
    given = {"space": SPACE, "data": BARS, "epochs": 3, "prune": False, **changes}
    return sweep("mlp-sequential", out=out, **given)


def test_grid_finds_the_planted_best(tmp_path: Path) -> None:
    found = run(tmp_path / "sweep")
    assert len(found.trials) == 4
    assert {trial.state for trial in found.trials} == {"done"}
    assert found.best is not None
    assert found.best.settings["learning_rate"] == 0.2
    assert found.best.score > 0.5 > found.ranked[-1].score
    assert [trial.score for trial in found.ranked] == sorted((t.score for t in found.trials), reverse=True)
    assert found.num_validation == 20
    assert all(trial.epochs == 3 and trial.num_parameters == 109_386 for trial in found.trials)


def test_values_that_fit_together_in_some_combinations_only_are_tried(tmp_path: Path) -> None:
    """nesterov needs a momentum: three of the four are recipes, and the fourth is said to have failed."""
    found = run(tmp_path / "sweep", space={"nesterov": [False, True], "momentum": [0.0, 0.9]}, epochs=1)
    assert sorted(trial.state for trial in found.trials) == ["done", "done", "done", "failed"]


def test_folder_holds_the_best_recipe_the_result_and_no_weights(tmp_path: Path) -> None:
    found = run(tmp_path / "sweep")
    best = load_recipe(tmp_path / "sweep" / "best.toml")
    assert best.training.learning_rate == 0.2
    assert best.training.epochs == 3
    assert best.name == "mlp-sequential-swept"
    assert best.published is None
    assert "the best of 4 trials" in best.summary
    assert Sweep.model_validate_json((tmp_path / "sweep" / "sweep.json").read_bytes()) == found
    assert (tmp_path / "sweep" / "sweep.png").read_bytes().startswith(b"\x89PNG")
    assert not list((tmp_path / "sweep").rglob("*.safetensors"))
    assert len(list((tmp_path / "sweep").rglob("history.jsonl"))) == 4


def test_test_part_is_never_looked_at(tmp_path: Path) -> None:
    """With a test part of rubbish of the wrong classes everything stays the same."""
    rubbish = Split(np.zeros((7, 28, 28), np.uint8), np.zeros(7, np.int64))
    other = Dataset(BARS.name, BARS.classes, BARS.train, rubbish)
    one, two = run(tmp_path / "one"), run(tmp_path / "two", data=other)
    assert [(t.settings, t.score, t.validation_loss) for t in one.trials] == [
        (t.settings, t.score, t.validation_loss) for t in two.trials
    ]


def test_several_seeds_give_their_mean(tmp_path: Path) -> None:
    space = {"batch_size": [16, 32], "learning_rate": [0.02], "minimum_steps": [0]}
    both = run(tmp_path / "both", space=space, seeds=2)
    alone = [run(tmp_path / str(seed), space=space, seed=seed) for seed in (0, 1)]
    for index, trial in enumerate(both.trials):
        assert trial.score == pytest.approx(np.mean([one.trials[index].score for one in alone]))
        assert trial.validation_loss == pytest.approx(
            np.mean([one.trials[index].validation_loss for one in alone])
        )


def test_trials_that_lag_behind_are_given_up(tmp_path: Path) -> None:
    space = {"learning_rate": [0.2, 0.15, 0.1, 0.25, 1e-7, 1e-8], "minimum_steps": [0]}
    found = run(tmp_path / "sweep", space=space, prune=True, epochs=4)
    assert [trial.state for trial in found.trials[-2:]] == ["pruned", "pruned"]
    assert all(trial.validation_accuracy is None for trial in found.trials[-2:])


def test_what_is_beyond_the_limits_cannot_win(tmp_path: Path) -> None:
    space = {"architecture": ["mlp-sequential", "mlp-wide"], "minimum_steps": [0]}
    found = run(tmp_path / "large", space=space, max_parameters=200_000)
    assert [trial.state for trial in found.trials] == ["done", "too large"]
    assert not (tmp_path / "large" / "trials" / "0001").exists(), "it was not even trained"
    slow = run(tmp_path / "slow", max_seconds=0.0)
    assert {trial.state for trial in slow.trials} == {"too slow"}
    assert slow.best is None
    assert not (tmp_path / "slow" / "best.toml").exists()


def test_training_that_breaks_off_is_a_failed_trial(tmp_path: Path) -> None:
    found = run(tmp_path / "sweep", space={"learning_rate": [1e30, 0.2], "minimum_steps": [0]})
    assert [trial.state for trial in found.trials] == ["failed", "done"]
    assert "the training loss became" in found.trials[0].note


def test_values_that_do_not_go_together_are_a_failed_trial(tmp_path: Path) -> None:
    space = {"momentum": [0.9, 0.0], "nesterov": [True, False], "minimum_steps": [0]}
    found = run(tmp_path / "sweep", space=space, epochs=1)
    assert [trial.state for trial in found.trials] == ["done", "done", "failed", "done"]
    assert "nesterov looks ahead by the momentum" in found.trials[2].note


def test_trial_without_validation_images_has_failed(tmp_path: Path) -> None:
    space = {"validation_fraction": [0.0, 0.3], "minimum_steps": [0]}
    found = run(tmp_path / "sweep", space=space, epochs=1)
    assert [trial.state for trial in found.trials] == ["failed", "done"]
    assert "keeps no images of bars for validation" in found.trials[0].note


@pytest.mark.parametrize("precision", ["auto", "float32"])
def test_batches_that_the_network_cannot_take_are_a_failed_trial(precision: str, tmp_path: Path) -> None:
    space = {"batch_size": [1, 64], "validation_fraction": [0.3], "precision": [precision]}
    found = sweep("standard", space=space, data=BARS, epochs=1, out=tmp_path / "sweep")
    assert [trial.state for trial in found.trials] == ["failed", "done"]
    assert "got batches of 1; take 2 train images or more" in found.trials[0].note
    assert found.best == found.trials[1]


def test_device_that_is_not_there_ends_a_sweep(tmp_path: Path) -> None:
    """No trial's own values are at fault, and the next would fail as well."""
    with pytest.raises(RecipeError, match="unknown device 'tpu'"):
        run(tmp_path / "sweep", device="tpu")
    assert not (tmp_path / "sweep" / "sweep.json").exists()


def test_span_is_searched_and_repeats_itself(tmp_path: Path) -> None:
    space = {"learning_rate": "1e-6..0.5:log", "minimum_steps": "0"}
    one, two = (run(tmp_path / name, space=space, trials=10, epochs=2) for name in ("one", "two"))
    tried = [trial.settings["learning_rate"] for trial in one.trials]
    assert len(set(tried)) > 5
    assert all(1e-6 <= rate <= 0.5 for rate in tried)
    assert [(t.settings, t.score) for t in one.trials] == [(t.settings, t.score) for t in two.trials]


class _StopError(Exception):
    pass


def test_interrupted_sweep_goes_on_to_the_same_end(tmp_path: Path) -> None:
    space = {"learning_rate": "1e-4..0.5:log", "minimum_steps": "0"}

    def stop(trial: Trial, number: int, total: int) -> None:
        if number == 3:
            raise _StopError

    with pytest.raises(_StopError):
        run(tmp_path / "cut", space=space, trials=5, on_trial=stop)
    resumed = sweep(space={}, out=tmp_path / "cut", data=BARS, resume=True)
    undisturbed = run(tmp_path / "whole", space=space, trials=5)
    assert [(t.settings, t.score) for t in resumed.trials] == [
        (t.settings, t.score) for t in undisturbed.trials
    ]


def test_ctrl_c_ends_a_sweep_between_two_steps(tmp_path: Path) -> None:
    def press(done: float, total: int) -> None:
        if done > 1.2:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(InterruptedTrainingError, match=r"interrupted after 1 of 4 trials; .* sweep --resume"):
        run(tmp_path / "sweep", epochs=40, on_progress=press)
    assert len(json.loads((tmp_path / "sweep" / "sweep.json").read_text())["trials"]) == 1
    resumed = sweep(space={}, out=tmp_path / "sweep", data=BARS, resume=True)
    assert len(resumed.trials) == 4
    assert {tuple(trial.settings.values()) for trial in resumed.trials} == {
        (rate, size) for rate in (1e-7, 0.2) for size in (16, 32)
    }


@pytest.mark.slow
def test_killed_sweep_goes_on(tmp_path: Path) -> None:
    """kill -9 in the middle of a trial: every combination is there once at the end."""
    command = [sys.executable, "-m", "inkwise", "sweep"]
    begin = [
        *command, "mlp-sequential", "--data", "digits", "--epochs", "30", "--set", "batch_size=8,16,32,64",
        "--no-prune", "--out", str(tmp_path / "sweep"),
    ]  # fmt: skip
    process = subprocess.Popen(begin, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    journal = tmp_path / "sweep" / "sweep.json"
    deadline = time.monotonic() + 120
    while not journal.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.3)
    process.kill()
    process.wait()
    done = subprocess.run(
        [*command, "--resume", "--out", str(tmp_path / "sweep"), "--json"],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    found = Sweep.model_validate_json(done.stdout)
    assert sorted(trial.settings["batch_size"] for trial in found.trials) == [8, 16, 32, 64]
    assert {trial.state for trial in found.trials} == {"done"}


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"space": {"learning_rat": [1, 2]}}, "unknown setting 'learning_rat'.*learning_rate"),
        ({"space": {"seed": [1, 2]}}, "seed is no value to choose; set it with --seed"),
        ({"space": {"dataset": ["usps", "mnist"]}}, "dataset is no value to choose; set it with --data"),
        ({"space": {**SPACE, "validation_fraction": [0.0]}}, "keeps no images of bars for validation"),
        ({"space": {"architecture": ["no", "mlp-wide"]}}, "unknown network 'no'"),
        ({"space": {"batch_size": [32, "many"]}}, "training.batch_size.*'many'"),
        ({"space": {"batch_size": "16,32", "momentum": "0.5..1.5"}}, "training.momentum.*1.5"),
    ],
)
def test_what_cannot_be_searched_is_refused_before_it_begins(
    changes: dict[str, Any], match: str, tmp_path: Path
) -> None:
    with pytest.raises(RecipeError, match=match):
        run(tmp_path / "sweep", **changes)
    assert not (tmp_path / "sweep").exists()


def test_folder_in_use_and_folder_without_a_sweep_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match=r"not empty; expected a new one.*inkwise sweep --resume"):
        run(tmp_path)
    with pytest.raises(RunError, match=r"file: a file; expected a new folder, choose another --out"):
        run(tmp_path / "file")
    assert [path.name for path in tmp_path.iterdir()] == ["file"], "no lock is left there"
    with pytest.raises(RunError, match=r"holds no plan.json, so it is no sweep"):
        sweep(space={}, out=tmp_path, data=BARS, resume=True)
    (tmp_path / "plan.json").write_text("{}")
    with pytest.raises(RunError, match="not as inkwise sweep wrote it"):
        sweep(space={}, out=tmp_path, data=BARS, resume=True)


def test_new_folders_count_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with new_sweep_folder("quick") as first, new_sweep_folder("my/quick.toml") as second:
        assert first == Path("sweeps/quick-001")
        assert second == Path("sweeps/quick-002"), "nothing lies in the other yet, but it is taken"
        (second / "plan.json").touch()
    assert list(Path("sweeps").iterdir()) == [second], "one that stayed empty is gone"


def test_folder_is_held_while_a_sweep_goes_on_in_it(tmp_path: Path) -> None:
    """Resumed meanwhile, it would take the trial at work for one that was cut short."""
    out = tmp_path / "sweep"

    def resume_too(trial: Trial, number: int, total: int) -> None:
        with pytest.raises(RunError, match="another process is searching here; wait for it, or choose"):
            sweep(space={}, out=out, data=BARS, resume=True)

    found = run(out, on_trial=resume_too, epochs=1)
    assert [trial.state for trial in found.trials] == ["done"] * 4


def test_sweep_never_begins_where_another_just_did(tmp_path: Path) -> None:
    """Both found the folder new; this one waits for nothing and writes nothing."""
    with locked(tmp_path / "sweep", doing="searching"), pytest.raises(RunError, match="searching here"):
        run(tmp_path / "sweep")
    assert [path.name for path in (tmp_path / "sweep").iterdir()] == [".lock"]


def test_search_gives_up_where_nothing_is_small_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(study, "_MOST_TRIES", 3)
    space = {"learning_rate": "0.1..0.2", "minimum_steps": "0"}
    found = run(tmp_path / "sweep", space=space, trials=4, max_parameters=10)
    assert {trial.state for trial in found.trials} == {"too large"}
    assert len(found.trials) == 12


def test_no_corrections_are_told_before_the_folder_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INKWISE_CORRECTIONS", str(tmp_path / "store.sqlite"))
    monkeypatch.chdir(tmp_path)
    recipe = load_recipe("mlp-class").with_settings({"own_images": "corrections"})
    with pytest.raises(HandwritingError, match="no corrections yet"), new_sweep_folder("mlp-class") as folder:
        sweep(recipe, space={"learning_rate": [0.1, 0.2]}, data=BARS, out=folder)
    assert not folder.exists()


def test_torch_dataset_is_searched_on_by_the_name_of_its_class(tmp_path: Path) -> None:
    data = TensorDataset(torch.from_numpy(BARS.train.images), torch.from_numpy(BARS.train.labels))
    run(tmp_path / "sweep", data=data, space={"learning_rate": [0.1, 0.2]}, epochs=1)
    assert load_recipe(tmp_path / "sweep" / "best.toml").data.dataset == "TensorDataset"


def test_corrections_are_searched_with_as_they_are_today(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INKWISE_CORRECTIONS", str(tmp_path / "store.sqlite"))
    image = np.random.default_rng(0).integers(0, 256, (28, 28)).astype(np.uint8)
    add_corrections([(ReadGlyph((0, 0, 9, 9), 0, 0.9, True, image, 0), 1)], picture="a.png")
    recipe = load_recipe("mlp-class").with_settings({"own_images": "corrections"})
    space = {"learning_rate": [0.1, 0.2]}
    found = sweep(recipe, space=space, data=BARS, out=tmp_path / "out", epochs=1)
    assert [trial.state for trial in found.trials] == ["done", "done"]
    kept = Path(load_recipe(tmp_path / "out" / "best.toml").data.own_images)
    assert kept.parent == tmp_path / "out"
    np.testing.assert_array_equal(load_file(kept)["images"], image[None])
