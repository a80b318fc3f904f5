"""The page's JavaScript keeps the rules of the house that Python keeps: sizes, names, one way through."""

import re
from pathlib import Path

import pytest
from dev.sizes import MAX_MODULE_LINES, MAX_MODULES_IN_FOLDER, NAMELESS
from tests.page.exchange import ASSETS

SCRIPTS = ASSETS / "js"
MODULES = sorted(SCRIPTS.rglob("*.js"))
_IMPORT = re.compile(
    r"""^\s*(?:import|export)\b[^;'"]*?\bfrom\s*["']([^"']+)["']|\bimport\(["']([^"']+)""", re.M
)


def _name(module: Path) -> str:
    return f"inkwise/{module.relative_to(SCRIPTS).as_posix()}"


def _imports(module: Path) -> list[str]:
    return [one or other for one, other in _IMPORT.findall(module.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("module", MODULES, ids=_name)
def test_module_is_small_and_says_what_it_is_for(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MAX_MODULE_LINES
    assert text.startswith("/**")
    assert not NAMELESS & {*module.relative_to(SCRIPTS).parts, module.stem}


def test_folder_is_not_crowded() -> None:
    folders = {folder: len(list(folder.glob("*.js"))) for folder in {module.parent for module in MODULES}}
    assert max(folders.values()) <= MAX_MODULES_IN_FOLDER, folders


def test_modules_import_each_other_by_name_and_in_no_circle() -> None:
    imports = {_name(module): _imports(module) for module in MODULES}
    assert {name for names in imports.values() for name in names} <= imports.keys()
    while leaves := [name for name, names in imports.items() if not names]:
        imports = {
            name: [other for other in names if other not in leaves]
            for name, names in imports.items()
            if name not in leaves
        }
    assert imports == {}


def test_imports_are_found_in_every_form() -> None:
    network = _imports(SCRIPTS / "classifier.js")
    assert "inkwise/network/explain.js" in network
    activations = _imports(SCRIPTS / "layers" / "kinds.js")
    assert "inkwise/layers/activations.js" in activations  # over several lines
