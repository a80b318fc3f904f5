"""The digits 6 to 9, each in the ways that people of many countries write it."""

from inkwise.handwriting.synthesis.shapes.points import Chance, Point, Shape, Strokes, arc, corner


def six_straight(u: Chance) -> Strokes:
    """A nearly straight back from the upper right, then the loop."""
    top, right = u.between(0.44, 0.62), u.between(0.44, 0.56)
    back = [(u.between(0.32, 0.5), 0.0), (0.14, 0.36), (0.02, 0.72)]
    return [back + _six_loop(u, top=top, right=right)]


def _six_loop(u: Chance, *, top: float, right: float) -> list[Point]:
    """Return the loop of a 6 from its left flank around to where it meets the back."""
    middle = (top + 1.0) / 2
    end = (u.between(0.02, 0.1), u.between(middle, middle + 0.12))
    return [(0.08, 0.93), (0.26, 1.0), (right - 0.04, 0.92), (right, middle), (right - 0.12, top + 0.03),
            (0.24, top), (0.1, top + 0.1), end]  # fmt: skip


def six_curled(u: Chance) -> Strokes:
    """A back that begins with a curve at the top, like an S."""
    top, right = u.between(0.44, 0.58), u.between(0.44, 0.56)
    back = [(u.between(0.42, 0.54), u.between(0.06, 0.16)), (0.34, 0.0), (0.12, 0.2), (0.01, 0.6)]
    return [back + _six_loop(u, top=top, right=right)]


def six_big_loop(u: Chance) -> Strokes:
    """A short back over a large loop."""
    back = [(u.between(0.24, 0.4), 0.0), (0.1, 0.24), (0.01, 0.62)]
    return [back + _six_loop(u, top=u.between(0.34, 0.44), right=u.between(0.5, 0.62))]


def six_small_loop(u: Chance) -> Strokes:
    """A long back with a small loop at its foot."""
    back = [(u.between(0.3, 0.46), 0.0), (0.14, 0.34), (0.02, 0.78)]
    return [back + _six_loop(u, top=u.between(0.62, 0.7), right=u.between(0.36, 0.46))]


def six_open(u: Chance) -> Strokes:
    """A loop that ends before it reaches the back."""
    top, right = u.between(0.46, 0.56), u.between(0.46, 0.56)
    back = [(u.between(0.3, 0.5), 0.0), (0.12, 0.34), (0.01, 0.7)]
    loop = [(0.08, 0.93), (0.26, 1.0), (right - 0.04, 0.92), (right, 0.76), (right - 0.12, top + 0.03)]
    return [[*back, *loop, (u.between(0.14, 0.22), top + u.between(0.02, 0.1))]]


def six_spiral(u: Chance) -> Strokes:
    """A loop whose end runs on inside."""
    back = [(u.between(0.34, 0.52), u.between(0.0, 0.04)), (0.14, 0.22), (0.01, 0.62)]
    top = u.between(0.44, 0.54)
    inside = [(0.2, top + 0.06), (0.1, 0.74), (u.between(0.14, 0.2), u.between(0.8, 0.88))]
    return [[*back, (0.08, 0.92), (0.28, 1.0), (0.52, 0.82), (0.46, top + 0.06), (0.32, top), *inside]]


def _roof(u: Chance, *, right: float) -> list[Point]:
    """Return the bar of a 7, nearly level, up to its corner."""
    left = (u.between(-0.02, 0.06), u.near(0.02, 0.025))
    return [left, (right / 2, (left[1]) / 2 + u.near(0.0, 0.008)), *corner(right, 0.0)]


def _leg(u: Chance, *, right: float, bend: float = 0.0) -> list[Point]:
    foot = right - u.between(0.12, 0.42)
    return [((right + foot) / 2 - bend, 0.5), (foot, 1.0)]


def seven_plain(u: Chance) -> Strokes:
    """Bar and leg."""
    right = u.between(0.46, 0.6)
    return [_roof(u, right=right) + _leg(u, right=right, bend=u.between(-0.02, 0.06))]


def _crossbar(u: Chance, leg: list[Point]) -> list[Point]:
    x, y = leg[0]
    y += u.near(0.0, 0.04)
    tilt = u.near(0.0, 0.025)
    return [(x - u.between(0.12, 0.24), y + tilt), (x + u.between(0.12, 0.26), y - tilt)]


def seven_crossed(u: Chance) -> Strokes:
    """Bar and leg, the leg crossed by a short bar."""
    right = u.between(0.46, 0.6)
    leg = _leg(u, right=right, bend=u.between(-0.02, 0.03))
    return [_roof(u, right=right) + leg, _crossbar(u, leg)]


