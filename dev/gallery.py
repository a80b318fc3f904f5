"""Draw the pictures of docs/gallery/ anew: `python dev/gallery.py RUNS`.

RUNS is a folder of finished runs on MNIST, each named after its recipe:

    for recipe in cnn-lenet cnn-keras mlp-logsoftmax; do
        inkwise train $recipe --data mnist --out RUNS/$recipe
    done

The own module is trained by the code of docs/gallery/own-module.md itself.
"""

import argparse
import contextlib
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageChops

if __package__ is None:
    sys.path.insert(0, str(Path(__file__).parents[1]))

from dev.pages import read_blocks

DOCS = Path(__file__).parents[1] / "docs"
PICTURES = DOCS / "images" / "gallery"
LARGE_BYTES = 90_000  # a picture that would be larger gets 256 colours
# Which test image of MNIST is looked at, and which figures are kept.
RUNS = {
    "cnn-lenet": (
        0,
        "answer layer-00-conv2d layer-01-relu layer-02-maxpool2d arithmetic layer-03-conv2d layer-06-flatten "
        "layer-09-linear layer-10-logsoftmax attributions neighbours",
    ),
    "cnn-keras": (
        8,
        "answer layer-00-conv2d layer-08-conv2d layer-10-maxpool2d layer-17-softmax attributions",
    ),
    "mlp-logsoftmax": (4, "first-weights layer-01-linear layer-02-relu arithmetic attributions"),
}
OWN = "answer arithmetic layer-00-conv2d layer-06-linear"


def keep(folder: Path, figures: str, *, name: str) -> None:
    """Copy figures from folder into docs/images/gallery, without the white around them."""
    for figure in figures.split():
        with Image.open(folder / f"{figure}.png") as picture:
            grey = picture.convert("L")
            left, top, right, bottom = ImageChops.invert(grey).getbbox() or (0, 0, *picture.size)
            margin = 12
            size = picture.size
            box = (
                max(0, left - margin), max(0, top - margin),
                min(size[0], right + margin), min(size[1], bottom + margin),
            )  # fmt: skip
            cut = picture.convert("RGB").crop(box)
        shrink(cut, PICTURES / f"{name}-{figure.removeprefix('layer-')}.png")


def shrink(picture: Image.Image, path: Path) -> None:
    """Write picture to path, in 256 colours where it would be large.

    Of all ways to choose them, MAXCOVERAGE alone keeps colours that few pixels have: the ends of scales.
    """
    picture.save(path, optimize=True)
    if path.stat().st_size > LARGE_BYTES:
        method = Image.Quantize.MAXCOVERAGE
        few = picture.quantize(256, method=method, kmeans=1, dither=Image.Dither.NONE)
        few.save(path, optimize=True)
    print(f"{path.relative_to(DOCS)}: {path.stat().st_size / 1000:.0f} kB")


def run_own_module(folder: Path) -> None:
    """Run the code of docs/gallery/own-module.md in folder, where it leaves a folder named inspection."""
    text = (DOCS / "gallery" / "own-module.md").read_text(encoding="utf-8")
    code = "\n".join(block.text for block in read_blocks(text) if block.language == "python")
    with contextlib.chdir(folder):
        exec(compile(code, "own-module.md", "exec"), {"__name__": "__page__"})


def main() -> int:
    """Inspect every run and keep its pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", type=Path)
    runs = parser.parse_args().runs.absolute()
    from inkwise import inspect

    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        for name, (index, figures) in RUNS.items():
            inspect(runs / name, index=index, data="mnist", out=Path(temporary) / name)
            keep(Path(temporary) / name, figures, name=name)
        run_own_module(Path(temporary))
        keep(Path(temporary) / "inspection", OWN, name="own")
    total = sum(path.stat().st_size for path in PICTURES.iterdir())
    print(f"{total / 1e6:.2f} MB in all")
    return 0


if __name__ == "__main__":
    sys.exit(main())
