"""Lines grow and shrink by what was asked, whatever their direction."""

import pytest
import torch

from inkwise.augmentation.stroke_width import change_stroke_width


def upright_line(columns):
    image = torch.zeros(1, 1, 28, 28)
    image[..., columns] = 1.0
    return image


def width_of(image):
    """Return the ink of a row, which is an upright line's width in pixels."""
    return float(image[0, 0, 14].sum())


@pytest.mark.parametrize("change", [-1.5, -1.0, -0.25, 0.25, 1.0, 2.0, 3.0])
def test_line_gets_wider_by_the_change(change):
    """Ink is its coverage, so the sum over a row is the width: 4 pixels and the change."""
    changed = change_stroke_width(upright_line(slice(12, 16)), torch.tensor([change]))
    assert width_of(changed) == pytest.approx(4 + change, abs=1e-5)


def test_half_a_pixel_more_is_a_quarter_on_each_side():
    row = change_stroke_width(upright_line(slice(12, 14)), torch.tensor([0.5]))[0, 0, 14]
    torch.testing.assert_close(row[10:16], torch.tensor([0.0, 0.25, 1.0, 1.0, 0.25, 0.0]))


def test_no_change_leaves_every_bit():
    image = torch.rand(3, 1, 28, 28)
    assert torch.equal(change_stroke_width(image, torch.zeros(3)), image)


def test_slanting_line_grows_as_an_upright_one():
    """Thick lines, so that the area gained is length times change: 45 degrees, cut off at equal lengths."""
    distance = (torch.arange(28.0)[:, None] - torch.arange(28.0)) / 2**0.5
    line = (3 - distance.abs()).clamp(0, 1)[None, None]
    wider = change_stroke_width(line, torch.tensor([1.0]))
    # Along a row the line is cut at 45 degrees, so its width there is that of the pen times root 2.
    assert width_of(wider) - width_of(line) == pytest.approx(2**0.5, rel=0.05)


def test_line_thinner_than_the_change_fades():
    faded = change_stroke_width(upright_line(slice(13, 14)), torch.tensor([-1.0]))
    assert 0 < faded.max() < 1
    assert faded.min() >= 0


def test_each_image_has_its_own_change():
    images = upright_line(slice(12, 16)).repeat(3, 1, 1, 1)
    changed = change_stroke_width(images, torch.tensor([-1.0, 0.0, 2.0]))
    assert [width_of(image[None]) for image in changed] == pytest.approx([3, 4, 6])


def test_values_stay_between_black_and_white():
    images = torch.rand(64, 1, 28, 28)
    changed = change_stroke_width(images, torch.linspace(-4, 4, 64))
    assert changed.min() >= -1e-6
    assert changed.max() <= 1 + 1e-6
