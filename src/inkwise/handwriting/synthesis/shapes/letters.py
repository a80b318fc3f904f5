"""Letters that nobody takes for a digit.

O, o, l, I, Z, z, S, s, B, b, D, G, g, q, y, Y are left out on purpose.
"""

from inkwise.handwriting.synthesis.shapes.points import Chance, Shape, Strokes, arc, corner


def letter_a_capital(u: Chance) -> Strokes:
    """A."""
    bar = u.between(0.52, 0.68)
    return [[(0.0, 1.0), *corner(0.3, 0.0), (0.6, 1.0)], [(0.1, bar), (0.5, bar + u.near(0, 0.03))]]


def letter_c(u: Chance) -> Strokes:
    """C, wide open."""
    return [arc((0.34, 0.5), (0.32, 0.5), start=-u.between(35, 50), sweep=-u.between(250, 275))]


def letter_e_capital(u: Chance) -> Strokes:
    """E."""
    stem = [*corner(0.5, 0.0), *corner(0.05, 0.0), *corner(0.05, 1.0), (0.52, 1.0)]
    return [stem, [(0.05, u.between(0.42, 0.55)), (u.between(0.34, 0.5), 0.48)]]


def letter_f_capital(u: Chance) -> Strokes:
    """F, written with a stem that stands out at the left."""
    stem = [(0.04, 1.0), (0.05, 0.0)]
    return [stem, [(0.02, 0.0), (0.54, u.near(0.0, 0.02))], [(0.05, 0.46), (u.between(0.32, 0.46), 0.46)]]


def letter_h_capital(u: Chance) -> Strokes:
    """H."""
    bar = u.between(0.42, 0.56)
    return [[(0.04, 0.0), (0.04, 1.0)], [(0.56, 0.0), (0.56, 1.0)], [(0.04, bar), (0.56, bar)]]


def letter_k(u: Chance) -> Strokes:
    """K."""
    return [[(0.06, 0.0), (0.06, 1.0)], [(0.5, 0.02), *corner(0.1, u.between(0.48, 0.58)), (0.56, 1.0)]]


def letter_m(u: Chance) -> Strokes:
    """M."""
    low = u.between(0.45, 0.9)
    return [[(0.0, 1.0), *corner(0.06, 0.0), *corner(0.36, low), *corner(0.66, 0.0), (0.72, 1.0)]]


def letter_n(u: Chance) -> Strokes:
    """N."""
    return [[(0.02, 1.0), *corner(0.04, 0.0), *corner(0.52, 1.0), (0.55, u.near(0.0, 0.02))]]


def letter_p(u: Chance) -> Strokes:
    """P."""
    bowl = [(0.06, 0.02), (0.36, 0.0), (0.5, 0.22), (0.34, 0.46), (0.06, u.between(0.46, 0.54))]
    return [[(0.06, 0.0), (0.06, 1.0)], bowl]


def letter_r(u: Chance) -> Strokes:
    """R."""
    bowl = [(0.06, 0.02), (0.36, 0.0), (0.48, 0.22), (0.32, 0.46), *corner(0.08, 0.5), (0.54, 1.0)]
    return [[(0.06, u.near(0.0, 0.02)), (0.06, 1.0)], bowl]


def letter_v(u: Chance) -> Strokes:
    """V."""
    return [[(0.0, 0.0), *corner(u.between(0.26, 0.34), 1.0), (0.6, 0.0)]]


def letter_w(u: Chance) -> Strokes:
    """W."""
    peak = u.between(0.1, 0.5)
    return [[(0.0, 0.0), *corner(0.18, 1.0), *corner(0.38, peak), *corner(0.58, 1.0), (0.76, 0.0)]]


def letter_x(u: Chance) -> Strokes:
    """X."""
    return [[(0.02, 0.0), (0.56, u.near(1.0, 0.03))], [(0.56, 0.0), (0.0, 1.0)]]


def letter_t_capital(u: Chance) -> Strokes:
    """T, its bar as long to the left as to the right."""
    return [[(0.0, u.near(0.0, 0.02)), (0.66, 0.0)], [(0.33, 0.0), (0.33, 1.0)]]


