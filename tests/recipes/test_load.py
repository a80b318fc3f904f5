"""Recipes: found, validated, changed, written and read back."""

from pathlib import Path

import pytest

from inkwise.errors import RecipeError
from inkwise.networks.build import build_network
from inkwise.recipes.load import list_recipes, load_recipe

NAMES = [recipe.name for recipe in list_recipes()]


def test_built_in_recipes_are_those_of_the_tutorials_and_ours():
    assert NAMES == ["best", "cnn-keras", "cnn-lenet", "mlp-class", "mlp-logsoftmax", "mlp-sequential",
                     "mlp-wide", "mlp-wide-relu-output", "quick", "reader", "reader-corrected", "standard",
                     "tiny"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_recipe_builds_its_network(name):
    recipe = load_recipe(name)
    build_network(recipe.network.architecture, **recipe.network.options)


@pytest.mark.parametrize("name", NAMES)
def test_recipe_written_as_toml_reads_back_equal(name, tmp_path):
    recipe = load_recipe(name)
    path = tmp_path / "mine.toml"
    path.write_text(recipe.to_toml())
    assert load_recipe(path) == recipe


@pytest.mark.parametrize(
    ("name", "optimizer", "learning_rate", "momentum", "batch_size", "epochs", "mean", "std"),
    [
        ("mlp-sequential", "sgd", 0.01, 0.0, 64, 5, 0.5, 0.5),  # S1: O1, D4, D9
        ("mlp-logsoftmax", "sgd", 0.003, 0.9, 32, 5, 0.5, 0.5),  # S3: O2, D4, T3
        ("cnn-lenet", "sgd", 0.001, 0.5, 64, 3, 0.1307, 0.3081),  # S2-PT: O2, D5
        ("cnn-keras", "adam", 0.001, 0.0, 32, 5, 0.0, 1.0),  # S2-TF: O3, D3
        ("mlp-wide", "adam", 0.001, 0.0, 8192, 50, 0.0, 1.0),  # S4: O3, D6, D9
    ],
)
def test_recipe_holds_the_tutorial_values(
    name, optimizer, learning_rate, momentum, batch_size, epochs, mean, std
):
    recipe, training = load_recipe(name), load_recipe(name).training
    assert (training.optimizer, training.learning_rate, training.momentum) == (
        optimizer,
        learning_rate,
        momentum,
    )
    assert (training.batch_size, training.epochs) == (batch_size, epochs)
    assert (recipe.preprocessing.mean, recipe.preprocessing.std) == (mean, std)


def test_setting_by_leaf_and_by_path_are_equal():
    recipe = load_recipe("quick")
    assert recipe.with_settings({"epochs": 3}) == recipe.with_settings({"training.epochs": 3})
    assert recipe.with_settings({"epochs": 3}).training.epochs == 3


def test_setting_an_option_of_the_network_reaches_it():
    assert load_recipe("cnn-keras").with_settings({"dropout": 0.0}).network.options == {"dropout": 0.0}


def test_unknown_setting_suggests_the_nearest():
    with pytest.raises(RecipeError, match=r"unknown setting 'lerning_rate'; did you mean 'learning_rate'\?"):
        load_recipe("quick").with_settings({"lerning_rate": 1})


def test_setting_of_the_wrong_kind_is_refused_with_its_value():
    with pytest.raises(
        RecipeError, match=r"recipe quick: training.epochs = 'three': Input should be a valid integer"
    ):
        load_recipe("quick").with_settings({"epochs": "three"})


def test_unknown_recipe_suggests_the_nearest():
    with pytest.raises(RecipeError, match=r"unknown recipe 'usps'.*; usps is a data set, .*: --data usps"):
        load_recipe("usps")
    with pytest.raises(RecipeError, match=r"unknown recipe 'quik'; did you mean 'quick'\? Known: best, "):
        load_recipe("quik")


def test_missing_recipe_file_is_named(tmp_path):
    with pytest.raises(RecipeError, match=r"mine.toml: no such file; expected a recipe in TOML"):
        load_recipe(tmp_path / "mine.toml")


def test_recipe_that_is_not_toml_is_refused(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("epochs: 3")
    with pytest.raises(RecipeError, match=r"mine.toml: not TOML"):
        load_recipe(path)


def test_recipe_file_with_unknown_key_suggests_the_nearest(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(load_recipe("quick").to_toml().replace("batch_size", "batchsize"))
    with pytest.raises(
        RecipeError, match=r"unknown key 'training.batchsize'; did you mean 'training.batch_size'\?"
    ):
        load_recipe(path)


def test_recipe_file_without_a_needed_key_names_it(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(load_recipe("quick").to_toml().replace("epochs = 1", ""))
    with pytest.raises(RecipeError, match=r"the key training.epochs is missing; add it"):
        load_recipe(path)


def test_loss_that_does_not_fit_the_output_is_refused():
    """M8, S3-3: softmax or LogSoftmax under the wrong loss is the mistake nobody is told of."""
    with pytest.raises(
        RecipeError, match=r"output 'log_probabilities' needs the loss 'nll', got 'cross-entropy'"
    ):
        load_recipe("mlp-logsoftmax").with_settings({"loss": "cross-entropy"})


def test_nesterov_without_momentum_is_refused() -> None:
    with pytest.raises(RecipeError, match="nesterov looks ahead by the momentum; set that above 0"):
        load_recipe("mlp-sequential").with_settings({"nesterov": True, "momentum": 0.0})


def test_patience_without_validation_is_refused():
    with pytest.raises(RecipeError, match=r"patience needs a validation split"):
        load_recipe("quick").with_settings({"patience": 2, "validation_fraction": 0.0})


def test_mean_without_std_measured_is_refused():
    with pytest.raises(RecipeError, match=r"mean and std are either both numbers or both"):
        load_recipe("quick").with_settings({"mean": 0.5})


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"mean": 5, "std": 0.5}, "preprocessing.mean.*5: Input should be less than or equal to 1"),
        ({"mean": 0.5, "std": 0}, "preprocessing.std.*0: Input should be greater than 0"),
        ({"mean": float("nan"), "std": 0.5}, "preprocessing.mean"),
        ({"mean": "mesured", "std": "measured"}, "preprocessing.mean"),
        ({"learning_rate": float("nan")}, "training.learning_rate = nan: Input should be a finite number"),
        ({"seed": -1}, "training.seed = -1"),
        ({"seed": 2**32}, "training.seed = 4294967296"),
        ({"validation_fraction": 1}, "data.validation_fraction = 1: Input should be less than 1"),
        ({"network.options.num_classes": 5}, "classes is that of the data; leave num_classes out"),
    ],
)
def test_value_that_no_training_can_use_is_refused(settings, match):
    with pytest.raises(RecipeError, match=f"recipe quick: .*{match}"):
        load_recipe("quick").with_settings(settings)


