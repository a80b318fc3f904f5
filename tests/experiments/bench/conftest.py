"""Real handwritten digits in four IDX files: scikit-learn's, so that no download is needed."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from inkwise.data.idx import write_idx


@pytest.fixture(scope="session")
def digit_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the paths of 1,500 training and 297 test images, 8x8 brought to 28x28 by repeating pixels."""
    digits = load_digits()
    tripled = np.kron(digits.images, np.ones((3, 3)))  # (N, 24, 24), 0 to 16
    images = np.pad(tripled * 255 / 16, ((0, 0), (2, 2), (2, 2))).round().astype(np.uint8)
    labels = digits.target.astype(np.uint8)
    folder = tmp_path_factory.mktemp("digits")
    files = {}
    for part, rows in (("train", slice(0, 1500)), ("test", slice(1500, None))):
        for what, array in (("images", images), ("labels", labels)):
            files[f"{part}_{what}"] = folder / f"{part}-{what}"
            write_idx(files[f"{part}_{what}"], array[rows])
    return files
