"""The class of each image and its probabilities: what a worker of `inkwise predict --ray` does."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from inkwise.data.dataset import IMAGE_SIZE
from inkwise.data.formats.paths import visible
from inkwise.data.images import decode_image
from inkwise.data.streaming.pixels import decode_pixels
from inkwise.errors import InkwiseError
from inkwise.onnx_session import ask_probabilities, open_session
from inkwise.scale.predicting.sources.pictures import Raw
from inkwise.scale.predicting.work import Classifier


class Predicting:
    """One ONNX session on one thread, and the columns of its answers."""

    batch = 512

    def __init__(self, classifier: Classifier) -> None:
        self.session = open_session(classifier.model)
        self.classes = pa.array(classifier.classes)

    def schema(self) -> pa.Schema:
        """Return the columns; where error is not null, those from label to probabilities are."""
        return pa.schema(
            [
                ("path", pa.string()),
                ("index", pa.int64()),
                ("member", pa.string()),
                ("label", pa.int64()),
                ("class_name", pa.string()),
                ("probability", pa.float32()),
                ("probabilities", pa.list_(pa.float32(), len(self.classes))),
                ("error", pa.string()),
            ]
        )

    def answer(self, raws: list[Raw]) -> pa.RecordBatch:
        """Return a row for each image."""
        errors = [raw.error for raw in raws]
        images = np.zeros((len(raws), IMAGE_SIZE, IMAGE_SIZE), np.uint8)
        for place, raw in enumerate(raws):
            errors[place] = errors[place] or _decode(raw, images[place])
        probabilities = ask_probabilities(self.session, images)
        labels = probabilities.argmax(axis=1)
        lacking = np.array([error is not None for error in errors])
        names = self.classes.take(pa.array(labels, mask=lacking))
        columns = [
            pa.array([raw.path for raw in raws]),
            pa.array([raw.index for raw in raws], pa.int64()),
            pa.array([raw.member for raw in raws], pa.string()),
            pa.array(labels, pa.int64(), mask=lacking),
            names,
            pa.array(probabilities[np.arange(len(raws)), labels], pa.float32(), mask=lacking),
            _rows(probabilities, lacking),
            pa.array(errors, pa.string()),
        ]
        return pa.record_batch(columns, schema=self.schema())


def _rows(probabilities: NDArray[np.float32], lacking: NDArray[np.bool_]) -> pa.Array:
    """Return an entry of K numbers a row, null where the image is lacking."""
    flat = pa.array(probabilities.reshape(-1))
    return pa.FixedSizeListArray.from_arrays(flat, probabilities.shape[1], mask=pa.array(lacking))


def _decode(raw: Raw, image: NDArray[np.uint8]) -> str | None:
    """Put the picture into image ((28, 28)), or return why it cannot be."""
    if isinstance(raw.content, np.ndarray):
        image[:] = raw.content
        return None
    assert raw.content is not None
    try:
        if isinstance(raw.content, bytes):
            image[:] = decode_pixels(raw.content, name=raw.name)
        else:
            image[:] = decode_image(raw.content, name=raw.name)
    except InkwiseError as error:
        return visible(str(error))
    return None
