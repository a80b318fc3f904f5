"""What could be read as one digit: a mark, several neighbouring ones, or the part of one between two cuts."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from inkwise.handwriting.segment.marks import NEAR, Box, Marks
from inkwise.handwriting.segment.touching import Cut, find_cuts

TALL = 0.45  # of a digit's height: a lower mark belongs to another one, or is none
_WIDEST, _HIGHEST = 1.9, 1.7  # of several marks that are one digit, in heights of the line's digits
_WIDEST_PART = 1.5  # the same of a part between cuts
_LEAST_INK = 0.15  # of a part, where 1 is about one digit's
_MAX_MARKS = 6  # of one digit


@dataclass(frozen=True)
class Group:
    """Neighbouring marks, the first from a cut on, the last up to a cut.

    Attributes:
        marks: their numbers, in reading order.
        left: the cut through the first mark, None where all of it belongs to the group.
        right: the cut through the last one, likewise.
    """

    marks: tuple[int, ...]
    left: Cut | None = None
    right: Cut | None = None

    @property
    def is_whole(self) -> bool:
        """Whether no mark is cut."""
        return self.left is None and self.right is None


@dataclass
class Line:
    """One line of writing: its marks in reading order, and the ways they could be grouped.

    Attributes:
        marks: their numbers.
        height: of its digits, in pixels.
        cuts: of a mark, by its number; at first there are none.
    """

    marks: list[int]
    height: float
    cuts: dict[int, list[Cut]] = field(default_factory=dict)

    @property
    def nodes(self) -> list[tuple[int, Cut | None]]:
        """Return where digits may begin and end, in reading order: before marks[place] or at a cut in it."""
        nodes: list[tuple[int, Cut | None]] = []
        for place, mark in enumerate(self.marks):
            nodes += [(place, None), *((place, cut) for cut in self.cuts.get(mark, []))]
        return [*nodes, (len(self.marks), None)]


class Inks:
    """The marks of a page as groups see them: each group's box and its ink alone."""

    def __init__(self, marks: Marks, stroke_px: float) -> None:
        self.marks = marks
        self.stroke_px = stroke_px
        self._parts: dict[tuple[int, Cut | None, Cut | None], Box] = {}

    def groups(self, line: Line) -> Iterator[tuple[tuple[int, int], Group]]:
        """Yield what could be one digit of a line, with the numbers of the nodes where it begins and ends."""
        nodes = line.nodes
        for begin, (first, left) in enumerate(nodes[:-1]):
            for end in range(begin + 1, len(nodes)):
                last, right = nodes[end]
                marks = tuple(line.marks[first : last + (right is not None)])
                if len(marks) > _MAX_MARKS or self._is_far(marks, line.height):
                    break
                group = Group(marks, left, right)
                if _is_ordered(group) and self._fits(group, line.height):
                    yield (begin, end), group

    def _is_far(self, marks: tuple[int, ...], height: float) -> bool:
        """Return whether the last of marks is too far from the others to be of one digit with them."""
        return len(marks) > 1 and self._gap(marks[:-1], marks[-1]) > NEAR * height

    def _fits(self, group: Group, height: float) -> bool:
        if len(group.marks) == 1 and group.is_whole:
            return True
        _, _, wide, high = self.box(group)
        if not group.is_whole and not (0 < wide <= _WIDEST_PART * height and high >= TALL * height):
            return False
        return wide <= _WIDEST * height and high <= _HIGHEST * height

    def apartness(self, group: Group) -> float:
        """Return how far apart the marks of a group lie, summed, in pixels; less where one is above another.

        Digits stand side by side. So marks that share their columns (the two strokes of a 4, a bar and its 5)
        count as that much nearer, below 0 in the end.
        """
        total = 0.0
        for i in range(1, len(group.marks)):
            x, _, width, _ = self.marks.boxes[group.marks[i]]
            before = self.box(Group(group.marks[:i]))
            shared = min(x + width, before[0] + before[2]) - max(x, before[0])
            total += self._gap(group.marks[:i], group.marks[i]) - max(0.0, float(shared))
        return total

    def _gap(self, marks: tuple[int, ...], mark: int) -> float:
        return min(self.marks.gaps.get((min(mark, other), max(mark, other)), np.inf) for other in marks)

    def box(self, group: Group) -> Box:
        """Return x, y, width, height of a group in pixels of the cut-out."""
        boxes = []
        for i, mark in enumerate(group.marks):
            left = group.left if i == 0 else None
            right = group.right if i == len(group.marks) - 1 else None
            boxes.append(self._part_box(mark, left, right))
        x, y = min(box[0] for box in boxes), min(box[1] for box in boxes)
        right_end = max(box[0] + box[2] for box in boxes)
        return x, y, right_end - x, max(box[1] + box[3] for box in boxes) - y

    def _part_box(self, mark: int, left: Cut | None, right: Cut | None) -> Box:
        x, y, width, height = (int(value) for value in self.marks.boxes[mark])
        if left is None and right is None:
            return x, y, width, height
        key = (mark, left, right)
        if key not in self._parts:
            is_own = self._is_own(Group((mark,), left, right), (x, y, width, height))
            inner = cv2.boundingRect(is_own.astype(np.uint8))
            self._parts[key] = (x + inner[0], y + inner[1], inner[2], inner[3])
        return self._parts[key]

    def _is_own(self, group: Group, around: Box) -> NDArray[np.bool_]:
        """Return (height, width) bool for the pixels of a box: whether they belong to the group."""
        x, y, width, height = around
        labels = self.marks.labels[y : y + height, x : x + width]
        is_own = np.zeros((height, width), np.bool_)
        for mark in group.marks:
            is_own |= labels == mark + 1
        columns = np.arange(x, x + width) + 0.5
        for cut, mark, sign in ((group.left, group.marks[0], 1), (group.right, group.marks[-1], -1)):
            if cut is not None:
                rows = (np.arange(y, y + height) - cut.top).clip(0, len(cut.columns) - 1)
                is_beyond = sign * columns[None] <= sign * cut.columns[rows][:, None]
                is_own &= ~(is_beyond & (labels == mark + 1))
        return is_own

    def ink(self, group: Group) -> NDArray[np.uint8]:
        """Return (h, w) uint8, the ink of a group alone, its anti-aliased edge included."""
        x, y, width, height = self.box(group)
        left, top = max(0, x - 1), max(0, y - 1)
        bottom, right = self.marks.labels.shape
        around = (left, top, min(right, x + width + 1) - left, min(bottom, y + height + 1) - top)
        is_own = self._is_own(group, around)
        shown = np.s_[top : top + around[3], left : left + around[2]]
        is_edge = cv2.dilate(is_own.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        is_shown = is_own | (is_edge & (self.marks.labels[shown] == 0))
        return np.where(is_shown, self.marks.coverage[shown], 0).astype(np.uint8)

    def cut(self, line: Line, mark: int) -> None:
        """Look for cuts through a mark of a line."""
        x, y, width, height = (int(value) for value in self.marks.boxes[mark])
        ink = np.where(self._is_own(Group((mark,)), (x, y, width, height)), 255, 0).astype(np.uint8)
        ink = np.minimum(ink, self.marks.coverage[y : y + height, x : x + width])
        line.cuts[mark] = find_cuts(ink, stroke_px=self.stroke_px, origin=(x, y))


def _is_ordered(group: Group) -> bool:
    """Return whether a group between two cuts of one mark ends right of where it begins, with ink between."""
    if len(group.marks) > 1 or group.left is None or group.right is None:
        return True
    return group.right.ink - group.left.ink >= _LEAST_INK and group.left.is_left_of(group.right)
