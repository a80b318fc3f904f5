"""The whole change: the identity at strength 0, the same bits from a seed, each strength on its own."""

import pytest
import torch
from pydantic import ValidationError

from inkwise.augmentation.augmentation import Augmentation
from inkwise.augmentation.change import change_images
from inkwise.errors import ShapeError

STRENGTHS = {
    "shift_px": 2.0,
    "rotation_degrees": 20.0,
    "scale": 0.2,
    "stretch": 0.2,
    "shear": 0.3,
    "elastic_px": 1.0,
    "stroke_px": 1.0,
    "blur_px": 1.0,
    "gamma": 0.5,
    "fade": 0.5,
    "noise": 0.2,
    "cutout_px": 10.0,
}


def digits_like(num=64):
    """Return soft rings (num, 1, 28, 28), somewhere off the middle."""
    places = torch.arange(28.0)
    distance = ((places[:, None] - 12) ** 2 + (places - 15) ** 2).sqrt()
    return (2.5 - (distance - 7).abs()).clamp(0, 1).repeat(num, 1, 1, 1)


def change(images, *, seed=0, **strengths):
    return change_images(images, Augmentation(**strengths), torch.Generator().manual_seed(seed))


def test_every_strength_is_tested_here():
    names = set(Augmentation.model_fields) - {"apply_share", "mirror_share", "elastic_smoothness_px"}
    assert names == set(STRENGTHS)


def test_strength_zero_returns_every_bit():
    images = torch.rand(8, 1, 28, 28)
    assert Augmentation().is_identity
    assert torch.equal(change(images), images)
    assert torch.equal(change(images, apply_share=0, shift_px=3), images)


@pytest.mark.parametrize("name", STRENGTHS)
def test_one_strength_alone_changes_images_a_little(name):
    images = digits_like()
    given = images.clone()
    found = change(images, **{name: STRENGTHS[name]})
    assert torch.equal(images, given), "the given images were written to"
    assert found.shape == images.shape
    assert found.dtype == torch.float32
    assert found.min() >= -1e-6
    assert found.max() <= 1 + 1e-6
    assert len(found.unique(dim=0)) > 25, "images must draw their own amounts"
    assert 1e-3 < (found - images).abs().mean() < 0.15


@pytest.mark.parametrize("name", STRENGTHS)
def test_less_strength_changes_less(name):
    images, strength = digits_like(), STRENGTHS[name]
    much, little = (change(images, **{name: value}) for value in (strength, strength / 10))
    assert (little - images).abs().mean() < (much - images).abs().mean() / 3


def test_mirror_share_of_the_images_is_exchanged_left_for_right():
    images = digits_like(400)
    found = change(images, mirror_share=0.25)
    is_mirrored = (found == images.flip(3)).flatten(1).all(1)
    assert 60 < is_mirrored.sum() < 140
    assert torch.equal(found[~is_mirrored], images[~is_mirrored])
    assert torch.equal(change(images, mirror_share=1), images.flip(3))


@pytest.mark.parametrize("name", ["rotation_degrees", "shear", "shift_px", "elastic_px"])
def test_moves_keep_the_ink(name):
    images = digits_like()
    found = change(images, **{name: STRENGTHS[name]})
    torch.testing.assert_close(found.sum() / images.sum(), torch.tensor(1.0), atol=0.02, rtol=0)


def test_scale_halves_as_often_as_it_doubles():
    """The area goes with the square of the factor, whose logarithm is even: its median is 1."""
    area = change(digits_like(2000), scale=0.3).sum((1, 2, 3)) / digits_like(1).sum()
    assert area.median() == pytest.approx(1.0, abs=0.05)
    assert 1 / 1.3**2 - 0.05 < area.min() < 0.7
    assert 1.4 < area.max() < 1.3**2 + 0.05


def test_stretch_keeps_the_area():
    area = change(digits_like(500), stretch=0.3).sum((1, 2, 3)) / digits_like(1).sum()
    assert area.mean() == pytest.approx(1.0, abs=0.03)
    assert area.std() < 0.03


def test_gamma_and_fade_leave_black_black_and_fade_alone_dims_white():
    images = (torch.rand(200, 1, 28, 28) > 0.5).float()
    assert torch.equal(change(images, gamma=0.5), images)
    faded = change(images, fade=0.4)
    assert torch.equal(faded == 0, images == 0)
    brightest = faded.amax((1, 2, 3))
    assert 0.6 <= brightest.min() < 0.65
    assert 0.95 < brightest.max() <= 1


def test_share_leaves_the_others_to_the_bit():
    images = digits_like(1000)
    found = change(images, apply_share=0.3, rotation_degrees=20)
    is_changed = (found != images).flatten(1).any(1)
    assert is_changed.float().mean() == pytest.approx(0.3, abs=0.05)


def test_equal_seeds_give_equal_bits_and_other_seeds_others():
    images = digits_like()
    one, same, other = (change(images, seed=seed, **STRENGTHS) for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_global_random_state_is_left_alone():
    before = torch.get_rng_state()
    change(digits_like(), **STRENGTHS)
    assert torch.equal(torch.get_rng_state(), before)


def test_no_images_are_no_error():
    assert change(torch.empty(0, 1, 28, 28), **STRENGTHS).shape == (0, 1, 28, 28)


@pytest.mark.parametrize(
    "images",
    [torch.zeros(2, 28, 28), torch.zeros(2, 1, 28, 28, dtype=torch.uint8), torch.zeros(2, 3, 28, 28)],
)
def test_other_images_are_refused(images):
    with pytest.raises(
        ShapeError, match=r"float32 of shape \(N, 1, 28, 28\) in \[0, 1\], got .*mean and std"
    ):
        change(images)


@pytest.mark.parametrize(("name", "value"), [("shift_px", -1), ("fade", 1.0), ("apply_share", 1.1)])
def test_strength_out_of_range_is_refused(name, value):
    with pytest.raises(ValidationError, match=name):
        Augmentation(**{name: value})
