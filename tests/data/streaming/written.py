"""Small shards on disk for the tests of streaming: noise images that tell their number by their values."""

import io
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tests.data.formats.drawn import png


def write_tar(
    path: Path, images: NDArray[np.uint8], labels: Sequence[object], *, names: str = "{:05d}", **options: Any
) -> Path:
    """Write NAME.png and NAME.cls for each image, by Python's tarfile."""
    files = {}
    for index, (image, label) in enumerate(zip(images, labels, strict=True)):
        files[f"{names.format(index)}.png"] = png(image)
        files[f"{names.format(index)}.cls"] = str(label).encode()
    return write_files(path, files, **options)


def write_files(path: Path, files: dict[str, bytes], *, mtime: float = 0, **options: Any) -> Path:
    """Write a tar of the given names and contents."""
    with tarfile.open(path, "w", **options) as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mtime = len(content), mtime
            tar.addfile(member, io.BytesIO(content))
    return path


def write_parquet(
    path: Path, images: NDArray[np.uint8], labels: Sequence[object], *, raw: bool = False,
    group_rows: int | None = None,
) -> Path:  # fmt: skip
    """Write a column image of PNG bytes, or of raw pixels, and a column label."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    pixels = pa.array([image.tobytes() for image in images], pa.binary(784))
    column = pixels if raw else pa.array([png(image) for image in images])
    pq.write_table(pa.table({"image": column, "label": labels}), path, row_group_size=group_rows)
    return path
