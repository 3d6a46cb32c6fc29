"""An equation taken through time and back on any number: equal to the mathematics, which states each by itself."""

from typing import Any

import numpy as np
import pytest
from unit_given import CASES, IDS, answered, drawn

from rnn_ref.conformance.numbers.shaken import shaken
from rnn_ref.conformance.numbers.through import Back, as_arrays, backward, forward, rows, step_back
from rnn_ref.conformance.spec import OPERATIONS
from rnn_ref.conformance.spec.recurrent import asked_of

RUNS = 3
SIZE = {"T": 5, "B": 2, "D": 3, "H": 4, "V": 6}
TIMED = [i for i, (name, _) in enumerate(CASES) if OPERATIONS[name].cell and "T" in OPERATIONS[name].takes]
THROUGH_TIME = pytest.mark.parametrize(
    ("name", "options"), [CASES[i] for i in TIMED if "W_hh" in OPERATIONS[CASES[i][0]].arguments],
    ids=[IDS[i] for i in TIMED if "W_hh" in OPERATIONS[CASES[i][0]].arguments],
)  # fmt: skip


def back_of(kind: Any, cell: Any, asked: Any) -> Back:
    def each(arrays: Any) -> list[Any]:
        return [kind.lift(rows(one)) for one in arrays]

    upstream, states = ([each(one) for one in every] for every in (asked.upstream, asked.states))
    return backward(cell, kind, upstream, states, each(asked.X_seq), each(asked.states0), asked.weights, keep=True)


@THROUGH_TIME
@pytest.mark.parametrize("T", [1, 5])
@pytest.mark.parametrize("batch", [0, 2])
@pytest.mark.parametrize("runs", [1, RUNS])
def test_it_answers_as_the_mathematics_does_in_every_run(
    name: str, options: Any, batch: int, runs: int, T: int
) -> None:
    inputs = drawn(name, "float64", np.random.default_rng(0), SIZE | {"B": batch, "T": T}, options)
    due, kind = answered(name, inputs, options), shaken(runs, seed=None)
    cell, asked = asked_of(OPERATIONS[name], inputs, options)
    if OPERATIONS[name].twin:
        found = as_arrays(cell, back_of(kind, cell, asked), lambda one: one.a, asked.X_seq, asked.states0)
    else:
        every = forward(cell, kind, asked.X_seq, asked.states0, asked.weights)
        found = [np.stack([one.a for one in states], 1) for states in every]
        found = [one.reshape(runs, T, *asked.states0[0].shape) for one in found]
    for array, (output, expected) in zip(found, due.items(), strict=True):
        assert array.shape == (runs, *np.shape(expected)), output
        np.testing.assert_allclose(array, [expected] * runs, rtol=1e-12, atol=1e-13, err_msg=output)


@THROUGH_TIME
def test_what_reaches_a_state_is_its_own_and_what_the_rest_of_the_sequence_hands_back(name: str, options: Any) -> None:
    operation = OPERATIONS[name]
    if not operation.twin:
        return
    inputs = drawn(name, "float64", np.random.default_rng(0), SIZE, options)
    cell, asked = asked_of(operation, inputs, options)
    into = back_of(shaken(1, seed=None), cell, asked).into
    assert len(into) == SIZE["T"]
    for t in range(SIZE["T"]):
        due = [one[t] for one in asked.upstream]
        if t + 1 < SIZE["T"]:
            rest = {key: one[t + 1 :] if np.ndim(one) and operation.arguments[key].axes[0] == "T" else one
                    for key, one in inputs.items()}  # fmt: skip
            rest |= {f"{state}0": one[t] for state, one in zip(cell.states, asked.states, strict=True)}
            handed = answered(name, rest, options)
            due = [one + handed[f"{state}0"] for state, one in zip(cell.states, due, strict=True)]
        for one, expected in zip(into[t], due, strict=True):
            np.testing.assert_allclose(one.a[0], expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name", ["rnn_cell_backward", "lstm_cell_backward"])
def test_a_step_goes_back_from_the_states_that_are_given_where_its_slopes_are_theirs(name: str) -> None:
    inputs = drawn(name, "float64", np.random.default_rng(0), SIZE)
    cell, asked = asked_of(OPERATIONS[name], inputs, {})
    kind = shaken(1, seed=None)
    x, before, upstream = (
        [kind.lift(one) for one in each] for each in (asked.X_seq, asked.states0, [one[0] for one in asked.upstream])
    )
    after = [kind.lift(one[0] / 2) for one in asked.states]
    found = step_back(cell, kind, upstream, after, x[0], before, asked.weights)
    assert cell.slopes_from_state is (name == "rnn_cell_backward")
    if cell.slopes_from_state:
        inputs |= {"h_t": inputs["h_t"] / 2}
    np.testing.assert_allclose(found.x[0].a[0], answered(name, inputs)["x_t"], rtol=1e-12, atol=1e-14)
