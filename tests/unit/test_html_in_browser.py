"""The page in a real browser, headless Chromium: what is seen, and that nothing is asked for elsewhere."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import rnn_ref
from rnn_ref.conformance.reports.findings import Several, Unchecked
from rnn_ref.conformance.reports.html.page import rendered

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
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def rnn_forward(X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
        return [rnn_ref.rnn_cell_step(x_t, h0, W_xh, W_hh, b_h) for x_t in X_seq]

    def cross_entropy(*_: Any, **__: Any) -> Any:
        raise ValueError("<script>document.title = 'obeyed'</script>" + "a-word-without-an-end" * 20)

    wrong = rnn_ref.check({"rnn_forward": rnn_forward, "cross_entropy": cross_entropy})
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
    seen = page.inner_text("main")
    assert all(part in seen for part in ("h0-every-step", "Where to look", "no such file", "document.title"))
    assert not page.is_visible("details table")
    page.click("summary >> nth=0")
    assert page.is_visible("details table")
    assert (said, asked) == ([], [page_file.as_uri()])
    page.close()


def test_is_printed(browser: Any, page_file: Path) -> None:
    page = browser.new_page()
    page.goto(page_file.as_uri())
    assert page.pdf().startswith(b"%PDF")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.close()
