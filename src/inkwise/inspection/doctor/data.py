"""Faults of the images themselves: their range, their channels, and images that stand in two parts."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inkwise.inspection.doctor.finding import Finding

# No common preprocessing leads further: ImageNet's mean and std give -2.1 to 2.6, MNIST's -0.4 to 2.8. A
# pixel 10 standard deviations from the mean is a byte that nobody scaled.
WIDEST_RANGE = (-10.0, 10.0)
# Float arithmetic in another order than the declaration's moves the ends by some 1e-7 of the range.
RANGE_TOLERANCE = 1e-3
# 1 of 255 is a set scaled to [0, 1] and then stored as bytes, 16 of 255 are 8x8 digits as they come. Even
# faint pencil on 1,000 scans has one pixel above an eighth of the range.
BRIGHTEST_AT_LEAST = 32
# MNIST, Fashion-MNIST, USPS and digits share no image between train and test; sets from the web share a few.
# A hundredth is a leak that a program made.
OVERLAP_SHARE = 0.01
MOST_HASHED = 60_000  # 47 MB of pixels, some 0.03 s; a leak of a hundredth shows in any large part of a set
_HASHED_AT_ONCE = 4096


def check_range(images: Tensor, *, declared: tuple[float, float] | None = None) -> Finding | None:
    """Return "out-of-range" where pixels lie outside the range that was declared for them.

    Args:
        images: (N, ...) float, as the network takes them.
        declared: (lowest, highest) value that the preprocessing can give; None takes -10 to 10, which holds
            every common preprocessing but not bytes from 0 to 255.
    """
    low, high = declared or WIDEST_RANGE
    least, most = float(images.min()), float(images.max())
    slack = RANGE_TOLERANCE * (high - low)
    if low - slack <= least and most <= high + slack:  # not true of NaN either
        return None
    outside = float(((images < low - slack) | (images > high + slack) | ~images.isfinite()).float().mean())
    return Finding(
        "out-of-range",
        "The pixels lie outside the range that was declared for them.",
        f"Found {least:.4g} to {most:.4g}, {'declared' if declared else 'expected at most'} {low:.4g} to "
        f"{high:.4g}; {100 * outside:.1f} % of the pixels lie outside.",
        "Initial weights and learning rate suit inputs near 1; larger ones make the first steps far too "
        "large, and a network that is shown another scale than it learned from guesses.",
        "Scale bytes by 255 once, in one place, and use the same preprocessing to train, test and predict.",
    )


def check_bytes(images: NDArray[np.uint8], *, part: str = "train") -> Finding | None:
    """Return "out-of-range" where bytes use hardly any of 0 to 255: they were scaled before.

    Args:
        images: (N, 28, 28) uint8, some thousand of the part.
        part: what to call them.
    """
    brightest = int(images.max())
    if brightest >= BRIGHTEST_AT_LEAST:
        return None
    return Finding(
        "out-of-range",
        f"The {part} images use almost nothing of the range 0 to 255.",
        f"The brightest pixel of {len(images):,} images is {brightest} of 255.",
        "Divided by 255 they are nearly black, and the network sees next to nothing.",
        f"Store the images as bytes from 0 to 255: multiply by {255 // max(brightest, 1)} before the cast to "
        "uint8, or leave out the first of two scalings.",
    )


def check_channels(
    images: Tensor, *, mean: Sequence[float] = (), std: Sequence[float] = ()
) -> Finding | None:
    """Return "grey-as-colour" where one grey channel is normalised, or copied, as three.

    Args:
        images: (N, C, H, W) float, before or after normalisation.
        mean, std: what they are or were normalised by, one number a channel, if known.
    """
    num_channels, num_numbers = images.shape[1], max(len(mean), len(std))
    if num_channels == 1 and num_numbers > 1:
        evidence = f"The images have 1 channel, mean and std have {num_numbers} numbers."
    elif num_channels == 3 and _are_copies(images):
        spread = images.float().flatten(2).transpose(0, 1).flatten(1)
        means = ", ".join(f"{float(value):.3f}" for value in spread.mean(1))
        evidence = f"The 3 channels are one another's copies but for scale and shift (their means: {means})."
    else:
        return None
    return Finding(
        "grey-as-colour",
        "One grey channel is normalised as three colours.",
        evidence,
        "Three shifted copies carry nothing new, cost three times the input, and ImageNet's numbers are not "
        "those of ink on paper; with one channel the call fails, or makes three out of one.",
        "Keep one channel and give one mean and one std: measure them, or take 0.5 and 0.5.",
    )


def _are_copies(images: Tensor) -> bool:
    """Return whether each channel is a scale and a shift of the first, as a normalisation makes them."""
    channels = images.double().transpose(0, 1).flatten(1)  # (C, N * H * W)
    centred = channels - channels.mean(1, keepdim=True)
    norms = centred.norm(dim=1)
    if not bool((norms > 0).all()):
        return False
    correlations = centred @ centred[0] / (norms * norms[0])
    return bool((correlations > 1 - 1e-6).all())


def check_overlap(
    first: NDArray[np.uint8] | Tensor,
    second: NDArray[np.uint8] | Tensor,
    *,
    names: tuple[str, str] = ("train", "test"),
) -> Finding | None:
    """Return "overlapping-parts" where images of the second part stand in the first one too.

    Images are compared by a hash of all their bytes; at most MOST_HASHED of each part, evenly spaced.

    Args:
        first, second: (N, ...) and (M, ...) of one type and image shape.
        names: what to call the parts.
    """
    hashes = [_hash_images(_spaced(np.asarray(part))) for part in (first, second)]
    share = float(np.isin(hashes[1], hashes[0]).mean())
    if share < OVERLAP_SHARE:
        return None
    relation = "is the same as" if share == 1 and len(first) == len(second) else "overlaps"
    return Finding(
        "overlapping-parts",
        f"The {names[1]} part {relation} the {names[0]} part.",
        f"{100 * share:.1f} % of {len(hashes[1]):,} {names[1]} images stand in {names[0]}, equal "
        "in every pixel.",
        "A network knows images that it has seen: the result says nothing of new ones, and whatever was "
        "chosen by it was chosen on what should have judged the choice.",
        f"Cut {names[1]} from images that {names[0]} does not hold; take out exact copies before you split.",
    )


def _spaced(images: NDArray[np.generic]) -> NDArray[np.generic]:
    return images[:: -(-len(images) // MOST_HASHED)]


def _hash_images(images: NDArray[np.generic]) -> NDArray[np.uint64]:
    """Return a 64-bit number an image; two different images agree with a chance of about 1 in 2**60."""
    # A part at a time: of a mapped file, every tenth image would be a copy of 47 MB.
    starts = range(0, len(images), _HASHED_AT_ONCE)
    return np.concatenate([_hash_part(images[start : start + _HASHED_AT_ONCE]) for start in starts])


def _hash_part(images: NDArray[np.generic]) -> NDArray[np.uint64]:
    rows = np.ascontiguousarray(images).reshape(len(images), -1).view(np.uint8)
    rows = np.pad(rows, ((0, 0), (0, -rows.shape[1] % 8))) if rows.shape[1] % 8 else rows
    words = rows.view(np.uint64)  # (N, bytes / 8)
    factors = np.random.default_rng(0).integers(2**63, size=words.shape[1], dtype=np.uint64) * 2 + 1
    hashes: NDArray[np.uint64] = words @ factors  # modulo 2**64
    return hashes


def choose_places(num_images: int, most: int) -> Tensor:
    """Return at most so many of the places 0 to num_images - 1, in order; the same for the same arguments.

    Drawn, not evenly spaced: the labels of a file may come round and round.
    """
    order = torch.randperm(num_images, generator=torch.Generator().manual_seed(0))
    return order[:most].sort().values


def as_grey(images: NDArray[np.generic] | Tensor) -> Tensor:
    """Return images as (N, H, W) float32, bytes scaled to [0, 1], several channels as their mean.

    Args:
        images: (N, H, W) or (N, C, H, W), bytes or floats.
    """
    tensor = torch.as_tensor(np.ascontiguousarray(images) if isinstance(images, np.ndarray) else images)
    scaled = tensor.float() / 255 if tensor.dtype == torch.uint8 else tensor.detach().float()
    return scaled.mean(1).cpu() if scaled.ndim == 4 else scaled.cpu()
