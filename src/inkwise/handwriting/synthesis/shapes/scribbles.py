"""Marks and scribbles: ticks, crosses, arrows, signs, hatching, zigzags, dots, level lines."""

import math

from inkwise.handwriting.synthesis.shapes.points import Chance, Shape, Strokes, arc, corner


def tick(u: Chance) -> Strokes:
    """A tick."""
    return [[(0.0, u.between(0.5, 0.7)), *corner(u.between(0.16, 0.26), 1.0), (u.between(0.6, 0.9), 0.0)]]


def cross(u: Chance) -> Strokes:
    """A flat or upright cross of two lines."""
    height = u.between(0.5, 1.0)
    return [[(0.0, 0.0), (0.7, height)], [(0.7, u.near(0.0, 0.03)), (0.0, height)]]


def arrow(u: Chance) -> Strokes:
    """A level arrow."""
    length, y, head = u.between(0.7, 1.2), u.between(0.4, 0.6), u.between(0.15, 0.3)
    tip = (length, y)
    return [
        [(0.0, y + u.near(0, 0.05)), tip],
        [(length - head, y - head), *corner(*tip), (length - head, y + head)],
    ]


def plus(u: Chance) -> Strokes:
    """A plus sign."""
    half = u.between(0.28, 0.42)
    return [
        [(0.4 - half, 0.5), (0.4 + half, 0.5)],
        [(0.4, 0.5 - half), (0.4, 0.5 + half * u.between(0.9, 1.1))],
    ]


def minus(u: Chance) -> Strokes:
    """A level line."""
    return [[(0.0, 0.5 + u.near(0, 0.03)), (u.between(0.5, 1.3), 0.5 + u.near(0, 0.05))]]


def equals(u: Chance) -> Strokes:
    """Two level lines."""
    gap, length = u.between(0.14, 0.28), u.between(0.5, 0.8)
    return [[(0.0, 0.5 - gap / 2), (length, 0.5 - gap / 2)], [(0.0, 0.5 + gap / 2), (length, 0.5 + gap / 2)]]


def divided(u: Chance) -> Strokes:
    """A division sign."""
    away = u.between(0.2, 0.3)
    return [
        [(0.0, 0.5), (0.6, 0.5)],
        [(0.3, 0.5 - away), (0.31, 0.5 - away)],
        [(0.3, 0.5 + away), (0.31, 0.5 + away)],
    ]


def asterisk(u: Chance) -> Strokes:
    """A star of three or four lines."""
    count, radius = (3 if u.happens(0.5) else 4), u.between(0.3, 0.45)
    turns = [math.pi * k / count + u.near(0, 0.1) for k in range(count)]
    return [
        [
            (0.4 - radius * math.cos(t), 0.5 - radius * math.sin(t)),
            (0.4 + radius * math.cos(t), 0.5 + radius * math.sin(t)),
        ]
        for t in turns
    ]


def less_than(u: Chance) -> Strokes:
    """An angle that opens to the right or to the left."""
    points = [(0.6, u.between(0.1, 0.25)), *corner(0.0, 0.5), (0.6, u.between(0.75, 0.9))]
    return [points if u.happens(0.5) else [(0.6 - x, y) for x, y in points]]


def caret(u: Chance) -> Strokes:
    """An angle that opens below."""
    return [[(0.0, u.between(0.6, 1.0)), *corner(0.35, 0.1), (0.7, u.between(0.6, 1.0))]]


def tilde(u: Chance) -> Strokes:
    """A level wave."""
    high, length = u.between(0.1, 0.25), u.between(0.8, 1.2)
    return [
        [(0.0, 0.5 + high), (length * 0.25, 0.5 - high), (length * 0.75, 0.5 + high), (length, 0.5 - high)]
    ]


