"""What every test shares: a home of its own, no network, and the real data sets only when asked for.

The environment is set before anything heavy is imported, so that matplotlib, the cache of fetched files
and every child process of a test see a folder of this test session and never the user's.
The network itself is shut in pyproject.toml (pytest-socket: localhost and Unix sockets alone are open);
child processes, which pytest-socket cannot reach, are sent to a proxy at which nobody listens.
"""

import os
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

_REAL_DATA = "INKWISE_TESTS_REAL_DATA"  # where $INKWISE_DATA is kept for `real_data`, also in xdist's workers
_NOBODY_LISTENS = "http://127.0.0.1:9"  # port 9, discard
_PROXY_NAMES = ("http_proxy", "https_proxy", "all_proxy")

settings.register_profile("inkwise", derandomize=True, database=None, deadline=None)
settings.load_profile("inkwise")


def pytest_configure(config: pytest.Config) -> None:
    """Give the session its own home, before any test module is imported."""
    if "INKWISE_DATA" in os.environ:
        os.environ[_REAL_DATA] = str(Path(os.environ.pop("INKWISE_DATA")).absolute())
    home = tempfile.TemporaryDirectory(prefix="inkwise-tests-", ignore_cleanup_errors=True)
    config.add_cleanup(home.cleanup)
    os.environ.update(_private_places(Path(home.name)))
    # matplotlib looks through all fonts once: its answer is kept in the checkout, beside pytest's own cache.
    os.environ["MPLCONFIGDIR"] = str(config.rootpath / ".pytest_cache" / "matplotlib")
    # A shell's background ignores Ctrl-C, and children would inherit that; here they are sent it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in _PROXY_NAMES:
        os.environ[name] = os.environ[name.upper()] = _NOBODY_LISTENS
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = "127.0.0.1,localhost,::1"
    # At Ray's own 15 its workers wait for whatever else the tests do.
    os.environ.update(RAY_worker_niceness="0")
    if "PYTEST_XDIST_WORKER" in os.environ:
        os.environ["OMP_NUM_THREADS"] = "1"  # two busy processes of two threads each wait for one another


def _private_places(home: Path) -> dict[str, str]:
    """Return the variables that lead every cache and setting below home."""
    return {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "share"),
        "INKWISE_CACHE": str(home / "inkwise"),
    }


@pytest.fixture
def real_data(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Return a function: name of a data set -> its folder below $INKWISE_DATA, or the test is skipped.

    From the call on the test sees $INKWISE_DATA; without this fixture no test does.
    """

    def folder_of(name: str) -> Path:
        root = os.environ.get(_REAL_DATA)
        if root is None:
            pytest.skip(f"needs the real {name}: $INKWISE_DATA is not set")
        folder = Path(root, name)
        if not folder.is_dir():
            pytest.skip(f"needs the real {name}: $INKWISE_DATA has no folder {name}")
        monkeypatch.setenv("INKWISE_DATA", root)
        return folder

    return folder_of


@pytest.fixture
def mnist_folder(real_data: Callable[[str], Path]) -> Path:
    """Return the folder of the real MNIST files, or skip the test."""
    return real_data("mnist")
