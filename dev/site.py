"""Make the site of the pages: `python dev/site.py [--lessons none|kept|run] [--out build/site]`.

The pages are the Markdown of docs/, README, changelog and CONTRIBUTING, as they stand; docs/index.md is
their map, and each of its sections becomes a part of the site. What they link to beside pages, a source file
or a result, becomes a page too, for the site has no other place to lead to. Python's reference is made from
the docstrings by autodoc (dev/site_reference.py), and lessons become pages with what they print and draw
(dev/site_lessons.py).
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from dev import pages, site_lessons, site_reference  # noqa: E402

BUILD = ROOT / "build"
_OUTSIDE = {"README.md": "readme", "CHANGELOG.md": "changelog", "CONTRIBUTING.md": "contributing"}
_PICTURES = "lessons/pictures"  # what lessons draw
_BESIDE = "---\norphan: true\nnosearch: true\n---\n\n"  # not on the map, not found by a search
_LANGUAGES = {".py": "python", ".toml": "toml", ".md": "markdown", ".json": "json", ".service": "ini"}
_COMMENT = re.compile(r"^<!--.*?-->\n", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Site:
    """The sources of a site: where each file of the repository stands in it.

    Attributes:
        folder: where the sources are written.
        places: file -> its page, relative to folder and without ending; what is no page keeps its ending.
        faults: links that lead to no file.
    """

    folder: Path
    places: dict[Path, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def write(self, place: str, text: str) -> None:
        """Write a page's Markdown."""
        path = self.folder / f"{place}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def place_of(file: Path) -> str:
    """Return where a file of the repository stands in the site."""
    name = file.relative_to(ROOT).as_posix()
    if name in _OUTSIDE:
        return _OUTSIDE[name]
    if name.startswith("examples/") and file.suffix == ".py":
        return f"lessons/{file.stem}"
    if name.startswith("docs/") and file.suffix == ".md":
        return name.removeprefix("docs/").removesuffix(".md")
    if name.startswith("docs/"):
        return name.removeprefix("docs/")
    return f"files/{name.removesuffix('.md')}"


def moved(text: str, *, page: Path, site: Site) -> str:
    """Return a page's Markdown with each link to a file of the repository leading to its place."""
    here = Path(place_of(page)).parent
    for target in sorted(set(pages.read_links(text)), key=len, reverse=True):
        path, hash_, anchor = target.partition("#")
        if urllib.parse.urlsplit(target).scheme or not path:
            continue
        if target.startswith(f"/{_PICTURES}/"):
            continue
        file = (page.parent / urllib.parse.unquote(path)).resolve()
        if file.is_dir():  # its files can be listed nowhere in the site
            text = re.sub(rf"\[([^\]]*)\]\({re.escape(target)}\)", r"\1", text)
            continue
        if not file.is_file():
            site.faults.append(f"{page.relative_to(ROOT)}: {target}: there is no file {file}")
            continue
        place = site.places.setdefault(file, place_of(file))
        if file.suffix == ".html":
            link = rf"\[([^\]]*)\]\({re.escape(target)}\)"
            text = re.sub(link, rf'<a href="{os.path.relpath(place, here)}">\1</a>', text)
            continue
        goal = os.path.relpath(f"{place}{ending(file)}", here)
        text = text.replace(f"]({target})", f"]({goal}{hash_}{anchor})")
    return text


def ending(file: Path) -> str:
    """Return what a place ends in: .md for what becomes a page, nothing for what is copied."""
    return "" if is_copied(file) else ".md"


def is_copied(file: Path) -> bool:
    """Return whether a file goes into the site as it is."""
    return file.suffix in (".png", ".jpg", ".svg", ".html")


def assemble(folder: Path, *, lessons: str = "kept") -> Site:
    """Write the sources of the site to a new folder and return where everything stands."""
    shutil.rmtree(folder, ignore_errors=True)
    site = Site(folder)
    (folder / "extra").mkdir(parents=True)
    for page in pages.page_files():
        site.places[page] = place_of(page)
    for lesson in site_lessons.lesson_files():
        site.places[lesson] = place_of(lesson)
    index = ROOT / "docs" / "index.md"
    moved(index.read_text(encoding="utf-8"), page=index, site=site)  # so that what it leads to has a place
    done: set[Path] = set()
    while waiting := sorted(set(site.places) - done):
        for file in waiting:
            write_file(file, site=site, lessons=lessons)
        done.update(waiting)
    write_parts(site)
    return site


def write_file(file: Path, *, site: Site, lessons: str) -> None:
    """Write what stands in the site for one file of the repository."""
    place = site.places[file]
    if is_copied(file):
        copy(file, site.folder / ("extra" if file.suffix == ".html" else "") / place)
    elif place.startswith("lessons/"):
        write_lesson(file, site=site, how=lessons)
    elif place in site_reference.PLACES:
        site.write(place, site_reference.python_page(site_reference.PLACES[place]))
    elif place.startswith("files/"):
        site.write(place, _BESIDE + shown(file, site=site))
    elif place != "index":
        site.write(place, without_comments(moved(file.read_text(encoding="utf-8"), page=file, site=site)))


