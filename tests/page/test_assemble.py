"""The drawing page put together: what it may run, that it is whole, that it is small."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import inkwise
from inkwise.page import asset_files, server_page, single_file

ASSETS = Path(inkwise.__file__).parent / "page" / "assets"
MODULES = sorted(ASSETS.rglob("*.js"))
LENET_NUMBERS = 431_080  # parameters of cnn-lenet
CONFIG = {"mode": "server", "classifiers": [{"title": "a </script><b>", "url": "classifiers/0"}]}


class _Elements(HTMLParser):
    """The elements of a page: (tag, attributes, text)."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs), ""))

    def handle_endtag(self, tag: str) -> None:
        self.found.append((f"/{tag}", {}, ""))

    def handle_data(self, data: str) -> None:
        if self.found:
            tag, attributes, text = self.found[-1]
            self.found[-1] = (tag, attributes, text + data)


def _texts(html: str, tag: str, kind: str | None = None) -> list[str]:
    return [
        text
        for name, attributes, text in _Elements(html).found
        if name == tag and (kind is None or attributes.get("type") == kind)
    ]


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_asset_files_are_all_modules_and_the_style() -> None:
    wanted = {file.relative_to(ASSETS).as_posix() for file in (*MODULES, ASSETS / "style.css")}
    assert set(asset_files()) == wanted
    assert asset_files()["js/main.js"] == (
        (ASSETS / "js" / "main.js").read_bytes(),
        "text/javascript; charset=utf-8",
    )
    assert asset_files()["style.css"][1] == "text/css; charset=utf-8"


def test_every_import_names_a_module_there_is() -> None:
    named = {
        (module.name, name)
        for module in MODULES
        for name in re.findall(r'\bfrom "([^"]+)"', module.read_text(encoding="utf-8"))
    }
    assert len(named) > 50
    assert [pair for pair in named if not (ASSETS / "js" / pair[1].removeprefix("inkwise/")).is_file()] == []


def test_every_module_is_used() -> None:
    named = {
        name
        for module in MODULES
        for name in re.findall(r'"inkwise/([^"]+)"', module.read_text(encoding="utf-8"))
    }
    assert {module.relative_to(ASSETS / "js").as_posix() for module in MODULES} - named == {"main.js"}


def test_modules_and_their_folders_are_small() -> None:
    long = [module.name for module in MODULES if len(module.read_text(encoding="utf-8").splitlines()) > 300]
    assert long == []
    folders = {module.parent for module in MODULES}
    assert [folder.name for folder in folders if len(list(folder.glob("*.js"))) > 10] == []


def test_server_page_lets_its_own_inline_scripts_run_and_no_others() -> None:
    page = server_page(CONFIG)
    scripts = [*_texts(page.html, "script", "importmap"), *_texts(page.html, "script", "module")]
    rule = next(rule for rule in page.csp.split("; ") if rule.startswith("script-src "))
    assert rule.split() == ["script-src", "'self'", *map(_digest, scripts)]
    assert "unsafe" not in page.csp
    assert "default-src 'none'" in page.csp


def test_server_page_names_files_there_are() -> None:
    named = re.findall(r'href="\./assets/([^"]+)"', server_page(CONFIG).html)
    assert set(named) == set(asset_files())


def test_config_arrives_whole_whatever_it_holds() -> None:
    (text,) = _texts(server_page(CONFIG).html, "script", "application/json")
    assert json.loads(text) == CONFIG


def test_config_that_is_no_json_number_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        server_page({"mode": "server", "classifiers": [{"title": "a", "accuracy": float("nan")}]})


def test_single_file_holds_each_classifier_and_what_is_told_of_it() -> None:
    told = {"classifiers": [{"accuracy": 0.99}, {}]}
    (text,) = _texts(
        single_file(told, [("one", b"\x00\xff"), ("two", b"second")]), "script", "application/json"
    )
    assert json.loads(text) == {
        "mode": "offline",
        "classifiers": [
            {"accuracy": 0.99, "title": "one", "data": base64.b64encode(b"\x00\xff").decode()},
            {"title": "two", "data": base64.b64encode(b"second").decode()},
        ],
    }


def test_single_file_forbids_everything_but_itself() -> None:
    page = single_file({}, [("one", b"first")])
    (policy,) = [
        attributes["content"]
        for tag, attributes, _ in _Elements(page).found
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy is not None
    scripts = [*_texts(page, "script", "importmap"), *_texts(page, "script", "module")]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"].split() == ["data:", *map(_digest, scripts)]
    assert rules["style-src"] == _digest(_texts(page, "style")[0])
    assert "connect-src" not in rules  # default-src stands for it: nothing may be asked for


def test_single_file_leaves_room_for_cnn_lenet() -> None:
    weights = len(base64.b64encode(bytes(2 * LENET_NUMBERS + 4000)))
    assert len(single_file({}, [])) + weights < 1_500_000


def test_page_has_no_inline_style_or_handler() -> None:
    attributes = [name for _, found, _ in _Elements(server_page(CONFIG).html).found for name in found]
    assert [name for name in attributes if name == "style" or name.startswith("on")] == []
