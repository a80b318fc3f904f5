"""The files of a multipart/form-data body, cut out of it in memory: nothing is written to a disk."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from inkwise.serving.problems import ProblemError

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

_EXAMPLE = "send it as curl -F picture=@digit.png does"


class Part(NamedTuple):
    """One file of a form.

    Attributes:
        name: the file's name as the client gave it; "picture" where it gave none.
        content: its bytes.
    """

    name: str
    content: bytes


@dataclass
class _Cutter:
    """Collects what the parser calls out."""

    most: int
    parts: list[Part] = field(default_factory=list)
    _headers: dict[bytes, bytes] = field(default_factory=dict)
    _key: bytes = b""
    _value: bytes = b""
    _content: bytearray = field(default_factory=bytearray)
    is_whole: bool = False

    def calls(self) -> "MultipartCallbacks":
        """Return what the parser calls when it finds what."""
        return {
            "on_part_begin": self.on_part_begin,
            "on_part_data": self.on_part_data,
            "on_part_end": self.on_part_end,
            "on_header_field": self.on_header_field,
            "on_header_value": self.on_header_value,
            "on_header_end": self.on_header_end,
            "on_end": self.on_end,
        }

    def on_part_begin(self) -> None:
        if len(self.parts) == self.most:
            raise ProblemError(
                413, f"more than {self.most} pictures, expected at most so many; send several requests"
            )
        self._headers, self._content = {}, bytearray()

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._key += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def on_header_end(self) -> None:
        self._headers[self._key.lower()] = self._value
        self._key = self._value = b""

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        self._content += data[start:end]

    def on_part_end(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition"))
        name = options.get(b"filename", b"").decode("utf-8", errors="replace")
        self.parts.append(Part(name or "picture", bytes(self._content)))

    def on_end(self) -> None:
        self.is_whole = True


def cut_parts(body: bytes, content_type: bytes, *, most: int) -> list[Part]:
    """Return the parts of a multipart body, at least one.

    Args:
        body: of the request.
        content_type: the header, which names the boundary.
        most: parts that are taken.
    Raises:
        ProblemError: 400, no boundary, or the body is not what the header says; 413, too many parts; 422,
            not one.
    """
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if not boundary:
        raise ProblemError(400, f"multipart/form-data without a boundary in its Content-Type; {_EXAMPLE}")
    cutter = _Cutter(most)
    try:
        parser = MultipartParser(boundary, cutter.calls())
        parser.write(body)
        parser.finalize()
    except FormParserError as error:
        raise ProblemError(400, f"a damaged multipart body ({error}); {_EXAMPLE}") from None
    if not cutter.is_whole:
        raise ProblemError(400, f"a multipart body without its closing boundary; {_EXAMPLE}")
    if not cutter.parts:
        raise ProblemError(422, f"a multipart body without a picture, expected at least one; {_EXAMPLE}")
    return cutter.parts
