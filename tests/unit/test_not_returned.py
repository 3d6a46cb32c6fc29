"""Gradients that are not among what is returned by name: what is said of the others, right and wrong."""

import inspect
from pathlib import Path

import pytest

from rnn_ref.conformance import check
from rnn_ref.conformance.reports.report import Report
from rnn_ref.conformance.spec.rnn import base

ALL = "(dX, dh0, dW_xh, dW_hh, db_h, dW_hy, db_y)"
SOME = '{"W_xh": dW_xh, "W_hh": dW_hh, "b_h": db_h, "W_hy": dW_hy, "b_y": db_y}'
DECLARE = "--claims 'no dX, no dh0'"


def report_of(folder: Path, *edits: tuple[str, str]) -> Report:
    """Return the report on the right function, with the gradients of its parameters alone, and other edits."""
    text = inspect.getsource(base.rnn_bptt)
    for old, new in ((ALL, SOME), *edits):
        assert old in text
        text = text.replace(old, new)
    (folder / "mine.py").write_text(f"import numpy as np\n\n\n{text}", encoding="utf-8")
    return check(folder / "mine.py")


@pytest.mark.parametrize(
    ("edit", "slugs"),
    [
        ((".T @ h_prev", ".T @ h_t"), ["dW_hh-from-h_t"]),
        (("dz_t = dh_t * slope", "dz_t = dh_t * slope * slope"), ["slope-twice"]),
        (("db_y = dz.sum(0)", "db_y = 2 * dz.sum(0)"), ["db-twice"]),
    ],
)
def test_a_mistake_in_the_gradients_that_are_there_has_its_name(
    tmp_path: Path, edit: tuple[str, str], slugs: list[str]
) -> None:
    found = report_of(tmp_path, edit).functions["rnn_bptt"]
    assert found.verdict == "wrong"
    assert found.mistakes == slugs
    assert not found.only_mistake
    assert "dX_seq and dh0 are not returned" in found.explanation
    assert DECLARE in found.explanation


@pytest.mark.slow
def test_two_of_them_have_theirs_and_what_has_none_has_facts(tmp_path: Path) -> None:
    edits = ((".T @ h_prev", ".T @ h_t"), ("db_h += dz_t.sum(0)", "db_h = dz_t.sum(0)"))
    found = report_of(tmp_path, *edits).functions["rnn_bptt"]
    assert set(found.mistakes) == {"dW_hh-from-h_t", "db-first-step-only"}
    unnamed = report_of(tmp_path, ("db_y = dz.sum(0)", "db_y = dz.sum(0) + W_hy[:, 0]")).functions["rnn_bptt"]
    assert not unnamed.mistakes
    assert any("db_y is wrong" in fact for fact in unnamed.facts)


def test_where_all_that_is_there_is_right_it_is_read_as_that_claim(tmp_path: Path) -> None:
    found = report_of(tmp_path).functions["rnn_bptt"]
    assert found.verdict == "conforms"
    assert {"no dX_seq", "no dh0"} <= {*found.claims}
