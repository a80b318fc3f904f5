"""Tables as the HTML that a notebook shows, readable by ear too."""

from collections.abc import Iterable, Sequence
from html import escape

# A notebook has its own colours, light or dark: only places are set here.
_CAPTION = '<caption style="text-align: left; padding: 0.6em 0.8em 0.15em; font-weight: bold">'
_CELL = "text-align: {side}; padding: 0.15em 0.8em; font-variant-numeric: tabular-nums"


def html_table(
    rows: Iterable[Sequence[str]], *, columns: Sequence[str] = (), caption: str = "", side: str = "left"
) -> str:
    """Return rows as one table; every text is escaped.

    Args:
        rows: cells of text; the first names its row.
        columns: what stands above them, or nothing.
        caption: what the table is about, or nothing.
        side: to which the cells behind the names are set, "left" or "right".

    >>> html_table([("loss", "0.1")]).replace(' style="', "#").split("#")[0]
    '<table><tbody><tr><th scope="row"'
    """
    head = "".join(_cell("th", name, side=side, scope="col") for name in columns)
    lines = [f"<tr>{head}</tr>"] if columns else []
    for name, *values in rows:
        cells = "".join(_cell("td", value, side=side) for value in values)
        lines.append(f"<tr>{_cell('th', name, side='left', scope='row')}{cells}</tr>")
    title = f"{_CAPTION}{escape(caption)}</caption>" if caption else ""
    return f"<table>{title}<tbody>{''.join(lines)}</tbody></table>"


def _cell(tag: str, text: str, *, side: str, scope: str = "") -> str:
    scoped = f' scope="{scope}"' if scope else ""
    weight = "; font-weight: normal" if tag == "th" else ""
    return f'<{tag}{scoped} style="{_CELL.format(side=side)}{weight}">{escape(text)}</{tag}>'
