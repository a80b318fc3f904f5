"""The figures of an inspection, each as a PNG file, an SVG file, and panels that a page can stack."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from markupsafe import Markup, escape
from matplotlib.figure import Figure

from inkwise.figures.encode import draw_pixels, draw_svg, encode_png, theme_svg, to_svg_file
from inkwise.figures.inspection.panels.panel import find_panels
from inkwise.files import write_atomically

_DOTS_PER_INCH = 120


@dataclass(frozen=True)
class Plate:
    """A figure in a page.

    Attributes:
        name: of its files, without suffix, and before every id in it.
        panels: one <svg> element each, from left to right; a page may stack them.
        words: what each panel shows, for those who cannot see it.
    """

    name: str
    panels: tuple[Markup, ...]
    words: tuple[str, ...]

    def enlarge(self, place: int) -> Markup:
        """Return the panel at place once more, as wide as the page allows."""
        again = self.panels[place]
        if f'<g id="{self.name}-all">' in again:
            start, end = again.index("<g id="), again.rindex("</svg>")
            again = Markup(again[:start] + f'<use href="#{self.name}-all"/>' + again[end:])
        return again


@dataclass(frozen=True)
class PlateFolder:
    """Where the files go; they are written beside the drawing of the next figure."""

    path: Path
    _pool: ThreadPoolExecutor
    _writing: list[Future[None]] = field(default_factory=list)

    def add(self, figure: Figure, *, name: str, subject: str) -> Plate:
        """Draw figure once as SVG and once as PNG, and return it as a plate.

        Args:
            figure: of inkwise.figures.inspection.
            name: of its files.
            subject: what it is about, to stand before the words of each panel.
        """
        svg = draw_svg(figure, name=name)
        pixels = draw_pixels(figure, dots_per_inch=_DOTS_PER_INCH)
        self._begin(f"{name}.svg", lambda: to_svg_file(svg))
        self._begin(f"{name}.png", lambda: encode_png(pixels))
        return cut_plate(figure, svg, name=name, subject=subject)

    def write(self, name: str, content: bytes | str) -> None:
        """Begin to write a file."""
        self._begin(name, lambda: content)

    def _begin(self, name: str, encode: Callable[[], bytes | str]) -> None:
        self._writing.append(self._pool.submit(lambda: write_atomically(self.path / name, encode())))

    def finish(self) -> None:
        """Wait for every file.

        Raises:
            OutputError: one could not be written.
        """
        for future in self._writing:
            future.result()


@contextmanager
def open_folder(path: Path) -> Iterator[PlateFolder]:
    """Give a PlateFolder to the block, and wait for its files after it.

    Raises:
        OutputError: a file could not be written.
    """
    with ThreadPoolExecutor(4) as pool:
        folder = PlateFolder(path, pool)
        yield folder
        folder.finish()


def cut_plate(figure: Figure, svg: str, *, name: str, subject: str) -> Plate:
    """Return what draw_svg made of figure cut into its panels.

    The first panel holds the drawing; the others show their part of it, so it is in the page once.
    """
    boxes = find_panels(figure)
    words = tuple(f"{subject}. {box.words}" for box in boxes)
    themed = theme_svg(svg, description="")
    content = themed[themed.index(">", themed.index("<svg")) + 1 : themed.rindex("</svg>")]
    shared = f'<use href="#{name}-all"/>'
    panels = []
    for place, (box, described) in enumerate(zip(boxes, words, strict=True)):
        inside = shared if place else f'<g id="{name}-all">{content}</g>'
        panels.append(
            f'<svg role="img" aria-label="{escape(described)}" viewBox="{box.view_box}" '
            f'width="{box.width:g}pt" height="{box.height:g}pt">{inside}</svg>'
        )
    # Safe to mark: matplotlib writes the drawing and escapes the class names inside.
    return Plate(name, tuple(map(Markup, panels)), words)
