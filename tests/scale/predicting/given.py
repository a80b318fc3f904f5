"""Images to answer in every form, their right answers, and blocks answered in this very process."""

import io
import os
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from PIL import Image
from tests.golden_classifier import golden_classifier, square_images

from inkwise.exporting.export import export
from inkwise.scale.predicting.output import OutputFolder, open_output
from inkwise.scale.predicting.sources.cutting import Limits
from inkwise.scale.predicting.work import Classifier, Wanted, Work, begin, block_name
from inkwise.scale.predicting.workers import BlockWorker

SQUARES = [2, 0, 2, 1]  # labels of square_images, by the golden classifier


def png(image: NDArray[np.uint8]) -> bytes:
    """Return an image as the bytes of a PNG file."""
    sink = io.BytesIO()
    Image.fromarray(image).save(sink, "png")
    return sink.getvalue()


def squares(count: int) -> list[bytes]:
    """Return the golden images over and over as PNG."""
    pictures = [png(image) for image in square_images()]
    return [pictures[index % 4] for index in range(count)]


def write_pictures(folder: Path, count: int) -> Path:
    """Write 0000.png, 0001.png ..."""
    folder.mkdir(parents=True)
    for index, picture in enumerate(squares(count)):
        (folder / f"{index:04d}.png").write_bytes(picture)
    return folder


def write_parquet(path: Path, pictures: Sequence[bytes | None], *, row_group: int = 10) -> Path:
    """Write a table in the Hugging Face layout."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [{"bytes": picture, "path": None} for picture in pictures]
    pq.write_table(pa.table({"image": rows, "label": [0] * len(rows)}), path, row_group_size=row_group)
    return path


def write_tar(path: Path, pictures: Sequence[bytes], *, mode: Any = "w", **choices: Any) -> Path:
    """Write a WebDataset shard: a picture and its class, one after the other."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, mode, **choices) as tar:
        for index, picture in enumerate(pictures):
            for member, content in ((f"{index:04d}.png", picture), (f"{index:04d}.cls", b"3")):
                entry = tarfile.TarInfo(member)
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
    return path


def golden() -> Classifier:
    """Return the golden classifier as a worker runs it."""
    folder = Path(os.environ["HOME"])  # of this test session
    path = folder / "golden.onnx"
    if not path.exists():
        export(golden_classifier(), path, to="onnx")
    return Classifier(path.read_bytes(), list(golden_classifier().classes))


def wanted(*paths: Path | str, images: int = 10, does: Any = "predict", base: Path = Path("/")) -> Wanted:
    """Return a work over paths in blocks of so many images."""
    return Wanted(does, [str(path) for path in paths], str(base), "sha", limits=Limits(images, 1 << 20))


def begun(out: Path | str, asked: Wanted, classifier: Classifier | None = None) -> tuple[OutputFolder, Work]:
    """Begin a work and return its folder and itself."""
    output = open_output(str(out), base=asked.base)
    return output, begin(output, asked, classifier or golden())


def answer_here(output: OutputFolder, work: Work) -> list[dict[str, Any]]:
    """Answer every block by a worker in this process, and return the rows in the order of blocks."""
    worker = BlockWorker(output=output.address, base=output.place.base, begin=lambda number: 1)
    said = worker({"block": np.arange(work.num_blocks)})
    assert said["reason"] == [""] * work.num_blocks
    rows = []
    for number in range(work.num_blocks):
        with output.open(block_name(number)) as file:
            rows += pq.read_table(file).to_pylist()
    return rows