def seven_serif(u: Chance) -> Strokes:
    """A small stroke down at the left end of the bar."""
    right, drop = u.between(0.46, 0.58), u.between(0.08, 0.2)
    start = [(u.between(-0.03, 0.02), drop), *corner(0.0, u.between(0.0, 0.03))]
    way = [[*start, *corner(right, u.near(0.0, 0.01)), *_leg(u, right=right, bend=u.between(-0.02, 0.04))]]
    return [*way, _crossbar(u, way[0][-2:])] if u.happens(0.35) else way


def seven_waved(u: Chance) -> Strokes:
    """A bar that swings, the leg curved."""
    right = u.between(0.48, 0.6)
    bar = [(0.0, u.between(0.08, 0.14)), (0.1, 0.0), (0.3, u.between(0.04, 0.08)), *corner(right, 0.0)]
    way = [bar + _leg(u, right=right, bend=u.between(0.03, 0.08))]
    return [*way, _crossbar(u, way[0][-2:])] if u.happens(0.3) else way


def seven_hooked(u: Chance) -> Strokes:
    """A leg that bends below the corner and comes down straight."""
    right = u.between(0.46, 0.56)
    foot = right - u.between(0.2, 0.34)
    leg = [(right - 0.1, 0.28), (foot + 0.04, 0.6), (foot, 1.0)]
    return [_roof(u, right=right) + leg]


def seven_long(u: Chance) -> Strokes:
    """A leg that slopes far to the left."""
    right = u.between(0.54, 0.7)
    foot = right - u.between(0.42, 0.62)
    leg = [((right + foot) / 2 - u.between(-0.02, 0.04), 0.5), (foot, 1.0)]
    way = [_roof(u, right=right) + leg]
    return [*way, _crossbar(u, leg)] if u.happens(0.35) else way


def eight_one_stroke(u: Chance) -> Strokes:
    """An S from the upper right, and back up across it; the ends may leave a gap or cross."""
    waist, top, low = u.between(0.4, 0.5), u.between(0.2, 0.25), u.between(0.25, 0.32)
    start = (0.28 + top * u.between(0.6, 1.0), u.between(0.08, 0.18))
    down = [
        start,
        (0.28, 0.0),
        (0.28 - top, waist * 0.45),
        (0.26, waist - 0.02),
        (0.28 + low, (waist + 1) / 2),
    ]
    up = [(0.28, 1.0), (0.28 - low, (waist + 1) / 2), (0.28, waist + 0.02)]
    end = (start[0] + u.between(-0.02, 0.1), start[1] + u.between(-0.02, 0.07))
    return [[*down, *up, (0.26 + top * 0.7, waist * 0.62), end]]


def eight_open(u: Chance) -> Strokes:
    """The same with the upper ends far apart."""
    waist, low = u.between(0.42, 0.5), u.between(0.22, 0.3)
    down = [(u.between(0.4, 0.5), u.between(0.0, 0.06)), (0.24, 0.0), (0.06, waist * 0.42), (0.26, waist)]
    round_ = [(0.28 + low, 0.76), (0.28, 1.0), (0.28 - low, 0.76), (0.3, waist + 0.02)]
    return [[*down, *round_, (u.between(0.52, 0.62), u.between(0.04, 0.12))]]


def eight_circles(u: Chance) -> Strokes:
    """Two ovals, one on the other."""
    waist = u.between(0.4, 0.5)
    top, low = u.between(0.17, 0.24), u.between(0.22, 0.32)
    shift = u.near(0.0, 0.02)
    upper = arc((0.3 + shift, waist / 2), (top, waist / 2 + 0.01), start=u.between(60, 120), sweep=360)
    lower = arc((0.3, (waist + 1) / 2), (low, (1 - waist) / 2 + 0.01), start=u.between(-110, -70), sweep=-365)
    return [upper, lower]


def eight_skinny(u: Chance) -> Strokes:
    """A slim single stroke."""
    waist, half = u.between(0.42, 0.52), u.between(0.11, 0.17)
    down = [(0.28 + half * 0.8, 0.1), (0.28, 0.0), (0.28 - half, waist * 0.45), (0.28, waist)]
    up = [(0.28 + half, (waist + 1) / 2), (0.28, 1.0), (0.28 - half, (waist + 1) / 2), (0.28, waist + 0.02)]
    return [[*down, *up, (0.28 + half * 0.9, waist * 0.5), (0.28 + half * u.between(0.6, 1.0), 0.08)]]


