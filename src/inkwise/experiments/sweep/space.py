"""Which values of a recipe a sweep tries."""

import itertools
import math
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict

from inkwise.errors import RecipeError
from inkwise.evaluation.sweep import Value
from inkwise.recipes.settings import setting_value

if TYPE_CHECKING:
    from optuna import Trial

_SPAN = re.compile(r"(?P<low>[^,:]+?)\.\.(?P<high>[^,:]+?)(?P<log>:log)?")


class Choice(BaseModel):
    """One of some values.

    Attributes:
        key: of the recipe, as with_settings takes it.
        values: at least one.
    """

    model_config = ConfigDict(frozen=True)

    kind: Literal["choice"] = "choice"
    key: str
    values: tuple[Value, ...]

    @property
    def extremes(self) -> tuple[Value, ...]:
        """All values: each may be the one that no recipe takes."""
        return self.values

    def suggest(self, trial: "Trial") -> Value:
        """Return the value for a trial."""
        value = trial.suggest_categorical(self.key, self.values)
        assert value is not None  # of our own values none is
        return value


class Span(BaseModel):
    """Any number from low to high, both included: whole where both are, even on a logarithmic scale if asked.

    Attributes:
        key: of the recipe.
        is_log: equal ratios are equally likely, which is right for a learning rate.
    """

    model_config = ConfigDict(frozen=True)

    kind: Literal["span"] = "span"
    key: str
    low: int | float
    high: int | float
    is_log: bool = False

    @property
    def extremes(self) -> tuple[Value, ...]:
        """The lowest and the highest: where a recipe takes both, it takes what lies between."""
        return (self.low, self.high)

    def suggest(self, trial: "Trial") -> Value:
        """Return the value for a trial; a fraction has three significant digits, so that it can be read."""
        if isinstance(self.low, int) and isinstance(self.high, int):
            return trial.suggest_int(self.key, self.low, self.high, log=self.is_log)
        return float(f"{trial.suggest_float(self.key, self.low, self.high, log=self.is_log):.3g}")


Parameter = Choice | Span


def parse_space(
    space: Mapping[str, str | Sequence[Value]],
) -> tuple[dict[str, Value], tuple[Parameter, ...]]:
    """Return what is the same in all trials, keys that have a single value, and what a sweep varies.

    Args:
        space: key of the recipe to values: a sequence of them, or text, "64,128,256" for a choice and
            "0.001..0.1" for a span, with ":log" behind it for a logarithmic one.
    Raises:
        RecipeError: nothing varies, a span is no span, or a value is no value of a recipe.

    >>> parse_space({"batch_size": "64,128", "learning_rate": "1e-3..1e-1:log"})[1][1]
    Span(kind='span', key='learning_rate', low=0.001, high=0.1, is_log=True)
    """
    parsed = [_parse(key, values) for key, values in space.items()]
    fixed: dict[str, Value] = {
        one.key: one.values[0] for one in parsed if isinstance(one, Choice) and len(one.values) == 1
    }
    varied = tuple(one for one in parsed if one.key not in fixed)
    if not varied:
        raise RecipeError(
            "a sweep varies at least one value; expected --set KEY=V1,V2 or --set KEY=LOW..HIGH, "
            "for example --set learning_rate=0.001..0.1:log"
        )
    return fixed, varied


def _parse(key: str, values: str | Sequence[Value]) -> Parameter:
    if not isinstance(values, str):
        return _choice(key, list(values))
    found = _SPAN.fullmatch(values.strip())
    if found is None:
        return _choice(key, [setting_value(text.strip()) for text in values.split(",")])
    low, high = setting_value(found["low"]), setting_value(found["high"])
    is_log = found["log"] is not None
    numbers = all(isinstance(end, int | float) and not isinstance(end, bool) for end in (low, high))
    if not numbers or not math.isfinite(low + high) or not low < high or (is_log and low <= 0):
        least = "; a logarithmic one begins above 0" if is_log else ""
        raise RecipeError(f"{key}={values}: expected LOW..HIGH, two numbers, the lower first{least}")
    return Span(key=key, low=low, high=high, is_log=is_log)


def _choice(key: str, values: list[Any]) -> Choice:
    if not values or not all(isinstance(value, Value) for value in values):
        raise RecipeError(f"{key}={values}: expected one or more values of a recipe, such as 64,128,256")
    return Choice(key=key, values=tuple(dict.fromkeys(values)))


def grid_size(parameters: Sequence[Parameter]) -> int | None:
    """Return how many combinations there are; None where a span makes them uncountable."""
    if not all(isinstance(one, Choice) for one in parameters):
        return None
    return math.prod(len(one.values) for one in parameters if isinstance(one, Choice))


def grid(parameters: Sequence[Parameter]) -> list[dict[str, Value]]:
    """Return all combinations of choices; the last key changes fastest."""
    choices = [one for one in parameters if isinstance(one, Choice)]
    keys = [one.key for one in choices]
    return [
        dict(zip(keys, values, strict=True)) for values in itertools.product(*(one.values for one in choices))
    ]
