"""The sentences of an inspection agree with its numbers."""

from dataclasses import replace

import pytest
import torch
from tests.bars import bars
from tests.inspection.own_networks import RECIPE_NETWORKS, a_picture, an_image, recipe_network

from inkwise.inspection.attribution import Attribution
from inkwise.inspection.inspect import inspect_module
from inkwise.inspection.layers import view_layers
from inkwise.inspection.neighbours import Neighbours
from inkwise.reports.inspection import words

NETWORKS = [name for name in RECIPE_NETWORKS if name.startswith(("cnn", "mlp"))]


@pytest.mark.parametrize("name", NETWORKS)
def test_every_layer_of_a_recipe_is_explained(name: str) -> None:
    for view in view_layers(recipe_network(name), an_image()):
        assert words.explain_layer(view)


def test_layer_line_says_both_shapes_and_parameters() -> None:
    """I12."""
    first = view_layers(recipe_network("cnn-lenet"), an_image())[0]
    line = (
        words.say_layer(first).replace("\N{MULTIPLICATION SIGN}", "x").replace("\N{RIGHTWARDS ARROW}", "to")
    )
    assert line == ("1 channel x 28 rows x 28 columns to 20 channels x 24 rows x 24 columns; 520 parameters")


def test_dead_units_are_counted() -> None:
    view = view_layers(recipe_network("mlp-sequential"), an_image())[1]
    assert words.say_dead(view) == ""
    dead = torch.zeros(128, dtype=torch.bool)
    assert words.say_dead(replace(view, dead=dead)) == "none of 128"
    dead[:32] = True
    assert words.say_dead(replace(view, dead=dead)) == "32 of 128 (25.0 %)"


def test_name_is_said_where_it_says_more_than_its_number() -> None:
    view = view_layers(recipe_network("mlp-class"), an_image())[1]
    assert words.say_summary(view) == "hidden_1: 784 to 128 features"
    assert words.say_summary(replace(view, name="3")) == "784 to 128 features"


def test_answer_says_right_wrong_or_unknown() -> None:
    found = inspect_module(recipe_network("mlp-class"), a_picture(), train=bars(20))
    found = replace(found, probabilities=torch.tensor([0.25, 0.75, *[0.0] * 8]), prediction=1)
    assert words.say_answer(replace(found, label=1)).endswith("75.00 % sure. The label says 1 too.")
    assert words.say_answer(replace(found, label=0)).endswith("The label says 0, which it gives 25.00 %.")
    assert words.say_answer(found).endswith("Nobody has told what it is.")


def test_map_like_an_untrained_one_is_called_so() -> None:
    found = Attribution("occlusion", 1, torch.zeros(28, 28), None, "Odds fell by -2.1 log-odds.", 0.9)
    assert words.say_attribution(found) == (
        "Odds fell by \N{MINUS SIGN}2.1 log-odds. Rank correlation with the map of the same network, "
        "untrained: 0.90; much of it is the picture, not the learning."
    )
    assert words.say_attribution(replace(found, agreement_with_random=-0.1)).endswith(
        "it shows what was learned."
    )


def test_neighbours_say_how_many_share_the_answer() -> None:
    near = Neighbours(torch.arange(3), torch.ones(3), "9", 1000, 500)
    assert words.say_neighbours(near, [7, 7, 9], answer="seven", prediction=7) == (
        "The nearest of 1,000 training images, by the Euclidean distance of the 500 inputs of layer 9. "
        "2 of 3 are labelled seven."
    )
