"""Importing Ray: quietly, reporting to nobody, with a plain word where it is not installed."""

import importlib
import os

from inkwise.errors import ClusterError

EXTRA = "pip install 'inkwise[ray]'"


def start_ray() -> None:
    """Import Ray.

    Raises:
        ClusterError: Ray is not installed or does not start.
    """
    # Ray reports its use to its makers unless told not to.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        importlib.import_module("ray")
    except ImportError as error:
        raise ClusterError(f"Ray was asked for, but cannot be imported ({error}); run: {EXTRA}") from error
