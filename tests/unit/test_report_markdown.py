"""The Markdown report: the table and the blocks, of bounded size, and nothing foreign in it is markup."""

import dataclasses
import html
import re

import pytest
from unit_reports import NASTY, mixed, nasty, right

from rnn_ref.conformance.reports.clean_text import fenced, in_markdown, plain
from rnn_ref.conformance.reports.findings import Several
from rnn_ref.conformance.reports.markdown import LIMIT, rendered
from rnn_ref.conformance.reports.report import Report


@pytest.fixture(scope="module")
def report() -> Report:
    return mixed()


def test_the_table_has_a_row_for_every_function_found(report: Report) -> None:
    text = report.to_markdown()
    table = [line for line in text.splitlines() if line.startswith("| ")]
    assert table[0] == "| function | verdict | passed | error | allowed | step |"
    assert [row.partition(";")[0].split(" | ")[:2] for row in table[1:]] == [
        ["| rnn_cell_step", "conforms"],
        ["| rnn_forward", "wrong"],
        ["| rnn_output_layer", "crashed"],
        ["| rnn_sequence_loss", "not-implemented"],
    ]
    assert text.startswith("## dict: NOT OK\n\n| function")
    assert "Required, but not there: rnn_bptt." in text
    assert "conforms; batches: not asked, they raise ZeroDivisionError, " in table[1]
    assert f"planned {report.planned}, ran {report.ran}, skipped {report.skipped}" in text


def test_the_blocks_follow_the_table_in_fences(report: Report) -> None:
    text = report.to_markdown()
    head, *blocks = text.split("\n### ")
    assert "```" not in head
    assert [block.splitlines()[0] for block in blocks] == [
        "rnn_forward: wrong (constant-factor)",
        "rnn_output_layer: crashed",
        "rnn_sequence_loss: not-implemented",
    ]
    assert re.search(r"```text\n  A result is off by a constant factor of 2\n(  .*\n)+```\n", blocks[0])


def test_what_is_right_is_a_table_alone() -> None:
    text = right().to_markdown()
    assert text.startswith("## rnn_ref: ok\n")
    assert "###" not in text
    assert "```" not in text


@pytest.mark.parametrize("foreign", [NASTY, "# not a heading", "@someone", "one\n\n\ntwo", "$x$", "~~gone~~", "\\|"])
def test_foreign_text_stays_text_in_one_line(foreign: str) -> None:
    written = in_markdown(foreign)
    bare = re.sub(r"&#\d+;", "", written)
    assert not re.search(r"[|`<>&*\[\]\\#~$@\n\x00-\x1f]|\b_|_\b", bare)
    assert html.unescape(written).replace("\u200b", "").split() == plain(foreign).split()


def test_foreign_text_cannot_break_the_table_nor_close_a_fence() -> None:
    lines = nasty().to_markdown().splitlines()
    assert lines[0].startswith("## mine&#92;na&#124;b ")  # an end of a line in a name is shown
    assert {line.count("|") for line in lines if line.startswith("|")} == {7}
    fences = [i for i, line in enumerate(lines) if re.match("`{3,}", line)]
    assert len(fences) == 2
    assert lines[fences[1]] == lines[fences[0]].removesuffix("text") == "````"  # longer than what is within


@pytest.mark.parametrize("inside", ["", "```", "`````` x\n````", "`" * 50])
def test_a_fence_is_longer_than_any_run_of_backticks(inside: str) -> None:
    first, *_, last = fenced(inside).splitlines()
    assert first == f"{last}text"
    assert last not in inside


def test_several_targets_begin_with_the_sum_and_with_what_does_not_conform(report: Report) -> None:
    text = rendered(Several([right(), report]))
    assert text.startswith("**1 of 2 targets conform.**\n")
    table = text.partition("\n## ")[0].splitlines()[2:]
    assert [line.split(" | ")[:2] for line in table] == [
        ["| target", "conform"],
        ["|:--|--:|:--|"],
        ["| dict", "1/4"],
        ["| rnn_ref", "1/1"],
    ]
    assert "rnn_forward wrong (constant-factor), rnn_output_layer crashed (ValueError, " in table[2]
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["dict: NOT OK", "rnn_ref: ok"]
    assert "### dict: rnn_forward: wrong (constant-factor)\n" in text
    assert text.index("### dict: rnn_forward") < text.index("## rnn_ref: ok")


def test_it_never_grows_beyond_the_limit_and_says_what_was_left_out(report: Report) -> None:
    named = dataclasses.replace(report, target="\N{GREEK CAPITAL LETTER SIGMA}" * 1000)  # two bytes each
    text = rendered(Several([named] * 300))
    assert 0.9 * LIMIT < len(text.encode()) <= LIMIT
    kept = len(re.findall(r"^## ", text, re.MULTILINE)), len(re.findall(r"^### ", text, re.MULTILINE))
    tables, blocks = re.search(r"\nLeft out, .*: (?:(\d+) tables? and )?(\d+) blocks", text).groups("0")  # type: ignore[union-attr]
    assert (kept[0] + int(tables), kept[1] + int(blocks)) == (300, 900)
    assert int(tables) > 0


def test_blocks_are_left_out_before_tables_whatever_the_limit(report: Report) -> None:
    for limit in range(500, 4000, 23):
        text = rendered(report, limit)
        assert len(text.encode()) <= limit
        assert ("Left out" in text) == (text.count("### ") < 3)
        assert "### " not in text or "| rnn_forward | wrong |" in text


def test_nothing_is_said_of_leaving_out_where_nothing_was(report: Report) -> None:
    assert "Left out" not in report.to_markdown()
