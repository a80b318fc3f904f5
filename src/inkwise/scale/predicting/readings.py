"""The digits on each picture: what a worker of `inkwise read --ray` does."""

import warnings
from functools import partial
from typing import Any

import cv2
import pyarrow as pa

from inkwise.data.formats.paths import visible
from inkwise.errors import InkwiseError
from inkwise.handwriting.picture import load_picture
from inkwise.handwriting.reader import read_picture
from inkwise.handwriting.recogniser import Recogniser
from inkwise.onnx_session import ask_probabilities, open_session
from inkwise.reports.reading import PictureReading, summarise
from inkwise.scale.predicting.sources.pictures import Raw
from inkwise.scale.predicting.work import Classifier

_GLYPH = pa.struct(
    [
        ("box", pa.list_(pa.int64(), 4)),
        ("label", pa.int64()),
        ("probability", pa.float64()),
        ("accepted", pa.bool_()),
    ]
)


class Reading:
    """One ONNX session on one thread for the glyphs of pictures, and the columns of what was read."""

    batch = 16

    def __init__(self, classifier: Classifier) -> None:
        warnings.filterwarnings("ignore", module="PIL")  # a damaged file's, which is an answer anyway
        cv2.setNumThreads(1)
        answer = partial(ask_probabilities, open_session(classifier.model))
        self.recogniser = Recogniser(answer, classifier.accept_probability)

    def schema(self) -> pa.Schema:
        """Return the columns: those of `inkwise read --json`, and where in a file the picture lies."""
        return pa.schema(
            [
                ("path", pa.string()),
                ("index", pa.int64()),
                ("member", pa.string()),
                ("lines", pa.list_(pa.string())),
                ("glyphs", pa.list_(_GLYPH)),
                ("warnings", pa.list_(pa.string())),
                ("error", pa.string()),
            ]
        )

    def answer(self, raws: list[Raw]) -> pa.RecordBatch:
        """Return a row for each picture; one that could not be read has no lines and no glyphs."""
        rows = [_row(raw, self._read(raw)) for raw in raws]
        return pa.RecordBatch.from_pylist(rows, schema=self.schema())

    def _read(self, raw: Raw) -> PictureReading:
        if raw.error is not None or raw.content is None:
            return PictureReading.unread(raw.path, raw.error or "")
        try:
            picture = load_picture(raw.content, name=raw.name)
            return summarise(raw.path, read_picture(picture, self.recogniser))
        except InkwiseError as error:
            return PictureReading.unread(raw.path, visible(str(error)))
        except Exception as error:  # one odd picture must not cost a million their answers
            reason = f"{raw.name}: unexpected {type(error).__name__}: {error}; please report it"
            return PictureReading.unread(raw.path, visible(reason))


def _row(raw: Raw, reading: PictureReading) -> dict[str, Any]:
    return {
        **reading.model_dump(mode="json"), "index": raw.index, "member": raw.member, "error": reading.error
    }  # fmt: skip
