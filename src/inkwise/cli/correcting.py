"""inkwise read --correct: what was read, what it should have been, kept for the reader to learn."""

import sys
from typing import TYPE_CHECKING

from inkwise.cli.output import fail, note

if TYPE_CHECKING:
    from inkwise.experiments.read import Answer

_QUESTION = "right digits (Enter: as read, q: stop): "


def correct_all(pictures: list[str], *, run: str | None) -> None:
    """Read pictures one by one, ask a person, or the lines of standard input, and keep the answers."""
    from inkwise.experiments.read import read_each
    from inkwise.handwriting.corrections import check_store, corrections_path

    check_store()  # before anybody has typed
    num_kept = num_misread = num_failed = 0
    for answer in read_each(pictures, run=run, workers=1):
        if answer.reading is None:
            note(f"inkwise: {answer.error}")
            num_failed += 1
            continue
        counts = _ask_about(answer)
        if counts is None:
            break
        num_kept, num_misread = num_kept + counts[0], num_misread + counts[1]
    glyphs = "1 glyph" if num_kept == 1 else f"{num_kept} glyphs"
    note(f"{glyphs} kept in {corrections_path()}, {num_misread} of them read wrongly before")
    if num_kept:
        note("next    inkwise train --from-corrections")
    if num_failed:
        pictures_are = "1 picture" if num_failed == 1 else f"{num_failed} pictures"
        fail(f"{pictures_are} could not be read, as said above")


def _ask_about(answer: "Answer") -> tuple[int, int] | None:
    """Return how many glyphs were kept and how many of them had been misread; None: stop asking."""
    from inkwise.errors import HandwritingError
    from inkwise.handwriting.corrections import add_corrections, pair_glyphs
    from inkwise.reports.reading import tell_reading

    assert answer.reading is not None
    print(tell_reading(answer.summary()))
    if not answer.reading.lines:  # nothing that a digit could be said of
        return 0, 0
    while True:
        text = _ask()
        if text is None or text.lower() == "q":
            return None
        if not text:
            return 0, 0
        try:
            pairs = pair_glyphs(answer.reading, text)
        except HandwritingError as error:
            note(str(error))
            continue  # a slip of the finger: ask again, Enter goes on
        return len(pairs), add_corrections(pairs, picture=answer.path)


def _ask() -> str | None:
    """Return one line without its spaces; None at the end of the input."""
    print(_QUESTION, end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    if not sys.stdin.isatty():
        print(file=sys.stderr)
    return line.strip() if line else None
