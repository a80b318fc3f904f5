"""inkwise recipes"""

from typing import Annotated

import typer

from inkwise.cli.output import print_json


def recipes(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Show this one in full, as TOML.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the built-in recipes with source and published result, or show one in full."""
    from inkwise.recipes.load import list_recipes, load_recipe

    if name:
        recipe = load_recipe(name)
        if as_json:
            print_json(recipe.model_dump())
        else:
            print(recipe.to_toml(), end="")
        return
    found = list_recipes()
    if as_json:
        print_json([recipe.model_dump() for recipe in found])
        return
    for recipe in found:
        published = recipe.published.test_accuracy if recipe.published else None
        expected = recipe.expected
        print(f"{recipe.name}\n    {recipe.summary}\n    source     {recipe.source}")
        print(
            f"    published  {published:.2%} on MNIST's test part"
            if published
            else "    published  no result"
        )
        if expected:
            print(f"    expected   {expected.test_accuracy:.2%} +- {expected.tolerance:.2%}")
