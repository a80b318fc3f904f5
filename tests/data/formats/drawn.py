"""Small pictures and sets on disk for the tests of formats: every image tells its number by its values."""

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def numbered(num_images: int, *, side: int = 28, start: int = 0) -> NDArray[np.uint8]:
    """Return (N, side, side) uint8 images, noise drawn from their own number."""
    draws = [np.random.default_rng(start + index) for index in range(num_images)]
    return np.array([draw.integers(0, 256, (side, side), np.uint8) for draw in draws])


def png(image: NDArray[np.uint8]) -> bytes:
    """Return an image as the bytes of a PNG."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()


def write_class_folders(folder: Path, images: NDArray[np.uint8], *, classes: tuple[str, ...]) -> None:
    """Write image i as NNN.png into the folder of class i mod K."""
    for index, image in enumerate(images):
        target = folder / classes[index % len(classes)]
        target.mkdir(parents=True, exist_ok=True)
        (target / f"{index:03}.png").write_bytes(png(image))


def csv_text(
    images: NDArray[np.uint8], labels: list[object] | None, *, header: bool = True, delimiter: str = ","
) -> str:
    """Return images as Kaggle writes them: label first where there are labels."""
    pixels = images.reshape(len(images), images.shape[1] * images.shape[2])
    names = ["label"] * (labels is not None) + [f"pixel{index}" for index in range(pixels.shape[1])]
    rows = [names] if header else []
    for index, row in enumerate(pixels):
        rows.append(([] if labels is None else [str(labels[index])]) + [str(value) for value in row])
    return "".join(delimiter.join(row) + "\n" for row in rows)
