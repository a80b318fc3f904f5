"""A fingerprint of the images and labels that a training sees."""

import hashlib

import numpy as np

from inkwise.data.dataset import Split
from inkwise.data.streaming.images import streamed


def data_digest(split: Split) -> str:
    """Return a fingerprint of the images' number, the labels and about 1,000 images spread over the set.

    It notices a resume on other data. Hashing every image of a large set would take longer than the resume.
    """
    digest = hashlib.sha256(f"{split.images.shape}".encode())
    digest.update(np.ascontiguousarray(split.labels).data)  # not copied where they lie in one piece
    if on_disk := streamed(split):  # the files' names, sizes and ends stand for images spread over them
        digest.update(on_disk.fingerprint.encode())
    else:
        digest.update(split.images[:: max(len(split) // 1000, 1)].tobytes())
    return digest.hexdigest()[:16]
