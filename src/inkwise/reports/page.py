"""What every page of inkwise shares: its frame and style, and pictures that stand in the page itself."""

import base64
import io
from typing import Any, NamedTuple

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from numpy.typing import NDArray
from PIL import Image

from inkwise.figures.percent import say_percent


class Tile(NamedTuple):
    """A number that matters, and the words below it."""

    number: str
    text: str


class Chart(NamedTuple):
    """A title, an <svg> element, and sentences that say what it shows."""

    title: str
    svg: Markup
    caption: str


def render_page(template: str, /, **values: Any) -> str:
    """Return the HTML of one of this package's templates, every value escaped unless it is Markup.

    The page may load nothing and run nothing: templates/page.html, which each template extends, forbids
    both by a content security policy. Filters beside Jinja's own: `percent` and `count` (10,000).

    Args:
        template: a file of templates/, such as "report.html".
        values: what the template names; a name left out is an error.
    """
    environment = Environment(
        loader=PackageLoader("inkwise.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = say_percent
    environment.filters["count"] = "{:,}".format
    page = environment.get_template(template).render(**values)
    return page.replace(" %", "\N{NO-BREAK SPACE}%")


def picture_address(image: NDArray[np.uint8]) -> str:
    """Return a data: address that holds image, uint8 (H, W), as a PNG, to stand in an img's src."""
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, format="png")
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()
