"""The test bed of the diagnosis: its styles are right, its mistakes are mistakes, and there are enough of them."""

import sys
from collections import defaultdict
from pathlib import Path

import pytest

from rnn_ref import check
from rnn_ref.conformance.execute import perform
from rnn_ref.conformance.fresh import fresh_checks
from rnn_ref.conformance.judge import judge
from rnn_ref.conformance.vectors import load

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))
from diagnosis import STYLES, implementations
from diagnosis.written import SLUGS

sys.path.pop(0)
CHECKS = [*fresh_checks(8), *load()[0]]  # those of a seed come first: most mistakes show there


def is_wrong(candidate, function, rank=None, dtypes=("float32", "float64")):
    """Return whether a check that is no matter of what is claimed shows the mistake, in every precision."""
    return all(any(wrong(candidate, one, rank) for one in CHECKS if one.function == function and one.dtype == dtype)
               for dtype in dtypes)  # fmt: skip


def wrong(candidate, one, rank):
    result = judge(one, [perform(candidate, one)])
    if result.status == "passed":  # it may be wrong at the second call
        result = judge(one, [perform(candidate, one)])
    return result.status == "failed" or (result.status == "error" and rank == "both")


@pytest.mark.parametrize("style", STYLES, ids=[f"{one.function}, {one.name}" for one in STYLES])
def test_a_style_is_right_when_no_mistake_is_made(style):
    check({style.function: style.factory(frozenset())}, seed=8).raise_if_failed()


@pytest.mark.parametrize("function", SLUGS)
def test_every_mistake_is_one_in_every_style(function):
    mine = [one for one in implementations() if one.function == function]
    right = [(one.slug, one.style) for one in mine if not is_wrong(one.candidate, function, one.rank, one.dtypes)]
    assert not right


def test_there_are_three_styles_for_every_mistake_in_every_function():
    names = defaultdict(set)
    for one in implementations():
        style = max((s.name for s in STYLES if s.function == one.function and one.style.startswith(s.name)), key=len)
        names[one.function, one.slug].add(style)
    assert not {(f, slug): names[f, slug] for f in SLUGS for slug in SLUGS[f] if len(names[f, slug]) < 3}
