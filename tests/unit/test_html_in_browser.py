"""The page in a real browser, headless Chromium: what is seen, and that nothing is asked for elsewhere."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import rnn_ref
from rnn_ref.conformance import Report
from rnn_ref.conformance.judge.verdict import FunctionReport
from rnn_ref.conformance.reports.findings import Several, Unchecked
from rnn_ref.conformance.reports.html.page import rendered
from rnn_ref.conformance.spec import OPERATIONS

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
QUIET = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-sync"
WIDTHS = (360, 768, 1280)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=[*QUIET.split(), "--disable-component-update"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def wrong() -> Report:
    def rnn_forward(X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
        return [rnn_ref.rnn_cell_step(x_t, h0, W_xh, W_hh, b_h) for x_t in X_seq]

    def cross_entropy(*_: Any, **__: Any) -> Any:
        raise ValueError("<script>document.title = 'obeyed'</script>" + "a-word-without-an-end" * 20)

    return rnn_ref.check({"rnn_forward": rnn_forward, "cross_entropy": cross_entropy})


@pytest.fixture(scope="module")
def page_file(wrong: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("page") / "page.html"
    file.write_text(rendered(Several([wrong, Unchecked("gone.py", "no such file")])), encoding="utf-8")
    return file


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_is_read_without_scrolling_sideways(browser: Any, page_file: Path, width: int, scheme: str) -> None:
    said: list[str] = []
    asked: list[str] = []
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page_file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert "obeyed" not in page.title()
    seen = " ".join(page.locator("main").all_text_contents())
    assert all(part in seen for part in ("h0-every-step", "Where to look", "no such file", "document.title"))
    assert not page.is_visible(".function")
    page.click("summary >> nth=0")
    assert page.is_visible(".function")
    assert not page.is_visible(".function table")
    page.click(".function summary >> nth=0")
    page.evaluate("document.querySelectorAll('.function details').forEach(one => one.open = true)")
    assert page.is_visible(".function table")
    assert (said, asked) == ([], [page_file.as_uri()])
    page.close()


def pages_of(page: Any) -> int:
    """Return on how many pages it prints."""
    pdf: bytes = page.pdf(format="A4", prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


@pytest.mark.parametrize("learners", [1, 30])
def test_one_prints_on_two_pages_at_most_and_a_class_on_four(browser: Any, wrong: Report, learners: int) -> None:
    page = browser.new_page()
    page.set_content(wrong.to_html() if learners == 1 else rendered(Several([wrong] * learners)))
    assert pages_of(page) <= (2 if learners == 1 else 4)
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.close()


def test_on_a_phone_the_verdict_is_seen_first_and_no_number_is_broken(browser: Any, wrong: Report) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.set_content(wrong.to_html())
    assert not page.is_visible("thead")  # a table is a list here
    assert page.evaluate(
        "[...document.querySelectorAll('.wide:has(table)')].every(e => e.scrollWidth <= e.clientWidth)"
    )
    for verdict in page.locator("td .verdict").all():
        box = verdict.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    lines = "e => { const r = document.createRange(); r.selectNodeContents(e); return r.getClientRects().length }"
    cells = [cell for cell in page.locator("td").all() if re.fullmatch(r"\S+", cell.inner_text())]
    assert len(cells) > 3
    assert {cell.evaluate(lines) for cell in cells} == {1}
    page.close()


def test_in_a_command_no_option_is_broken(browser: Any, wrong: Report) -> None:
    lines = "e => { const r = document.createRange(); r.selectNodeContents(e); return r.getClientRects().length }"
    page = browser.new_page(viewport={"width": 390, "height": 800})
    for length in range(10, 40, 2):  # so that the name stands at the end of a line in one of them
        again = f"rnn-ref check {'a' * length}.ipynb --only rnn_forward/generic-float64"
        functions = {"rnn_forward": replace(wrong.functions["rnn_forward"], reproduce=again)}
        page.set_content(replace(wrong, functions=functions).to_html())
        assert page.locator(".again .option").evaluate(lines) == 1
        assert page.locator(".again code").inner_text() == again
    page.close()


@pytest.mark.parametrize("width", [390, 1024, 1280, 1600])
def test_why_one_of_many_was_not_checked_is_seen_whole_however_many_columns_there_are(
    browser: Any, wrong: Report, width: int
) -> None:
    everywhere = {name: FunctionReport("wrong", mistakes=["h0-every-step", "bias-missing"]) for name in OPERATIONS}
    reason = "cannot be loaded: SystemExit: " + "no GPU was found on this machine, which it needs, " * 5 + "(a_b.py:2)"
    page = browser.new_page(viewport={"width": width, "height": 800})
    many = [replace(wrong, functions=everywhere), Unchecked("a_learner_with_a_very_long_name_of_a_file.py", reason)]
    page.set_content(rendered(Several(many)))
    assert page.locator(".class > .wide .left-out").all_inner_texts() == [reason]
    box = page.locator(".class > .wide .left-out").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


ENDS_OF_LINES = """link => {
    const texts = document.createTreeWalker(link, NodeFilter.SHOW_TEXT), place = document.createRange()
    let ends = "", last = "", top = null
    while (texts.nextNode()) for (let i = 0; i < texts.currentNode.length; i++) {
        place.setStart(texts.currentNode, i); place.setEnd(texts.currentNode, i + 1)
        const here = place.getBoundingClientRect().top
        if (top !== null && here > top) ends += last
        last = texts.currentNode.data[i]; top = here
    }
    return ends
}"""


def test_the_name_of_a_file_goes_on_in_the_next_line_behind_a_stroke(browser: Any, wrong: Report) -> None:
    everywhere = {name: FunctionReport("wrong", mistakes=["h0-every-step"]) for name in OPERATIONS}
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    name = "/homework/recurrent_networks/of_somebody_with_a_long_name.py"
    page.set_content(rendered(Several([replace(wrong, target=name, functions=everywhere)] * 2)))
    ends = page.locator(".class > .wide tbody th a").first.evaluate(ENDS_OF_LINES)
    assert ends
    assert set(ends) <= set("/_")
    page.close()


def test_what_is_printed_of_a_class_has_a_line_for_each_and_the_names_of_functions_and_mistakes(
    browser: Any, wrong: Report
) -> None:
    page = browser.new_page()
    page.set_content(rendered(Several([wrong, wrong])))
    page.emulate_media(media="print")
    assert "rnn_forward" in page.inner_text("thead")
    assert all("h0-every-step" in row for row in page.locator("tbody tr:visible").all_inner_texts())
    assert "h0-every-step 2" in page.inner_text("main > p:has(strong)")
    assert not page.is_visible(".function")
    page.close()
