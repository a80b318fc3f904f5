"""The digits 0 to 2, each in the ways that people of many countries write it."""

from inkwise.handwriting.synthesis.shapes.points import Chance, Point, Shape, Strokes, arc, corner


def _ring(u: Chance, *, width: float, start: float, sweep: float, drift: float) -> list[Point]:
    return arc((0.3, 0.5), (width, 0.5), start=start, sweep=sweep, drift=drift)


def zero_round(u: Chance) -> Strokes:
    """An oval from the top against the clock, its ends about meeting."""
    width, start = u.between(0.22, 0.38), u.between(-125, -50)
    return [_ring(u, width=width, start=start, sweep=-u.between(345, 385), drift=u.near(0, 0.05))]


def zero_narrow(u: Chance) -> Strokes:
    """A slim oval."""
    width, start = u.between(0.14, 0.22), u.between(-120, -60)
    return [_ring(u, width=width, start=start, sweep=-u.between(345, 385), drift=u.near(0, 0.05))]


def zero_open(u: Chance) -> Strokes:
    """An oval whose ends leave a gap at the top."""
    width, start = u.between(0.22, 0.36), u.between(-105, -75)
    sweep = u.between(318, 345)
    return [_ring(u, width=width, start=start - (360 - sweep) / 2, sweep=-sweep, drift=u.near(0, 0.03))]


def zero_overlapping(u: Chance) -> Strokes:
    """An oval whose end runs past its beginning, inside it or across it."""
    width, start = u.between(0.22, 0.36), u.between(-110, -60)
    ring = _ring(u, width=width, start=start, sweep=-360.0, drift=u.between(-0.12, 0.02))
    x, y = ring[-1]
    inside = [(x - u.between(0.06, 0.14), y + u.between(0.06, 0.18))]
    across = [(x - u.between(0.05, 0.1), y - u.between(0.02, 0.05))]
    return [ring + (inside if u.happens(0.6) else across)]


def zero_dented(u: Chance) -> Strokes:
    """An oval whose beginning and end both dip inwards at the top."""
    width, dip = u.between(0.26, 0.36), u.between(0.05, 0.16)
    ring = _ring(u, width=width, start=-105, sweep=-u.between(320, 332), drift=0.0)
    return [[(0.3, dip), (0.26, 0.02), *ring[1:], (0.33, u.between(0.04, 0.12))]]


def zero_clockwise(u: Chance) -> Strokes:
    """An oval with the clock, from the bottom or the left."""
    width, start = u.between(0.2, 0.36), u.between(90, 250)
    return [_ring(u, width=width, start=start, sweep=u.between(350, 385), drift=u.near(0, 0.04))]


def zero_slashed(u: Chance) -> Strokes:
    """An oval with a stroke through it, from the lower left to the upper right."""
    width = u.between(0.26, 0.36)
    out = u.between(0.75, 1.15)
    slash = [(0.3 - width * out * 0.8, 0.5 + 0.4 * out), (0.3 + width * out * 0.8, 0.5 - 0.4 * out)]
    return [_ring(u, width=width, start=-90, sweep=-u.between(350, 380), drift=0.0), slash]


def one_bare(u: Chance) -> Strokes:
    """One stroke downwards, upright or leaning."""
    lean, bend = u.near(0.06, 0.1), u.near(0, 0.02)
    return [[(0.3 + lean, 0.0), (0.3 + bend + lean / 2, 0.5), (0.3, 1.0)]]


def _flagged(u: Chance, *, across: float, down: float, hook: float = 0.0) -> list[Point]:
    """Return an upstroke of that size, the corner and the stem."""
    lean = u.near(0.02, 0.04)
    middle = (0.35 - across * 0.5, down * (0.5 - hook))
    return [(0.35 - across, down), middle, *corner(0.35, 0.0), (0.35 - lean / 2, 0.5), (0.35 - lean, 1.0)]


def one_short_flag(u: Chance) -> Strokes:
    """A short upstroke, then the stem."""
    across = u.between(0.1, 0.24)
    return [_flagged(u, across=across, down=across * u.between(0.8, 1.6))]


def one_long_flag(u: Chance) -> Strokes:
    """The European 1: an upstroke as long as half the stem and more, steep, in a sharp angle to it."""
    down = u.between(0.34, 0.72)
    return [_flagged(u, across=down * u.between(0.45, 0.85), down=down, hook=u.near(0, 0.06))]


def one_wide_flag(u: Chance) -> Strokes:
    """An upstroke that reaches far to the left and yet climbs: a 7's bar would lie flat."""
    down = u.between(0.2, 0.42)
    return [_flagged(u, across=down * u.between(0.9, 1.35), down=down, hook=u.near(0, 0.04))]


