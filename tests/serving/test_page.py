"""The page of a server that runs, in Chromium: drawn on, given a photo, corrected."""

import base64
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from dev.reading_picture import written_photo
from playwright.sync_api import Browser, FilePayload, expect
from tests.browser.visit import chromium
from tests.page.whole.visits import PATIENCE, Visit, visiting_server
from tests.serving.asking import as_file
from tests.serving.running import Running, running

from inkwise.handwriting.corrections import load_corrections

LINES = ("1729", "30#58")  # a # is struck out


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for this module."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def photo() -> FilePayload:
    """A photo of two lines of digits, with a mark that was struck out."""
    return {
        "name": "photo.jpg",
        "mimeType": "image/jpeg",
        "buffer": as_file(written_photo(LINES), kind="JPEG"),
    }


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server keeps corrections."""
    return tmp_path_factory.mktemp("kept") / "corrections.sqlite"


@pytest.fixture(scope="module")
def server(kept: Path) -> Iterator[Running]:
    """A server that reads digits and keeps corrections."""
    with running("--corrections", INKWISE_CORRECTIONS=str(kept)) as server:
        yield server


def _give(visit: Visit, photo: FilePayload) -> None:
    visit.find("#picture-file").set_input_files(photo, timeout=PATIENCE)


def _hand_over(visit: Visit, photo: FilePayload, *, event: str) -> None:
    """Drop or paste a picture, as the browser tells the page of it."""
    visit.page.evaluate(
        """([kind, content, type]) => {
            const bytes = Uint8Array.from(atob(content), letter => letter.charCodeAt(0));
            const transfer = new DataTransfer();
            transfer.items.add(new File([bytes], "photo", {type}));
            const event = kind === "paste"
                ? new ClipboardEvent("paste", {clipboardData: transfer, bubbles: true, cancelable: true})
                : new DragEvent(kind, {dataTransfer: transfer, bubbles: true, cancelable: true});
            document.body.dispatchEvent(event);
        }""",
        [event, base64.b64encode(photo["buffer"]).decode(), photo["mimeType"]],
    )


def test_drawing_is_read(browser: Browser, server: Running) -> None:
    with visiting_server(browser, server.url) as visit:
        visit.write("4")
        visit.expect_answer("4")
        assert visit.complaints == []
        assert {url.split("/")[2] for url in visit.requests} == {f"127.0.0.1:{server.port}"}


def test_photo_is_read_boxed_and_looked_into(browser: Browser, server: Running, photo: FilePayload) -> None:
    with visiting_server(browser, server.url) as visit:
        _give(visit, photo)
        visit.expect_answer("17293058")
        expect(visit.find("#verdict .line")).to_have_text(["1729", "3058"])
        expect(visit.find("#boxes .tab")).to_have_text([*"172930", "\N{MULTIPLICATION SIGN}", *"58"])
        expect(visit.find("#boxes .doubtful")).to_have_count(1)
        expect(visit.find("#warnings")).to_contain_text("1 mark looks like no digit")
        expect(visit.find("#bars .best .name")).to_have_text("1")
        visit.find("#boxes .box").nth(2).click()
        expect(visit.find("#bars .best .name")).to_have_text("2")
        expect(visit.find("#digits input").nth(2)).to_be_checked()
        assert visit.complaints == []


_LAID_OUT = """() => {
    const place = (one) => one.getBoundingClientRect().toJSON();
    const boxes = [...document.querySelectorAll("#boxes .box")].map(place);
    const isShown = boxes.length == 9 && boxes.every((box) => box.width > 0);
    return isShown && [place(document.querySelector("#picture img")), boxes];
}"""


def test_boxes_lie_on_their_digits(browser: Browser, server: Running, photo: FilePayload) -> None:
    with visiting_server(browser, server.url) as visit:
        _give(visit, photo)
        visit.expect_answer("17293058")
        expect(visit.find("#boxes .box")).to_have_count(9)
        # All at one moment: the page puts new ones in their places whenever it is laid out anew.
        picture, boxes = visit.page.wait_for_function(_LAID_OUT).json_value()
        for box in boxes:
            assert picture["x"] < box["x"] < box["x"] + box["width"] < picture["x"] + picture["width"]
            assert picture["y"] < box["y"] < box["y"] + box["height"] < picture["y"] + picture["height"]
        assert sorted(boxes[:4], key=lambda box: box["x"]) == boxes[:4]
        assert all(upper["y"] < lower["y"] for upper in boxes[:4] for lower in boxes[4:])


@pytest.mark.parametrize("event", ["paste", "drop"])
def test_picture_comes_by_paste_and_drop(
    browser: Browser, server: Running, photo: FilePayload, event: str
) -> None:
    with visiting_server(browser, server.url) as visit:
        visit.paper()
        _hand_over(visit, photo, event=event)
        visit.expect_answer("17293058")


def test_strokes_are_still_there_after_a_picture(
    browser: Browser, server: Running, photo: FilePayload
) -> None:
    with visiting_server(browser, server.url) as visit:
        visit.write("6")
        visit.expect_answer("6")
        _give(visit, photo)
        visit.expect_answer("17293058")
        visit.page.keyboard.press("Control+z")  # means the paper, which is not there
        visit.find("#back-to-paper").click()
        visit.expect_answer("6")


def test_no_picture_is_told_in_the_servers_words(browser: Browser, server: Running) -> None:
    with visiting_server(browser, server.url) as visit:
        _give(visit, {"name": "a.png", "mimeType": "image/png", "buffer": b"no picture at all"})
        expect(visit.find("#notice")).to_contain_text("The server says: ", timeout=PATIENCE)
        expect(visit.find("#notice")).to_contain_text("expected PNG, JPEG or the like")
        visit.write("1")
        visit.expect_answer("1")


def test_correction_is_kept(browser: Browser, server: Running, kept: Path) -> None:
    with visiting_server(browser, server.url) as visit:
        visit.write("7")
        visit.expect_answer("7")
        visit.find("#correct summary").click()
        expect(visit.find("#correct legend")).to_have_text("It was read as 7. What is it?")
        visit.find("#correct button", has_text="1").click()
        expect(visit.find("#correct .thanks")).to_contain_text("Thank you. The 1 is kept", timeout=PATIENCE)
        expect(visit.find("#correct .thanks")).to_contain_text("inkwise train --from-corrections")
        shown = visit.page.evaluate(
            "document.getElementById('seen').getContext('2d').getImageData(2, 2, 1, 1).data[0]"
        )
    images, labels = load_corrections(kept)
    assert labels.tolist() == [1]
    assert images[0, 0, 0] == shown
    assert images[0].max() > 200
    with sqlite3.connect(kept) as store:
        assert store.execute("SELECT read_as FROM glyphs").fetchall() == [(7,)]


def test_page_asks_for_no_correction_where_none_is_kept(browser: Browser) -> None:
    with running("--no-corrections") as server, visiting_server(browser, server.url) as visit:
        visit.write("7")
        visit.expect_answer("7")
        expect(visit.find("#correct")).to_be_hidden()


def test_server_that_stops_is_told_and_drawing_goes_on(browser: Browser, photo: FilePayload) -> None:
    with running() as server, visiting_server(browser, server.url) as visit:
        visit.paper()
        server.stop()
        _give(visit, photo)
        expect(visit.find("#notice")).to_contain_text("The server does not answer", timeout=PATIENCE)
        visit.write("2")
        visit.expect_answer("2")
