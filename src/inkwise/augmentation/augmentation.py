"""The Augmentation: by how much training images are changed, and the change itself, whole batches at once."""

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

from inkwise.augmentation.chance import between, factors
from inkwise.augmentation.pixels import add_noise, blur, cut_out, mirror
from inkwise.augmentation.stroke_width import change_stroke_width
from inkwise.augmentation.warp import affine_matrices, smooth_displacements, warp
from inkwise.errors import ShapeError


class Augmentation(BaseModel):
    """How far an image may be changed at most; each image draws its own amounts, evenly up to these.

    A strength of 0 leaves its part out, and all at 0 return the very images given. A change must keep the
    class: 15 degrees of rotation do, 180 make a 9 of a 6.

    Attributes:
        apply_share: share of the images that are changed at all; the others stay as they are.
        mirror_share: share of the images whose left and right are exchanged; clothes stay what they are,
            digits do not.
        shift_px: to the side, and up or down.
        rotation_degrees: to the left or to the right.
        scale: larger by this share or smaller by its inverse: 0.25 goes from 0.8 to 1.25 times.
        stretch: width by a factor as in scale, height by its inverse.
        shear: slant, pixels to the side a pixel of height.
        elastic_px: root mean square of the random smooth displacement of the pixels.
        elastic_smoothness_px: standard deviation of the bell by which those displacements are smoothed.
        stroke_px: lines wider or thinner by up to this, both sides together.
        blur_px: standard deviation of a Gaussian blur.
        gamma: values to a power, drawn as in scale: above 1 thins and darkens what is grey.
        fade: share of the brightness that may be lost.
        noise: standard deviation of noise on each pixel, in units of [0, 1].
        cutout_px: side of a square that is blackened, anywhere.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    apply_share: float = Field(default=1.0, ge=0, le=1)
    mirror_share: float = Field(default=0.0, ge=0, le=1)
    shift_px: float = Field(default=0.0, ge=0, le=14)
    rotation_degrees: float = Field(default=0.0, ge=0, le=180)
    scale: float = Field(default=0.0, ge=0, le=1)
    stretch: float = Field(default=0.0, ge=0, le=1)
    shear: float = Field(default=0.0, ge=0, le=1)
    elastic_px: float = Field(default=0.0, ge=0, le=14)
    elastic_smoothness_px: float = Field(default=4.0, ge=1, le=28)
    stroke_px: float = Field(default=0.0, ge=0, le=8)
    blur_px: float = Field(default=0.0, ge=0, le=8)
    gamma: float = Field(default=0.0, ge=0, le=4)
    fade: float = Field(default=0.0, ge=0, lt=1)
    noise: float = Field(default=0.0, ge=0, le=1)
    cutout_px: float = Field(default=0.0, ge=0, le=28)

    @property
    def moves_pixels(self) -> bool:
        """Whether it turns, shifts or bends."""
        geometry = (self.shift_px, self.rotation_degrees, self.scale, self.stretch, self.shear)
        return any(geometry) or bool(self.elastic_px)

    @property
    def is_identity(self) -> bool:
        """Whether it leaves every image as it is."""
        values = (self.stroke_px, self.blur_px, self.gamma, self.fade, self.noise, self.cutout_px)
        changes = self.mirror_share or self.moves_pixels or any(values)
        return not self.apply_share or not changes

    def __call__(self, images: Tensor, generator: torch.Generator) -> Tensor:
        """Return the images changed, (N, 1, 28, 28) float32 in [0, 1]; the given ones are left alone.

        Args:
            images: (N, 1, 28, 28) float32 in [0, 1], black 0, on any device; before mean and std.
            generator: of the processor: equal seeds draw the same on every device.
        Raises:
            ShapeError: any other shape or type.
        """
        if images.dtype != torch.float32 or images.ndim != 4 or images.shape[1] != 1:
            raise ShapeError(
                f"images must be float32 of shape (N, 1, 28, 28) in [0, 1], got {images.dtype} of shape "
                f"{tuple(images.shape)}; augment them before mean and std"
            )
        if self.is_identity or not len(images):
            return images
        if self.apply_share == 1:
            return self._change(images, generator)
        chosen = (torch.rand(len(images), generator=generator) < self.apply_share).nonzero()[:, 0]
        chosen = chosen.to(images.device)
        return images.index_copy(0, chosen, self._change(images[chosen], generator))

    def _change(self, images: Tensor, generator: torch.Generator) -> Tensor:
        """Change every image: first where the ink is, then how wide its lines are, then its values."""
        num, device = len(images), images.device
        if self.mirror_share:
            images = mirror(images, self.mirror_share, generator)
        if self.moves_pixels:
            images = self._move(images, generator)
        if self.stroke_px:
            images = change_stroke_width(images, between(self.stroke_px, num, generator).to(device))
        if self.blur_px:
            images = blur(images, between(self.blur_px, num, generator).abs().to(device))
        if self.gamma:
            images = images ** factors(self.gamma, num, generator).to(device)[:, None, None, None]
        if self.fade:
            kept = 1 - between(self.fade, num, generator).abs()
            images = images * kept.to(device)[:, None, None, None]
        if self.noise:
            images = add_noise(images, between(self.noise, num, generator).abs(), generator)
        if self.cutout_px:
            images = cut_out(images, between(self.cutout_px, num, generator).abs(), generator)
        return images

    def _move(self, images: Tensor, generator: torch.Generator) -> Tensor:
        """Turn, size, slant, shift and bend, all by one sampling: each more would blur the image again."""
        num = len(images)
        size, ratio = factors(self.scale, num, generator), factors(self.stretch, num, generator)
        matrices = affine_matrices(
            degrees=between(self.rotation_degrees, num, generator),
            shear=between(self.shear, num, generator),
            width=size * ratio,
            height=size / ratio,
        )
        shifts = between(self.shift_px, 2 * num, generator).view(num, 2)
        displacements = None
        if self.elastic_px:
            displacements = smooth_displacements(num, self.elastic_smoothness_px, generator)
            displacements *= between(self.elastic_px, num, generator).abs()[:, None, None, None]
        return warp(images, matrices, shifts=shifts, displacements=displacements)
