"""KEY=VALUE of --set: the value is read as TOML where it is some, as text where it is not."""

import tomllib
from typing import Any

from inkwise.errors import RecipeError


def parse_settings(pairs: list[str]) -> dict[str, Any]:
    """Return {"epochs": 3} for ["epochs=3"].

    Raises:
        RecipeError: a pair has no "=".

    >>> parse_settings(["epochs=3", "mean=measured", "nesterov=true"])
    {'epochs': 3, 'mean': 'measured', 'nesterov': True}
    """
    settings = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise RecipeError(f"--set {pair}: expected KEY=VALUE, for example --set epochs=3")
        settings[key.strip()] = _value(value.strip())
    return settings


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
