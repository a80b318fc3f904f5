"""The documents that the server takes and gives, as /openapi.json describes them."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, RootModel


def _whole(number: Any) -> Any:
    """Return 7 for 7.0, which is an integer in JSON."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


Pixel = Annotated[int, Field(ge=0, le=255), BeforeValidator(_whole)]
Row = Annotated[list[Pixel], Field(min_length=28, max_length=28)]
Image = Annotated[list[Row], Field(min_length=28, max_length=28)]
Digit = Annotated[int, Field(ge=0, le=9), BeforeValidator(_whole)]
Share = Annotated[float, Field(ge=0, le=1)]


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


_OneOrMany = Image | Annotated[list[Image], Field(min_length=1)]
_One = Image | Annotated[list[Image], Field(min_length=1, max_length=1)]


class NamedImages(_Document):
    """28 rows of 28 grey levels, or a list of such images."""

    images: _OneOrMany


class OneOrManyImages(RootModel[NamedImages | _OneOrMany]):
    """28 rows of 28 grey levels, or a list of such images; alone or under the key images."""


class NamedImage(_Document):
    """28 rows of 28 grey levels, or a list of one such image."""

    images: _One


class OneImage(RootModel[NamedImage | _One]):
    """28 rows of 28 grey levels, or a list of one such image; alone or under the key images."""


class Prediction(_Document):
    """One image's class, as `inkwise predict --json` says it."""

    path: str = Field(description='The file\'s name as it was sent; "body" for what came as the body itself.')
    index: int = Field(ge=0, description="Which image of it, from 0.")
    label: int = Field(ge=0, description="The class's number.")
    class_name: str
    probability: Share = Field(description="Of that class.")
    probabilities: list[Share] = Field(description="Of every class, in the order of their numbers.")


class Glyph(_Document):
    """One mark on a picture and the digit it was taken for."""

    box: list[int] = Field(
        min_length=4, max_length=4, description="x, y, width, height in pixels of the upright picture."
    )
    label: Digit
    probability: Share
    accepted: bool = Field(description="False where the reader would rather ask than guess.")
    image: Image | None = Field(default=None, description="What the network saw; with ?images=true alone.")


class Reading(_Document):
    """What is written on one picture, as `inkwise read --json` says it."""

    path: str
    lines: list[str] = Field(description="The digits of each line, top to bottom.")
    glyphs: list[Glyph] = Field(description="Every mark, in reading order.")
    warnings: list[str] = Field(description="What to be careful about, a sentence each.")


class LayerValues(_Document):
    """What one layer puts out for one image."""

    name: str
    kind: str
    shape: list[int] = Field(description="(channels, height, width) or (features,).")
    values: list[float | None] = Field(description="Row by row; null for what is no finite number.")


class Correction(_Document):
    """What a person says a glyph is."""

    image: Image = Field(description="28 rows of 28 grey levels, 0 paper to 255 ink.")
    label: Digit = Field(description="The right digit.")
    read_as: Digit
    probability: Share = Field(description="Of read_as.")


class Stored(_Document):
    """The answer to a correction: it is on the disk."""

    stored: bool


class ClassifierInfo(_Document):
    """One classifier of this server."""

    number: int
    name: str = Field(description="For ?run=.")
    title: str
    network: str
    classes: list[str]
    num_parameters: int
    accuracy: Share | None = Field(description="On test images, where its run's evaluation says it.")
    reads: bool = Field(description="Whether it tells the ten digits apart, so that POST /read takes it.")
    url: str = Field(description="Of its file.")


class Health(_Document):
    """The answer of a server that is up."""

    status: str
    version: str


class Problem(_Document):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int = Field(ge=400, le=599)
    detail: str = Field(description="What was given, what was expected, what to do.")
