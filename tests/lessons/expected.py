"""What a lesson says that its cells print: the blocks behind `<!-- expected: DATA, HOW -->`.

HOW is "exactly", "about 3 %" (of the number itself) or "within 0.5". A block is compared with the first lines
that the nearest cell before it printed; all but the numbers must be equal.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_BLOCK = re.compile(
    r"<!-- expected: (?P<data>[\w-]+), (?:exactly|about (?P<percent>[\d.]+) %|within (?P<reach>[\d.]+)) -->"
    r"\n```text\n(?P<text>.*?)\n```",
    re.DOTALL,
)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Expected:
    """One block: the data it speaks of, its text, and how far a number may be off."""

    data: str
    text: str
    share: float
    reach: float

    def fault(self, printed: str) -> str | None:
        """Return what differs, or None."""
        lines = printed.splitlines()[: len(self.text.splitlines())]
        shown = "\n".join(line.rstrip() for line in lines)
        same_words = _words(self.text) == _words(shown)
        numbers = [
            (float(a), float(b)) for a, b in zip(*map(_NUMBER.findall, (self.text, shown)), strict=False)
        ]
        is_near = all(math.isclose(a, b, rel_tol=self.share, abs_tol=self.reach + 1e-9) for a, b in numbers)
        return None if same_words and is_near else f"the lesson says\n{self.text}\nand it prints\n{shown}"


def _words(text: str) -> list[str]:
    # Numbers of other lengths move what stands beside them.
    return _NUMBER.sub("#", text).split()


def read_expected(words: str) -> list[Expected]:
    """Return the blocks of a cell of words."""
    return [
        Expected(found["data"], found["text"], float(found["percent"] or 0) / 100, float(found["reach"] or 0))
        for found in _BLOCK.finditer(words)
    ]


def expected_and_printed(notebook: Any) -> Iterator[tuple[Expected, str]]:
    """Return each block of a notebook with what the nearest cell before it printed."""
    printed = ""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            said = "".join(output.text for output in cell.outputs if output.output_type == "stream")
            printed = said or printed
        else:
            for block in read_expected(cell.source):
                yield block, printed