def hash_sign(u: Chance) -> Strokes:
    """Two lines across two lines."""
    lean = u.between(0.0, 0.15)
    upright = [[(x + lean, 0.0), (x, 1.0)] for x in (0.2, u.between(0.46, 0.54))]
    return [*upright, [(0.0, 0.34), (0.74, 0.32)], [(0.0, 0.68), (0.72, u.between(0.62, 0.7))]]


def percent(u: Chance) -> Strokes:
    """A percent sign."""
    size = u.between(0.12, 0.18)
    rings = [arc(at, (size, size), start=-90, sweep=-360) for at in ((0.16, 0.2), (0.74, 0.8))]
    return [*rings, [(0.7, 0.0), (0.2, 1.0)]]


def square(u: Chance) -> Strokes:
    """A box of four straight sides."""
    width, height = u.between(0.6, 1.2), u.between(0.5, 0.8)
    sides = [*corner(width, 0.0), *corner(width, height), *corner(0.0, height), (0.0, 0.0)]
    return [[(0.0, 0.0), *sides]]


def triangle(u: Chance) -> Strokes:
    """A triangle on its base."""
    width = u.between(0.7, 1.1)
    return [[(width / 2, 0.0), *corner(0.0, 0.8), *corner(width, 0.8 + u.near(0, 0.03)), (width / 2, 0.0)]]


def heart(u: Chance) -> Strokes:
    """A heart."""
    dip = u.between(0.2, 0.3)
    right = [(0.46, 0.1), (0.68, 0.0), (0.84, 0.2), *corner(0.42, 1.0)]
    return [[*corner(0.42, dip), *right, (0.0, 0.22), (0.16, 0.0), (0.36, 0.08), (0.42, dip)]]


def zigzag(u: Chance) -> Strokes:
    """A line to and fro, sharp or soft."""
    count, length = int(u.between(4, 9)), u.between(0.6, 1.2)
    is_sharp = u.happens(0.5)
    points = []
    for k in range(count):
        y = u.between(0.0, 0.25) if k % 2 else u.between(0.75, 1.0)
        points += corner(length * k / count, y) if is_sharp else [(length * k / count, y)]
    return [points[:-1] if is_sharp else points]


def tangle(u: Chance) -> Strokes:
    """A line without aim."""
    return [[(u.between(0.0, 0.9), u.between(0.0, 1.0)) for _ in range(int(u.between(6, 16)))]]


def spiral(u: Chance) -> Strokes:
    """Rounds upon rounds."""
    sweep = (1 if u.happens(0.5) else -1) * u.between(900, 1600)
    return [arc((0.45, 0.5), (0.08, 0.08), start=u.between(0, 360), sweep=sweep, drift=u.between(3.5, 5.5))]


def hatching(u: Chance) -> Strokes:
    """Many parallel lines."""
    lean, count = u.between(-0.3, 0.5), int(u.between(4, 10))
    gap = u.between(0.07, 0.14)
    return [[(k * gap + lean, u.near(0.05, 0.04)), (k * gap, u.near(0.95, 0.04))] for k in range(count)]


def dots(u: Chance) -> Strokes:
    """A few points apart."""
    places = [(u.between(0.0, 0.9), u.between(0.0, 1.0)) for _ in range(int(u.between(2, 6)))]
    return [[(x, y), (x + 0.015, y)] for x, y in places]


def struck_out(u: Chance) -> Strokes:
    """Something crossed out by many strokes."""
    lines = [
        [(u.near(0.0, 0.05), u.between(0.1, 0.9)), (u.near(0.7, 0.08), u.between(0.1, 0.9))] for _ in range(6)
    ]
    return [[(0.35, 0.0), (0.05, 0.5), (0.35, 1.0), (0.65, 0.5), (0.35, 0.0)], *lines]


SCRIBBLES: tuple[Shape, ...] = (
    tick, cross, arrow, plus, minus, equals, divided, asterisk, less_than, caret, tilde, hash_sign, percent,
    square, triangle, heart, zigzag, tangle, spiral, hatching, dots, struck_out,
)  # fmt: skip
