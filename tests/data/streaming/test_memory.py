"""What a process holds of a set that is streamed, by the kernel's own count."""

import struct
from pathlib import Path

import numpy as np
import pytest
from dev.streamed.watched import watch

from inkwise.data.idx import write_idx

NUM_IMAGES = 1_500_000


def write_blank(path: Path, count: int) -> None:
    """Write an IDX file of blank images, which takes no room on the disk."""
    with path.open("wb") as file:
        file.write(struct.pack(">4B3I", 0, 0, 8, 3, count, 28, 28))
        file.truncate(16 + count * 784)


@pytest.mark.slow
@pytest.mark.skipif(
    not Path("/proc/self/smaps_rollup").is_file(), reason="memory is counted by Linux's /proc"
)
def test_set_larger_than_its_limit_is_handed_out_in_little_memory(tmp_path: Path) -> None:
    """1.18 GB of pixels go by; two buffers of 51 MB, the places and the labels are held, and no more."""
    for part, count in (("train", NUM_IMAGES), ("t10k", 1000)):
        write_blank(tmp_path / f"{part}-images-idx3-ubyte", count)
        write_idx(tmp_path / f"{part}-labels-idx1-ubyte", np.arange(count).astype(np.uint8) % 10)
    found = watch(tmp_path, "none", seconds=120)
    assert found["stages"][-1]["stage"] == "ended"
    assert found["stages"][-1]["images"] > 0.8 * NUM_IMAGES
    most = max(sample["resident"] for sample in found["memory"])
    assert most < 0.7 * NUM_IMAGES * 784, "Python and PyTorch are counted too"