def test_option_with_a_dot_is_an_unknown_option_not_a_crash():
    recipe = load_recipe("quick").with_settings({"network.options.a.b": 1})
    with pytest.raises(RecipeError, match=r"network cnn-cosine: unknown option 'a\.b'"):
        build_network(recipe.network.architecture, **recipe.network.options)


def test_three_means_are_refused_by_the_recipe_as_well():
    """S0-4, S1-2: one grey channel has one mean."""
    with pytest.raises(
        RecipeError, match=r"recipe quick: preprocessing.mean = \[0.5, 0.5, 0.5\]: Input should be"
    ):
        load_recipe("quick").with_settings({"mean": [0.5, 0.5, 0.5], "std": 0.5})


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs Linux, where it cannot be read")
def test_recipe_on_a_failing_disk_is_told_of(tmp_path):
    """Reading a process's memory at address 0 is an input/output error, as of a disk that fails."""
    (tmp_path / "mine.toml").symlink_to("/proc/self/mem")
    with pytest.raises(
        RecipeError, match=r"mine.toml: cannot be read \(Input/output error\); .*check the disk"
    ):
        load_recipe(tmp_path / "mine.toml")


def test_epochs_that_are_set_are_exactly_so_many() -> None:
    """Else a sweep over epochs would train small sets alike, and say that it searched."""
    quick = load_recipe("quick")
    assert quick.training.minimum_steps == 140
    assert quick.with_settings({"epochs": 3}).training.minimum_steps == 0
    assert quick.with_settings({"training.epochs": 3}).training.minimum_steps == 0
    assert quick.with_settings({"minimum_steps": 9, "epochs": 3}).training.minimum_steps == 9
    assert quick.with_settings({"learning_rate": 0.1}).training.minimum_steps == 140
