"""What is done to images: nothing at severity 0, more at each severity, always within the range."""

import numpy as np
import pytest
import torch
from torch import Tensor

from inkwise.data.load import load_dataset
from inkwise.evaluation.robustness.kinds import KINDS, Kind

DIGITS = torch.tensor(load_dataset("digits").test.images[:24]).float().div(255)[:, None]
BY_NAME = {kind.name: kind for kind in KINDS}
MNIST_C = {  # names of ours for the 15 of the paper, and the severity of each
    "shift": 3, "rotation": 2, "smaller": 3, "shear": 2, "shot noise": 5, "impulse noise": 4, "glass blur": 1,
    "motion blur": 1, "brightness": 5, "stripe": 1, "fog": 5, "spatter": 4, "dotted line": 1, "zigzag": 1,
    "edges": 1,
}  # fmt: skip


def changed(kind: Kind, severity: int, *, seed: int = 0) -> Tensor:
    return kind(DIGITS.clone(), severity, torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_severity_0_is_the_image_itself(kind: Kind) -> None:
    assert torch.equal(changed(kind, 0), DIGITS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_severity_changes_images_and_keeps_their_range(kind: Kind) -> None:
    for severity in range(1, len(kind.amounts) + 1):
        found = changed(kind, severity)
        assert found.shape == DIGITS.shape
        assert found.dtype == torch.float32
        assert 0 <= float(found.min()) <= float(found.max()) <= 1 + 1e-6
        assert not torch.allclose(found, DIGITS, atol=1e-3)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_same_seed_gives_the_same_images(kind: Kind) -> None:
    assert torch.equal(changed(kind, 1), changed(kind, 1))


# Of spatter MNIST-C's severities differ in kind, not in amount.
@pytest.mark.parametrize(
    "name", [kind.name for kind in KINDS if len(kind.amounts) == 5 and kind.name != "spatter"]
)
def test_severe_is_further_from_the_image_than_mild(name: str) -> None:
    distances = [float((changed(BY_NAME[name], severity) - DIGITS).square().mean()) for severity in (1, 5)]
    assert distances[1] > 1.2 * distances[0]


def test_mnist_c_has_its_15_kinds_at_its_severities() -> None:
    assert {kind.name: kind.mnist_c + 1 for kind in KINDS if kind.mnist_c is not None} == MNIST_C


def test_shift_moves_by_whole_pixels_both_ways() -> None:
    dot = torch.zeros(50, 1, 28, 28)
    dot[:, 0, 14, 14] = 1
    moved = BY_NAME["shift"](dot, 3, torch.Generator().manual_seed(0))
    places = {tuple(np.subtract(place, 14)) for place in (moved[:, 0] > 0.01).nonzero()[:, 1:].tolist()}
    assert places == {(-3, -3), (-3, 3), (3, -3), (3, 3)}


def test_inversion_and_stripe_are_exact() -> None:
    assert torch.equal(changed(BY_NAME["inversion"], 1), 1 - DIGITS)
    striped = changed(BY_NAME["stripe"], 1)
    assert torch.equal(striped[..., 7:21], DIGITS[..., 7:21])
    assert torch.equal(striped[..., :7], 1 - DIGITS[..., :7])
    assert torch.equal(striped[..., 21:], 1 - DIGITS[..., 21:])


def test_occlusion_blackens_a_square_of_its_side() -> None:
    white = torch.ones(100, 1, 28, 28)
    for severity, side in enumerate((4, 6, 8, 10, 12), start=1):
        found = BY_NAME["occlusion"](white, severity, torch.Generator().manual_seed(0))
        areas = {int(area) for area in (found == 0).sum(dim=(1, 2, 3))}
        assert areas <= {side**2, side * (side - 1), (side - 1) ** 2}, "whole pixels of a square anywhere"
        assert (found[:, :, :3] == 1).all(), "never at the border, where no ink is"


def test_impulse_noise_hits_its_share() -> None:
    grey = torch.full((200, 1, 28, 28), 0.5)
    found = BY_NAME["impulse noise"](grey, 4, torch.Generator().manual_seed(0))
    assert float((found != 0.5).float().mean()) == pytest.approx(0.17, abs=0.005)
    assert float((found == 1).float().mean()) == pytest.approx(0.085, abs=0.005)


def test_glass_blur_only_swaps_between_two_blurs() -> None:
    """The sum of all pixels stays, but for what the blur takes at the border."""
    found = changed(BY_NAME["glass blur"], 3)
    np.testing.assert_allclose(found.sum(dim=(1, 2, 3)), DIGITS.sum(dim=(1, 2, 3)), rtol=0.05)