def write_lesson(file: Path, *, site: Site, how: str) -> None:
    """Write a lesson's page and its pictures."""
    notebook = site_lessons.notebook_of(file, how)
    text, pictures = site_lessons.lesson_page(notebook, name=file.stem)
    for name, png in pictures.items():
        text = text.replace(f"]({name})", f"](/{_PICTURES}/{name})")
        path = site.folder / _PICTURES / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png)
    site.write(site.places[file], without_comments(moved(text, page=file, site=site)))


def copy(file: Path, goal: Path) -> None:
    """Copy a file."""
    goal.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, goal)


def shown(file: Path, *, site: Site) -> str:
    """Return a page that shows a file of the repository: its Markdown, or its text as code."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".md":
        return without_comments(moved(text, page=file, site=site))
    language = _LANGUAGES.get(file.suffix, "text")
    return f"# {file.relative_to(ROOT).as_posix()}\n\n``````{language}\n{text}``````\n"


def without_comments(text: str) -> str:
    """Return a page without the comments that are for tests and generators, code left alone."""
    parts = re.split(r"(^```.*?^```$)", text, flags=re.DOTALL | re.MULTILINE)
    return "".join(part if part.startswith("```") else _COMMENT.sub("", part) for part in parts)


@dataclass(frozen=True)
class Part:
    """A section of docs/index.md: its title, its Markdown and the files it leads to."""

    title: str
    text: str
    files: list[Path]

    @property
    def slug(self) -> str:
        """The name of its folder: how-to."""
        return re.sub(r"[^a-z]+", "-", self.title.lower()).strip("-")


def read_parts() -> tuple[str, list[Part]]:
    """Return what docs/index.md says before its first section, and its sections."""
    index = ROOT / "docs" / "index.md"
    head, *sections = re.split(r"^## ", index.read_text(encoding="utf-8"), flags=re.MULTILINE)
    parts = []
    for section in sections:
        title, _, text = section.partition("\n")
        targets = [target.partition("#")[0] for target in pages.read_links(text)]
        parts.append(Part(title, text, [(index.parent / target).resolve() for target in targets]))
    return head, parts


def write_parts(site: Site) -> None:
    """Write the start page and a page for each part, with what the sidebar shows."""
    index = ROOT / "docs" / "index.md"
    head, parts = read_parts()
    entries = []
    for part in parts:
        listed = [site.places[file] for file in dict.fromkeys(part.files) if file in site.places]
        if len(listed) == 1:
            entries.append(listed[0])
            continue
        entries.append(f"{part.slug}/index")
        text = moved(part.text, page=index, site=site)
        text = re.sub(
            r"\]\((?!https?:)([^)#]+\.md)", lambda m, p=part: f"]({os.path.relpath(m[1], p.slug)}", text
        )
        site.write(f"{part.slug}/index", f"# {part.title}\n{text}\n{toctree(listed)}")
    sections = "".join(f"## {part.title}\n{part.text}" for part in parts)
    start = without_comments(moved(head + sections, page=index, site=site))
    site.write("index", f"{start}\n{toctree(entries)}")


def toctree(places: list[str]) -> str:
    """Return what makes these pages appear in the sidebar, in this order, without showing on the page."""
    return "```{toctree}\n:hidden:\n\n" + "".join(f"/{place}\n" for place in places) + "```\n"


def build(site: Site, out: Path) -> int:
    """Build the HTML into a new folder and return Sphinx's exit status; a warning is an error."""
    shutil.rmtree(out, ignore_errors=True)
    with tempfile.TemporaryDirectory() as parsed:  # nothing of an earlier build, whose warnings are said
        options = ["-b", "html", "-W", "--keep-going", "-q", "-c", str(ROOT / "docs"), "-d", parsed]
        words = [sys.executable, "-m", "sphinx", *options, str(site.folder), str(out)]
        status = subprocess.run(words, check=False).returncode
    if site.faults:
        print(*site.faults, sep="\n", file=sys.stderr)
    return 1 if site.faults else status


def main() -> int:
    """Assemble and build the site; return 1 where anything in it leads nowhere."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=BUILD / "site")
    parser.add_argument("--lessons", choices=site_lessons.WAYS, default="run")
    chosen = parser.parse_args()
    source = chosen.out.with_name(f"{chosen.out.name}-source")
    status = build(assemble(source, lessons=chosen.lessons), chosen.out)
    print(f"{chosen.out / 'index.html'}" if status == 0 else "The site has faults, see above.")
    return status


if __name__ == "__main__":
    sys.exit(main())
