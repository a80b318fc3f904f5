"""Writers who do not exist, and whose odd habits the reader was not trained on: for dev/corrections.py.

A hand like that writes a digit the same way every time: its control points are drawn once. About half of
its digits have a shape that handwriting/synthesis does not know, the others one that it does. It leans more,
or is wider or narrower, than any that was trained on.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from inkwise.handwriting.synthesis.page import Layout, write_page
from inkwise.handwriting.synthesis.shapes.hand import Hand
from inkwise.handwriting.synthesis.shapes.points import Chance, Shape, Strokes, arc, corner
from inkwise.handwriting.synthesis.strokes import DIGIT_SHAPES, Writing, trace

NUM_ODD = 5  # of a hand's ten digits
_LAYOUT = Layout(unit_px=70, gap=(0.3, 0.5))


def zero_with_tail(u: Chance) -> Strokes:
    """An oval that begins at the top and leaves in a long stroke to the right, as a sigma."""
    ring = arc((0.28, 0.56), (0.26, 0.42), start=-80, sweep=-350)
    return [[*ring, (0.5, 0.04), (u.between(0.72, 0.9), u.between(-0.05, 0.05))]]


def zero_dotted(u: Chance) -> Strokes:
    """An oval with a short upright stroke in its middle."""
    bar = u.between(0.08, 0.16)
    return [arc((0.3, 0.5), (0.3, 0.5), start=-90, sweep=-365), [(0.3, 0.5 - bar), (0.3, 0.5 + bar)]]


def one_roof(u: Chance) -> Strokes:
    """A flag that comes down as far as the stem does, and a long bar below both."""
    left, down = u.between(0.4, 0.55), u.between(0.8, 0.98)
    flag = [(0.45 - left, down), (0.45 - left * 0.4, down * 0.4), *corner(0.45, 0.0), (0.45, 1.0)]
    return [flag, [(0.45 - left * u.between(0.3, 1.1), 1.0), (0.45 + u.between(0.2, 0.4), 1.0)]]


def one_crossed(u: Chance) -> Strokes:
    """A flag, the stem, and a bar across its middle."""
    down, middle = u.between(0.2, 0.4), u.between(0.48, 0.6)
    half = u.between(0.16, 0.26)
    return [
        [(0.35 - down, down), *corner(0.35, 0.0), (0.35, 1.0)],
        [(0.35 - half, middle), (0.35 + half, middle)],
    ]


def two_crossed(u: Chance) -> Strokes:
    """A Z with a bar through its slope."""
    roof, middle = u.between(0.0, 0.06), u.between(0.45, 0.55)
    zed = [(0.02, roof), *corner(0.56, 0.0), *corner(0.02, 1.0), (0.62, 1.0)]
    return [zed, [(0.08, middle), (0.5, middle)]]


def three_tailed(u: Chance) -> Strokes:
    """A flat top, a slope, and a small bowl that runs into a long tail to the left."""
    low = u.between(0.62, 0.72)
    bowl = [(0.46, 0.5), (0.52, low), (0.34, 0.9), (0.02, 1.0), (-u.between(0.16, 0.3), 0.96)]
    return [[(0.06, 0.02), *corner(0.52, 0.0), *corner(0.2, 0.38), *bowl]]


def four_flag(u: Chance) -> Strokes:
    """A stem with a bent arm that springs from its foot: like a y upside down, closed by a bar."""
    bar = u.between(0.7, 0.82)
    arm = [(0.36, 0.0), (0.12, 0.3), *corner(-0.04, bar), (0.66, bar)]
    return [arm, [(0.36, 0.0), (u.between(0.42, 0.52), 0.4), (0.5, 1.0)]]


def five_ess(u: Chance) -> Strokes:
    """An S with hardly a bar, its foot curled in."""
    top = [(0.54, u.between(0.06, 0.14)), (0.32, 0.0), (0.08, 0.14), (0.12, 0.36), (0.36, 0.5)]
    return [[*top, (0.54, 0.7), (0.4, 0.96), (0.12, 0.98), (0.02, u.between(0.74, 0.84))]]


def six_be(u: Chance) -> Strokes:
    """An upright stem and a bowl set to its right: a b."""
    top = u.between(0.42, 0.56)
    bowl = [(0.28, top), (0.52, (top + 1) / 2), (0.3, 1.0), (0.06, 0.9)]
    return [[(0.06, 0.0), *corner(0.06, 1.0), (0.08, top + 0.12), *bowl]]


def seven_two_bars(u: Chance) -> Strokes:
    """Bar, leg, and two bars across the leg."""
    leg = [(0.0, 0.02), *corner(0.56, 0.0), (0.4, 0.4), (0.26, 1.0)]
    bars = (u.between(0.36, 0.42), u.between(0.56, 0.66))
    return [leg, *([(0.14, y), (0.62, y - 0.02)] for y in bars)]


def seven_gate(u: Chance) -> Strokes:
    """A left post half as long as the leg, as it is taught in Japan."""
    post, foot = u.between(0.34, 0.55), u.between(0.3, 0.5)
    return [[(0.02, post), *corner(0.04, 0.02), *corner(0.56, 0.0), (0.52, 0.4), (foot, 1.0)]]


def eight_ribbon(u: Chance) -> Strokes:
    """One stroke down to the left and back up across it, open at the top as a ribbon."""
    gap = u.between(0.4, 0.6)
    left, right = 0.3 - gap / 2, 0.3 + gap / 2
    return [[(right, 0.0), (0.34, 0.4), (0.06, 0.78), (0.28, 1.0), (0.52, 0.78), (0.26, 0.4), (left, 0.0)]]


def nine_gee(u: Chance) -> Strokes:
    """A loop whose stem swings round to the left below and closes in a second loop: a g."""
    low = u.between(0.52, 0.6)
    loop = arc((0.28, low / 2), (0.24, low / 2), start=-20, sweep=-335)
    tail = [(0.5, 0.3), (0.5, 0.7), (0.36, 0.98), (0.08, 0.96), (0.06, u.between(0.76, 0.84)), (0.5, 0.66)]
    return [[*loop, *tail]]


def nine_clockwise(u: Chance) -> Strokes:
    """A 6 turned over: a back from the lower left, and a small loop that ends inside."""
    back = [(u.between(-0.08, 0.06), 1.0), (0.4, 0.74), (0.56, 0.3), (0.4, 0.02)]
    return [[*back, (0.1, 0.04), (0.04, 0.3), (0.22, 0.46), (0.44, u.between(0.3, 0.4))]]


ODD_SHAPES: tuple[tuple[Shape, ...], ...] = (
    (zero_with_tail, zero_dotted),
    (one_roof, one_crossed),
    (two_crossed,),
    (three_tailed,),
    (four_flag,),
    (five_ess,),
    (six_be,),
    (seven_two_bars, seven_gate),
    (eight_ribbon,),
    (nine_gee, nine_clockwise),
)


class OddHand:
    """One such writer.

    Attributes:
        shapes: what each of the ten digits looks like, by name; odd ones are those of ODD_SHAPES.
    """

    def __init__(self, seed: int) -> None:
        """Draw the habits of writer number `seed`."""
        generator = np.random.default_rng((seed, 0))
        odd = set(generator.permutation(10)[:NUM_ODD].tolist())
        chosen = [
            _any(ODD_SHAPES[label] if label in odd else _plain_shapes(label), generator)
            for label in range(10)
        ]
        self.shapes = tuple(shape.__name__ for shape in chosen)
        self._strokes = [shape(Chance(generator)) for shape in chosen]
        side = 1 if generator.random() < 0.5 else -1
        self._hand = replace(
            Hand.draw(generator),
            slant=0.09 + side * generator.uniform(0.3, 0.4),  # trained: 0.09 +- 0.26
            width=float(np.exp(generator.choice((-1, 1)) * generator.uniform(0.28, 0.4))),  # ... e^(+-0.28)
        )

    def write(self, label: int, generator: np.random.Generator) -> NDArray[np.uint8]:
        """Return a picture (H, W, 3) uint8 of one digit on white paper, as the hand happens to write it."""
        paths = trace(self._strokes[label], generator, hand=self._hand.varied(generator))
        writing = Writing(paths, label, self.shapes[label])
        return write_page([[(writing, label)]], generator, layout=_LAYOUT).pixels


def _plain_shapes(label: int) -> tuple[Shape, ...]:
    return tuple(shape for shape, _ in DIGIT_SHAPES[label])


def _any(shapes: tuple[Shape, ...], generator: np.random.Generator) -> Shape:
    return shapes[int(generator.integers(len(shapes)))]
