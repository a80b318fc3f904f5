"""Fractions as percent for people: in pictures, reports and the terminal, always by the same rule."""


def say_percent(fraction: float, *, decimals: int = 2) -> str:
    """Return a fraction as percent; less than everything is never rounded to 100, nor something to 0.

    >>> say_percent(0.98765), say_percent(0.99999), say_percent(1.0), say_percent(0.00001)
    ('98.77 %', 'over 99.99 %', '100 %', 'under 0.01 %')
    """
    if fraction in (0, 1):
        return f"{100 * fraction:.0f} %"
    least = 10.0**-decimals
    percent = 100 * fraction
    if percent > 100 - least / 2:
        return f"over {100 - least:.{decimals}f} %"
    return f"under {least:.{decimals}f} %" if percent < least / 2 else f"{percent:.{decimals}f} %"
