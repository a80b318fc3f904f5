"""Write notebooks/, the lessons as Colab and GitHub open them: `python dev/notebooks.py [--check]`.

They are the learners' copies, without solutions and outputs. With --check nothing is written, and one that
differs from what would be written is an error.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "notebooks"


def notebook_texts() -> dict[Path, str]:
    """Return the text of every file that belongs into the folder."""
    from inkwise.lessons.lesson import list_lessons
    from inkwise.lessons.notebook import read_lesson, to_ipynb, without_solutions

    lessons = list_lessons(ROOT / "examples")
    return {
        FOLDER / f"{lesson.name}.ipynb": to_ipynb(without_solutions(read_lesson(lesson)))
        for lesson in lessons
    }


def stale_notebooks(texts: dict[Path, str]) -> list[str]:
    """Return the names of the notebooks that are missing, other than they should be, or of no lesson."""
    others = set(FOLDER.glob("*")) - set(texts)
    differ = {path for path, text in texts.items() if not path.is_file() or path.read_text("utf-8") != text}
    return sorted(path.name for path in others | differ)


def main() -> int:
    """Write the notebooks, or look whether they are fresh."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail where one is not fresh")
    texts = notebook_texts()
    stale = stale_notebooks(texts)
    if parser.parse_args().check:
        print("\n".join(f"notebooks/{name}: not fresh; run: python dev/notebooks.py" for name in stale))
        return 1 if stale else 0
    FOLDER.mkdir(exist_ok=True)
    for name in stale:
        path = FOLDER / name
        if path in texts:
            path.write_text(texts[path], encoding="utf-8")
        else:
            path.unlink()
        print(f"notebooks/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
