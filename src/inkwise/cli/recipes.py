"""inkwise recipes"""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from inkwise.cli.output import print_json

if TYPE_CHECKING:
    from inkwise.recipes.recipe import Recipe


def recipes(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Show this one in full, as TOML.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the built-in recipes with source and published result, or show one in full."""
    from inkwise.recipes.load import list_recipes, load_recipe

    if name:
        _show(load_recipe(name), as_json=as_json)
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


def _show(recipe: "Recipe", *, as_json: bool) -> None:
    from inkwise.networks.build import build_network
    from inkwise.networks.summary import summarise_layers, summary_table

    options: dict[str, Any] = dict(recipe.network.options)
    network = build_network(recipe.network.architecture, **options)
    if as_json:
        layers = [layer._asdict() for layer in summarise_layers(network)]
        print_json({**recipe.model_dump(), "layers": layers})
        return
    print(recipe.to_toml())
    print("\n".join(f"# {line}".rstrip() for line in summary_table(network).splitlines()))
