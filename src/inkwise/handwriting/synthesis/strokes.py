"""From control points to the smooth lines of a hand: parametric digits and everything else that is written.

The shapes themselves are in shapes/; drawing the lines with ink is the business of pen.py.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from inkwise.errors import HandwritingError
from inkwise.handwriting.synthesis.shapes import six_to_nine, three_to_five, zero_to_two
from inkwise.handwriting.synthesis.shapes.hand import Hand
from inkwise.handwriting.synthesis.shapes.points import Chance, Point, Shape, Strokes

_STEP = 0.015  # of the height of a digit, between two points of a path
_SAMPLES = np.linspace(0.0, 1.0, 9, endpoint=False)[:, None]
# Hermite's four cubics at the samples: both ends, both tangents.
_HERMITE = (
    2 * _SAMPLES**3 - 3 * _SAMPLES**2 + 1,
    -2 * _SAMPLES**3 + 3 * _SAMPLES**2,
    _SAMPLES**3 - 2 * _SAMPLES**2 + _SAMPLES,
    _SAMPLES**3 - _SAMPLES**2,
)
Path = NDArray[np.float64]  # (n, 3): x, y, relative width of the line there

# The ways to write each digit with how often each is met.
DIGIT_SHAPES: tuple[tuple[tuple[Shape, float], ...], ...] = (
    zero_to_two.ZERO,
    zero_to_two.ONE,
    zero_to_two.TWO,
    three_to_five.THREE,
    three_to_five.FOUR,
    three_to_five.FIVE,
    six_to_nine.SIX,
    six_to_nine.SEVEN,
    six_to_nine.EIGHT,
    six_to_nine.NINE,
)
NUM_DIGITS = len(DIGIT_SHAPES)


@dataclass(frozen=True)
class Writing:
    """One character as lines, before there is a pen.

    Attributes:
        paths: (n, 3) each: x, y with the height of a digit as unit, y downwards, and the relative width.
        label: 0..9, or -1 for what is no digit.
        shape: its name, such as "one_long_flag".
    """

    paths: tuple[Path, ...]
    label: int
    shape: str

    def box(self) -> tuple[float, float, float, float]:
        """Return left, top, right, bottom of the lines' middle."""
        points = np.concatenate(self.paths)
        (left, top), (right, bottom) = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
        return float(left), float(top), float(right), float(bottom)


def write_digit(
    label: int, generator: np.random.Generator, *, hand: Hand | None = None, shape: str | None = None
) -> Writing:
    """Return digit `label` in one of the ways that people write it.

    Args:
        label: 0..9.
        generator: of everything that is left to chance.
        hand: whose; None: somebody's.
        shape: one of shape_names(label); None: as often as each is met.
    Raises:
        HandwritingError: there is no such digit, or it has no such shape.
    """
    if label not in range(NUM_DIGITS):
        raise HandwritingError(f"label is {label}, expected a digit from 0 to 9; outliers.py writes the rest")
    ways = DIGIT_SHAPES[label]
    chosen = _draw(ways, generator) if shape is None else _named(label, shape)
    return write(chosen, generator, hand=hand or Hand.draw(generator), label=label)


def shape_names(label: int) -> list[str]:
    """Return the names of the ways to write digit `label`."""
    return [shape.__name__ for shape, _ in DIGIT_SHAPES[label]]


def write(shape: Shape, generator: np.random.Generator, *, hand: Hand, label: int) -> Writing:
    """Return what `hand` makes of `shape`."""
    strokes = shape(Chance(generator))
    return Writing(trace(strokes, generator, hand=hand), label, shape.__name__)


def trace(strokes: Strokes, generator: np.random.Generator, *, hand: Hand) -> tuple[Path, ...]:
    """Return the paths of a pen that follows the control points as `hand` does."""
    bends = generator.normal(0.0, hand.warp, 6)
    paths = []
    for points in strokes:
        line = _smooth(_resample(_spline(_strayed(points, generator, hand))), hand.rounding / _STEP)
        line = _lengthened(line, generator.normal(0.0, hand.overshoot, 2))
        line = _shaken(line, generator, hand) + generator.normal(0.0, hand.parting, 2)
        paths.append(np.column_stack([_placed(_bent(line, bends), hand), _widths(line, generator, hand)]))
    return tuple(paths)


def _draw(ways: tuple[tuple[Shape, float], ...], generator: np.random.Generator) -> Shape:
    shares = np.cumsum([share for _, share in ways])
    return ways[int(np.searchsorted(shares, generator.random() * shares[-1], side="right"))][0]


def _named(label: int, name: str) -> Shape:
    for shape, _ in DIGIT_SHAPES[label]:
        if shape.__name__ == name:
            return shape
    raise HandwritingError(f"digit {label} has no shape {name!r}; expected one of {shape_names(label)}")


def _strayed(points: list[Point], generator: np.random.Generator, hand: Hand) -> list[Point]:
    """Return points that missed their places a little; the two points of a corner stay one."""
    strayed: list[Point] = []
    for number, (x, y) in enumerate(points):
        if number and points[number - 1] == (x, y):
            strayed.append(strayed[-1])
        else:
            dx, dy = generator.normal(0.0, hand.looseness, 2)
            strayed.append((x + dx, y + dy))
    return strayed


def _spline(points: list[Point]) -> NDArray[np.float64]:
    """Return a curve through points, broken where one is given twice."""
    runs: list[list[Point]] = [[points[0]]]
    for before, point in pairwise(points):
        if before == point:
            runs.append([point])
        else:
            runs[-1].append(point)
    parts = [_catmull_rom(np.array(run)) for run in runs if len(run) > 1]
    return np.concatenate([*parts, np.array(points[-1])[None]])


