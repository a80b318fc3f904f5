"""Where a convolution looks, against torch.nn.functional."""

import itertools

import pytest
import torch
from torch import nn

from inkwise.inspection.recording.geometry import cut_patch, geometry_of

SETTINGS = [
    {},
    {"padding": 1},
    {"padding": (2, 0)},
    {"padding": "same"},
    {"padding": "same", "dilation": 2},
    {"padding": "valid", "stride": 2},
    {"stride": (1, 3), "padding": (1, 2)},
    {"dilation": (2, 1)},
    {"groups": 2},
    {"groups": 4, "padding": 1, "stride": 2},
    {"padding": 1, "padding_mode": "reflect"},
    {"padding": 2, "padding_mode": "replicate"},
    {"padding": (1, 2), "padding_mode": "circular"},
]


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths:UserWarning")
@pytest.mark.parametrize("kernel", [3, (2, 4), (1, 5)], ids=str)
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_every_patch_gives_what_the_convolution_gives(kernel, settings):
    """All output pixels of four channels: sum(patch * kernel) + bias is the layer's own value."""
    torch.manual_seed(0)
    layer = nn.Conv2d(4, 4, kernel, **settings).double()
    image = torch.randn(4, 9, 8, dtype=torch.float64)
    with torch.no_grad():
        expected = layer(image[None])[0]
    found = torch.empty_like(expected)
    for place in itertools.product(*map(range, expected.shape)):
        patch = cut_patch(image, layer.weight.detach(), geometry_of(layer), place=place)
        found[place] = (patch * layer.weight.detach()[place[0]]).sum() + layer.bias.detach()[place[0]]
    torch.testing.assert_close(found, expected)
