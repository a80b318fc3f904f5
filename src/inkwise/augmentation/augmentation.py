"""The Augmentation: by how much training images are changed. It needs no PyTorch."""

from pydantic import BaseModel, ConfigDict, Field


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