def letter_f_small(u: Chance) -> Strokes:
    """f with a hooked top and a crossbar."""
    stem = [(0.46, 0.1), (0.36, 0.0), (0.25, 0.14), (0.24, 0.6), (0.22, 1.0)]
    return [stem, [(0.06, u.between(0.36, 0.5)), (0.42, 0.42)]]


def letter_h_small(u: Chance) -> Strokes:
    """h."""
    return [
        [(0.06, 0.0), *corner(0.06, 1.0), (0.1, 0.6), (0.3, u.between(0.4, 0.5)), (0.46, 0.6), (0.48, 1.0)]
    ]


def letter_e_small(u: Chance) -> Strokes:
    """e."""
    return [[(0.06, 0.52), *corner(0.54, u.between(0.42, 0.52)), (0.5, 0.2), (0.28, 0.05), (0.04, 0.4),
             (0.08, 0.8), (0.3, 0.96), (0.56, u.between(0.78, 0.88))]]  # fmt: skip


def letter_m_small(u: Chance) -> Strokes:
    """m."""
    rise = u.between(0.22, 0.3)
    first = [(0.0, rise), *corner(0.02, 1.0), (0.1, 0.4), (0.24, rise), *corner(0.36, 1.0)]
    return [[*first, (0.44, 0.4), (0.58, rise), (0.7, 0.5), (0.72, 1.0)]]


def letter_w_small(u: Chance) -> Strokes:
    """A rounded w."""
    deep = u.between(0.9, 1.0)
    first = [(0.0, 0.2), (0.04, 0.8), (0.18, deep), *corner(0.36, 0.3)]
    return [[*first, (0.4, 0.8), (0.56, deep), (0.74, 0.5), (0.74, 0.2)]]


def letter_k_small(u: Chance) -> Strokes:
    """k."""
    return [[(0.06, 0.0), (0.06, 1.0)], [(0.42, u.between(0.36, 0.46)), *corner(0.1, 0.66), (0.48, 1.0)]]


def letter_r_small(u: Chance) -> Strokes:
    """r, its arm well above."""
    return [[(0.04, 0.2), *corner(0.06, 1.0), (0.1, 0.46), (0.28, 0.22), (0.5, u.between(0.24, 0.34))]]


def letter_omega(u: Chance) -> Strokes:
    """Omega."""
    ring = arc((0.35, 0.42), (0.32, 0.4), start=u.between(112, 125), sweep=u.between(295, 310))
    return [[(0.0, 1.0), *corner(0.22, 1.0), *ring, *corner(0.48, 1.0), (0.7, 1.0)]]


def letter_pi(u: Chance) -> Strokes:
    """Pi."""
    roof = [(0.0, 0.1), (0.2, 0.02), (0.7, u.near(0.02, 0.02))]
    return [roof, [(0.22, 0.03), (0.14, 1.0)], [(0.52, 0.03), (0.5, 0.9), (0.62, 0.98)]]


def letter_lambda(u: Chance) -> Strokes:
    """Lambda."""
    return [[(0.06, 0.0), (0.3, 0.4), (0.6, 1.0)], [(u.between(0.28, 0.34), 0.46), (0.0, 1.0)]]


def ampersand(u: Chance) -> Strokes:
    """An ampersand."""
    return [[(0.6, 1.0), (0.2, 0.3), (0.3, 0.0), (0.42, 0.14), (0.1, 0.62), (0.14, 0.98), (0.4, 0.96),
             (u.between(0.58, 0.7), 0.56)]]  # fmt: skip


LETTERS: tuple[Shape, ...] = (
    letter_a_capital, letter_c, letter_e_capital, letter_f_capital, letter_h_capital, letter_k, letter_m,
    letter_n, letter_p, letter_r, letter_v, letter_w, letter_x, letter_t_capital, letter_f_small,
    letter_h_small, letter_e_small, letter_m_small, letter_w_small, letter_k_small, letter_r_small,
    letter_omega, letter_pi, letter_lambda, ampersand,
)  # fmt: skip
