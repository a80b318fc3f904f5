"""The pair of processes that these tests share."""

from collections.abc import Iterator

import pytest
from tests.training.parallel.pair import Run, processes


@pytest.fixture(scope="session")
def pair() -> Iterator[Run]:
    """Give run(function, *arguments) over two processes."""
    with processes(2) as run:
        yield run