def _catmull_rom(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a Catmull-Rom curve through points without the last one, knots by the root of the distance.

    Source: Yuksel, Schaefer, Keyser, Computer-Aided Design 43, 2011 (centripetal: no cusps, no loops).
    """
    steps = np.sqrt(np.linalg.norm(np.diff(points, axis=0), axis=1))[:, None] + 1e-9
    slopes = np.diff(points, axis=0) / steps
    inner = (slopes[:-1] * steps[1:] + slopes[1:] * steps[:-1]) / (steps[:-1] + steps[1:])
    if len(points) > 2:
        tangents = np.concatenate(
            [[1.5 * slopes[0] - 0.5 * inner[0]], inner, [1.5 * slopes[-1] - 0.5 * inner[-1]]]
        )
    else:
        tangents = np.concatenate([slopes, slopes])
    start, end, out, into = _HERMITE
    curve = (
        start * points[:-1, None] + end * points[1:, None]
        + out * (tangents[:-1] * steps)[:, None] + into * (tangents[1:] * steps)[:, None]
    )  # fmt: skip
    return np.asarray(curve.reshape(-1, 2), dtype=np.float64)


def _resample(line: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return points about _STEP apart along the line, its ends kept."""
    lengths = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    places = np.linspace(0.0, lengths[-1], max(4, round(lengths[-1] / _STEP) + 1))
    return np.column_stack([np.interp(places, lengths, line[:, axis]) for axis in (0, 1)])


def _smooth(line: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
    """Return the line blurred along its length by sigma points; the ends stay where they are."""
    radius = min(len(line) - 1, int(np.ceil(3 * sigma)))
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / max(sigma, 1e-6)) ** 2)
    before = 2 * line[0] - line[radius:0:-1]
    after = 2 * line[-1] - line[-2 : -radius - 2 : -1]
    padded = np.concatenate([before, line, after])
    kernel /= kernel.sum()
    return np.column_stack([np.convolve(padded[:, axis], kernel, mode="valid") for axis in (0, 1)])


def _lengthened(line: NDArray[np.float64], amounts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the line with its ends carried on (or drawn back) in their own direction."""
    line = line.copy()
    for end, amount, near in ((0, amounts[0], slice(0, 5)), (-1, amounts[1], slice(None, -6, -1))):
        away = line[end] - line[near][-1]
        line[near] += (away / (np.linalg.norm(away) + 1e-9) * amount) * np.linspace(1, 0, len(line[near]))[
            :, None
        ]
    return line


def _shaken(line: NDArray[np.float64], generator: np.random.Generator, hand: Hand) -> NDArray[np.float64]:
    if hand.tremor < 5e-4:
        return line
    noise = generator.normal(0.0, hand.tremor * 2.5, (len(line) // 4 + 2, 2))
    places = np.linspace(0, len(noise) - 1, len(line))
    shake = np.column_stack([np.interp(places, np.arange(len(noise)), noise[:, axis]) for axis in (0, 1)])
    return np.asarray(line + _smooth(shake, 1.5))


def _bent(line: NDArray[np.float64], bends: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the line after a smooth bend of the plane: quadratic, about the middle of the digit."""
    x, y = line[:, 0] - 0.3, line[:, 1] - 0.5
    dx = bends[0] * 4 * y * y + bends[1] * 3 * x * y + bends[2] * 2 * x
    dy = bends[3] * 4 * x * x + bends[4] * 3 * x * y + bends[5] * 3 * y * y
    return np.asarray(line + np.column_stack([dx, dy]))


def _placed(line: NDArray[np.float64], hand: Hand) -> NDArray[np.float64]:
    """Return the line leaning, wide and turned as the hand writes."""
    x, y = (line[:, 0] - 0.3) * hand.width - hand.slant * (line[:, 1] - 0.5), line[:, 1] - 0.5
    cos, sin = np.cos(hand.turn), np.sin(hand.turn)
    return np.column_stack([cos * x - sin * y + 0.3, sin * x + cos * y + 0.5])


def _widths(line: NDArray[np.float64], generator: np.random.Generator, hand: Hand) -> NDArray[np.float64]:
    """Return the relative width along the line, mean about 1: thin where the pen runs fast and at its ends.

    A hand is slow in bends and quick on the straight (the two-thirds power law of Lacquaniti, Terzuolo,
    Viviani, Acta Psychologica 54, 1983).
    """
    count = len(line)
    if hand.pressure < 0.02:
        return np.ones(count)
    turning = np.zeros(count)
    directions = np.diff(line, axis=0)
    turning[1:-1] = np.abs(np.cross(_three(directions[:-1]), _three(directions[1:]))[:, 2]) / _STEP**3
    speed = (turning + 0.8) ** (-1 / 3)
    drift = np.interp(np.linspace(0, 3, count), np.arange(4), generator.normal(0.0, 0.12, 4))
    ends = np.minimum(1.0, 0.6 + np.minimum(np.arange(count), np.arange(count)[::-1]) * 0.1)
    swell = 1.0 - 0.5 * hand.pressure * (speed - speed.mean()) + hand.pressure * drift
    return np.asarray(np.clip(swell * (1 - hand.pressure * (1 - ends)), 0.4, 1.7))


def _three(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.column_stack([vectors, np.zeros(len(vectors))])
