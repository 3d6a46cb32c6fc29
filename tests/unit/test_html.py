"""The page of HTML says what the report says, is whole, and lets nothing foreign out of its quotes."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

import rnn_ref
from rnn_ref import cli
from rnn_ref.conformance import Report
from rnn_ref.conformance.judge.raising import Raising
from rnn_ref.conformance.reports.findings import Several, Unchecked
from rnn_ref.conformance.reports.html.elements import marked
from rnn_ref.conformance.reports.html.page import POLICY, rendered
from rnn_ref.conformance.reports.html.section import MOST
from rnn_ref.conformance.targets.raised import Raised

HOSTILE = '<script>alert("1")</script>\u202e & <img src=x onerror=y> \x1b[31m'
VOID = {"meta", "rect", "wbr"}


def from_h0(X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
    return [rnn_ref.rnn_cell_step(x_t, h0, W_xh, W_hh, b_h) for x_t in X_seq]


def hostile(*_: Any) -> Any:
    raise ValueError(HOSTILE)


def report(**functions: Any) -> Report:
    return rnn_ref.check(functions)


class Reader(HTMLParser):
    """Collects what a browser would see, and refuses a tag that is not closed in its place."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID - {"rect"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, text: str) -> None:
        if "style" not in self.open:
            self.words.append(text)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def wrong() -> Report:
    return report(rnn_forward=from_h0, rnn_cell_step=rnn_ref.rnn_cell_step, rnn_output_layer=hostile)


def test_it_names_the_mistake_and_shows_both_formulas(wrong: Report) -> None:
    said = Reader(wrong.to_html()).text
    function = wrong.functions["rnn_forward"]
    for part in (
        "NOT OK",
        "h0-every-step",
        "✗ wrong",
        "✓ conforms",
        function.evidence[1:],
        *function.facts,
        function.hint,
    ):
        assert part in said
    assert "tanh(W_xh x_t + W_hh h_prev + b_h)" in said
    assert "tanh(W_xh x_t + W_hh h0 + b_h)" in said
    assert f"planned {wrong.planned}, ran {wrong.ran}" in said


def test_what_is_code_is_set_as_code_and_figures_are_folded_up(wrong: Report) -> None:
    assert marked("try `h = h0`, not dX_seq[2] <") == ("try <code>h = h0</code>, not <code>dX_seq[2]</code> &lt;")
    page = wrong.to_html()
    shown = re.sub(r"<details>.*?</details>", "", page, flags=re.DOTALL)
    for part in (" ulp", "would pass if", "Agrees with this mistake"):
        assert part in page
        assert part not in shown


def test_the_picture_has_a_cell_for_every_number(wrong: Report) -> None:
    found = wrong.functions["rnn_forward"].error_map
    assert found is not None
    reader = Reader(wrong.to_html())
    ratios = np.array(found.ratios)
    assert [tag for tag, _ in reader.elements].count("rect") == ratios.size
    letters = [word for word in reader.words if word in {".", "x", "X", "#"}]
    assert letters.count(".") == (ratios <= 1).sum()
    assert letters.count("#") == (ratios > 1e9).sum()


def test_nothing_foreign_is_obeyed(wrong: Report) -> None:
    page = rendered(Several([wrong, Unchecked(HOSTILE, HOSTILE)]))
    reader = Reader(page)
    assert {tag for tag, _ in reader.elements}.isdisjoint({"script", "img", "link", "iframe", "object"})
    assert not any(name.startswith("on") for _, attributes in reader.elements for name in attributes)
    assert "\u202e" not in page
    assert "\x1b" not in page
    assert '<script>alert("1")</script>' in reader.text


def test_nothing_is_fetched(wrong: Report) -> None:
    page = wrong.to_html()
    reader = Reader(page)
    assert all(set(attributes).isdisjoint({"src", "srcset", "data", "action"}) for _, attributes in reader.elements)
    assert re.search(r"https?:|url\(|@import", page.partition("</style>")[0]) is None
    assert POLICY in [attributes.get("content") for tag, attributes in reader.elements if tag == "meta"]


