"""What lies on the digit or behind it: a finger, a stripe, fog, dirt, somebody's line."""

import torch
from torch import Tensor

from inkwise.augmentation import pixels
from inkwise.data.dataset import IMAGE_SIZE

_PLACES = torch.arange(IMAGE_SIZE).float()
_LINE_PX = 2.3  # from the middle of a line to where nothing is left of it
_ZIGZAG_PX = 2.0  # width and half length of a tooth


def occlude(images: Tensor, amount: float, generator: torch.Generator) -> Tensor:
    """Put a black square of amount pixels a side somewhere into the middle 20 pixels."""
    corners = torch.rand(len(images), 2, generator=generator) * (20 - amount) + 4
    inside = (_PLACES - corners[:, :, None] - amount / 2).abs() < amount / 2  # (N, 2, 28)
    return images.masked_fill((inside[:, 0, :, None] & inside[:, 1, None, :])[:, None], 0.0)


def add_stripe(images: Tensor, amount: float, generator: torch.Generator) -> Tensor:
    """Invert the quarter at the left and the quarter at the right."""
    striped = images.clone()
    quarter = IMAGE_SIZE // 4
    striped[..., :quarter] = 1 - striped[..., :quarter]
    striped[..., -quarter:] = 1 - striped[..., -quarter:]
    return striped


def add_fog(images: Tensor, amount: tuple[float, float], generator: torch.Generator) -> Tensor:
    """Lay clouds over the image and keep the range.

    Args:
        amount: how thick, and by how much finer clouds are fainter than those twice their size.
    """
    thick, decay = amount
    peak = images.amax(dim=(2, 3), keepdim=True)
    return ((images + thick * _clouds(len(images), decay, generator)) * peak / (peak + thick)).clamp_(0, 1)


def _clouds(num: int, decay: float, generator: torch.Generator) -> Tensor:
    """Return (num, 1, 28, 28) in [0, 1]: noise of every size, each half as large 1 / decay as strong."""
    total = torch.zeros(num, 1, 32, 32)
    strength = 1.0
    for side in (2, 4, 8, 16, 32):
        noise = torch.rand(num, 1, side, side, generator=generator)
        total += strength * torch.nn.functional.interpolate(
            noise, size=(32, 32), mode="bilinear", align_corners=True
        )
        strength /= decay
    total = total[..., :IMAGE_SIZE, :IMAGE_SIZE]
    low, high = total.amin(dim=(2, 3), keepdim=True), total.amax(dim=(2, 3), keepdim=True)
    return (total - low) / (high - low)


def add_spatter(
    images: Tensor, amount: tuple[float, float, float, float, float], generator: torch.Generator
) -> Tensor:
    """Splash grey mud over the image.

    Args:
        amount: mean and standard deviation of the noise that drops are made of, its blur in pixels, the level
            above which there is mud, and the blur of its edges.
    """
    mean, deviation, size, level, edge = amount
    noise = mean + deviation * torch.randn(images.shape, generator=generator)
    drops = (pixels.blur(noise, torch.full((len(images),), size)) > level).float()
    mud = pixels.blur(drops, torch.full((len(images),), edge))
    mud = mud.where(mud >= 0.8, 0.0)
    return (images * (1 - mud) + 63 / 255 * mud).clamp_(0, 1)


def add_dotted_line(images: Tensor, amount: float, generator: torch.Generator) -> Tensor:
    """Draw a dotted line from somewhere at the left edge to somewhere at the right."""
    ends = torch.randint(0, IMAGE_SIZE - 1, (2, len(images)), generator=generator).float()
    last = IMAGE_SIZE - 1
    start, end = torch.zeros(len(images), 2), torch.full((len(images), 2), float(last))
    start[:, 1], end[:, 1] = ends[0], ends[1]
    line = _line(start, end) * (_PLACES % 4 >= 2)
    return (images + line).clamp_(0, 1)


def add_zigzag(images: Tensor, amount: float, generator: torch.Generator) -> Tensor:
    """Draw a zigzag line from left to right, its teeth 2 pixels high."""
    first, last = 2.0, 25.0
    begin = torch.randint(0, IMAGE_SIZE - 1, (len(images),), generator=generator).float()
    rise = torch.randint(-5, 5, (len(images),), generator=generator).float()
    angle = torch.atan(rise / (last - first))
    along = torch.stack([angle.cos(), angle.sin()], dim=1)  # (N, 2), x and y
    across = torch.stack([-angle.sin(), angle.cos()], dim=1)
    origin = torch.stack([torch.full_like(begin, first), begin], dim=1)
    drawn, before = images, origin
    num_teeth = int((last - first) / _ZIGZAG_PX / 2)
    for tooth in range(num_teeth):
        side = _ZIGZAG_PX * (-1) ** tooth
        corner = origin + along * (2 * tooth + 1) * _ZIGZAG_PX + across * side
        drawn = (drawn + _line(before, corner)).clamp(0, 1)
        before = corner
    return (drawn + _line(before, origin + along * (2 * num_teeth * _ZIGZAG_PX))).clamp(0, 1)


def _line(start: Tensor, end: Tensor) -> Tensor:
    """Return (N, 1, 28, 28): a line from start to end, (N, 2) x and y, fading to its sides."""
    slope = ((end[:, 1] - start[:, 1]) / (end[:, 0] - start[:, 0]))[:, None]
    heights = slope * (_PLACES - start[:, 0, None]) + start[:, 1, None]  # (N, 28), one a column
    distance = (_PLACES[None, :, None] - heights[:, None, :]).abs().clamp(max=_LINE_PX * (1 - 1e-6))
    faded = (torch.log(1 - distance / _LINE_PX) + 1).clamp(0, 1)
    first, last = start[:, 0, None].floor(), end[:, 0, None].ceil()
    is_between = torch.ge(_PLACES, first) & torch.lt(_PLACES, last)
    return (faded * is_between[:, None, :])[:, None]
