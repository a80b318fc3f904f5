"""What the page shows of a drawing: the 28x28, the classes, every layer, the arithmetic, two classifiers."""

import re

import pytest
from playwright.sync_api import Browser, Locator, expect
from tests.golden_classifier import golden_classifier
from tests.page.whole.visits import PATIENCE, READER, Visit, visiting_page

from inkwise.classifier_file import read_classifier_file
from inkwise.handwriting.recogniser import SHIPPED

CONVOLUTION, FLATTEN, LAST = 0, 15, 19  # layers of the reader


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A classifier file of three classes, which knows nothing of digits."""
    path = tmp_path_factory.mktemp("golden") / "classifier.safetensors"
    golden_classifier().save(path)
    return path.read_bytes()


def _fold(visit: Visit, layer: int) -> None:
    visit.find(".layer summary").nth(layer).click()


def _number(text: str) -> float:
    """Return the last number in text, written with a true minus."""
    return float(re.findall(r"-?[\d.]+", text.replace("\N{MINUS SIGN}", "-"))[-1])


def _numbers(cells: Locator) -> list[float]:
    return [_number(text) for text in cells.all_inner_texts()]


def test_best_class_is_marked_and_told(browser: Browser) -> None:
    with visiting_page(browser) as visit:
        visit.write("7")
        visit.expect_answer("7")
        expect(visit.find("#bars .name")).to_have_text([str(digit) for digit in range(10)])
        expect(visit.find("#bars .best .name")).to_have_text("7")
        assert _number(visit.find("#bars .best .value").inner_text()) > 95
        expect(visit.find("#spoken")).to_contain_text("Read 7", timeout=PATIENCE)


def test_threshold_stands_where_the_classifier_would_rather_ask(browser: Browser) -> None:
    header, _ = read_classifier_file(SHIPPED / "reader.safetensors")
    least = header.metrics["accept_probability"]
    with visiting_page(browser) as visit:
        expect(visit.find("#bars .key")).to_contain_text(f"{100 * least:.1f}", timeout=PATIENCE)
        place = visit.page.evaluate("document.querySelector('.threshold').style.left")
        assert float(place.rstrip("%")) == pytest.approx(100 * least)


def test_doubtful_drawing_is_asked_about_or_is_nothing(browser: Browser) -> None:
    with visiting_page(browser) as visit:
        visit.draw_lines([[(0.2, 0.5), (0.5, 0.52), (0.8, 0.5)]])
        expect(visit.find("#verdict .sure")).to_contain_text(
            re.compile("rather ask|none of them"), timeout=PATIENCE
        )
        expect(visit.find("#bars .best")).to_have_class(re.compile("doubtful"))


def test_pixel_is_told_by_pointer_and_by_keys(browser: Browser) -> None:
    with visiting_page(browser) as visit:
        visit.write("1")
        visit.expect_answer("1")
        place = visit.find("#seen").bounding_box()
        assert place is not None
        cell = place["width"] / 28
        visit.page.mouse.move(place["x"] + 0.5 * cell, place["y"] + 2.5 * cell)
        expect(visit.find("#seen-value")).to_have_text("Row 2, column 0: 0 of 255")
        visit.find("#seen").focus()
        visit.page.mouse.move(0, 0)
        visit.page.keyboard.press("ArrowDown")
        expect(visit.find("#seen-value")).to_contain_text("Row 14, column 14:")
        visit.page.keyboard.press("ArrowRight")
        expect(visit.find("#seen-value")).to_contain_text("Row 14, column 15:")


def test_every_layer_is_listed_in_order(browser: Browser) -> None:
    header, _ = read_classifier_file(SHIPPED / "reader.safetensors")
    titles = {"conv2d": "Convolution", "batch_norm": "Batch normalisation", "relu": "ReLU",
              "flatten": "Flatten", "linear": "Linear"}  # fmt: skip
    assert header.layers is not None
    with visiting_page(browser) as visit:
        wanted = [titles[layer.kind] for layer in header.layers]
        expect(visit.find(".layer .title b")).to_have_text(wanted, timeout=PATIENCE)
        expect(visit.find(".layer details[open]")).to_have_count(0)
        visit.find("#unfold").click()
        expect(visit.find(".layer details[open]")).to_have_count(len(wanted))
        expect(visit.find("#unfold")).to_have_text("Fold all")


def test_value_of_a_convolution_is_worked_out(browser: Browser) -> None:
    with visiting_page(browser) as visit:
        visit.write("3")
        visit.expect_answer("3")
        _fold(visit, CONVOLUTION)
        chart = visit.find(".layer .chart canvas").nth(CONVOLUTION)
        chart.click(position={"x": 60, "y": 60})
        layer = visit.find(".layer").nth(CONVOLUTION)
        expect(layer.locator(".readout")).to_contain_text("Map 0, row", timeout=PATIENCE)
        expect(layer.locator(".numbers caption")).to_have_text(["What it sees", "Weights", "Products"])
        value = _number(layer.locator(".sum tfoot td").last.inner_text())
        assert value == pytest.approx(_number(layer.locator(".readout").inner_text()), abs=0.002)
        terms = _numbers(layer.locator(".sum tbody td:last-child"))
        assert value == pytest.approx(sum(terms), abs=0.002)
        products = [
            _number(text) for text in layer.locator(".numbers").nth(2).locator("td").all_inner_texts()
        ]
        assert sum(products) == pytest.approx(terms[0], abs=25 * 0.005)


def test_value_of_an_output_is_worked_out_by_keys(browser: Browser) -> None:
    with visiting_page(browser) as visit:
        visit.write("3")
        visit.expect_answer("3")
        _fold(visit, LAST)
        chart = visit.find(".layer .chart canvas").nth(LAST)
        chart.focus()
        for _ in range(4):
            visit.page.keyboard.press("ArrowRight")
        layer = visit.find(".layer").nth(LAST)
        expect(layer.locator(".readout")).to_contain_text("Class 3:", timeout=PATIENCE)
        terms = _numbers(layer.locator(".sum tbody td:last-child"))
        assert _number(layer.locator(".sum tfoot td").last.inner_text()) == pytest.approx(
            sum(terms), abs=0.02
        )


def test_worked_out_value_follows_the_drawing(browser: Browser) -> None:
    with visiting_page(browser) as visit:
        visit.write("3")
        visit.expect_answer("3")
        _fold(visit, LAST)
        visit.find(".layer .chart canvas").nth(LAST).focus()
        visit.page.keyboard.press("ArrowRight")
        readout = visit.find(".layer").nth(LAST).locator(".readout")
        expect(readout).to_contain_text("Class 0:", timeout=PATIENCE)
        before = readout.inner_text()
        visit.find("#clear").click()
        visit.write("0")
        visit.expect_answer("0")
        expect(readout).not_to_have_text(before)
        assert _number(readout.inner_text()) > _number(before)


def test_long_row_of_numbers_is_pointed_at(browser: Browser) -> None:
    with visiting_page(browser) as visit:
        visit.write("3")
        visit.expect_answer("3")
        _fold(visit, FLATTEN)
        visit.find(".layer .chart canvas").nth(FLATTEN).click(position={"x": 3, "y": 3})
        layer = visit.find(".layer").nth(FLATTEN)
        expect(layer.locator(".readout")).to_contain_text("Number 0:", timeout=PATIENCE)
        expect(layer.locator(".formula")).to_be_visible()


def test_two_classifiers_stand_side_by_side(browser: Browser, golden: bytes) -> None:
    classifiers = [("reader", READER), ("golden", golden), ("the same", READER)]
    with visiting_page(browser, classifiers=classifiers) as visit:
        visit.write("22")
        visit.expect_answer("22")
        visit.find("#compared").select_option("golden")
        expect(visit.find(".bar-column h3")).to_have_text(["reader", "golden"], timeout=PATIENCE)
        expect(visit.find(".compared")).to_contain_text("They differ: 2 and ")
        expect(visit.find("#digits b")).to_have_text(["2 \N{NOT EQUAL TO}", "2 \N{NOT EQUAL TO}"])
        visit.find("#compared").select_option("the same")
        expect(visit.find(".compared")).to_have_text("= Both read 2", timeout=PATIENCE)
        visit.find("#compared").select_option("none")
        expect(visit.find(".compared")).to_have_count(0)
        assert visit.complaints == []


def test_another_classifier_shows_its_own_classes_and_layers(browser: Browser, golden: bytes) -> None:
    with visiting_page(browser, classifiers=[("reader", READER), ("golden", golden)]) as visit:
        visit.write("2")
        visit.expect_answer("2")
        visit.find("#classifier").select_option("golden")
        expect(visit.find("#bars .name")).to_have_text(["nought", "one", "två"], timeout=PATIENCE)
        expect(visit.find(".layer")).to_have_count(6)


def test_one_classifier_leaves_no_choice(browser: Browser) -> None:
    with visiting_page(browser) as visit:
        expect(visit.find("#stage")).to_be_visible(timeout=PATIENCE)
        expect(visit.find("#choices")).to_be_hidden()


def test_provenance_is_folded_away(browser: Browser) -> None:
    header, _ = read_classifier_file(SHIPPED / "reader.safetensors")
    with visiting_page(browser) as visit:
        facts = visit.find("#about .facts")
        expect(facts).to_be_hidden(timeout=PATIENCE)
        visit.find("#about summary").click()
        expect(facts).to_contain_text(f"{100 * header.metrics['validation_accuracy']:.1f}")
        expect(facts).to_contain_text(f"{header.provenance['num_train']:,} images")


def test_classifier_that_does_not_arrive_is_told(browser: Browser) -> None:
    with visiting_page(browser, classifiers=[("lost", None)]) as visit:
        expect(visit.find("#notice")).to_contain_text(
            "The classifier “lost” did not arrive: the server answers 404. Load the page again",
            timeout=PATIENCE,
        )
        expect(visit.find("#stage")).to_be_hidden()


def test_classifier_that_is_none_is_told(browser: Browser) -> None:
    with visiting_page(browser, classifiers=[("broken", b"\x00" * 400)]) as visit:
        expect(visit.find("#notice")).to_contain_text(
            re.compile("The classifier “broken” cannot be used: .+ Save it again"), timeout=PATIENCE
        )


def test_second_classifier_that_is_lost_leaves_the_first(browser: Browser) -> None:
    with visiting_page(browser, classifiers=[("reader", READER), ("lost", None)]) as visit:
        visit.find("#compared").select_option("lost", timeout=PATIENCE)
        expect(visit.find("#notice")).to_contain_text("“lost” did not arrive", timeout=PATIENCE)
        visit.write("5")
        visit.expect_answer("5")


def test_page_without_scripts_says_so(browser: Browser) -> None:
    with visiting_page(browser, java_script_enabled=False) as visit:
        expect(visit.find("noscript .notice")).to_contain_text("allow JavaScript")
        expect(visit.find("#stage")).to_be_hidden()


def test_server_that_is_gone_is_told(browser: Browser) -> None:
    with visiting_page(browser) as visit:
        expect(visit.find("#stage")).to_be_visible(timeout=PATIENCE)
        visit.page.route("**/read**", lambda route: route.abort())
        visit.find("#picture-file").set_input_files(
            {"name": "a.png", "mimeType": "image/png", "buffer": b"\x89PNG"}
        )
        expect(visit.find("#notice")).to_contain_text(
            "The server does not answer. Is inkwise serve still running?", timeout=PATIENCE
        )
