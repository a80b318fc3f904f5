"""The drawing page put together: as files for a server, or as one file that needs nothing else.

The JavaScript imports its modules by names of their own, "inkwise/...". An import map says where they are:
on the server in its folder of assets, in the single file in the map itself, each as a data: address. A
content security policy lets the page run exactly what is in it, by the digests of its inline scripts.
"""

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

_CONTENT_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
}
_COMMENT = re.compile(r"^[ ]*/\*\*.*?\*/\n", re.MULTILINE | re.DOTALL)
_START = 'import "inkwise/main.js";'


@dataclass(frozen=True)
class PageFile:
    """A page and the policy it is to be sent with.

    Attributes:
        html: the page.
        csp: the value of the header Content-Security-Policy.
    """

    html: str
    csp: str


def server_page(config: dict[str, Any]) -> PageFile:
    """Return the page for a server that serves asset_files() below assets/, beside the page itself.

    Args:
        config: what the page is to know: mode ("server"), corrections (False where none are kept),
            classifiers (title, url and, if known, accuracy and details of each). Addresses are relative to
            the page.
    """
    modules = [path for path in asset_files() if path.endswith(".js")]
    preloads = "\n".join(f'<link rel="modulepreload" href="./assets/{path}">' for path in modules)
    import_map = _to_json({"imports": {"inkwise/": "./assets/js/"}})
    head = f'<link rel="stylesheet" href="./assets/style.css">\n{_map_element(import_map)}\n{preloads}'
    scripts = f"{_config_element(config)}\n{_start_element()}"
    policy = _policy(
        {
            "script-src": f"'self' {_digest(import_map)} {_digest(_START)}",
            "style-src": "'self'",
            "img-src": "'self' data: blob:",
            "connect-src": "'self'",
            "frame-ancestors": "'none'",
        }
    )
    return PageFile(_fill(head=head, scripts=scripts), policy)


def single_file(config: dict[str, Any], classifiers: Sequence[tuple[str, bytes]]) -> str:
    """Return one HTML file that holds everything: it opens from a disk and asks for nothing.

    Args:
        config: what the page is to know beside its classifiers; `mode` becomes "offline". Where it has
            `classifiers`, their other words (accuracy, details) are kept, in the same order.
        classifiers: title and content of each classifier.safetensors; tensors may be of half precision.
    """
    told = config.get("classifiers") or [{} for _ in classifiers]
    entries = [
        {**words, "title": title, "data": base64.b64encode(content).decode()}
        for words, (title, content) in zip(told, classifiers, strict=True)
    ]
    config = {**config, "mode": "offline", "classifiers": entries}
    assets = asset_files()
    style = assets["style.css"][0].decode()
    import_map = _to_json({"imports": _data_addresses(assets)})
    policy = _policy(
        {
            "script-src": f"data: {_digest(import_map)} {_digest(_START)}",
            "style-src": _digest(style),
            "img-src": "data: blob:",
        }
    )
    head = (
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f"<style>{style}</style>\n{_map_element(import_map)}"
    )
    return _fill(head=head, scripts=f"{_config_element(config)}\n{_start_element()}")


@cache
def asset_files() -> dict[str, tuple[bytes, str]]:
    """Return the files the page is made of: path below assets/ -> content and content type."""
    found = {}
    for path, file in _walk(files("inkwise.page").joinpath("assets"), prefix=""):
        suffix = path[path.rfind(".") :]
        if suffix in _CONTENT_TYPES:
            found[path] = (file.read_bytes(), _CONTENT_TYPES[suffix])
    return found


def _walk(folder: Traversable, *, prefix: str) -> list[tuple[str, Traversable]]:
    found = []
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        path = f"{prefix}{entry.name}"
        found += _walk(entry, prefix=f"{path}/") if entry.is_dir() else [(path, entry)]
    return found


def _fill(*, head: str, scripts: str) -> str:
    page = files("inkwise.page").joinpath("assets", "index.html").read_text(encoding="utf-8")
    return page.replace("<!--head-->", head).replace("<!--scripts-->", scripts)


def _data_addresses(assets: dict[str, tuple[bytes, str]]) -> dict[str, str]:
    """Return where each module is found by its name: in a data: address, its comments left out."""
    return {
        f"inkwise/{path.removeprefix('js/')}": _data_address(_COMMENT.sub("", content.decode()))
        for path, (content, _) in assets.items()
        if path.endswith(".js")
    }


def _data_address(module: str) -> str:
    return f"data:text/javascript;base64,{base64.b64encode(module.encode()).decode()}"


def _map_element(import_map: str) -> str:
    return f'<script type="importmap">{import_map}</script>'


def _config_element(config: dict[str, Any]) -> str:
    return f'<script type="application/json" id="inkwise-config">{_to_json(config)}</script>'


def _start_element() -> str:
    return f'<script type="module">{_START}</script>'


def _to_json(value: dict[str, Any]) -> str:
    """Return value as JSON that cannot end the script element it stands in."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def _digest(text: str) -> str:
    """Return what lets an inline script or style of this text run, and none other."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _policy(rules: dict[str, str]) -> str:
    rules = {"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'"} | rules
    return "; ".join(f"{name} {sources}" for name, sources in rules.items())
