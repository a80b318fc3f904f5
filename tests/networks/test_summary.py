"""The model table (M7): layers in the order an image passes them, with shapes and parameters."""

import tomllib

import torch

from inkwise.networks.build import build_network, num_parameters
from inkwise.networks.summary import summarise_layers, summary_table


def test_lenet_rows_are_those_of_the_tutorial():
    """M7, I12: 24x24 after the first 5x5, 12x12 after pooling, 8x8, 4x4; first 520 = 25 * 20 + 20."""
    rows = summarise_layers(build_network("cnn-lenet"))
    assert [row.output_shape for row in rows] == [
        (20, 24, 24), (20, 24, 24), (20, 12, 12), (50, 8, 8), (50, 8, 8), (50, 4, 4),
        (800,), (500,), (500,), (10,), (10,),
    ]  # fmt: skip
    assert [row.num_parameters for row in rows] == [520, 0, 0, 25_050, 0, 0, 0, 400_500, 0, 5_010, 0]


def test_rows_of_a_class_carry_its_names_and_every_use():
    """M2, M7: one activation used twice is passed twice."""
    rows = summarise_layers(build_network("mlp-class"))
    assert [row.name for row in rows] == ["hidden_1", "activation", "hidden_2", "activation", "output"]
    assert sum(row.num_parameters for row in rows) == 109_386


def test_table_ends_with_the_number_of_parameters():
    assert summary_table(build_network("cnn-keras")).splitlines()[-1].split() == ["all", "1,676,266"]


def test_network_is_left_as_it_was():
    network = build_network("cnn-keras").train()
    state = torch.get_rng_state()
    summarise_layers(network)
    assert network.training
    assert torch.equal(torch.get_rng_state(), state)
    assert not any(layer._forward_hooks for layer in network.modules())
    assert num_parameters(network) == 1_676_266


def test_recipe_shown_with_its_table_is_still_toml(capsys):
    """M7: `inkwise recipes NAME` prints the table as comments, so that the text is a recipe of one's own."""
    from inkwise.cli.recipes import recipes

    recipes("cnn-lenet", as_json=False)
    text = capsys.readouterr().out
    assert tomllib.loads(text)["training"]["batch_size"] == 64
    assert "# all" in text
    assert "431,080" in text
