"""From how many steps or units on it is wrong is told, where the checks leave many numbers between."""

from typing import Any

import pytest

import rnn_ref


def by_name(*given: Any) -> Any:
    """Go back over steps that are sorted by their names: step10 comes before step2."""
    dh_states, h_states, X_seq, h0, *weights = given
    order = sorted(range(len(X_seq)), key=lambda t: f"step{t}")
    dX, *others = rnn_ref.rnn_backward(dh_states[order], h_states[order], X_seq[order], h0, *weights)
    return dX, *others


def seventh_unit(*given: Any) -> Any:
    found = [state.copy() for state in rnn_ref.rnn_forward(*given)]
    for state in found:
        state[..., 14:] = 0.5
    return found


@pytest.mark.parametrize(("function", "wrong", "fact"), [
    ("rnn_backward", by_name, "right with 10 steps, wrong with 11 (T): so one problem, cut to several sizes"),
    ("rnn_forward", seventh_unit, "right with 14 units, wrong with 15 (H): so one problem, cut to several sizes"),
])  # fmt: skip
def test_the_number_from_which_on_it_is_wrong_is_asked_for(function: str, wrong: Any, fact: str) -> None:
    """It was told of 6 steps that they are right, and of 42 that they are wrong."""
    assert fact in rnn_ref.check({function: wrong}).functions[function].facts


def test_no_number_is_told_where_short_problems_are_wrong_too() -> None:
    def rnn_backward(*given: Any) -> Any:
        dX, *others = rnn_ref.rnn_backward(*given)
        return dX[::-1], *(0.3 * one**2 for one in others)

    facts = rnn_ref.check({"rnn_backward": rnn_backward}).functions["rnn_backward"].facts
    assert not [one for one in facts if "cut to several sizes" in one]
