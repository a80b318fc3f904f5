"""Any map-style torch.utils.data.Dataset, torchvision's own among them; torch itself is not imported."""

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inkwise.data.dataset import IMAGE_SIZE
from inkwise.data.formats.labels import labels_from_text
from inkwise.data.formats.part import Labels, Memory, Part, hold
from inkwise.data.formats.picture import (
    RESIZE_NOTE,
    GreyImage,
    as_uint8,
    fit_image,
    fit_images,
    grey_from_pil,
)
from inkwise.errors import DataError, ShapeError

_REPORT_EVERY = 1024


def is_torch_dataset(given: Any) -> bool:
    """Tell whether given has the face of a torch dataset: a length and items by number."""
    return hasattr(given, "__getitem__") and hasattr(given, "__len__") and not isinstance(given, str | bytes)


def read_torch_dataset(dataset: Any, *, memory: Memory) -> Part:
    """Return the images and labels of a dataset that gives (image, label) for 0..len-1.

    An image is a Pillow image, or a tensor or array of (H, W), (1, H, W), (3, H, W), (H, W, 1) or (H, W, 3),
    uint8 or floats from 0 to 1 (ToTensor's scale). Where the dataset keeps its images in `.data` and labels
    in `.targets` and has no transform, they are taken whole, without a step for each image.

    Raises:
        DataError: an item is no pair, or its label no class.
        ShapeError: an image has another shape, or values on another scale.
    """
    whole = _whole(dataset)
    part = whole or hold(
        len(dataset), partial(_fill, dataset=dataset, memory=memory), sources=(), memory=memory
    )
    notes = {"resize": f"images of another size than 28x28 are {RESIZE_NOTE}"}
    return Part(part.images, part.labels, classes=_class_names(dataset), notes=notes)


def _whole(dataset: Any) -> Part | None:
    if any(
        getattr(dataset, name, None) is not None for name in ("transform", "target_transform", "transforms")
    ):
        return None
    images, labels = getattr(dataset, "data", None), getattr(dataset, "targets", None)
    if images is None or labels is None:
        return None
    pixels = _to_array(images)
    is_stack = pixels.ndim == 3 or (pixels.ndim == 4 and pixels.shape[3] in (1, 3))
    if pixels.dtype != np.uint8 or not is_stack or len(pixels) != len(dataset):
        return None
    name = type(dataset).__name__
    texts = [str(label) for label in _to_array(labels).tolist()]
    return Part(fit_images(pixels, name=name), labels_from_text(texts, name=name))


def _fill(images: NDArray[np.uint8], *, dataset: Any, memory: Memory) -> Labels:
    name = type(dataset).__name__
    texts: list[str] = []
    for index in range(len(images)):
        place = f"{name}, item {index}"
        item = dataset[index]
        if not isinstance(item, tuple | list) or len(item) != 2:
            raise DataError(
                f"{place}: {type(item).__name__}, expected a pair (image, label); wrap the dataset"
            )
        images[index] = _to_image(item[0], place=place)
        texts.append(_label_text(item[1], place=place))
        if (index + 1) % _REPORT_EVERY == 0 or index + 1 == len(images):
            memory.report(index + 1, len(images))
    return labels_from_text(texts, name=name)


def _to_image(image: Any, *, place: str) -> GreyImage:
    if isinstance(image, Image.Image):
        return fit_image(grey_from_pil(image, name=place), name=place)
    pixels = as_uint8(_to_array(image), name=place)
    if pixels.ndim == 3 and pixels.shape[0] in (1, 3) and pixels.shape[2] not in (1, 3):
        pixels = pixels.transpose(1, 2, 0)  # (C, H, W) -> (H, W, C)
    if not (pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] in (1, 3))):
        raise ShapeError(
            f"{place}: image of shape {pixels.shape}, expected (H, W) or (C, H, W) with 1 or 3 channels; "
            f"for example (1, {IMAGE_SIZE}, {IMAGE_SIZE})"
        )
    fitted: GreyImage = fit_images(np.ascontiguousarray(pixels)[None], name=place)[0]
    return fitted


def _label_text(label: Any, *, place: str) -> str:
    value = _to_array(label)
    if value.size != 1 or value.dtype.kind not in "iufUb":
        raise DataError(f"{place}: label {label!r}, expected one number or name; give class numbers")
    return str(value.item())


def _to_array(given: Any) -> NDArray[Any]:
    if hasattr(given, "detach"):  # a torch tensor, perhaps on another device
        given = given.detach().cpu()
    return np.asarray(given)


def _class_names(dataset: Any) -> tuple[str, ...] | None:
    names = getattr(dataset, "classes", None)
    return tuple(str(name) for name in names) if isinstance(names, list | tuple) else None
