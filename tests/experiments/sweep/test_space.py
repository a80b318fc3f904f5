"""What a person types is what a sweep varies."""

from typing import Any

import pytest

from inkwise.errors import RecipeError
from inkwise.experiments.sweep.space import Choice, Span, grid, grid_size, parse_space


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ("64,128", Choice(key="k", values=(64, 128))),
        ("adam, sgd", Choice(key="k", values=("adam", "sgd"))),
        ("true,false", Choice(key="k", values=(True, False))),
        ([0.1, 0.2, 0.1], Choice(key="k", values=(0.1, 0.2))),
        ("8..64", Span(key="k", low=8, high=64)),
        ("0.5..1.5", Span(key="k", low=0.5, high=1.5)),
        ("-1..2", Span(key="k", low=-1, high=2)),
        ("1e-4..1e-1:log", Span(key="k", low=1e-4, high=0.1, is_log=True)),
    ],
)
def test_values_are_understood(values: Any, expected: Choice | Span) -> None:
    assert parse_space({"k": values}) == ({}, (expected,))


def test_single_value_is_set_for_all_trials() -> None:
    fixed, varied = parse_space({"epochs": "3", "batch_size": "32,64"})
    assert fixed == {"epochs": 3}
    assert [one.key for one in varied] == ["batch_size"]


@pytest.mark.parametrize(
    ("space", "match"),
    [
        ({}, "a sweep varies at least one value; expected --set KEY=V1,V2"),
        ({"epochs": "3"}, "a sweep varies at least one value"),
        ({"k": "2..1"}, r"k=2..1: expected LOW..HIGH, two numbers, the lower first"),
        ({"k": "a..b"}, "two numbers"),
        ({"k": "0..1:log"}, "a logarithmic one begins above 0"),
        ({"k": "1..inf"}, "two numbers"),
        ({"k": []}, "expected one or more values of a recipe"),
        ({"k": "[1],[2]"}, "expected one or more values of a recipe"),
    ],
)
def test_what_is_no_space_is_refused(space: dict[str, Any], match: str) -> None:
    with pytest.raises(RecipeError, match=match):
        parse_space(space)


def test_grid_holds_every_combination_once() -> None:
    _, parameters = parse_space({"a": "1,2", "b": "x,y,z"})
    combinations = grid(parameters)
    assert len(combinations) == grid_size(parameters) == 6
    assert combinations[:2] == [{"a": 1, "b": "x"}, {"a": 1, "b": "y"}]
    assert grid_size(parse_space({"a": "1,2", "b": "1..2"})[1]) is None
