"""The changes of an Augmentation, made on whole batches at once."""

import torch
from torch import Tensor

from inkwise.augmentation.augmentation import Augmentation
from inkwise.augmentation.chance import between, factors
from inkwise.augmentation.pixels import add_noise, blur, cut_out, mirror
from inkwise.augmentation.stroke_width import change_stroke_width
from inkwise.augmentation.warp import affine_matrices, smooth_displacements, warp
from inkwise.errors import ShapeError


def change_images(images: Tensor, by: Augmentation, generator: torch.Generator) -> Tensor:
    """Return the images changed, (N, 1, 28, 28) float32 in [0, 1]; the given ones are left alone.

    Args:
        images: (N, 1, 28, 28) float32 in [0, 1], black 0, on any device; before mean and std.
        by: how far at most.
        generator: of the processor: equal seeds draw the same on every device.
    Raises:
        ShapeError: any other shape or type.
    """
    if images.dtype != torch.float32 or images.ndim != 4 or images.shape[1] != 1:
        raise ShapeError(
            f"images must be float32 of shape (N, 1, 28, 28) in [0, 1], got {images.dtype} of shape "
            f"{tuple(images.shape)}; augment them before mean and std"
        )
    if by.is_identity or not len(images):
        return images
    if by.apply_share == 1:
        return _change_all(images, by, generator)
    chosen = (torch.rand(len(images), generator=generator) < by.apply_share).nonzero()[:, 0]
    chosen = chosen.to(images.device)
    return images.index_copy(0, chosen, _change_all(images[chosen], by, generator))


def _change_all(images: Tensor, by: Augmentation, generator: torch.Generator) -> Tensor:
    """Change every image: first where the ink is, then how wide its lines are, then its values."""
    num, device = len(images), images.device
    if by.mirror_share:
        images = mirror(images, by.mirror_share, generator)
    if by.moves_pixels:
        images = _move(images, by, generator)
    if by.stroke_px:
        images = change_stroke_width(images, between(by.stroke_px, num, generator).to(device))
    if by.blur_px:
        images = blur(images, between(by.blur_px, num, generator).abs().to(device))
    if by.gamma:
        images = images ** factors(by.gamma, num, generator).to(device)[:, None, None, None]
    if by.fade:
        kept = 1 - between(by.fade, num, generator).abs()
        images = images * kept.to(device)[:, None, None, None]
    if by.noise:
        images = add_noise(images, between(by.noise, num, generator).abs(), generator)
    if by.cutout_px:
        images = cut_out(images, between(by.cutout_px, num, generator).abs(), generator)
    return images


def _move(images: Tensor, by: Augmentation, generator: torch.Generator) -> Tensor:
    """Turn, size, slant, shift and bend, all by one sampling: each more would blur the image again."""
    num = len(images)
    size, ratio = factors(by.scale, num, generator), factors(by.stretch, num, generator)
    matrices = affine_matrices(
        degrees=between(by.rotation_degrees, num, generator),
        shear=between(by.shear, num, generator),
        width=size * ratio,
        height=size / ratio,
    )
    shifts = between(by.shift_px, 2 * num, generator).view(num, 2)
    displacements = None
    if by.elastic_px:
        displacements = smooth_displacements(num, by.elastic_smoothness_px, generator)
        displacements *= between(by.elastic_px, num, generator).abs()[:, None, None, None]
    return warp(images, matrices, shifts=shifts, displacements=displacements)
