"""Signals that end a block clean it up, and only where nobody had another use for them."""

import signal
from collections.abc import Iterator

import pytest

from inkwise.training.interrupt import clean_up_on_signal


@pytest.fixture(autouse=True)
def by_default() -> Iterator[None]:
    """Begin and end with the system's own handling, whatever the runner of the tests set."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signal_within_raises_and_is_the_systems_again_after_it(number: signal.Signals) -> None:
    with pytest.raises(KeyboardInterrupt, match=number.name), clean_up_on_signal():
        signal.raise_signal(number)
    assert signal.getsignal(number) == signal.SIG_DFL


def test_ignored_signal_stays_ignored() -> None:
    """As nohup leaves SIGHUP."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with clean_up_on_signal():
        signal.raise_signal(signal.SIGHUP)
    assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN


def test_block_within_a_block_leaves_the_outer_ones() -> None:
    with clean_up_on_signal():
        outer = signal.getsignal(signal.SIGTERM)
        with clean_up_on_signal():
            pass
        assert signal.getsignal(signal.SIGTERM) == outer != signal.SIG_DFL
