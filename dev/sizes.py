"""Check that the house keeps its habits of size, naming and safe files: `python dev/sizes.py [--table]`.

Read from the syntax tree of src/inkwise, so nothing is imported. A function's length leaves its
docstring out. Each finding is one line that ends in the rule it breaks; none is the aim.
"""

import argparse
import ast
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src" / "inkwise"
MAX_FUNCTION_LINES = 60
MAX_MODULE_LINES = 300
MAX_MODULES_IN_FOLDER = 10
MAX_COMMANDS = 20  # cli/ holds one thin file a command, and is read one file at a time
MAX_POSITIONAL = 3
NAMELESS = {"utils", "util", "common", "helpers", "helper", "core", "base", "misc", "manager", "handler"}
# Reading a pickle runs whatever code it names; each of these reads or writes one.
PICKLERS = {"pickle", "cPickle", "_pickle", "cloudpickle", "dill", "joblib", "shelve", "marshal"}
PICKLING_CALLS = {"torch.load", "torch.save", "torch.jit.load", "torch.jit.save", "pd.read_pickle"}
# These do so unless told not to.
CALLS_TO_TELL = {"np.load", "np.save"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One source file: its path below the root, its number of lines and its syntax tree."""

    path: Path
    num_lines: int
    tree: ast.Module


def read_modules(root: Path = SOURCE) -> list[Module]:
    """Return every Python file below root, sorted by path."""
    modules = []
    for file in sorted(root.rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        modules.append(Module(file.relative_to(root), len(text.splitlines()), ast.parse(text)))
    return modules


def find_faults(root: Path = SOURCE) -> list[str]:
    """Return one line a broken rule, sorted; an empty list when the house is in order."""
    modules = read_modules(root)
    faults = [*_crowded_folders(modules)]
    for module in modules:
        faults += [f"{module.path}: {fault}" for fault in _module_faults(module)]
        faults += [f"{module.path}:{fault}" for fault in (*_function_faults(module), *_pickles(module.tree))]
    return sorted(faults)


def _crowded_folders(modules: list[Module]) -> Iterator[str]:
    for folder in {module.path.parent for module in modules}:
        inside = [m for m in modules if m.path.parent == folder and not m.path.name.startswith("__")]
        most = MAX_COMMANDS if folder == Path("cli") else MAX_MODULES_IN_FOLDER
        if len(inside) > most:
            yield f"{folder}/: {len(inside)} modules, at most {most}; make a folder inside"


def _module_faults(module: Module) -> Iterator[str]:
    if module.num_lines > MAX_MODULE_LINES:
        yield f"{module.num_lines} lines, at most {MAX_MODULE_LINES}"
    for word in (*module.path.parent.parts, module.path.stem):
        if word in NAMELESS:
            yield f"the name {word!r} says nothing; name the noun that lives here"
    if module.num_lines and ast.get_docstring(module.tree) is None:
        yield "no docstring; say what the file is for"


def _functions(tree: ast.Module) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def function_lines(function: Function) -> int:
    """Return the number of lines of a function from its def to its end, its docstring left out."""
    length = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function) is not None:
        docstring = function.body[0]
        length -= (docstring.end_lineno or docstring.lineno) - docstring.lineno + 1
    return length


def _function_faults(module: Module) -> Iterator[str]:
    # A command's parameters become options of the command line; it is called by no one else.
    is_command = "cli" in module.path.parts
    for function in _functions(module.tree):
        if (length := function_lines(function)) > MAX_FUNCTION_LINES:
            yield f"{function.lineno}: {function.name} has {length} lines, at most {MAX_FUNCTION_LINES}"
        if (count := _num_positional(function)) > MAX_POSITIONAL and not is_command:
            yield (
                f"{function.lineno}: {function.name} takes {count} positional parameters, "
                f"at most {MAX_POSITIONAL}; put * before the rest"
            )


def _num_positional(function: Function) -> int:
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    return len(names) - (names[:1] in (["self"], ["cls"]))


def _pickles(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names) if PICKLERS & {name.name.split(".")[0] for name in names}:
                yield f"{node.lineno}: imports a pickle module; write safetensors or JSON"
            case ast.ImportFrom(module=str(name)) if name.split(".")[0] in PICKLERS:
                yield f"{node.lineno}: imports from {name}; write safetensors or JSON"
            case ast.Call(func=func) if ast.unparse(func) in PICKLING_CALLS:
                yield f"{node.lineno}: {ast.unparse(func)} deals in pickles; write safetensors or JSON"
            case ast.Call(func=func) if ast.unparse(func) in CALLS_TO_TELL and not _refuses_pickle(node):
                yield f"{node.lineno}: {ast.unparse(func)} without allow_pickle=False"
            case ast.keyword(arg="allow_pickle", value=value) if ast.unparse(value) != "False":
                yield f"{value.lineno}: allow_pickle is not False"


def _refuses_pickle(call: ast.Call) -> bool:
    return any(word.arg == "allow_pickle" and ast.unparse(word.value) == "False" for word in call.keywords)


def size_table(root: Path = SOURCE, *, num_longest: int = 8) -> str:
    """Return the sizes as text: a line a folder, then the longest modules and functions."""
    modules = read_modules(root)
    lines = [
        f"{'folder':24}{'modules':>8}{'lines':>8}{'functions':>11}{'median':>8}{'90 %':>6}{'longest':>9}"
    ]
    for folder in sorted({module.path.parent for module in modules}):
        lines.append(_folder_row(folder, [module for module in modules if module.path.parent == folder]))
    lines.append(_folder_row(Path("all"), modules))
    lines.append("\nlongest modules")
    for module in sorted(modules, key=lambda m: -m.num_lines)[:num_longest]:
        lines.append(f"{module.num_lines:6}  {module.path}")
    lines.append("\nlongest functions")
    sized = [(function_lines(f), f"{m.path}::{f.name}") for m in modules for f in _functions(m.tree)]
    lines += [f"{length:6}  {name}" for length, name in sorted(sized, reverse=True)[:num_longest]]
    return "\n".join(lines)


def _folder_row(folder: Path, modules: list[Module]) -> str:
    lengths = sorted(function_lines(f) for module in modules for f in _functions(module.tree)) or [0]
    name = "inkwise" if folder == Path() else str(folder)
    middle, ninth = statistics.median_low(lengths), lengths[int(0.9 * (len(lengths) - 1))]
    total = sum(module.num_lines for module in modules)
    return f"{name:24}{len(modules):8}{total:8}{len(lengths):11}{middle:8}{ninth:6}{lengths[-1]:9}"


def main() -> int:
    """Print the faults, or with --table the sizes too; return 1 if there is a fault."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--table", action="store_true", help="print the sizes too")
    if parser.parse_args().table:
        print(size_table())
    faults = find_faults()
    print("\n".join(faults) or "Sizes, names and files: in order.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
