"""Where ink goes: each move alone on images made by hand, and the smoothness of random displacements."""

import pytest
import torch

from inkwise.augmentation.warp import affine_matrices, smooth_displacements, warp


def image_with(*places):
    """Return one image (1, 1, 28, 28) with a white pixel at each (row, column)."""
    image = torch.zeros(1, 1, 28, 28)
    for row, column in places:
        image[0, 0, row, column] = 1.0
    return image


def moved(image, *, degrees=0.0, shear=0.0, width=1.0, height=1.0, shift=(0.0, 0.0)):
    amounts = (torch.tensor([float(value)]) for value in (degrees, shear, width, height))
    names = ("degrees", "shear", "width", "height")
    matrices = affine_matrices(**dict(zip(names, amounts, strict=True)))
    return warp(image, matrices, shifts=torch.tensor([shift], dtype=torch.float32))


def test_nothing_moves_without_a_move():
    image = torch.rand(1, 1, 28, 28)
    torch.testing.assert_close(moved(image), image, atol=1e-5, rtol=0)


@pytest.mark.parametrize(("shift", "place"), [((1, 0), (10, 9)), ((0, 1), (11, 8)), ((-2, -3), (7, 6))])
def test_shift_by_whole_pixels_moves_so_many(shift, place):
    """Right is the first number, down the second; the pixel was at row 10, column 8."""
    expected = image_with(place)
    torch.testing.assert_close(moved(image_with((10, 8)), shift=shift), expected, atol=1e-5, rtol=0)


def test_shift_by_half_a_pixel_shares_the_ink():
    found = moved(image_with((10, 8)), shift=(0.5, 0.0))
    torch.testing.assert_close(found[0, 0, 10, 8:10], torch.tensor([0.5, 0.5]), atol=1e-5, rtol=0)


def test_quarter_turn_is_counter_clockwise():
    """torch.rot90 turns rows towards columns: counter-clockwise to the eye, as the top goes to the left."""
    image = torch.rand(1, 1, 28, 28)
    torch.testing.assert_close(moved(image, degrees=90), torch.rot90(image, 1, (2, 3)), atol=1e-4, rtol=0)


def test_small_turn_moves_the_top_to_the_left():
    column = moved(image_with((2, 13), (2, 14)), degrees=10)[0, 0].sum(0)
    assert (column * torch.arange(28)).sum() / column.sum() < 12.5


def test_shear_moves_the_top_to_the_right():
    """0.5 pixels a pixel: the row 13.5 - 3.5 = 10 is 3.5 above the middle and goes 1.75 to the right."""
    row = moved(image_with((10, 8)), shear=0.5)[0, 0, 10]
    torch.testing.assert_close(row[9:11], torch.tensor([0.25, 0.75]), atol=1e-5, rtol=0)


def test_width_and_height_stretch_from_the_middle():
    """Twice as wide: column 16, 2.5 right of the middle, goes to 18.5; its row stays."""
    found = moved(image_with((10, 16)), width=2)[0, 0]
    assert found.sum(0).nonzero().flatten().tolist() == [17, 18, 19, 20]
    torch.testing.assert_close(found.sum(1)[10], found.sum(), atol=1e-4, rtol=0)
    found = moved(image_with((16, 10)), height=2)[0, 0]
    assert found.sum(1).nonzero().flatten().tolist() == [17, 18, 19, 20]


def test_sizes_come_before_slant_and_slant_before_turn():
    """A point (1, 1) right and below, twice as wide: (2, 1); slant 1: (2 - 1, 1); a quarter turn: (1, -1)."""
    matrix = affine_matrices(
        degrees=torch.tensor([90.0]),
        shear=torch.tensor([1.0]),
        width=torch.tensor([2.0]),
        height=torch.tensor([1.0]),
    )
    torch.testing.assert_close(matrix[0] @ torch.ones(2), torch.tensor([1.0, -1.0]))


def test_each_image_gets_its_own_shift():
    images = image_with((10, 8)).repeat(2, 1, 1, 1)
    found = warp(images, torch.eye(2).repeat(2, 1, 1), shifts=torch.tensor([[1.0, 0.0], [0.0, 1.0]]))
    assert found[0].argmax() == 10 * 28 + 9
    assert found[1].argmax() == 11 * 28 + 8


def test_displacement_says_where_a_pixel_takes_its_value_from():
    displacements = torch.zeros(1, 28, 28, 2)
    displacements[0, 10, 7] = torch.tensor([1.0, 0.0])
    found = warp(
        image_with((10, 8)),
        torch.eye(2)[None],
        shifts=torch.zeros(1, 2),
        displacements=displacements,
    )
    torch.testing.assert_close(found, image_with((10, 7), (10, 8)), atol=1e-5, rtol=0)


@pytest.mark.parametrize("smoothness", [2.0, 4.0, 8.0])
def test_displacements_are_one_pixel_root_mean_square_everywhere(smoothness):
    fields = smooth_displacements(4000, smoothness, torch.Generator().manual_seed(0))
    assert fields.shape == (4000, 28, 28, 2)
    rms = fields.square().mean(0).sqrt()  # (28, 28, 2): the edge as well as the middle
    assert 0.93 < rms.min() < rms.max() < 1.07


def test_smoother_displacements_change_less_from_pixel_to_pixel():
    rough, smooth = (
        smooth_displacements(500, width, torch.Generator().manual_seed(0)).diff(dim=1).square().mean()
        for width in (3.0, 6.0)
    )
    assert smooth < rough / 2
