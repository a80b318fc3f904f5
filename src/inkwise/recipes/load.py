"""Finding recipes: the built-in ones by name, a user's own by the path of its TOML file."""

import os
import tomllib
from importlib.resources import files
from pathlib import Path

from inkwise.errors import RecipeError, unknown_name
from inkwise.recipes.recipe import Recipe, validate_recipe

_BUILTIN = files("inkwise.recipes") / "builtin"


def list_recipes() -> list[Recipe]:
    """Return the built-in recipes, sorted by name."""
    return [load_recipe(name) for name in _builtin_names()]


def load_recipe(name_or_path: str | os.PathLike[str]) -> Recipe:
    """Return a built-in recipe by name, or the recipe in a TOML file by its path.

    Raises:
        RecipeError: no such recipe (with the nearest name), not TOML, or not valid.
    """
    name = os.fspath(name_or_path)
    if name in _builtin_names():
        return _parse((_BUILTIN / f"{name}.toml").read_bytes(), origin=f"recipe {name}", name=name)
    path = Path(name)
    if path.suffix == ".toml" or path.is_file():
        if not path.is_file():
            raise RecipeError(f"{path}: no such file; expected a recipe in TOML, see: inkwise recipes quick")
        return _parse(_read(path), origin=str(path), name=path.stem)
    from inkwise.data.catalogue import CATALOGUE  # read for this hint alone

    hint = f"; {name} is a data set, to train on it: --data {name}" if name in CATALOGUE else ""
    raise RecipeError(unknown_name("recipe", name, _builtin_names()) + hint)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RecipeError(
            f"{path}: cannot be read ({error.strerror or error}); "
            "expected a readable recipe in TOML, check the disk"
        ) from error


def _builtin_names() -> list[str]:
    return sorted(
        entry.name.removesuffix(".toml") for entry in _BUILTIN.iterdir() if entry.name.endswith(".toml")
    )


def _parse(raw: bytes, *, origin: str, name: str) -> Recipe:
    try:
        document = tomllib.loads(raw.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"{origin}: not TOML ({error}); correct that place") from error
    return validate_recipe({"name": name, **document}, origin=origin)
