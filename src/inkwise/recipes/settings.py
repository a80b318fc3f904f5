"""A value of a recipe as a person types it: TOML where it is some, text where it is not."""

import tomllib
from typing import Any


def setting_value(text: str) -> Any:
    """Return the value that text stands for.

    >>> [setting_value(text) for text in ("3", "0.1", "true", "adam")]
    [3, 0.1, True, 'adam']
    """
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
