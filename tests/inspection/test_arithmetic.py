"""One output by hand: patch x kernel + bias, beside what the layer put out."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.inspection.own_networks import RECIPE_NETWORKS, an_image, recipe_network
from torch import nn

from inkwise.errors import ShapeError
from inkwise.inspection.arithmetic import pixel_arithmetic, strongest_output
from inkwise.inspection.layers import view_layers


def small_convolution():
    """Return the view of a 2x2 kernel (1 2 / 3 4), bias 5, on an image that counts 0, 1, 2 ... by rows."""
    network = nn.Sequential(nn.Conv2d(1, 1, 2), nn.Flatten(), nn.Linear(27 * 27, 2))
    with torch.no_grad():
        network[0].weight.copy_(torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]]))
        network[0].bias.fill_(5)
    return view_layers(network, torch.arange(784.0).view(1, 28, 28))[0]


def test_pixel_of_a_convolution_is_the_sum_by_hand():
    """I1, I9: row 1, column 2 sees 30 31 / 58 59: 1*30 + 2*31 + 3*58 + 4*59 + 5 = 507."""
    found = pixel_arithmetic(small_convolution(), channel=0, row=1, column=2)
    assert found.patch.tolist() == [[[30, 31], [58, 59]]]
    assert found.products.tolist() == [[[30, 62], [174, 236]]]
    assert (found.bias, found.value, found.recorded) == (5, 507, 507)


def test_formula_names_the_largest_products_and_the_rest():
    """58 x 3 and 59 x 4 are the largest; 30 + 62 = 92 remain."""
    found = pixel_arithmetic(small_convolution(), channel=0, row=1, column=2)
    assert found.formula(num_terms=2) == (
        "59.000 x 4.000 + 58.000 x 3.000 + 2 others: 92.000 + bias 5.000 = 507.000"
    )
    assert found.largest(1) == [((0, 1, 1), 59.0, 4.0, 236.0)]


@pytest.mark.parametrize("name", RECIPE_NETWORKS)
def test_strongest_output_of_every_weighted_layer_is_right(name):
    """I1, I11: within 1e-5, each convolution and linear layer of each recipe."""
    for view in view_layers(recipe_network(name), an_image()):
        if view.weight is not None and view.weight.ndim > 1:  # batch normalisation has one weight a channel
            place = strongest_output(view)
            found = pixel_arithmetic(view, **dict(zip(("channel", "row", "column"), place, strict=False)))
            assert found.recorded == float(view.output.max())
            assert found.value == pytest.approx(found.recorded, abs=1e-5)


@given(
    padding=st.sampled_from([0, 1, 2, "same"]),
    dilation=st.integers(1, 3),
    groups=st.sampled_from([1, 2]),
    place=st.tuples(st.integers(0, 3), st.integers(0, 19), st.integers(0, 19)),
    seed=st.integers(0, 9),
)
def test_any_pixel_of_a_second_convolution_is_right(padding, dilation, groups, place, seed):
    """I1: padding counts as 0, dilation leaves gaps, groups see their own channels only."""
    torch.manual_seed(seed)
    network = nn.Sequential(
        nn.Conv2d(1, 2, 3, stride=1, padding=1),
        nn.Conv2d(2, 4, 3, padding=padding, dilation=dilation, groups=groups),
        nn.AdaptiveAvgPool2d(1),
    )
    view = view_layers(network, an_image(seed=seed))[1]
    channel, row, column = place
    found = pixel_arithmetic(view, channel=channel, row=row, column=column)
    assert found.value == pytest.approx(found.recorded, abs=1e-5)


def test_stride_and_padding_of_a_view_are_the_layers_own():
    """Place (0, 0) with padding 1 sees a row and a column of zeros before the image."""
    network = nn.Sequential(nn.Conv2d(1, 1, 3, stride=2, padding=1), nn.Flatten(), nn.Linear(196, 2))
    view = view_layers(network, torch.ones(1, 28, 28))[0]
    corner = pixel_arithmetic(view, channel=0, row=0, column=0)
    assert corner.patch.tolist() == [[[0, 0, 0], [0, 1, 1], [0, 1, 1]]]
    last = pixel_arithmetic(view, channel=0, row=13, column=13)
    assert last.patch.tolist() == [[[1, 1, 1], [1, 1, 1], [1, 1, 1]]]


def test_output_of_a_linear_layer_is_the_sum_by_hand():
    """I11: 1*1 + 1*2 + ... over 784 ones with weights 0.5, and no bias: 392."""
    layer = nn.Linear(784, 3, bias=False)
    nn.init.constant_(layer.weight, 0.5)
    found = pixel_arithmetic(view_layers(layer, torch.ones(1, 28, 28))[0], channel=2)
    assert (found.value, found.bias, found.row, found.column) == (392, 0, None, None)
    assert found.patch.shape == found.products.shape == (784,)
    assert found.formula(num_terms=1) == "1.000 x 0.500 + 783 others: 391.500 + bias 0.000 = 392.000"


def test_negative_numbers_stand_in_brackets():
    layer = nn.Linear(784, 2)
    with torch.no_grad():
        layer.weight.fill_(-1)
        layer.bias.fill_(-2)
    found = pixel_arithmetic(view_layers(layer, torch.ones(1, 28, 28))[0], channel=0)
    assert found.formula(num_terms=1) == (
        "1.000 x (-1.000) + 783 others: (-783.000) + bias (-2.000) = -786.000"
    )


@pytest.mark.parametrize(
    "place",
    [
        {"channel": 1, "row": 0, "column": 0},
        {"channel": 0, "row": 27, "column": 0},
        {"channel": 0, "row": 0, "column": -1},
        {"channel": 0},
    ],
)
def test_place_outside_of_the_output_is_refused(place):
    with pytest.raises(
        ShapeError, match=r"has no output at channel \d.*; its output has shape \(1, 27, 27\)"
    ):
        pixel_arithmetic(small_convolution(), **place)


def test_layer_without_products_is_refused():
    view = view_layers(recipe_network("cnn-lenet"), an_image())[1]
    with pytest.raises(ShapeError, match="layer 1 is a ReLU; expected a Conv2d or a Linear"):
        pixel_arithmetic(view, channel=0, row=0, column=0)
