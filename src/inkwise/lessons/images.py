"""Which images a lesson learns from: MNIST where it is at hand, else digits, which need no file."""

import os
import warnings

from inkwise.data.cache import is_available
from inkwise.lessons.execute import DATA_VARIABLE

# captum's progress bars want ipywidgets in a notebook and warn where it is missing; no lesson shows one.
warnings.filterwarnings("ignore", message="IProgress not found")


def choose_data(wanted: str = "mnist") -> str:
    """Return the name of the images for a lesson: $INKWISE_LESSON_DATA, else wanted, else "digits".

    Args:
        wanted: a catalogue name; taken where all its files lie on this machine.
    Raises:
        DataError: the catalogue has no such set.
    """
    return os.environ.get(DATA_VARIABLE) or (wanted if is_available(wanted) else "digits")
