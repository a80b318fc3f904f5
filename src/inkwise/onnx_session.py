"""ONNX Runtime, set up as every part of inkwise wants it."""

from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

# Images at once: the reader is as fast with 512, and of a wide network's the outputs leave the cache.
BATCH = 32


def open_session(model: bytes | str | Path) -> onnxruntime.InferenceSession:
    """Return a session of one thread for an ONNX model, its bytes or its path.

    One thread: our networks are so small that a second one waits, and images come in parallel anyway.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what does not fit is said by an exception, once
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def ask_probabilities(
    session: onnxruntime.InferenceSession, images: NDArray[np.uint8]
) -> NDArray[np.float32]:
    """Return what an exported classifier answers: probabilities (N, K) float32, rows sum to 1.

    Args:
        session: of a model that inkwise exported.
        images: (N, 28, 28) uint8, one or more.
    """
    parts = [
        session.run(["probabilities"], {"images": images[start : start + BATCH]})[0]
        for start in range(0, len(images), BATCH)
    ]
    return np.asarray(parts[0] if len(parts) == 1 else np.concatenate(parts), np.float32)
