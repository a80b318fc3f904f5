"""KEY=VALUE of --set: the value is read as TOML where it is some, as text where it is not."""

from typing import Any

from inkwise.errors import RecipeError
from inkwise.recipes.settings import setting_value


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
        settings[key.strip()] = setting_value(value.strip())
    return settings
