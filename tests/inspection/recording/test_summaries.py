"""What a layer is, in words."""

import pytest
from torch import nn

from inkwise.inspection.recording.summaries import describe

SHAPES = ((4, 8, 8), (4, 4, 4))


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (nn.Conv2d(1, 20, 5), "1 to 20 channels, kernel 5x5"),
        (nn.Conv2d(2, 4, (3, 1), stride=2, bias=False), "2 to 4 channels, kernel 3x1, stride 2, no bias"),
        (nn.Conv2d(2, 4, 3, padding="same"), "2 to 4 channels, kernel 3x3, padding same"),
        (nn.Conv2d(2, 4, 3, padding=(1, 2)), "2 to 4 channels, kernel 3x3, padding 1x2"),
        (nn.Conv2d(2, 4, 3, padding="valid"), "2 to 4 channels, kernel 3x3"),
        (nn.Conv2d(2, 4, 3, dilation=2, groups=2), "2 to 4 channels, kernel 3x3, dilation 2, 2 groups"),
        (nn.Linear(784, 10), "784 to 10 features"),
        (nn.MaxPool2d(2), "largest of each 2x2 field"),
        (nn.MaxPool2d(3, stride=2), "largest of each 3x3 field, 2 apart"),
        (nn.AvgPool2d((2, 4)), "mean of each 2x4 field"),
        (nn.AdaptiveAvgPool2d(4), "mean of each field, 4x8x8 to 4x4x4"),
        (nn.Dropout(0.5), "drops 50 % of the values in training, none here"),
        (nn.LeakyReLU(0.1), "negative values are multiplied by 0.1"),
        (nn.Unflatten(1, (4, 4, 4)), "4x8x8 values put in the shape 4x4x4"),
        (nn.LSTM(28, 12), "28, 12"),
        (nn.Softsign(), "softsign"),
    ],
    ids=str,
)
def test_layer_is_described_by_what_it_does(layer, words):
    """I12"""
    assert describe(type(layer).__name__, layer, shapes=SHAPES) == words


@pytest.mark.parametrize(
    ("function", "words"),
    [
        ("relu", "negative values become 0"),
        ("max_pool2d", "largest of each field, 4x8x8 to 4x4x4"),
        ("iadd", "values are added"),
        ("view", "4x8x8 values put in the shape 4x4x4"),
        ("conv2d", "4x8x8 to 4x4x4"),
        ("einsum", "einsum"),
    ],
)
def test_function_is_described_by_its_name(function, words):
    assert describe(function, None, shapes=SHAPES) == words