def eight_from_waist(u: Chance) -> Strokes:
    """Begun at the crossing, both loops drawn round and closed there."""
    waist, top, low = u.between(0.42, 0.5), u.between(0.18, 0.25), u.between(0.24, 0.32)
    middle = (0.3, waist)
    upper = [(0.3 - top, waist * 0.48), (0.3, 0.0), (0.3 + top, waist * 0.48)]
    lower = [(0.3 - low, (waist + 1) / 2), (0.3, 1.0), (0.3 + low, (waist + 1) / 2)]
    return [[middle, *upper, middle, *lower, (0.3 + u.near(0.0, 0.02), waist + u.near(0.0, 0.02))]]


def _head(u: Chance, *, bottom: float, closing: float = 1.0) -> list[Point]:
    """Return the loop of a 9 against the clock from its upper right and back; closing 1 meets the start."""
    half = u.between(0.19, 0.27)
    start = u.between(-50, -25)
    radii = (half, bottom / 2)
    return arc((0.5 - half, bottom / 2), radii, start=start, sweep=-(360 + start * 0.6) * closing)


def nine_straight(u: Chance) -> Strokes:
    """A loop and a straight stem at its right."""
    head = _head(u, bottom=u.between(0.44, 0.58))
    x = u.between(0.49, 0.53)
    return [
        [
            *head,
            *corner(x, u.between(0.0, 0.08)),
            (x - u.between(-0.02, 0.04), 0.5),
            (x - u.near(0.03, 0.04), 1.0),
        ]
    ]


def nine_two_strokes(u: Chance) -> Strokes:
    """A loop, and a stem set beside it with another stroke."""
    head = _head(u, bottom=u.between(0.44, 0.58))
    x = u.between(0.48, 0.54)
    return [head, [(x, u.between(-0.02, 0.06)), (x - u.near(0.0, 0.02), 0.5), (x - u.near(0.03, 0.04), 1.0)]]


def nine_curled(u: Chance) -> Strokes:
    """A loop whose stem swings round to the left below."""
    head = _head(u, bottom=u.between(0.42, 0.54))
    reach = u.between(0.04, 0.26)
    tail = [(0.51, 0.36), (0.49, 0.7), (0.38, 0.95), (0.28, 1.0), (reach, u.between(0.86, 0.96))]
    return [[*head, (0.51, 0.12), *tail]]


def nine_leaning(u: Chance) -> Strokes:
    """A loop whose stem leans to the lower left, curved a little."""
    head = _head(u, bottom=u.between(0.4, 0.52))
    foot = u.between(0.1, 0.36)
    return [[*head, (0.51, 0.14), (0.48, 0.45), ((foot + 0.48) / 2 + 0.03, 0.74), (foot, 1.0)]]


def nine_open(u: Chance) -> Strokes:
    """A loop that is not closed at its upper right, then the stem."""
    bottom, half = u.between(0.42, 0.54), u.between(0.18, 0.25)
    head = arc(
        (0.5 - half, bottom / 2), (half, bottom / 2), start=u.between(-60, -40), sweep=-u.between(245, 275)
    )
    x = u.between(0.49, 0.54)
    stem = [*corner(x, u.between(0.04, 0.14)), (x - 0.01, 0.5), (x - u.between(0.0, 0.12), 1.0)]
    return [head + stem]


def nine_hooked(u: Chance) -> Strokes:
    """A straight stem that ends in a short hook to the left."""
    head = _head(u, bottom=u.between(0.44, 0.56))
    x = u.between(0.49, 0.53)
    hook = [(x - 0.01, 0.8), (x - 0.08, 0.98), (x - u.between(0.16, 0.26), u.between(0.94, 1.0))]
    return [[*head, *corner(x, 0.06), (x, 0.5), *hook]]


SIX: tuple[tuple[Shape, float], ...] = (
    (six_straight, 2),
    (six_curled, 1.5),
    (six_big_loop, 1),
    (six_small_loop, 1),
    (six_open, 1),
    (six_spiral, 0.8),
)
SEVEN: tuple[tuple[Shape, float], ...] = (
    (seven_plain, 2),
    (seven_crossed, 2.5),
    (seven_serif, 1),
    (seven_waved, 1),
    (seven_hooked, 0.8),
    (seven_long, 1),
)
EIGHT: tuple[tuple[Shape, float], ...] = (
    (eight_one_stroke, 2.5),
    (eight_open, 1),
    (eight_circles, 1.5),
    (eight_skinny, 1),
    (eight_from_waist, 1),
)
NINE: tuple[tuple[Shape, float], ...] = (
    (nine_straight, 2),
    (nine_two_strokes, 1),
    (nine_curled, 1.5),
    (nine_leaning, 1),
    (nine_open, 1),
    (nine_hooked, 0.8),
)
