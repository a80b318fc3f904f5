"""The digits 3 to 5, each in the ways that people of many countries write it."""

from inkwise.handwriting.synthesis.shapes.points import Chance, Point, Shape, Strokes, corner


def _belly(u: Chance, top: float) -> list[Point]:
    """Return the lower bowl of a 3 that begins at height top."""
    right, end = u.between(0.48, 0.58), u.between(0.8, 0.94)
    middle = (top + 1.0) / 2
    low = [(right - 0.1, 0.94), (0.26, 1.0), (u.between(-0.02, 0.08), end)]
    return [(right - 0.1, top + 0.07), (right, middle), *low]


def three_round(u: Chance) -> Strokes:
    """Two bowls that meet in a point."""
    waist, right = u.between(0.42, 0.52), u.between(0.44, 0.54)
    head = [
        (u.between(0.0, 0.1), u.between(0.08, 0.2)),
        (0.25, 0.0),
        (right, waist * 0.42),
        (0.38, waist - 0.06),
    ]
    return [[*head, *corner(u.between(0.16, 0.26), waist), *_belly(u, waist)]]


def three_small_head(u: Chance) -> Strokes:
    """A small upper bowl over a wide lower one."""
    waist, right = u.between(0.32, 0.4), u.between(0.36, 0.44)
    head = [(u.between(0.06, 0.14), u.between(0.06, 0.12)), (0.24, 0.0), (right, waist * 0.42)]
    return [[*head, (right - 0.08, waist - 0.06), *corner(u.between(0.14, 0.22), waist), *_belly(u, waist)]]


def three_flat(u: Chance) -> Strokes:
    """A flat top and a slope, then the bowl."""
    right, waist = u.between(0.44, 0.54), u.between(0.36, 0.46)
    head = [(u.between(0.0, 0.06), u.between(0.0, 0.05)), (0.25, u.near(0.01, 0.01)), *corner(right, 0.0)]
    return [[*head, *corner(u.between(0.16, 0.26), waist), *_belly(u, waist + 0.02)]]


def three_looped(u: Chance) -> Strokes:
    """Two bowls with a small loop between them."""
    waist, size = u.between(0.44, 0.5), u.between(0.5, 1.0)
    head = [(0.04, 0.14), (0.25, 0.0), (0.5, waist * 0.42), (0.34, waist - 0.04)]
    loop = [
        (0.22, waist + 0.02),
        (0.2 - 0.06 * size, waist - 0.02),
        (0.22, waist - 0.07 * size),
        (0.32, waist),
    ]
    return [[*head, *loop, *_belly(u, waist)]]


def three_soft(u: Chance) -> Strokes:
    """Two bowls joined by a soft bend."""
    waist, depth = u.between(0.42, 0.5), u.between(0.16, 0.24)
    head = [(u.between(0.0, 0.08), 0.12), (0.25, 0.0), (0.5, waist * 0.45), (0.36, waist - 0.05)]
    return [[*head, (depth, waist), (0.3, waist + 0.03), *_belly(u, waist + 0.02)]]


def _stem(u: Chance, x: float, *, top: float) -> list[Point]:
    lean = u.near(0.03, 0.04)
    return [(x + lean, top), (x - lean * 0.5, 1.0)]


def four_open(u: Chance) -> Strokes:
    """Down, across, and a separate stem: open at the top."""
    bar, x = u.between(0.52, 0.66), u.between(0.38, 0.46)
    left = [
        (u.between(0.06, 0.2), u.between(0.0, 0.1)),
        (0.06, bar * 0.6),
        *corner(u.between(0.0, 0.05), bar),
    ]
    return [[*left, (u.between(0.52, 0.68), bar + u.near(-0.01, 0.03))], _stem(u, x, top=u.between(0.0, 0.3))]


def four_closed(u: Chance) -> Strokes:
    """A slope from the top of the stem, the bar, the stem: a closed triangle."""
    bar, x = u.between(0.58, 0.72), u.between(0.38, 0.46)
    slope = [(x - u.between(-0.02, 0.02), 0.0), *corner(u.between(0.0, 0.04), bar)]
    return [[*slope, (u.between(0.5, 0.68), bar + u.near(0, 0.02))], _stem(u, x, top=u.between(-0.04, 0.04))]


def four_one_stroke(u: Chance) -> Strokes:
    """Up the stem, down the slope, across: a triangle without lifting the pen."""
    bar, x = u.between(0.58, 0.72), u.between(0.38, 0.46)
    way = [(x - u.near(0.02, 0.02), 1.0), *corner(x, 0.0), *corner(u.between(0.0, 0.04), bar)]
    return [[*way, (u.between(0.52, 0.68), bar + u.near(0, 0.02))]]


def four_pennant(u: Chance) -> Strokes:
    """A small triangle at the top of a long stem, its point to the left, the bar ending at the stem."""
    bar, x = u.between(0.28, 0.54), u.between(0.3, 0.42)
    top = (x - u.between(0.0, 0.1), u.between(0.0, 0.06))
    slope = [top, *corner(u.between(0.0, 0.08), bar - u.near(0.0, 0.02))]
    end = (x + u.between(-0.03, 0.05), bar + u.near(0.0, 0.03))
    return [[*slope, end], _stem(u, x, top=u.between(-0.06, 0.06))]


def four_short_stem(u: Chance) -> Strokes:
    """A long slope and bar, crossed by a stem that begins half-way down."""
    bar = u.between(0.54, 0.66)
    slope = [(u.between(0.26, 0.42), 0.0), *corner(u.between(0.0, 0.04), bar)]
    stem = _stem(u, u.between(0.34, 0.44), top=bar - u.between(0.12, 0.32))
    return [[*slope, (u.between(0.56, 0.7), bar + u.near(0.0, 0.025))], stem]


