"""The house stays in order: layers, sizes, names, safe files, and nothing heavy at the door."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from dev.sizes import find_faults, function_lines, read_modules, size_table

ROOT = Path(__file__).parents[1]
HEAVY = ("torch", "numpy", "scipy", "sklearn", "matplotlib", "PIL", "pyarrow", "pooch", "requests", "jinja2")


def run_python(code: str) -> str:
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_house_has_no_faults() -> None:
    assert find_faults() == []


def test_layers_are_kept() -> None:
    """No module imports from a layer above its own: the contracts of pyproject.toml hold."""
    code = "from importlinter.cli import lint_imports_command as main; main(['--no-cache'])"
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "0 broken" in result.stdout


def test_import_loads_nothing_heavy() -> None:
    code = f"import inkwise, sys; print(sorted(set({HEAVY}) & set(sys.modules)))"
    assert run_python(code).strip() == "[]"


def test_every_help_loads_nothing_heavy() -> None:
    """Each command's --help, in one process: what one of them loaded would be seen at the end."""
    code = f"""
import sys, contextlib, io
from typer.main import get_command
from inkwise.cli.app import app
def walk(command, words):
    with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.suppress(SystemExit):
        app(args=[*words[1:], "--help"], prog_name="inkwise")
    assert "Usage" in said.getvalue(), words
    for name, inner in getattr(command, "commands", {{}}).items():
        walk(inner, [*words, name])
walk(get_command(app), ["inkwise"])
print(sorted(set({HEAVY}) & set(sys.modules)))
"""
    assert run_python(code).strip() == "[]"


def test_list_of_recipes_needs_no_torch() -> None:
    code = "import sys; from inkwise.recipes import load; load.list_recipes(); print(*sys.modules)"
    assert "torch" not in run_python(code).split()


def test_every_dependency_is_imported_and_explained() -> None:
    """What pip installs is used by the package, and decision 2 says why; nothing else is imported."""
    extras = (f"optional-dependencies.{name}" for name in ("lessons", "parquet", "ray", "tensorflow"))
    declared = set().union(*map(dependencies_of, ("dependencies", *extras)))
    assert declared == imported_packages()
    page = (ROOT / "docs" / "decisions" / "0002-dependencies.md").read_text(encoding="utf-8")
    assert [name for name in sorted(declared) if name not in page] == []


# Part of another's face: requests shows urllib3's errors, jinja2 shows markupsafe's strings, FastAPI is
# Starlette with descriptions, and uvicorn brings uvloop where it runs.
COMES_WITH = {"urllib3": "requests", "markupsafe": "jinja2", "starlette": "fastapi", "uvloop": "uvicorn"}
IMPORTED_AS = {
    "PIL": "pillow",
    "cv2": "opencv-python-headless",
    "jupyter_client": "jupyter-client",
    "markdown_it": "markdown-it-py",
    "prometheus_client": "prometheus-client",
    "python_multipart": "python-multipart",
    "sklearn": "scikit-learn",
    "tomli_w": "tomli-w",
    "zlib_ng": "zlib-ng",
}


def dependencies_of(path: str) -> set[str]:
    table = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for key in path.split("."):
        table = table[key]
    names = {re.split(r"[<>=\[]", line)[0] for line in table}
    names.discard("inkwise")  # an extra that brings another
    return {name.removesuffix("-cpu") if name == "tensorflow-cpu" else name for name in names}  # one import


def imported_packages() -> set[str]:
    modules = set()
    for module in read_modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Import):
                modules |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules.add(node.module.partition(".")[0])
    foreign = modules - sys.stdlib_module_names - {"inkwise"}
    return {IMPORTED_AS.get(name, COMES_WITH.get(name, name)) for name in foreign}


def test_tensorflow_is_imported_in_its_own_folder_alone() -> None:
    found = {
        str(module.path)
        for module in read_modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        and any(
            re.match(r"(from|import) (tensorflow|keras)\b", line) for line in ast.unparse(node).splitlines()
        )
    }
    assert found
    assert {path.split("/")[0] for path in found} == {"tensorflow"}


HARMLESS = '"""A module."""\n'
FAULTY = {
    "a function of 61 lines": ("def long():\n" + "    x = 1\n" * 60, "long has 61 lines, at most 60"),
    "a module of 301 lines": ("x = 1\n" * 300, "301 lines, at most 300"),
    "four positional parameters": ("def f(a, b, c, d): ...\n", "f takes 4 positional parameters"),
    "import pickle": ("import pickle\n", "imports a pickle module"),
    "from joblib": ("from joblib import load\n", "imports from joblib"),
    "torch.load": ("torch.load(path)\n", "torch.load deals in pickles"),
    "np.load untold": ("np.load(path)\n", "np.load without allow_pickle=False"),
    "np.load allowed": ("np.load(path, allow_pickle=True)\n", "allow_pickle is not False"),
}


@pytest.mark.parametrize(("code", "expected"), FAULTY.values(), ids=FAULTY)
def test_fault_is_found(tmp_path: Path, code: str, expected: str) -> None:
    (tmp_path / "page.py").write_text(HARMLESS + code)
    assert any(expected in fault for fault in find_faults(tmp_path)), find_faults(tmp_path)


HARMLESS_CODE = [
    "def long():\n" + "    x = 1\n" * 59,
    "x = 1\n" * 299,
    "class A:\n    def f(self, a, b, c, *, d): ...\n",
    "np.load(path, allow_pickle=False)\n",
    "network.load_state_dict(weights)\n",
]


@pytest.mark.parametrize("code", HARMLESS_CODE)
def test_harmless_code_has_no_fault(tmp_path: Path, code: str) -> None:
    (tmp_path / "page.py").write_text(HARMLESS + code)
    assert find_faults(tmp_path) == []


def test_nameless_module_is_found(tmp_path: Path) -> None:
    (tmp_path / "utils.py").write_text(HARMLESS)
    assert find_faults(tmp_path) == ["utils.py: the name 'utils' says nothing; name the noun that lives here"]


def test_module_without_docstring_is_found(tmp_path: Path) -> None:
    (tmp_path / "page.py").write_text("x = 1\n")
    assert find_faults(tmp_path) == ["page.py: no docstring; say what the file is for"]


@pytest.mark.parametrize(
    ("folder", "num_modules", "num_faults"),
    [("data", 10, 0), ("data", 11, 1), ("cli", 20, 0), ("cli", 21, 1)],
)
def test_crowded_folder_is_found(tmp_path: Path, folder: str, num_modules: int, num_faults: int) -> None:
    (tmp_path / folder).mkdir()
    for number in range(num_modules):
        (tmp_path / folder / f"page{number}.py").write_text(HARMLESS)
    (tmp_path / folder / "__init__.py").write_text(HARMLESS)  # holds no code of its own and is not counted
    assert len(find_faults(tmp_path)) == num_faults


def test_docstring_is_not_counted_as_length(tmp_path: Path) -> None:
    text = 'def f():\n    """One\n\n    two\n    """\n    return 1\n'
    (tmp_path / "page.py").write_text(text)
    (module,) = read_modules(tmp_path)
    assert function_lines(module.tree.body[0]) == 2  # the def and the return


def test_size_table_counts_lines_and_functions(tmp_path: Path) -> None:
    (tmp_path / "page.py").write_text(HARMLESS + "def f():\n    return 1\n")
    folder_row = size_table(tmp_path).splitlines()[1].split()
    assert folder_row == [
        "inkwise",
        "1",
        "3",
        "1",
        "2",
        "2",
        "2",
    ]  # modules lines functions median 90% longest