def test_several_targets_are_linked_from_the_top(wrong: Report) -> None:
    right = report(rnn_cell_step=rnn_ref.rnn_cell_step)
    page = rendered(Several([right, wrong, Unchecked("gone.py", "no such file")]))
    reader = Reader(page)
    assert [tag for tag, _ in reader.elements].count("h2") == 0  # the name stands in the line that unfolds it
    assert re.findall(r'<th scope="col">(.*?)</th>', page)[:2] == ["target", "verdict"]
    links = [attributes["href"] for tag, attributes in reader.elements if tag == "a"]
    ids = [f"#{attributes['id']}" for _, attributes in reader.elements if "id" in attributes]
    assert links == ids
    assert "no such file" in reader.text


def test_a_class_counts_each_mistake_once_and_what_passes_on_is_no_other() -> None:
    def rnn_cell_step(x_t: Any, h_prev: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
        return x_t @ W_xh.T + h_prev @ W_hh.T + b_h

    def rnn_forward(X_seq: Any, h0: Any, *weights: Any) -> Any:
        states = [h0]
        for x_t in X_seq:
            states.append(step(x_t, states[-1], *weights))
        return states[1:]

    step = rnn_cell_step
    found = report(rnn_cell_step=rnn_cell_step, rnn_forward=rnn_forward)
    unread = [Unchecked("a.py", "a.py, line 3: syntax error: expected ':'"), Unchecked("b.py", "b.py: no such file")]
    page = rendered(Several([found, found, report(rnn_forward=from_h0), *unread, Unchecked("c.py", "", empty=True)]))
    (told,) = re.findall(r"Mistakes, by targets: </strong>(.*?)</p>", page)
    told, whole = re.subn(r'<span class="whole">(.*?)</span>', r"\1", told)  # a name is not broken at its hyphens
    assert whole == 4
    assert found.functions["rnn_forward"].verdict == "passes-on"
    assert told == "no-tanh 2, h0-every-step 1, syntax error 1, could not be checked 1"
    row = re.findall(r"<tr>.*?</tr>", page)[1]
    assert row.count("no-tanh") == 1
    assert "passes-on (rnn_cell_step)" in row.replace("<wbr>", "")
    assert re.search(r"<h3><code>rnn_forward</code> .*?passes-on.*?<code[^>]*>rnn_cell_step</code></h3>", page)


def test_an_exception_is_told_once() -> None:
    page = report(rnn_cell_step=hostile).to_html()
    article = page.partition("<article")[2].partition("<details>")[0]
    assert article.count("ValueError: ") == 1


def test_a_long_list_is_cut_and_says_so() -> None:
    def cross_entropy(*_: Any, **__: Any) -> float:
        return 0.5

    found = report(cross_entropy=cross_entropy)
    reader = Reader(found.to_html())
    failed = sum(result.status == "failed" for result in found.results)
    assert failed > MOST
    assert f"{failed - MOST} more are in the JSON report" in reader.text


def test_the_command_writes_it(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "--only", "rnn_cell_step", "--html", str(tmp_path / "page.html")]) == 0
    assert "\nrnn_ref: suite 1" in capsys.readouterr().out
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "✓ ok" in Reader(page).text
    assert cli.main(["check", "--only", "rnn_cell_step", "--html", "-"]) == 0
    assert capsys.readouterr().out.startswith("<!doctype html>")


def test_the_table_of_many_says_what_is_raised_and_where_and_its_sum_counts_every_row() -> None:
    good, bad = report(rnn_cell_step=rnn_ref.rnn_cell_step), report(rnn_forward=hostile)
    raised = Raised("SyntaxError", "invalid syntax", "class/dee.ipynb, code cell 3", 2)
    broken = replace(bad.functions["rnn_forward"], raises=[Raising("all", raised)])
    unparsed = replace(bad, target="class/dee.ipynb", functions={"rnn_forward": broken})
    page = rendered(
        Several([good, unparsed, Unchecked("gone.py", "gone.py: no such file"), Unchecked("x", "", empty=True)])
    )
    text = Reader(page).text
    assert "rnn_forward: crashed SyntaxError, code cell 3, line 2" in text
    assert "1 of 4 targets conform; 1 do not; 1 could not be checked; 1 without any of the functions." in text
    assert "could not be checked no such file" in text