def four_cup(u: Chance) -> Strokes:
    """A cup on a stem, as many write it by hand."""
    bottom, x = u.between(0.42, 0.58), u.between(0.42, 0.5)
    cup = [(u.between(0.0, 0.06), u.between(0.0, 0.1)), (0.02, bottom * 0.7), (0.12, bottom), (0.28, bottom)]
    return [[*cup, (x, bottom - u.between(0.0, 0.08))], _stem(u, x, top=u.between(-0.05, 0.08))]


def four_cursive(u: Chance) -> Strokes:
    """A leaning, rounded slope that runs into a long bar; a leaning stem across it."""
    bar = u.between(0.5, 0.62)
    way = [(u.between(0.14, 0.28), 0.0), (0.08, bar * 0.6), (0.02, bar - 0.02), (0.16, bar)]
    lean = u.between(0.02, 0.14)
    x = u.between(0.36, 0.44)
    stem = [(x + lean, u.between(0.12, 0.34)), (x - lean * 0.6, 1.0)]
    return [[*way, (u.between(0.6, 0.74), bar - u.between(0.0, 0.05))], stem]


def _bowl(u: Chance, top: float) -> list[Point]:
    """Return the belly of a 5 from the end of its short stem at height top."""
    right, rise = u.between(0.48, 0.58), u.between(0.02, 0.08)
    middle = (top + 1.0) / 2
    low = [(right - 0.1, 0.94), (0.24, 1.0), (u.between(-0.02, 0.06), u.between(0.84, 0.96))]
    return [(0.28, top - rise), (right - 0.06, top + 0.08), (right, middle), *low]


def five_one_stroke(u: Chance) -> Strokes:
    """Bar from the right, down, the belly, without lifting the pen."""
    top, x = u.between(0.36, 0.48), u.between(0.08, 0.16)
    bar = [
        (u.between(0.42, 0.58), u.near(0.0, 0.02)),
        *corner(x, 0.02),
        *corner(x - u.between(0.0, 0.05), top),
    ]
    return [bar + _bowl(u, top)]


def five_soft(u: Chance) -> Strokes:
    """The same with rounded bends below the bar."""
    top, x = u.between(0.38, 0.46), u.between(0.08, 0.16)
    bar = [(u.between(0.44, 0.56), u.near(0.0, 0.015)), (0.3, 0.01), *corner(x, 0.03)]
    return [[*bar, (x - 0.03, top * 0.6), (x, top), *_bowl(u, top)]]


def _two_strokes(u: Chance, *, gap: Point, length: float) -> Strokes:
    top, x = u.between(0.34, 0.46), u.between(0.08, 0.16)
    body = [(x, 0.02), *corner(x - u.between(-0.01, 0.05), top), *_bowl(u, top)]
    left = x + gap[0]
    bar = [(left, gap[1]), (left + length / 2, gap[1] + u.near(-0.01, 0.015))]
    return [body, [*bar, (left + length, gap[1] + u.near(-0.02, 0.025))]]


def five_two_strokes(u: Chance) -> Strokes:
    """Stem and belly first, the bar last, from where the stem began."""
    gap = (u.near(0.0, 0.025), u.near(0.01, 0.02))
    return _two_strokes(u, gap=gap, length=u.between(0.32, 0.5))


def five_bar_apart(u: Chance) -> Strokes:
    """The bar stands apart from the body: to the right of it or above it."""
    beside = (u.between(0.06, 0.16), u.near(0.0, 0.03))
    above = (u.between(-0.02, 0.08), -u.between(0.05, 0.12))
    return _two_strokes(u, gap=beside if u.happens(0.6) else above, length=u.between(0.26, 0.46))


def five_long_bar(u: Chance) -> Strokes:
    """A bar that reaches far to the right."""
    return _two_strokes(u, gap=(u.near(0.0, 0.02), u.near(0.0, 0.015)), length=u.between(0.5, 0.72))


def five_short_bar(u: Chance) -> Strokes:
    """A bar hardly longer than half the belly."""
    top, x = u.between(0.34, 0.44), u.between(0.1, 0.18)
    bar = [(x + u.between(0.2, 0.28), u.near(0.0, 0.015)), *corner(x, 0.0), *corner(x - 0.02, top)]
    return [bar + _bowl(u, top)]


def five_angular(u: Chance) -> Strokes:
    """Straight lines and a small round at the right."""
    top, x = u.between(0.4, 0.48), u.between(0.06, 0.14)
    bar = [(u.between(0.44, 0.56), 0.0), *corner(x, 0.0), *corner(x - 0.02, top)]
    belly = [(0.36, top + 0.02), (0.5, top + 0.12), (0.48, 0.82), (0.34, 0.97), (0.0, u.between(0.97, 1.02))]
    return [bar + belly]


THREE: tuple[tuple[Shape, float], ...] = (
    (three_round, 3),
    (three_small_head, 1),
    (three_flat, 1.5),
    (three_looped, 0.7),
    (three_soft, 1),
)
FOUR: tuple[tuple[Shape, float], ...] = (
    (four_open, 2),
    (four_closed, 2),
    (four_one_stroke, 1),
    (four_pennant, 1.5),
    (four_short_stem, 1.2),
    (four_cup, 2),
    (four_cursive, 1.2),
)
FIVE: tuple[tuple[Shape, float], ...] = (
    (five_one_stroke, 2),
    (five_soft, 1),
    (five_two_strokes, 2),
    (five_bar_apart, 2),
    (five_long_bar, 1.2),
    (five_short_bar, 0.8),
    (five_angular, 0.8),
)
