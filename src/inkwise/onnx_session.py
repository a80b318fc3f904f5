"""ONNX Runtime, set up as every part of inkwise wants it."""

from pathlib import Path

import onnxruntime


def open_session(model: bytes | str | Path) -> onnxruntime.InferenceSession:
    """Return a session of one thread for an ONNX model, its bytes or its path.

    One thread: our networks are so small that a second one waits, and images come in parallel anyway.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what does not fit is said by an exception, once
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
