"""Sets of any size made from MNIST, in every format that is streamed.

Shard s holds MNIST's train images in the order that a generator of seed s draws, or class by class. The
pixels are MNIST's own, so the same images come back after 60,000: that changes nothing about reading them.
"""

import io
import struct
import tarfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inkwise.data.dataset import Dataset, Split
from inkwise.data.load import load_dataset

SHARD_IMAGES = 100_000
_BLOCK = 512


def make_set(
    folder: Path, kind: str, *, num_images: int, shard_images: int = SHARD_IMAGES, by_class: bool = False,
    num_test: int = 10_000, group_rows: int | None = None,
) -> None:  # fmt: skip
    """Write a set of num_images training images and MNIST's first num_test test images into folder.

    Args:
        kind: "parquet" (of PNG), "raw" (parquet of 784 bytes a row), "tar" (WebDataset), "idx" (an array).
        shard_images: images of a shard; an array is one file.
        by_class: whether the images of the whole set lie class by class.
        group_rows: rows of a parquet row group; None leaves it to pyarrow, and a shard is one group.
    """
    folder.mkdir(parents=True, exist_ok=True)
    mnist = load_dataset("mnist")
    order = _order(mnist.train, num_images, by_class=by_class)
    if kind == "idx":
        _write_idx(folder, mnist, order, num_images=num_images)
        return
    write = {"parquet": _write_png, "raw": _write_raw, "tar": _write_tar}[kind]
    for number, start in enumerate(range(0, num_images, shard_images)):
        chosen = order(start, min(start + shard_images, num_images))
        write(folder / f"train-{number:05d}", mnist.train, chosen, part="train", group_rows=group_rows)
    write(folder / "test-00000", mnist.test, np.arange(num_test), part="test", group_rows=group_rows)


def _order(train: Split, num_images: int, *, by_class: bool) -> Callable[[int, int], NDArray[np.int64]]:
    """Return what gives the MNIST images at places start to stop of the set."""
    num_mnist = len(train)
    if by_class:
        times = -(-num_images // num_mnist)
        ordered = np.repeat(np.argsort(train.labels, kind="stable"), times)
        spread = np.linspace(0, len(ordered) - 1, num_images).astype(np.int64)
        return lambda start, stop: ordered[spread[start:stop]]

    def mixed(start: int, stop: int) -> NDArray[np.int64]:
        rounds = [
            np.random.Generator(np.random.PCG64(number)).permutation(num_mnist)
            for number in range(start // num_mnist, (stop - 1) // num_mnist + 1)
        ]
        first = start // num_mnist * num_mnist
        return np.concatenate(rounds)[start - first : stop - first]

    return mixed


@cache
def _encoded(part: str) -> list[bytes]:
    """Return every image of a part of MNIST as a PNG; made once."""
    return [_png(image) for image in getattr(load_dataset("mnist"), part).images]


def _png(image: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


def _write_png(
    path: Path, split: Split, chosen: NDArray[np.int64], *, part: str, group_rows: int | None
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pngs = _encoded(part)
    table = pa.table({"image": [pngs[index] for index in chosen.tolist()], "label": split.labels[chosen]})
    pq.write_table(table, path.with_suffix(".parquet"), row_group_size=group_rows)


def _write_raw(
    path: Path, split: Split, chosen: NDArray[np.int64], *, part: str, group_rows: int | None
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pixels = pa.py_buffer(np.ascontiguousarray(split.images[chosen]))
    column = pa.Array.from_buffers(pa.binary(784), len(chosen), [None, pixels])
    table = pa.table({"image": column, "label": split.labels[chosen]})
    pq.write_table(table, path.with_suffix(".parquet"), row_group_size=group_rows)


def _write_tar(
    path: Path, split: Split, chosen: NDArray[np.int64], *, part: str, group_rows: int | None
) -> None:
    pngs, labels = _encoded(part), split.labels
    with path.with_suffix(".tar").open("wb") as file:
        for place, index in enumerate(chosen.tolist()):
            file.write(_member(f"{place:08d}.png", pngs[index]))
            file.write(_member(f"{place:08d}.cls", str(labels[index]).encode()))
        file.write(bytes(2 * _BLOCK))


def _member(name: str, content: bytes) -> bytes:
    header = tarfile.TarInfo(name)
    header.size = len(content)
    return header.tobuf(tarfile.USTAR_FORMAT) + content + bytes(-len(content) % _BLOCK)


def _write_idx(
    folder: Path, mnist: Dataset, order: Callable[[int, int], NDArray[np.int64]], *, num_images: int
) -> None:
    """Write two pairs of IDX files, uncompressed: the images are one array of bytes behind a header."""
    for part, split, chosen in (("train", mnist.train, order), ("t10k", mnist.test, None)):
        count = num_images if chosen else len(split)
        with (folder / f"{part}-images-idx3-ubyte").open("wb") as images:
            images.write(struct.pack(">HBBIII", 0, 8, 3, count, 28, 28))
            labels = []
            for start in range(0, count, SHARD_IMAGES):
                stop = min(start + SHARD_IMAGES, count)
                places = chosen(start, stop) if chosen else np.arange(start, stop)
                images.write(split.images[places].data)
                labels.append(split.labels[places].astype(np.uint8))
        head = struct.pack(">HBBI", 0, 8, 1, count)
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(head + np.concatenate(labels).tobytes())
