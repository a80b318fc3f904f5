"""Running a page's blocks as its reader would, and comparing what they print with what the page says."""

import contextlib
import doctest
import io
import itertools
import math
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dev import pages

IS_CLOSE_ENOUGH = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE  # `...` in a page stands for anything
SECONDS = 600  # of one block; a machine that runs many tests at once is slow
# A server of a shell block is started as it stands there, on a free port, and ended once it listens.
_SERVED = """
serve_a_moment() {
  case " $* " in *" --port "*) ;; *) set -- "$@" --port 0 ;; esac
  rm -f serve-said.txt  # of an earlier one
  inkwise serve "$@" 2> serve-said.txt & server=$!
  until grep -qs listening serve-said.txt; do
    kill -0 $server 2> /dev/null || { cat serve-said.txt >&2; exit 1; }
    sleep 0.1
  done
  kill $server
  wait $server
}
"""


def run_page(text: str, *, name: str, start: Callable[[], None] = lambda: None) -> None:
    """Run a page's blocks in order, Python in one namespace; a ```text block after one is its output, unless
    a section begins between them.

    Args:
        name: of the page, for messages.
        start: goes to a new folder in which the page's things are given.
    """
    blocks = pages.read_blocks(text)
    namespace: dict[str, Any] = {"__name__": "__page__"}
    start()
    for block, following in itertools.pairwise([*blocks, None]):
        if block is None or block.run_by:
            continue
        if block.is_afresh:
            start()
        if block.language == "pycon":
            run_session(block, namespace, name=name)
        if block.language not in ("python", *pages.SHELL_LANGUAGES):
            continue
        printed = run_block(block, namespace, name=name)
        if following is not None and following.language == "text" and not following.begins_section:
            expect(following.text, printed, where=f"{name}:{block.line}", tolerance=block.tolerance)


def run_block(block: pages.Block, namespace: dict[str, Any], *, name: str) -> str:
    """Return what a Python or shell block prints."""
    if block.language == "python":
        return run_python(block, namespace, name=name)
    return run_shell(block, where=f"{name}:{block.line}")


def run_python(block: pages.Block, namespace: dict[str, Any], *, name: str) -> str:
    """Return what a block prints, run in namespace."""
    # Blank lines in front keep the page's own line numbers in a traceback.
    code = compile("\n" * block.line + block.text, name, "exec")
    with contextlib.redirect_stdout(io.StringIO()) as said:
        exec(code, namespace)
    return said.getvalue()


def run_shell(block: pages.Block, *, where: str) -> str:
    """Return the standard output of a block run as a person would type it, with this inkwise."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "COLUMNS": "100", "TERM": "dumb"}
    words = ["sh", "-e", "-c", as_script(block.text)]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 0, f"{where} ends with {done.returncode}: {done.stderr}"
    return done.stdout


def as_script(text: str) -> str:
    """Return a shell block as it is run: pip's lines left out, a server that would go on for ever ended."""
    text = re.sub(r"^pip install .*$", ":", text, flags=re.MULTILINE)
    script, num_servers = re.subn(
        r"^inkwise serve\b([^&\n]*)$", r"serve_a_moment\1", text, flags=re.MULTILINE
    )
    return _SERVED + script if num_servers else script


def run_session(block: pages.Block, namespace: dict[str, Any], *, name: str) -> None:
    """Run a block of `>>>` lines, and compare what follows each."""
    test = doctest.DocTestParser().get_doctest(block.text, namespace, name, name, block.line)
    test.globs = namespace
    report = io.StringIO()
    runner = doctest.DocTestRunner(optionflags=IS_CLOSE_ENOUGH, verbose=False)
    assert runner.run(test, out=report.write, clear_globs=False).failed == 0, report.getvalue()


def expect(shown: str, printed: str, *, where: str, tolerance: float = 0.0) -> None:
    """Raise AssertionError unless what was printed is what the page shows."""
    compared = with_numbers_of(shown, printed, tolerance=tolerance) if tolerance else printed
    is_equal = doctest.OutputChecker().check_output(shown, compared, IS_CLOSE_ENOUGH)
    assert is_equal, f"{where} says\n{shown}\nbut it prints\n{printed}"


NUMBER = re.compile(r"\d+(?:\.\d+)?")


def with_numbers_of(shown: str, printed: str, *, tolerance: float) -> str:
    """Return what was printed with the page's number in the place of each that is close to it."""
    numbers = iter(NUMBER.findall(shown))

    def nearest(match: re.Match[str]) -> str:
        known = next(numbers, match[0])
        return known if math.isclose(float(known), float(match[0]), rel_tol=tolerance) else match[0]

    return NUMBER.sub(nearest, printed)
