"""Declared deviations: they do not count as failures; what passes though it was declared to fail is no pass."""

import contextlib
import re
from typing import Any

import pytest

import rnn_ref
from rnn_ref.cli import main
from rnn_ref.conformance.cases import frozen
from rnn_ref.conformance.reports.findings import Several
from rnn_ref.conformance.reports.formats import rendered
from rnn_ref.conformance.reports.text import rendered as as_text

BATCHED = "rnn_forward/generic*"


def wrong_for_batches(X_seq: Any, h0: Any, *weights: Any) -> Any:
    return rnn_ref.rnn_forward(X_seq, h0 * 0.5 if h0.ndim > 1 else h0, *weights)


def counted(report: Any) -> dict[str, int]:
    statuses = [result.status for result in report.results]
    return {status: statuses.count(status) for status in set(statuses)}


def test_a_declared_function_may_fail_in_part() -> None:
    target = {"rnn_forward": wrong_for_batches}
    assert not rnn_ref.check(target).ok
    report = rnn_ref.check(target, expect_fail={"rnn_forward": "batches are to come"})
    assert report.ok
    assert report.functions["rnn_forward"].verdict == "conforms"
    assert set(counted(report)) == {"passed", "xfail"}
    assert any(result.declared == "batches are to come" for result in report.results)


def test_a_declared_function_that_fails_nowhere_is_no_pass() -> None:
    report = rnn_ref.check({"rnn_forward": rnn_ref.rnn_forward}, expect_fail={"rnn_forward": "broken"})
    assert set(counted(report)) == {"xpass"}
    assert not report.ok
    assert "NOT OK: 1 unexpected pass\n" in str(report)
    for text in (str(report), report.to_markdown(), report.to_html()):
        row = re.split("of rnn_forward: broken", text)[0]
        assert "conforms" not in row
        assert re.search(rf"unexpected pass\W.*?{report.ran}/{report.ran}\b", row, re.DOTALL)
    several = Several([report, report])
    assert re.search(r" 0/1  \d+ unexpected pass", as_text(several))
    assert "unexpected pass" in rendered(several, "html").partition("</table>")[0]


def test_a_pattern_speaks_of_every_check_that_it_matches() -> None:
    target = {"rnn_forward": wrong_for_batches}
    exact = {result.id: "to come" for result in rnn_ref.check(target).results if result.status == "failed"}
    assert rnn_ref.check(target, expect_fail=exact).ok
    everything = rnn_ref.check(target, expect_fail={"rnn_forward/*": "to come"})
    assert counted(everything)["xpass"] == sum(r.status == "xpass" or r.rank == "single" for r in everything.results)
    assert not everything.ok


def test_what_is_not_declared_still_fails() -> None:
    report = rnn_ref.check({"rnn_forward": wrong_for_batches}, expect_fail={BATCHED: "to come"})
    assert not report.ok
    assert report.functions["rnn_forward"].verdict == "wrong"


def test_counts_add_up() -> None:
    report = rnn_ref.check({"rnn_forward": wrong_for_batches}, expect_fail={"rnn_forward": "to come"})
    assert report.planned == report.ran + report.skipped == sum(counted(report).values())


@pytest.mark.parametrize(
    ("declared", "sentence"),
    [
        ("rnn_forwards=why", "no function and matches no check"),
        ("rnn_forward/generics-float64=why", "no function and matches no check"),
        ("rnn_forward", "expected NAME=REASON"),
        ("rnn_forward=", "expected NAME=REASON"),
    ],
)
def test_an_unknown_name_or_no_reason_is_an_error(
    declared: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with contextlib.suppress(SystemExit):  # argparse's own, with the same code
        assert main(["check", "--expect-fail", declared]) == 2
    assert sentence in capsys.readouterr().err


def test_on_the_command_line(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.py").write_text(
        "import rnn_ref\ndef rnn_forward(X, h0, W, U, b):\n    return rnn_ref.rnn_forward(X, h0 * 0.5, W, U, b)\n"
    )
    target = str(tmp_path / "mine.py")
    assert main(["check", target]) == 1
    assert main(["check", target, "--expect-fail", "rnn_forward=h0 is halved = known"]) == 0
    assert "h0 is halved = known" in capsys.readouterr().out


def test_every_id_may_be_named() -> None:
    every = {check.id: "why" for suite in ("1", "relu-1") for check in frozen.load(suite=suite)[0]}
    report = rnn_ref.check({"rnn_cell_step": rnn_ref.rnn_cell_step}, expect_fail=every)
    assert set(counted(report)) == {"xpass"}


def test_the_table_does_not_call_it_conforming() -> None:
    def rnn_cell_step(*arguments: Any) -> Any:
        return 0 * arguments[1]

    report = rnn_ref.check({"rnn_cell_step": rnn_cell_step}, expect_fail={"rnn_cell_step": "todo"})
    assert report.ok
    for text in (str(report), report.to_markdown(), report.to_html()):
        assert "as declared" in text
        assert "✗" not in text
        assert "conforms" not in text.replace("it conforms", "").split("rnn_cell_step", 1)[1].split("failed as", 1)[0]
