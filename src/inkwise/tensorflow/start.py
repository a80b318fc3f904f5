"""Importing TensorFlow: quietly, with a plain word where it is not installed."""

import importlib
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from inkwise.errors import RecipeError
from inkwise.files import standard_error_in

EXTRA = "pip install 'inkwise[tensorflow]'"

# Notes that TensorFlow writes on its way up, each time, where no setting of its own silences them.
_GREETINGS = re.compile(
    rb"WARNING: All log messages before absl::InitializeLog|I\d{4} |To enable the following instructions"
)


def start_tensorflow() -> None:
    """Import TensorFlow and Keras, without their greetings; errors and what others write still show.

    Raises:
        RecipeError: TensorFlow is not installed or does not start, or Keras runs on another framework.
    """
    # 2 hides notes and warnings; errors stay.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    if "keras" not in sys.modules:
        os.environ["KERAS_BACKEND"] = "tensorflow"
    try:
        with _without_greetings():
            tensorflow, keras = (importlib.import_module(name) for name in ("tensorflow", "keras"))
            tensorflow.config.list_logical_devices()
    except ImportError as error:
        raise RecipeError(
            f"framework 'tensorflow' was asked for, but TensorFlow cannot be imported ({error}); run: {EXTRA}"
        ) from error
    if keras.backend.backend() != "tensorflow":
        raise RecipeError(
            f"Keras runs on {keras.backend.backend()!r} in this process, expected 'tensorflow'; "
            "set KERAS_BACKEND=tensorflow before Keras is imported"
        )


@contextmanager
def _without_greetings() -> Iterator[None]:
    """Hold back what is written to standard error within the block, and pass on all but the greetings."""
    with tempfile.TemporaryFile() as held:
        try:
            with standard_error_in(held):
                yield
        finally:
            held.seek(0)
            said = b"".join(line for line in held if not _GREETINGS.match(line))
            if said:
                os.write(2, said)
