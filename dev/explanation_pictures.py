"""Draw the pictures of docs/explanation/ from the pages' own code: dev/explanation_pictures.py [PAGE...].

What a page's code calls `picture`, or by another name below, is what the page shows. Two are of real sets,
whose page shows the code with digits: those need $INKWISE_DATA.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from dev.pages import ROOT, read_blocks

PICTURES = {  # page -> name in its code -> file
    "loss": {"curve": "loss-of-confidence.png", "bars": "cross-entropy.png"},
    "calibration": {"picture": "calibration.png"},
    "confusion-matrix": {"picture": "confusion-matrix.png"},
    "pixel-values": {"picture": "class-means.png"},
    "search": {"picture": "sweep.png"},
    "surest-mistakes": {"picture": "reject-curve.png"},
    "training-curves": {"picture": "training-curves.png"},
}


def run_page(name: str) -> dict[str, Any]:
    """Return the names that a page's Python code leaves behind, run in a folder that is removed."""
    page = ROOT / "docs" / "explanation" / f"{name}.md"
    names: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for block in read_blocks(page.read_text(encoding="utf-8")):
            if block.language == "python":
                exec(block.text, names)
        os.chdir(ROOT)
    return names


def label_shares() -> Any:
    """Return the picture of MNIST's label shares."""
    import inkwise
    from inkwise.figures.exploration.labels import render_label_shares

    return render_label_shares(inkwise.explore("mnist", duplicates=False))


def near_copies() -> Any:
    """Return the picture of six near pairs of Fashion-MNIST."""
    import inkwise
    from inkwise.figures.exploration.copies import render_near_pairs

    dataset = inkwise.load_dataset("fashion-mnist")
    found = inkwise.explore(dataset).duplicates
    return render_near_pairs(found.model_copy(update={"near_pairs": found.near_pairs[:6]}), dataset)


OF_REAL_SETS: dict[str, Callable[[], Any]] = {
    "label-shares.png": label_shares,
    "near-copies.png": near_copies,
}


def save(picture: Any, file: str) -> None:
    """Write a picture to docs/images/."""
    from inkwise.figures.encode import to_png

    path = ROOT / "docs" / "images" / file
    path.write_bytes(to_png(picture))
    print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


def main() -> int:
    """Run the pages' code, and write the figures that it makes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("page", nargs="*", help="default: all, and those of real sets")
    pages = parser.parse_args().page
    for page in pages or PICTURES:
        names = run_page(page)
        for name, file in PICTURES[page].items():
            save(names[name], file)
    for file, draw in OF_REAL_SETS.items() if not pages else ():
        save(draw(), file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
