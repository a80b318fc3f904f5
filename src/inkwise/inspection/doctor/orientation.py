"""Faults of the images' orientation: turned or mirrored against their class, or mirrored by augmentation."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from inkwise.inspection.doctor.data import choose_places
from inkwise.inspection.doctor.finding import Finding
from inkwise.inspection.doctor.labels import CLEAR_GAIN, FEWEST_IMAGES, Answer, nearest_mean

# The eight ways to lay a square on itself, of images (..., H, W).
TURNS: dict[str, Callable[[Tensor], Tensor]] = {
    "as they are": lambda images: images,
    "turned left by 90 degrees": lambda images: images.rot90(1, (-2, -1)),
    "turned by 180 degrees": lambda images: images.rot90(2, (-2, -1)),
    "turned right by 90 degrees": lambda images: images.rot90(-1, (-2, -1)),
    "mirrored left to right": lambda images: images.flip(-1),
    "mirrored top to bottom": lambda images: images.flip(-2),
    "transposed": lambda images: images.transpose(-2, -1),
    "transposed the other way": lambda images: images.rot90(2, (-2, -1)).transpose(-2, -1),
}
# A batch of which a twentieth fits a mirrored original far better than any upright one was mirrored on
# purpose: RandomHorizontalFlip mirrors half of it.
MIRRORED_SHARE = 0.05
ALIKE = 0.9  # correlation of an image with its own original, after small shifts and turns too
BETTER = 0.05  # a mirrored 0, 1 or 8 fits its upright self as well, and shows nothing
# Of upright MNIST digits 57 % are nearest to their reference, of USPS 70 %; pictures that are no digits stay
# near a tenth, in the best of eight positions below a quarter (Fashion-MNIST 22 %).
DIGITS_FIT = 0.4
MOST_CUT = 400  # digits are cut one by one, some 0.1 ms each
SIDE = 8  # pixels a side of an image brought to the reference's size

# Mean upright digits 0 to 9 of the `digits` set, cut to their ink and brought to 8x8; a digit 0 to f a pixel.
REFERENCE = (
    "15bfd8303aeecc827da438a59d8106a78c6005a87c8128b83acbcda314bfeb41",
    "0368aa73159bdd9449efed835bffec7248cddb6126addb61259ced83037add94",
    "4aee95208dedc7316868c8312348c720027ca41025ad83214affdba649efeeb7",
    "49dffc627bbbdd832447dc62026beb410147bd9411236bc73788acc749dfec73",
    "0149b721028ca63128ca77745bc88aa69eecdfb67bddfe841259d9310149c720",
    "49effec77dfda9749ed842108efca7313689aa8412358a95258acb7339efc831",
    "14ac831038ec62107dc621009db74310bfecbb73afea8bb85adb9cd914aefea5",
    "48dffea56accdea54545ac943569dd956aefec7448dea73226cb420048c92100",
    "25adeb626bdcbca67bb99bb638deec7227dfea4059baaa7259a9ab9415bdec62",
    "37cdc9527ccbbc949da8bec56bdcefc613557ab7011148b736778aa626bdec83",
)


def check_turned(
    answer: Answer, images: Tensor, labels: Tensor, *, part: str = "test", least_fit: float = 0.0
) -> Finding | None:
    """Return "turned-images" where images are answered far better when turned, mirrored or transposed.

    Args:
        answer: images -> labels: a trained network, or the nearest mean image of the train part.
        images: (N, ..., H, W) as answer takes them; H and W equal, or nothing is found.
        labels: (N,) int64.
        part: what to call them.
        least_fit: share that must be answered right in the best position for it to mean anything.
    """
    if len(images) < FEWEST_IMAGES or images.shape[-1] != images.shape[-2]:
        return None
    fits = {name: float((answer(turn(images)) == labels).float().mean()) for name, turn in TURNS.items()}
    best, upright = max(fits, key=fits.__getitem__), fits["as they are"]
    if fits[best] - upright < CLEAR_GAIN or fits[best] < least_fit:
        return None
    return Finding(
        "turned-images",
        f"The {part} images are turned or mirrored against the others of their class.",
        f"Of {len(images):,} images {100 * upright:.0f} % fit their class as they are, "
        f"and {100 * fits[best]:.0f} % when {best}.",
        "A network learns one orientation and does not know the other; EMNIST's files hold every character "
        "transposed, and a reader that was trained on them fails on upright writing.",
        f"Bring the images into one orientation where they are read: here they must be {best}.",
    )


def check_upright(images: Tensor, labels: Tensor, *, classes: Sequence[str]) -> Finding | None:
    """Return "turned-images" where images of digits fit upright reference digits far better when turned.

    Only for sets with at least five classes called "0" to "9": for these it is known what they look like.

    Args:
        images: (N, H, W) float; ink may be bright or dark.
        labels: (N,) int64.
        classes: K names.
    """
    digit_of = torch.tensor([int(name) if name in tuple("0123456789") else -1 for name in classes])
    digits = digit_of[labels]
    known = (digits >= 0).nonzero()[:, 0]
    if (digit_of >= 0).sum() < 5 or len(known) < FEWEST_IMAGES:
        return None
    chosen = known[choose_places(len(known), MOST_CUT)]
    return check_turned(
        reference_answer(), cut_to_ink(images[chosen]), digits[chosen], part="train", least_fit=DIGITS_FIT
    )


def reference_answer() -> Answer:
    """Return the classifier of cut images (N, 8, 8) by the nearest reference digit."""
    pixels = torch.tensor([[int(pixel, 16) for pixel in digit] for digit in REFERENCE])
    return nearest_mean(_even(pixels.view(10, SIDE, SIDE).float()), torch.arange(10), num_classes=10)


def cut_to_ink(images: Tensor) -> Tensor:
    """Return images (N, 8, 8), each cut to its ink and stretched, of equal length; ink is bright.

    Args:
        images: (N, H, W) float; where the border is brighter than the middle, ink is taken to be dark.
    """
    border = torch.cat((images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1]), dim=1).mean()
    images = images.amax() - images if border > images.mean() else images - images.amin()
    return _even(torch.stack([_cut(image) for image in images]))


def _cut(image: Tensor) -> Tensor:
    ink = image > image.max() / 3
    rows, columns = ink.any(1).nonzero()[:, 0], ink.any(0).nonzero()[:, 0]
    if not len(rows):
        return torch.zeros(SIDE, SIDE)
    image = image[int(rows[0]) : int(rows[-1]) + 1, int(columns[0]) : int(columns[-1]) + 1]
    # A narrow 1 is padded to half as wide as it is high, so that it does not become a full square of ink.
    half = max(image.shape) // 2
    rows_short, columns_short = (max(half - side, 0) for side in image.shape)
    left, top = columns_short // 2, rows_short // 2
    padded = F.pad(image, (left, columns_short - left, top, rows_short - top))
    return F.interpolate(padded[None, None], size=(SIDE, SIDE), mode="area")[0, 0]


def _even(images: Tensor) -> Tensor:
    """Return images less their mean, each of length 1: strength of the ink does not count."""
    centred = images - images.mean((1, 2), keepdim=True)
    lengths: Tensor = centred.norm(dim=(1, 2), keepdim=True)
    return centred / lengths.clamp_min(1e-12)


def check_mirrored(batch: Tensor, originals: Tensor) -> Finding | None:
    """Return "mirrored-characters" where a batch holds mirror images of the originals it was made from.

    Args:
        batch: (B, H, W) float, as training sees them, after augmentation.
        originals: (N, H, W) float, the images before it; those of the batch must be among them.
    """
    rows, upright = _even(batch).flatten(1), _even(originals)
    as_is = (rows @ upright.flatten(1).T).amax(1)  # (B,) correlation with the nearest original
    # (2, B): left to right, top to bottom
    mirrored = torch.stack([(rows @ upright.flip(axis).flatten(1).T).amax(1) for axis in (-1, -2)])
    is_mirrored = (mirrored > ALIKE) & (mirrored > as_is + BETTER)
    shares = is_mirrored.float().mean(1).tolist()
    if max(shares) < MIRRORED_SHARE:
        return None
    way = "left to right" if shares[0] >= shares[1] else "top to bottom"
    return Finding(
        "mirrored-characters",
        "The augmentation mirrors characters.",
        f"{100 * max(shares):.0f} % of {len(batch)} images of a batch are originals mirrored {way}.",
        "A mirrored character is another one or none (b and d, 2 and S, 6 and 9 upside down): the network "
        "learns signs that nobody writes, at the cost of those that people do.",
        "Leave flips out (RandomHorizontalFlip, RandomVerticalFlip); small shifts and turns keep the class.",
    )
