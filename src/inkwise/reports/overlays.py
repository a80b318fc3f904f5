"""A folder of drawings, one for each picture that was read."""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from inkwise.files import write_atomically
from inkwise.handwriting.picture import Picture
from inkwise.handwriting.reader import Reading

_MOST_LETTERS = 60  # of a name: four bytes each still fit in every file system


class OverlayFolder:
    """Writes drawings into one folder, each under a name of its own."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.taken: set[str] = set()

    def write(self, name: str, picture: Picture, reading: Reading) -> Path:
        """Draw reading on picture, as a PNG named after the picture's path; return the file.

        Raises:
            OutputError: the folder cannot be written to.
        """
        from inkwise.figures.encode import draw_pixels, encode_png
        from inkwise.figures.handwriting.overlay import render_overlay

        file = self.path / self.file_name(name)
        drawn = encode_png(draw_pixels(render_overlay(picture, reading)))
        write_atomically(file, drawn, option="--overlay")
        return file

    def spare(self, paths: Iterable[Path]) -> None:
        """Give none of these files' names to a drawing: they are pictures that are being read."""
        here = self.path.resolve()
        self.taken |= {path.name.casefold() for path in paths if path.parent.resolve() == here}

    def file_name(self, name: str) -> str:
        r"""Return a file name for the picture called name that no other picture of this folder has got.

        >>> folder = OverlayFolder("drawn")
        >>> folder.file_name("a/sum 1.jpg"), folder.file_name("b/sum 1.jpg"), folder.file_name("-")
        ('sum_1.jpg.png', 'sum_1.jpg-2.png', 'picture.png')
        """
        last = re.split(r"[/\\]", name)[-1]
        stem = re.sub(r"[^\w.-]", "_", last).strip(".-_")[-_MOST_LETTERS:] or "picture"
        number = 1
        while (found := f"{stem}-{number}.png" if number > 1 else f"{stem}.png").casefold() in self.taken:
            number += 1
        self.taken.add(found.casefold())  # two names that differ in case are one on Windows and macOS
        return found
