"""GET / and its assets: the page with its own policy, and no way to any other file."""

import json
import re

import pytest
from tests.serving.asking import Asker, asker, refusal

from inkwise.page.assemble import asset_files


def test_page_is_told_of_the_classifiers(both: Asker) -> None:
    page = both.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    block = re.search(r'id="inkwise-config">(.*?)</script>', page.text)[1]
    assert json.loads(block) == {
        "mode": "server",
        "classifiers": [
            {"title": "golden", "url": "classifiers/0/classifier.safetensors"},
            {"title": "the reader of inkwise", "url": "classifiers/1/classifier.safetensors"},
        ],
        "corrections": True,
    }


def test_page_has_its_own_policy_and_the_rest_a_stricter_one(reader: Asker) -> None:
    policy = reader.get("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "connect-src 'self'" in policy
    assert reader.get("/healthz").headers["content-security-policy"].startswith("default-src 'none'; frame-")


@pytest.mark.parametrize("path", sorted(asset_files()))
def test_every_asset_is_given(reader: Asker, path: str) -> None:
    answer = reader.get(f"/assets/{path}")
    assert (answer.content, answer.headers["content-type"]) == asset_files()[path]


TRICKS = [
    "../assemble.py", "..%2fassemble.py", "%2e%2e/assemble.py", "js/../../assemble.py", "/etc/passwd",
    "//etc/passwd",
    "..\\assemble.py", "style.css%00.js", "style.css/", "%00", "js", "", "STYLE.CSS", "....//assemble.py",
    "js/%252e%252e/style.css", "file:///etc/passwd", "a" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("path", TRICKS)
def test_no_path_leads_elsewhere(reader: Asker, path: str) -> None:
    assert refusal(reader.get("http://127.0.0.1:8000/assets/" + path))[0] == 404


def test_answers_carry_cautious_headers(reader: Asker) -> None:
    for path in ("/", "/healthz", "/nothing", "/assets/style.css"):
        headers = reader.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in headers


def test_page_says_when_no_corrections_are_kept() -> None:
    assert '"corrections":false' in asker(takes_corrections=False).get("/").text
