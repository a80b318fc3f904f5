"""From the ink of a page to lines of glyphs: which marks make one digit, and where one mark is several.

Geometry proposes, the recogniser disposes: all that could be one digit is read, whole marks of a page in one
call, parts of doubtful ones in a second. The best way through each line is found by dynamic programming over
the logarithms of what the recogniser says.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inkwise.handwriting.ink import Ink
from inkwise.handwriting.normalise import normalise_glyph
from inkwise.handwriting.segment.groups import TALL, Group, Inks, Line
from inkwise.handwriting.segment.lines import estimate_tilt, group_lines
from inkwise.handwriting.segment.marks import NEAR, Marks, drop_cut_off, find_marks, find_scale, join_marks
from inkwise.handwriting.segment.touching import best_path

Recognise = Callable[[NDArray[np.uint8]], NDArray[np.float32]]

_MAX_CUT = 30  # marks of one page in which cuts are looked for
_MANY, _SAMPLE, _TEXTURE = 150, 50, 0.5  # of so many marks so many are read first; fewer digits are chance
_LIKELY = 0.5  # probability from which on a mark looks like a digit
_MOST_DOUBTED = 6  # digits of a page that may be pieces of one
_MOST_PIECES = 12  # of a digit that stands alone on its page
_SMALL = 3.0  # widths of the line, below which a mark is no small digit but a dot
_SURE = 0.9  # a mark that the recogniser is so sure of is one digit, unless it is wider than high


@dataclass(frozen=True)
class Glyph:
    """One mark, or several, that were read as one digit.

    Attributes:
        box: x, y, width, height in pixels of ink.coverage.
        image: (28, 28) uint8, its MNIST form, as the recogniser saw it.
        probabilities: (10,) float32.
        is_cut: whether it was cut off something that it touched.
    """

    box: tuple[int, int, int, int]
    image: NDArray[np.uint8]
    probabilities: NDArray[np.float32]
    is_cut: bool = False


@dataclass(frozen=True)
class Page:
    """What was found on a page.

    Attributes:
        lines: the glyphs of each line, top to bottom and left to right.
        num_left_out: marks that were not looked at, because there were more than writing can have.
        num_small: marks that look like digits and are too low to be one beside the others.
    """

    lines: list[list[Glyph]]
    num_left_out: int = 0
    num_small: int = 0


def segment_page(ink: Ink, recognise: Recognise) -> Page:
    """Return the glyphs of each line of writing, lines top to bottom, glyphs left to right.

    Args:
        ink: of the whole page.
        recognise: (N, 28, 28) uint8 -> (N, 10) float32 calibrated probabilities, all small for no digit.
    """
    marks = find_marks(ink.coverage, stroke_px=ink.stroke_px)
    if not len(marks.boxes):
        return Page([])
    scale = find_scale(marks, stroke_px=ink.stroke_px)
    marks = drop_cut_off(join_marks(marks, scale), scale, ink.coverage.shape[:2])
    search = Search(Inks(marks, ink.stroke_px), recognise)
    if search.is_texture():
        return Page([], len(marks.boxes) + marks.num_left_out)
    ways = search.ways(_lines(marks, scale.height))
    lines = [[search.glyph(group) for group in groups] for groups in ways if groups]
    return Page(lines, marks.num_left_out, search.count_small(ways))


def _lines(marks: Marks, height: float) -> list[Line]:
    """Return the lines; a low mark goes to that of the tall mark it is nearest to, or to none."""
    tall = np.flatnonzero(marks.boxes[:, 3] >= TALL * height)
    boxes = marks.boxes[tall]
    rows: list[list[int]] = [tall[line].tolist() for line in group_lines(boxes, tilt=estimate_tilt(boxes))]
    row_of = {mark: number for number, row in enumerate(rows) for mark in row}
    nearest: dict[int, tuple[float, int]] = {}
    for (i, j), gap in marks.gaps.items():
        for low, other in ((i, j), (j, i)):
            if low not in row_of and other in row_of and gap <= NEAR * height:
                nearest[low] = min(nearest.get(low, (gap, row_of[other])), (gap, row_of[other]))
    for low, (_, number) in nearest.items():
        rows[number].append(low)
    return [_line(row, marks) for row in rows]


def _line(row: list[int], marks: Marks) -> Line:
    boxes = marks.boxes[row]
    order = np.argsort(boxes[:, 0] + boxes[:, 2] / 2, kind="stable")
    heights = np.sort(boxes[:, 3])[::-1]
    middle = np.searchsorted(heights.cumsum(), heights.sum() / 2)
    return Line([row[i] for i in order], float(heights[middle]))


class Search:
    """The search for the digits of a page: all groups that were tried, and what the recogniser said."""

    def __init__(self, inks: Inks, recognise: Recognise) -> None:
        self.inks = inks
        self.recognise = recognise
        self.images: dict[Group, NDArray[np.uint8]] = {}
        self.answers: dict[Group, NDArray[np.float32]] = {}
        self.steps: dict[int, dict[tuple[int, int], Group]] = {}

    def ways(self, lines: list[Line]) -> list[list[Group]]:
        """Return the digits of each line, or the one digit of all marks where that is likelier."""
        self._read_all(lines)
        ways = [self._best_way(line) for line in lines]
        total, num_digits = sum(score for score, _ in ways), sum(len(groups) for _, groups in ways)
        if 1 < num_digits <= _MOST_DOUBTED and (one := self._one_digit()) and self._one_score(one) > total:
            return [[one]]
        return [groups for _, groups in ways]

    def count_small(self, ways: list[list[Group]]) -> int:
        """Return how many marks of no digit on the ways look like one, and are no dots."""
        used = {mark for groups in ways for group in groups for mark in group.marks}
        heights = self.inks.marks.boxes[:, 3]
        others = [
            Group((mark,))
            for mark in np.flatnonzero(heights >= _SMALL * self.inks.stroke_px).tolist()
            if mark not in used
        ]
        self._ask(others)
        return sum(float(self.answers[group].max()) >= _SURE for group in others)

    def _read_all(self, lines: list[Line]) -> None:
        """Let the recogniser read everything that may be a digit: in two calls at most."""
        self._read(lines)
        doubtful = [(self._doubt(mark, line), mark, line) for line in lines for mark in line.marks]
        doubtful = sorted((item for item in doubtful if item[0] > 0), key=lambda item: -item[0])
        for _, mark, line in doubtful[:_MAX_CUT]:
            self.inks.cut(line, mark)
        if doubtful:
            self._read(lines)

    def is_texture(self) -> bool:
        """Return whether so few of many marks look like digits that none of them was written."""
        marks = np.arange(len(self.inks.marks.boxes))
        if len(marks) < _MANY:
            return False
        sample = [Group((int(mark),)) for mark in marks[:: len(marks) // _SAMPLE]]
        self._ask(sample)
        likely = [float(self.answers[group].max()) >= _LIKELY for group in sample]
        return sum(likely) < _TEXTURE * len(likely)

    def _read(self, lines: list[Line]) -> None:
        for line in lines:
            self.steps[id(line)] = dict(self.inks.groups(line))
        groups = [group for line in lines for group in self.steps[id(line)].values()]
        self._ask([*groups, one] if (one := self._one_digit()) else groups)

    def _ask(self, groups: list[Group]) -> None:
        """Let the recogniser read, in one call, what it has not read yet."""
        new = list(dict.fromkeys(group for group in groups if group not in self.answers))
        if new:
            images = np.stack([normalise_glyph(self.inks.ink(group)) for group in new])
            self.images.update(zip(new, images, strict=True))
            self.answers.update(zip(new, self.recognise(images), strict=True))

    def _doubt(self, mark: int, line: Line) -> float:
        """Return how likely a mark holds several digits; above 0 cuts are worth a search."""
        _, _, width, height = self.inks.marks.boxes[mark]
        if height < TALL * line.height or width < 2.5 * self.inks.stroke_px:
            return 0.0
        wide = float(width) / max(float(height), line.height) - 1.0
        return max(0.0, _SURE - float(self.answers[Group((mark,))].max())) + max(0.0, wide)

    def _best_way(self, line: Line) -> tuple[float, list[Group]]:
        """Return the score of the best way through a line, and the digits on it."""
        steps = self.steps[id(line)]
        scores = {step: self.score(group, line) for step, group in steps.items()}
        way = best_path(len(line.nodes), scores)
        return sum(scores[step] for step in way), [
            g for g in (steps[s] for s in way) if self._is_tall(g, line)
        ]

    def _one_digit(self) -> Group | None:
        """Return all marks of a page as one group, where they are few and could be a digit in pieces."""
        boxes = self.inks.marks.boxes
        if not 1 < len(boxes) <= _MOST_PIECES:
            return None
        order = np.argsort(boxes[:, 0] + boxes[:, 2] / 2, kind="stable")
        return Group(tuple(order.tolist()))

    def _one_score(self, group: Group) -> float:
        _, _, width, height = self.inks.box(group)
        if float(self.answers[group].max()) < _LIKELY:
            return -np.inf
        return digit_score(self.answers[group], width=width / height, height=1.0)

    def score(self, group: Group, line: Line) -> float:
        """Return how well a group passes for a digit of its line: a logarithm, at most 0."""
        _, _, width, height = self.inks.box(group)
        wide, high = width / line.height, height / line.height
        score = digit_score(self.answers[group], width=wide, height=high)
        score -= JOIN * self.inks.apartness(group) / line.height
        score -= sum(CUT + THICK * max(0.0, cut.crossed - 1) for cut in (group.left, group.right) if cut)
        if len(group.marks) == 1 and group.is_whole and not self._is_tall(group, line):
            return max(score, STRAY - STRAY_SIZE * max(wide, high))  # no digit, and left out
        return score

    def _is_tall(self, group: Group, line: Line) -> bool:
        return self.inks.box(group)[3] >= TALL * line.height

    def glyph(self, group: Group) -> Glyph:
        x, y, width, height = self.inks.box(group)
        left, top = self.inks.marks.origin
        box = (x + left, y + top, width, height)
        return Glyph(box, self.images[group], self.answers[group], not group.is_whole)


# What a way through a line pays, in natural logarithms of probability.
JOIN = 1.5  # for each height of a digit that lies between two marks read as one
CUT, THICK = 0.3, 0.4  # for either end that is a cut; for each width of the line it crosses beyond one
STRAY, STRAY_SIZE = -0.5, 3.0  # for a low mark left out; and for each height of a digit that it is long
WEIGHT = 2.5  # of what the recogniser says


def digit_score(probabilities: NDArray[np.float32], *, width: float, height: float) -> float:
    """Return the logarithm of how well a group of marks passes for one digit, at most about 0.

    1/10 for each class is what the recogniser says of no digit: the score counts what is above it.

    Args:
        probabilities: (10,) of the group.
        width: of the group in heights of the line's digits.
        height: likewise.
    """
    digitness = max(1e-3, (float(probabilities.max()) - 0.1) / 0.9)
    size = 2.0 * max(0.0, width - 1.0) + 3.0 * max(0.0, height - 1.3) + 6.0 * max(0.0, 0.5 - height)
    return WEIGHT * float(np.log(digitness)) - size
