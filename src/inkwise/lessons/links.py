"""A lesson's buttons and first cell: open it in Colab, see it on GitHub, download it, install inkwise (N1).

The repository's address is kept in one place, [project.urls] of pyproject.toml, and read from the metadata of
the installed package. Where it says none, a lesson has no buttons, and its first cell stops without inkwise.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Self

from inkwise.lessons.lesson import Lesson

if TYPE_CHECKING:
    from nbformat import NotebookNode

BRANCH = "main"
NOTEBOOKS = "notebooks"  # the learners' notebooks in the repository; dev/notebooks.py writes them
MARKER = "<!-- buttons -->"
_LABELS = ("repository", "source", "source code", "homepage")  # of [project.urls], the first that fits
_GITHUB = re.compile(r"https://github\.com/(?P<owner>[\w.-]+)/(?P<name>[\w.-]+?)(?:\.git)?/?")
_DRIVE = """\
# Downloads are kept on Google Drive where it is mounted. To mount it on Colab, run first:
# from google.colab import drive; drive.mount("/content/drive")
from inkwise.lessons.drive import use_drive

use_drive()"""


@dataclass(frozen=True)
class Repository:
    """A repository on GitHub."""

    owner: str
    name: str

    @classmethod
    def find(cls, urls: Iterable[str] | None = None) -> Self | None:
        """Return the repository that the package names, or None where it names none on GitHub.

        Args:
            urls: "Label, address", as Project-URL of a package's metadata; None takes inkwise's.
        """
        given = (metadata.metadata("inkwise").get_all("Project-URL") or ()) if urls is None else urls
        pairs = (url.partition(",") for url in given)
        addresses = {label.strip().lower(): address.strip() for label, _, address in pairs}
        for label in _LABELS:
            if found := _GITHUB.fullmatch(addresses.get(label, "")):
                return cls(found["owner"], found["name"])
        return None

    @property
    def address(self) -> str:
        """Of its page."""
        return f"https://github.com/{self.owner}/{self.name}"

    def links(self, lesson: str) -> dict[str, str]:
        """Return where the buttons of a lesson lead, by the words on them."""
        place = f"{self.owner}/{self.name}"
        file = f"{NOTEBOOKS}/{lesson}.ipynb"
        return {
            "Open in Colab": f"https://colab.research.google.com/github/{place}/blob/{BRANCH}/{file}",
            "See it on GitHub": f"{self.address}/blob/{BRANCH}/{file}",
            "Download the notebook": f"https://raw.githubusercontent.com/{place}/{BRANCH}/{file}",
        }


def add_links(notebook: "NotebookNode", lesson: Lesson, repository: Repository | None) -> None:
    """Give a lesson's notebook its buttons and the code of its first cell, in place."""
    first, *others = notebook.cells
    first.source = put_buttons(first.source, lesson.name, repository)
    for cell in others:
        if "install" in cell.metadata.get("tags", ()):
            cell.source = install_cell(lesson.name, lesson.needs, repository)


def put_buttons(words: str, lesson: str, repository: Repository | None) -> str:
    """Return the words of a lesson's first cell with buttons below their marker.

    They are plain links: a picture of a button would be loaded from another site by every page.
    """
    if repository is None:
        return words
    links = [f"[{label}]({address})" for label, address in repository.links(lesson).items()]
    return words.replace(MARKER, f"{MARKER}\n\n{' | '.join(links)}")


def install_cell(lesson: str, needs: Sequence[str], repository: Repository | None) -> str:
    """Return the code that makes sure of inkwise, from the repository where it is missing, and of its data.

    Args:
        lesson: its name, which tells the images it is best with.
        needs: extras of inkwise.
    """
    if repository is None:
        stop = '    raise SystemExit("inkwise is not installed: see the page you got this lesson from")'
        return _install("Only where inkwise is missing.", stop)
    extras = f"[{','.join(needs)}]" if needs else ""
    images = "fashion-mnist" if "fashion" in lesson else "mnist"
    source = f'"inkwise{extras} @ git+{repository.address}@{BRANCH}"'
    fetch = f"    !python -m inkwise data fetch {images}"
    return _install(
        "Only where inkwise is missing, as on Colab.", f"    %pip install --quiet {source}\n{fetch}"
    )


def _install(words: str, then: str) -> str:
    missing = 'if importlib.util.find_spec("inkwise") is None:'
    return f"# {words}\nimport importlib.util\n\n{missing}\n{then}\n\n{_DRIVE}"