def one_curved_flag(u: Chance) -> Strokes:
    """An upstroke that begins flat and swings up into the corner."""
    down = u.between(0.2, 0.42)
    return [_flagged(u, across=down * u.between(0.7, 0.95), down=down, hook=-u.between(0.2, 0.36))]


def one_with_foot(u: Chance) -> Strokes:
    """Upstroke, stem, and a bar below."""
    down = u.between(0.12, 0.42)
    stem = _flagged(u, across=down * u.between(0.6, 1.1), down=down)
    x, y = stem[-1]
    left, right = u.between(0.14, 0.34), u.between(0.14, 0.36)
    foot = [(x - left, y + u.near(0.0, 0.015)), (x + right, y + u.near(0.0, 0.02))]
    return [stem, foot]


def one_leaning(u: Chance) -> Strokes:
    """A bare stroke that leans far to the right."""
    lean = u.between(0.25, 0.62)
    return [[(0.3 + lean / 2, 0.0), (0.3 + u.near(0, 0.02), 0.5), (0.3 - lean / 2, 1.0)]]


def _hood(u: Chance) -> list[Point]:
    """Return the upper half of a 2 down to its right flank."""
    height, right = u.between(0.2, 0.3), u.between(0.46, 0.56)
    start = (u.between(0.0, 0.08), height + u.between(-0.02, 0.12))
    return [start, (0.1, height * 0.42), (0.28, 0.0), (right - 0.04, height * 0.45), (right, height + 0.06)]


def two_angular(u: Chance) -> Strokes:
    """A hood, a slope down to a sharp corner, a flat base."""
    base = u.between(0.5, 0.66)
    foot = (u.between(0.0, 0.08), 1.0)
    end = (base, 1.0 + u.near(-0.01, 0.025))
    return [
        [*_hood(u), (0.33, u.between(0.62, 0.7)), *corner(*foot), (base / 2, 1.0 + u.near(0, 0.015)), end]
    ]


def two_looped(u: Chance) -> Strokes:
    """A hood, then a small loop at the lower left and a swinging base."""
    size = u.between(0.55, 1.15)
    loop = [
        (0.13, 0.92),
        (0.02, 1.0 - 0.02 * size),
        (-0.07 * size, 0.93 - 0.02 * size),
        (0.02, 0.93 - 0.12 * size),
        (0.2, 0.9),
    ]
    end = (u.between(0.52, 0.7), u.between(0.86, 0.98))
    return [[*_hood(u), (0.36, 0.62), *loop, (0.4, u.between(0.97, 1.02)), end]]


def two_waved(u: Chance) -> Strokes:
    """A hood, a sharp corner and a base that swings up and down."""
    foot = (u.between(0.0, 0.08), u.between(0.95, 1.0))
    base = [(0.2, 0.93), (0.42, 1.0), (u.between(0.54, 0.68), u.between(0.86, 0.96))]
    return [[*_hood(u), (0.33, 0.66), *corner(*foot), *base]]


def two_round(u: Chance) -> Strokes:
    """A hood whose slope turns softly into the base."""
    end = (u.between(0.5, 0.64), 1.0 + u.near(0, 0.02))
    return [[*_hood(u), (0.36, 0.58), (0.12, 0.82), (0.04, 0.95), (0.12, 1.0), (0.3, 1.0), end]]


def two_curled(u: Chance) -> Strokes:
    """A hood that begins with a curl inwards."""
    curl = [(0.16, 0.3), (0.06, 0.34), (0.0, 0.24), (0.08, 0.08)]
    foot = (u.between(0.0, 0.06), 1.0)
    right = u.between(0.48, 0.56)
    head = [(0.28, 0.0), (right, 0.14), (right, 0.32), (0.34, 0.64)]
    return [[*curl, *head, *corner(*foot), (u.between(0.5, 0.66), 1.0 + u.near(-0.02, 0.03))]]


ZERO: tuple[tuple[Shape, float], ...] = (
    (zero_round, 4),
    (zero_narrow, 1.5),
    (zero_open, 1),
    (zero_overlapping, 1.5),
    (zero_dented, 0.7),
    (zero_clockwise, 1),
    (zero_slashed, 0.4),
)
ONE: tuple[tuple[Shape, float], ...] = (
    (one_bare, 2.5),
    (one_short_flag, 2),
    (one_long_flag, 3),
    (one_wide_flag, 2),
    (one_curved_flag, 1),
    (one_with_foot, 2),
    (one_leaning, 0.8),
)
TWO: tuple[tuple[Shape, float], ...] = (
    (two_angular, 3),
    (two_looped, 2),
    (two_waved, 1.5),
    (two_round, 1),
    (two_curled, 0.8),
)
