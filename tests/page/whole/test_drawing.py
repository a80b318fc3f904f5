"""Drawing on the page by mouse, finger, pen and keys: what is drawn is read."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, expect
from tests.page.whole.visits import PATIENCE, Line, Visit, digit_lines, visiting_page

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def _touch(visit: Visit, lines: Sequence[Line]) -> None:
    """Draw lines with a finger."""
    paper = visit.paper()
    session = visit.page.context.new_cdp_session(visit.page)
    for line in lines:
        for number, (x, y) in enumerate(line):
            place = {"x": paper["x"] + x * paper["width"], "y": paper["y"] + y * paper["height"]}
            kind = "touchMove" if number else "touchStart"
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [place]})
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def _press_pen(visit: Visit, *, force: float) -> None:
    """Draw a level line across the paper with a pen pressed that hard."""
    paper = visit.paper()
    session = visit.page.context.new_cdp_session(visit.page)
    for number, x in enumerate((0.2, 0.4, 0.6, 0.8, 0.8)):
        kind = "mousePressed" if not number else "mouseReleased" if number == 4 else "mouseMoved"
        event = {
            "type": kind,
            "x": paper["x"] + x * paper["width"],
            "y": paper["y"] + 0.5 * paper["height"],
            "button": "left",
            "buttons": 1,
            "clickCount": 1,
            "force": force,
            "pointerType": "pen",
        }
        session.send("Input.dispatchMouseEvent", event)


def _ink(visit: Visit) -> int:
    """Return how many pixels of the paper are inked."""
    return int(
        visit.page.evaluate(
            """() => {
                const pad = document.getElementById("pad");
                const {data} = pad.getContext("2d").getImageData(0, 0, pad.width, pad.height);
                return data.filter((value, index) => index % 4 === 3 && value > 127).length;
            }"""
        )
    )


def _image(visit: Visit) -> str:
    """Return the 28x28 as it is shown, as data of a picture."""
    return str(visit.page.evaluate("document.getElementById('seen').toDataURL()"))


def test_digits_drawn_with_a_mouse_are_read(browser: Browser) -> None:
    generator = np.random.default_rng(11)
    with visiting_page(browser) as visit:
        for digit in range(10):
            visit.draw_lines(digit_lines(digit, generator))
            visit.expect_answer(str(digit))
            visit.find("#clear").click()
            visit.expect_answer("?")
        assert visit.complaints == []


def test_digits_drawn_with_a_finger_on_a_phone_are_read(browser: Browser) -> None:
    with visiting_page(browser, **PHONE) as visit:
        _touch(visit, digit_lines(3, np.random.default_rng(2)))
        visit.expect_answer("3")
        assert visit.page.evaluate("scrollY") == 0  # the paper does not slide away below the finger
        assert visit.find("#pad-keys").is_hidden()


def test_a_pen_pressed_harder_draws_a_broader_line(browser: Browser) -> None:
    inked = []
    for force in (0.2, 0.9):
        with visiting_page(browser) as visit:
            _press_pen(visit, force=force)
            expect(visit.find("#undo")).to_be_enabled()
            inked.append(_ink(visit))
    assert inked[1] > 1.5 * inked[0] > 0


def test_a_broader_pen_draws_a_broader_line(browser: Browser) -> None:
    inked = []
    for width in ("10", "50"):
        with visiting_page(browser) as visit:
            visit.find("#pen-width").fill(width)
            visit.draw_lines([[(0.2, 0.5), (0.8, 0.5)]])
            inked.append(_ink(visit))
    assert inked[1] > 4 * inked[0] > 0


def test_several_digits_are_boxed_and_read_in_order(browser: Browser) -> None:
    with visiting_page(browser) as visit:
        visit.write("2750")
        visit.expect_answer("2750")
        expect(visit.find("#boxes .tab")).to_have_text(["2", "7", "5", "0"])
        expect(visit.find("#digits b")).to_have_text(["2", "7", "5", "0"])


def test_one_digit_has_no_box_and_no_choice(browser: Browser) -> None:
    with visiting_page(browser) as visit:
        visit.write("4")
        visit.expect_answer("4")
        expect(visit.find("#boxes .box")).to_have_count(0)
        expect(visit.find("#digits")).to_be_hidden()


@pytest.mark.parametrize("way", ["click", "arrow keys"])
def test_another_digit_is_chosen_and_looked_into(browser: Browser, way: str) -> None:
    with visiting_page(browser) as visit:
        visit.write("17")
        visit.expect_answer("17")
        expect(visit.find("#bars .best .name")).to_have_text("7")
        before = _image(visit)
        if way == "click":
            visit.find("#boxes .tab").first.click()
        else:
            visit.find("#digits input").last.focus()
            visit.page.keyboard.press("ArrowLeft")
        expect(visit.find("#bars .best .name")).to_have_text("1")
        expect(visit.find("#digits input").first).to_be_checked()
        assert _image(visit) != before


def test_undo_redo_and_clear_lead_back_and_forth(browser: Browser) -> None:
    with visiting_page(browser) as visit:
        expect(visit.find("#undo")).to_be_disabled()
        visit.write("1")
        visit.draw_lines([[(0.7, 0.3), (0.72, 0.7)]])
        visit.expect_answer("11")
        visit.find("#undo").click()
        visit.expect_answer("1")
        visit.find("#redo").click()
        visit.expect_answer("11")
        visit.find("#clear").click()
        visit.expect_answer("?")
        expect(visit.find("#hint")).to_be_visible()
        visit.page.keyboard.press("Control+z")
        visit.expect_answer("11")
        visit.page.keyboard.press("Control+Shift+z")
        visit.expect_answer("?")


def test_strokes_survive_a_resize(browser: Browser) -> None:
    with visiting_page(browser) as visit:
        visit.write("8")
        visit.expect_answer("8")
        before = _ink(visit)
        visit.page.set_viewport_size({"width": 390, "height": 844})
        expect(visit.find("#seen")).to_be_visible()
        expect(visit.find("#pad")).to_have_css("width", re.compile(r"^3\d\d"))
        visit.expect_answer("8")
        assert 0 < _ink(visit) < before


def _draw_one_by_keys(visit: Visit) -> None:
    """Draw a 1 while the paper has the focus."""
    visit.page.keyboard.press("Space")
    for _ in range(15):
        visit.page.keyboard.press("ArrowDown")
    visit.page.keyboard.press("Space")
    visit.expect_answer("1")
    expect(visit.find("#undo")).to_be_enabled(timeout=PATIENCE)


def test_page_is_used_by_keyboard_alone(browser: Browser) -> None:
    with visiting_page(browser) as visit:
        keyboard = visit.page.keyboard
        expect(visit.find("#stage")).to_be_visible(timeout=PATIENCE)
        keyboard.press("Tab")
        expect(visit.find("#pad")).to_be_focused()
        expect(visit.find("#pen-tip")).to_be_visible()
        _draw_one_by_keys(visit)
        expect(visit.find("#spoken")).to_contain_text("Read 1")
        keyboard.press("Delete")
        visit.expect_answer("?")
        keyboard.press("Control+z")
        visit.expect_answer("1")


def test_two_arrows_held_draw_aslant(browser: Browser) -> None:
    with visiting_page(browser) as visit:
        visit.paper()
        visit.find("#pad").focus()
        keyboard = visit.page.keyboard
        for key in ("ArrowRight", "ArrowDown"):
            keyboard.down(key)
        place = visit.page.evaluate(
            "(({left, top}) => [left, top])(document.getElementById('pen-tip').style)"
        )
        for key in ("ArrowRight", "ArrowDown"):
            keyboard.up(key)
        # From the middle, a quarter down: 20 of 800 and 600 units right, then right and down.
        assert [round(float(share.rstrip("%")), 2) for share in place] == [55.0, 28.33]


def test_every_tool_is_reached_by_tab_in_its_order(browser: Browser) -> None:
    reached = []
    with visiting_page(browser) as visit:
        expect(visit.find("#stage")).to_be_visible(timeout=PATIENCE)
        for number in range(14):
            visit.page.keyboard.press("Tab")
            if number == 0:
                _draw_one_by_keys(visit)
            name = visit.page.evaluate("document.activeElement.id || document.activeElement.tagName")
            reached.append(name)
    wanted = ["pad", "undo", "clear", "example", "choose-picture", "pen-width", "seen", "SUMMARY", "unfold"]
    assert [name for name in wanted if name not in reached] == []
    assert sorted(wanted, key=reached.index) == wanted


def test_example_is_written_and_read(browser: Browser) -> None:
    with visiting_page(browser, reduced_motion="reduce") as visit:
        visit.page.evaluate("Math.random = () => 0.5")
        for digit in (3, 4, 5, 6, 7, 8, 9, 0, 1, 2):
            visit.find("#example").click()
            visit.expect_answer(str(digit))


def test_example_stops_when_somebody_takes_the_pen(browser: Browser) -> None:
    with visiting_page(browser) as visit:
        visit.find("#example").click()
        visit.page.wait_for_timeout(60)
        visit.draw_lines([[(0.1, 0.1), (0.1, 0.2)]])
        inked = _ink(visit)
        visit.page.wait_for_timeout(300)
        assert _ink(visit) == inked
