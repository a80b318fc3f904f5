"""Each layer's picture shows the layer's own numbers: input beside weights beside output."""

import numpy as np
import pytest
import torch
from tests.inspection.own_networks import RECIPE_NETWORKS, an_image, recipe_network
from torch import nn

from inkwise.figures.inspection.arithmetic import render_arithmetic
from inkwise.figures.inspection.first_weights import render_first_weights
from inkwise.figures.inspection.layer import render_layer
from inkwise.figures.inspection.panels.mosaic import lay_out
from inkwise.figures.inspection.panels.panel import find_panels
from inkwise.figures.inspection.panels.scale import even_scale, grey_scale, signed_scale
from inkwise.inspection.arithmetic import pixel_arithmetic, strongest_output
from inkwise.inspection.layers import view_layers


@pytest.fixture(scope="module")
def views():
    """The tutorial's layers: a convolution of three channels, ReLU, pooling, flattening, linear, softmax."""
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(1, 3, 3, padding="same"), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(588, 10), nn.Softmax(dim=1),
    )  # fmt: skip
    return view_layers(network, an_image())


def titles(figure) -> list[str]:
    return [box.words.split(":")[0] for box in find_panels(figure)]


def words_of(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_convolution_shows_input_weights_output_and_values(views) -> None:
    """I1, I2, I8, I9: the tutorial's Figures 3, 4 and 7 in one row, every channel in it."""
    figure = render_layer(views[0])
    assert titles(figure) == ["Input", "Weights", "Output", "Values"]
    image, kernels, output = (figure.axes[0].images[place].get_array() for place in (0, 2, 4))
    pixels, weight, out = (tensor.numpy() for tensor in (views[0].input, views[0].weight, views[0].output))
    assert np.array_equal(image, grey_scale(pixels).paint(pixels)[0])
    assert np.array_equal(kernels, lay_out(signed_scale(weight).paint(weight[:, 0]), columns=3))
    assert np.array_equal(output, lay_out(even_scale(out).paint(out), columns=3))


def test_panels_say_shape_and_axes(views) -> None:
    """I12: what each axis means, beside its length."""
    words = [box.words.replace("\N{MULTIPLICATION SIGN}", "x") for box in find_panels(render_layer(views[0]))]
    assert words[:3] == [
        "Input: 1 channel x 28 rows x 28 columns",
        "Weights: 3 kernels of 3x3",
        "Output: 3 channels x 28 rows x 28 columns",
    ]


def test_activation_shows_input_beside_output(views) -> None:
    """I3: Figure 5."""
    figure = render_layer(views[1])
    assert titles(figure) == ["Input", "Output", "Values"]
    before, after = (figure.axes[0].images[place].get_array() for place in (0, 2))
    assert before.shape == after.shape
    assert not np.array_equal(before, after)


def test_pooling_shows_the_smaller_output(views) -> None:
    """I4, I10: Figures 6 and 8: 28x28 becomes 14x14, three channels with a gap of 2 and of 1 between."""
    figure = render_layer(views[2])
    before, after = (figure.axes[0].images[place].get_array() for place in (0, 2))
    assert before.shape[:2] == (28, 3 * 28 + 2 * 2)
    assert after.shape[:2] == (14, 3 * 14 + 2 * 1)


def test_flattening_shows_588_bars(views) -> None:
    """I5."""
    figure = render_layer(views[3])
    assert "588 features" in words_of(figure)
    np.testing.assert_allclose(figure.axes[0].patches[0].get_data().values, views[3].output.numpy())


def test_linear_layer_shows_weights_and_ten_bars(views) -> None:
    """I6, I11."""
    figure = render_layer(views[4], class_names=[f"class {k}" for k in range(10)])
    assert titles(figure) == ["Input", "Weights", "Output"]
    best = int(views[4].output.argmax())
    assert any(words.startswith(f"largest (argmax): class {best},") for words in words_of(figure))


def test_softmax_says_sum_and_argmax(views) -> None:
    """I7, I11."""
    best = int(views[5].output.argmax())
    words = words_of(render_layer(views[5], class_names=[str(k) for k in range(10)]))
    assert any(text.startswith(f"largest (argmax): {best},") and "sum 1.00000" in text for text in words)


@pytest.mark.parametrize("name", RECIPE_NETWORKS)
def test_every_layer_of_every_recipe_is_drawn(name: str) -> None:
    for view in view_layers(recipe_network(name), an_image()):
        figure = render_layer(view, class_names=[str(k) for k in range(10)])
        figure.draw_without_rendering()
        assert {"Input", "Output"} <= set(titles(figure))


def test_layer_of_many_channels_draws_the_first_and_says_so() -> None:
    view = view_layers(
        nn.Sequential(nn.Conv2d(1, 300, 3), nn.Flatten(), nn.Linear(300 * 676, 2)), an_image()
    )[0]
    assert "the first 256 channels" in words_of(render_layer(view))


def test_class_names_are_never_read_as_formulas(views) -> None:
    figure = render_layer(views[5], class_names=["$x^$", "$", *"abcdefgh"])
    figure.draw_without_rendering()
    assert "$" in words_of(figure)


@pytest.mark.parametrize("padding", [0, 1])
def test_arithmetic_writes_patch_kernel_products_and_sum(padding: int) -> None:
    """The numbers in the cells are those that are multiplied; their sum with the bias is the value."""
    torch.manual_seed(1)
    network = nn.Sequential(nn.Conv2d(1, 2, 3, padding=padding), nn.Flatten(), nn.LazyLinear(2))
    view = view_layers(network, an_image())[0]
    channel, row, column = strongest_output(view)
    arithmetic = pixel_arithmetic(view, channel=channel, row=row, column=column)
    figure = render_arithmetic(arithmetic, view)
    assert titles(figure) == ["Input", "1  Patch", "2  Kernel", "3  Products", "4  Sum", "5  Output"]
    words = [text.replace("\N{MINUS SIGN}", "-") for text in words_of(figure)]
    for tensor in (arithmetic.patch, arithmetic.kernel, arithmetic.products):
        assert {f"{value:.2f}".replace("-0.00", "0.00") for value in tensor.flatten().tolist()} <= set(words)
    assert f"{arithmetic.value:.4f}" in words
    assert f"{arithmetic.bias:.4f}" in words
    assert (
        f"the frame: rows {row - padding} to {row - padding + 2}, columns {column - padding} to "
        in " ".join(words)
    )


def test_arithmetic_writes_each_number_in_the_words_colour_that_is_read_better() -> None:
    """RdBu_r at 0.6 of the largest size is (214, 96, 77): relative luminance 0.23, so dark words."""
    network = nn.Sequential(nn.Conv2d(1, 1, 2, bias=False), nn.Flatten(), nn.LazyLinear(2))
    network[0].weight.data = torch.tensor([[[[3.21, 1.93], [-3.21, 0.0]]]])
    view = view_layers(network, an_image())[0]
    figure = render_arithmetic(pixel_arithmetic(view, channel=0, row=3, column=4), view)
    colours = {(text.get_text(), text.get_color()) for text in figure.axes[0].texts}
    assert {("3.21", "#ffffff"), ("1.93", "#111111")} <= colours


def test_arithmetic_frames_the_patch_on_the_input() -> None:
    """The frame's corner lies half a pixel up and left of the patch's first pixel."""
    network = nn.Sequential(nn.Conv2d(1, 1, 5, stride=2), nn.Flatten(), nn.LazyLinear(2))
    view = view_layers(network, an_image())[0]
    figure = render_arithmetic(pixel_arithmetic(view, channel=0, row=3, column=4), view)
    frames = [patch.get_xy() for patch in figure.axes[0].patches if patch.get_width() == 5]
    assert frames == [(7.5, 5.5), (7.5, 5.5)]


def test_arithmetic_of_many_channels_sums_the_others() -> None:
    network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Conv2d(4, 2, 3), nn.Flatten(), nn.LazyLinear(2))
    view = view_layers(network, an_image())[1]
    arithmetic = pixel_arithmetic(view, channel=1, row=2, column=3)
    words = words_of(render_arithmetic(arithmetic, view))
    sums = arithmetic.products.double().sum(dim=(1, 2))
    heaviest = int(sums.abs().argmax())
    assert f"products of channel {heaviest}" in words
    assert "3 other channels" in words
    others = f"{float(sums.sum() - sums[heaviest]):.4f}".replace("-", "\N{MINUS SIGN}")
    assert others in words


def test_arithmetic_of_a_linear_layer_shows_pictures() -> None:
    """An MLP's first unit: image x weights, both 28x28."""
    view = view_layers(recipe_network("mlp-sequential"), an_image())[1]
    figure = render_arithmetic(pixel_arithmetic(view, channel=7), view)
    assert titles(figure) == ["1  Input", "2  Weights", "3  Products", "4  Sum", "5  Output"]
    weight = view.weight[7].reshape(28, 28).numpy()
    shown = [picture.get_array() for picture in figure.axes[0].images]
    assert any(np.array_equal(picture, signed_scale(weight).paint(weight)) for picture in shown)


def test_first_weights_are_pictures_on_one_scale() -> None:
    weights = torch.randn(20, 28, 28, generator=torch.Generator().manual_seed(0))
    figure = render_first_weights(weights)
    values = weights.numpy()
    sheet = figure.axes[0].images[0].get_array()
    assert np.array_equal(sheet, lay_out(signed_scale(values).paint(values), columns=16))
    assert len(find_panels(figure)) == 1
