"""Mistakes in stacks get their names in users' files; what is right in any style conforms; the rest gets no name."""

import inspect
from pathlib import Path
from typing import Any

import pytest
from sampled import some
from unit_stacks import RIGHT, WRONG

import rnn_ref
from rnn_ref.conformance.mistakes.make import source
from rnn_ref.conformance.spec.bases import right
from rnn_ref.conformance.spec.catalogue import MISTAKES

ONES = {(one.slug, function): one for one in reversed(MISTAKES) for function in one.functions if "stack" in function}
ALL = sorted(ONES)
HEAD = "import numpy as np\n\nKEPT = {}\n\n\n"


def asked(text: str, function: str, folder: Path) -> Any:
    (folder / "mine.py").write_text(HEAD + text)
    return rnn_ref.check(str(folder / "mine.py")).functions[function]


@pytest.mark.parametrize(("slug", "function"), some(ALL[2::19], 3), ids=str)
def test_a_mistake_is_named_in_a_users_file(slug: str, function: str, tmp_path: Path) -> None:
    found = asked(source((ONES[slug, function],), function), function, tmp_path)
    assert (found.mistake, bool(found.hint)) == (slug, True)


@pytest.mark.parametrize("style", some(RIGHT, 2))
def test_what_is_right_conforms_in_any_style(style: str, tmp_path: Path) -> None:
    assert asked(RIGHT[style], "stack_forward", tmp_path).verdict == "conforms"


@pytest.mark.parametrize(
    ("slug", "text", "old", "new"),
    some([(slug, *rest) for slug, _, *rest in WRONG], 3),
    ids=[told for _, told, *_ in WRONG],
)
def test_a_mistake_is_named_in_any_style(slug: str, text: str, old: str, new: str, tmp_path: Path) -> None:
    assert text.count(old) == 1
    assert asked(text.replace(old, new), "stack_forward", tmp_path).mistakes == [slug]


SHOWN_BEHIND = [  # what stands behind the ends of sequences in the place of zeros
    ("outputs-repeated", "((0, T - len(y)), (0, 0)), mode='edge'"),
    ("outputs-not-masked", "((0, T - len(y)), (0, 0)), constant_values=np.nan"),
    ("outputs-not-masked", "((0, T - len(y)), (0, 0)), mode='mean'"),
]


@pytest.mark.parametrize(("slug", "padding"), SHOWN_BEHIND)
def test_what_is_shown_behind_the_end_is_a_convention(slug: str, padding: str, tmp_path: Path) -> None:
    text = RIGHT["alone"].replace("((0, T - len(y)), (0, 0))", padding)
    found = asked(text, "stack_forward", tmp_path)
    assert (found.verdict, found.mistake) == ("right-but", slug)
    assert found.explanation.startswith("right if")


OUTSIDE = [  # of mistakes that the catalogue has not
    ("stack_forward", "starts = [state0[k] for state0", "starts = [state0[k] / 2 for state0"),
    ("stack_backward", "dabove = dbelow", "dabove = dbelow / 2 if first else dbelow"),
]


@pytest.mark.parametrize(("function", "old", "new"), some(OUTSIDE, 2))
def test_a_mistake_of_no_catalogue_gets_no_name(function: str, old: str, new: str, tmp_path: Path) -> None:
    found = asked(inspect.getsource(right(function)).replace(old, new), function, tmp_path)
    assert (found.verdict, found.mistakes) == ("wrong", [])


ONE_CELL = """
import rnn_ref

def stack_forward(run, X_seq, states0, layers, *, directions=1, lengths=None):
    return rnn_ref.stack_forward(rnn_ref.lstm_forward, X_seq, states0, layers, directions=directions, lengths=lengths)
"""


def test_a_stack_of_one_cell_that_raises_at_others_is_asked_that_cell_alone(tmp_path: Path) -> None:
    found = asked(ONE_CELL, "stack_forward", tmp_path)
    assert (found.verdict, found.passed) == ("conforms", 17)
    others = {"stacks of rnn_forward", "stacks of gru_forward"}
    others |= {"stacks of rnn_forward with activation=relu", "stacks of gru_forward with reset_after=False"}
    assert {one.what for one in found.left_out} == others


def test_options_of_a_layer_go_with_its_function(tmp_path: Path) -> None:
    deaf = ONE_CELL.replace("(rnn_ref.lstm_forward,", "(getattr(run, 'func', run),")  # to the options
    found = asked(deaf, "stack_forward", tmp_path)
    assert found.verdict == "wrong"
    assert found.passed == 48  # those of layers without options


def test_what_has_no_stack_hears_nothing_of_one(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(HEAD + inspect.getsource(right("rnn_cell_step")))
    found = rnn_ref.check(str(tmp_path / "mine.py"))
    assert found.ok
    assert "rnn_cell_step" in str(found)
    assert "stack_forward" not in str(found)
