"""Stacks by themselves: one layer is the cell, padding counts for nothing, chunks, and what is refused."""

from typing import Any, NamedTuple

import numpy as np
import pytest
from unit_gated import RUNS

import rnn_ref
from rnn_ref import stack_backward, stack_bptt, stack_forward, stack_layers, stack_parameters
from rnn_ref.gradcheck import directional_derivative
from rnn_ref.stack import turned

T, B, D, H, V = 6, 3, 4, 5, 7
LENGTHS = np.array([4, 6, 1])
CELLS = pytest.mark.parametrize("cell", RUNS)


class Stack(NamedTuple):
    """The arguments of a stack of a cell."""

    X_seq: Any
    states0: tuple[Any, ...]
    layers: list[dict[str, Any]]

    @property
    def last(self) -> list[Any]:
        """A gradient for the last states."""
        rng = np.random.default_rng(5)
        return [rng.normal(size=one.shape) for one in self.states0]


def drawn(cell: str, L: int = 2, K: int = 2, batch: int | None = B) -> Stack:
    _, _, gates, biases, kinds = RUNS[cell]
    rng, lead = np.random.default_rng([L, K]), () if batch is None else (batch,)
    layers = []
    for k in range(L * K):
        inputs = D if k < K else K * H
        one = {"W_xh": rng.normal(size=(gates * H, inputs)) / 2, "W_hh": rng.normal(size=(gates * H, H)) / 2}
        layers.append(one | {name: rng.normal(size=gates * H) for name in biases})
    states0 = tuple(rng.normal(size=(L * K, *lead, H)) for _ in range(kinds))
    return Stack(rng.normal(size=(T, *lead, D)), states0, layers)


@CELLS
def test_a_stack_of_one_is_the_cell(cell: str) -> None:
    run, run_back, *_ = RUNS[cell]
    given = drawn(cell, 1, 1)
    found = stack_forward(run, *given)
    alone = run(given.X_seq, *(one[0] for one in given.states0), **given.layers[0])
    states = alone if isinstance(alone, tuple) else (alone,)
    np.testing.assert_array_equal(found.h_states, np.stack(states[0]))
    upstream = np.random.default_rng(1).normal(size=found.h_states.shape)
    grads = stack_backward(run_back, upstream, given.last, found, *given)
    above = [np.zeros_like(upstream) for _ in states]
    above[0] += upstream
    for one, last in zip(above, given.last, strict=True):
        one[-1] += last[0]
    due = run_back(*above, *states, given.X_seq, *(one[0] for one in given.states0), **given.layers[0])
    np.testing.assert_array_equal(grads.X_seq, due.X_seq)
    for name, one in grads.layers[0].items():
        np.testing.assert_array_equal(one, getattr(due, name))


@CELLS
def test_what_lies_behind_an_end_counts_for_nothing_whatever_it_is(cell: str) -> None:
    run, run_back, *_ = RUNS[cell]
    given = drawn(cell)
    spoilt = given.X_seq.copy()
    for b, length in enumerate(LENGTHS):
        spoilt[length:, b] = np.nan
    found = [stack_forward(run, X, *given[1:], directions=2, lengths=LENGTHS) for X in (given.X_seq, spoilt)]
    np.testing.assert_array_equal(found[0].h_states, found[1].h_states)
    upstream = np.random.default_rng(1).normal(size=found[0].h_states.shape)
    behind = np.arange(T)[:, np.newaxis] >= LENGTHS
    assert not found[0].h_states[behind].any()
    upstream[behind] = np.nan
    grads = stack_backward(run_back, upstream, given.last, found[1], spoilt, *given[1:], directions=2, lengths=LENGTHS)
    assert not grads.X_seq[behind].any()
    assert all(np.isfinite(one).all() for layer in grads.layers for one in layer.values())


@CELLS
@pytest.mark.parametrize("b", range(B))
def test_a_row_of_a_padded_batch_is_the_sequence_alone(cell: str, b: int) -> None:
    run, run_back, *_ = RUNS[cell]
    given = drawn(cell)
    found = stack_forward(run, *given, directions=2, lengths=LENGTHS)
    states0 = tuple(one[:, b] for one in given.states0)
    X_seq = given.X_seq[: LENGTHS[b], b]
    alone = stack_forward(run, X_seq, states0, given.layers, directions=2)
    np.testing.assert_allclose(found.h_states[: LENGTHS[b], b], alone.h_states, rtol=0, atol=1e-14)
    for whole, one in zip(found.states_T, alone.states_T, strict=True):
        np.testing.assert_allclose(whole[:, b], one, rtol=0, atol=1e-14)
    upstream = np.random.default_rng(1).normal(size=found.h_states.shape)
    grads = stack_backward(run_back, upstream, given.last, found, *given, directions=2, lengths=LENGTHS)
    last = [one[:, b] for one in given.last]
    own = stack_backward(run_back, upstream[: LENGTHS[b], b], last, alone, X_seq, states0, given.layers, directions=2)
    np.testing.assert_allclose(grads.X_seq[: LENGTHS[b], b], own.X_seq, rtol=0, atol=1e-13)
    for whole, one in zip(grads.states0, own.states0, strict=True):
        np.testing.assert_allclose(whole[:, b], one, rtol=0, atol=1e-13)


@CELLS
def test_a_sequence_in_two_chunks_is_the_sequence_in_one(cell: str) -> None:
    run, given = RUNS[cell][0], drawn(cell, 3, 1)
    whole = stack_forward(run, *given)
    first = stack_forward(run, given.X_seq[:2], given.states0, given.layers)
    rest = stack_forward(run, given.X_seq[2:], first.states_T, given.layers)
    np.testing.assert_array_equal(whole.h_states, np.concatenate([first.h_states, rest.h_states]))
    for one, other in zip(whole.states_T, rest.states_T, strict=True):
        np.testing.assert_array_equal(one, other)


@CELLS
@pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["equal", "padded"])
@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_the_networks_gradients_are_the_complex_steps(cell: str, lengths: Any, reduction: str) -> None:
    run, run_back, *_ = RUNS[cell]
    given, rng = drawn(cell), np.random.default_rng(3)
    W_hy, b_y, targets = rng.normal(size=(V, 2 * H)), rng.normal(size=V), rng.integers(V, size=(T, B))
    if lengths is not None:
        targets[np.arange(T)[:, np.newaxis] >= lengths] = 10**6  # behind the end, from the first on
    targets[1, 1] = -100
    options = {"directions": 2, "lengths": lengths, "reduction": reduction}
    _, grads, _ = stack_bptt(run, run_back, given.X_seq, targets, given.states0, given.layers, W_hy, b_y, **options)
    names = sorted(stack_parameters(given.layers, directions=2))
    parameters = stack_parameters(given.layers, directions=2)

    def loss(X_seq: Any, W: Any, b: Any, *rest: Any) -> Any:
        states0, weights = rest[: len(given.states0)], dict(zip(names, rest[len(given.states0) :], strict=True))
        layers = stack_layers(weights, directions=2)
        return stack_bptt(run, run_back, X_seq, targets, states0, layers, W, b, **options)[0]

    inputs = [given.X_seq, W_hy, b_y, *given.states0, *(parameters[name] for name in names)]
    found = stack_parameters(grads.layers, directions=2)
    claimed = [grads.X_seq, grads.W_hy, grads.b_y, *grads.states0, *(found[name] for name in names)]
    for i, (one, gradient) in enumerate(zip(inputs, claimed, strict=True)):
        direction = rng.normal(size=one.shape)
        along = directional_derivative(loss, inputs, [direction if i == j else None for j in range(len(inputs))])
        terms = np.abs(gradient * direction).sum()
        assert abs((gradient * direction).sum() - along) <= 1e-13 * (terms + abs(along)), i


def test_a_stack_of_one_tanh_layer_trains_as_rnn_bptt() -> None:
    given, rng = drawn("rnn", 1, 1), np.random.default_rng(3)
    W_hy, b_y, targets = rng.normal(size=(V, H)), rng.normal(size=V), rng.integers(V, size=(T, B))
    run, run_back, *_ = RUNS["rnn"]
    loss, grads, states_T = stack_bptt(run, run_back, given.X_seq, targets, *given[1:], W_hy, b_y)
    due, dues, h_T = rnn_ref.rnn_bptt(given.X_seq, targets, given.states0[0][0], **given.layers[0], W_hy=W_hy, b_y=b_y)
    assert loss == due
    np.testing.assert_array_equal(states_T[0][0], h_T)
    for name, one in stack_parameters(grads.layers, grads.W_hy, grads.b_y).items():
        np.testing.assert_array_equal(one, dues.parameters[name.removesuffix("_l0")])


def test_a_sequence_turned_round_ends_where_it_ended_and_what_lies_behind_stays() -> None:
    X_seq = np.random.default_rng(0).normal(size=(T, B, D))
    found = turned(X_seq, LENGTHS)
    for b, length in enumerate(LENGTHS):
        np.testing.assert_array_equal(found[:, b], [*X_seq[:length, b][::-1], *X_seq[length:, b]])


def test_parameters_bear_the_layers_names_of_one_direction_if_not_told_otherwise() -> None:
    layers = drawn("rnn", 3, 1).layers
    named = stack_parameters(layers)
    assert [name for name in named if name.startswith("b_h")] == ["b_h_l0", "b_h_l1", "b_h_l2"]
    assert all(one is other for ours, back in zip(layers, stack_layers(named), strict=True)
               for one, other in zip(ours.values(), back.values(), strict=True))  # fmt: skip


def test_the_optimisers_take_a_stacks_gradients() -> None:
    given, rng = drawn("lstm"), np.random.default_rng(3)
    params = stack_parameters(given.layers, rng.normal(size=(V, 2 * H)), rng.normal(size=V), directions=2)
    targets, losses = rng.integers(V, size=(T, B)), []
    adam = rnn_ref.Adam(lr=0.02)
    state = adam.init(params)
    for _ in range(40):
        layers = stack_layers(params, directions=2)
        loss, grads, _ = stack_bptt(
            *RUNS["lstm"][:2], given.X_seq, targets, given.states0, layers, params["W_hy"], params["b_y"], directions=2
        )
        losses.append(loss)
        gradients = stack_parameters(grads.layers, grads.W_hy, grads.b_y, directions=2)
        params, state = adam.step(params, gradients, state)
    assert losses[-1] < 0.2 * losses[0]


@CELLS
def test_nothing_is_written_into_an_argument(cell: str) -> None:
    run, run_back, *_ = RUNS[cell]
    given = drawn(cell)
    every = [given.X_seq, *given.states0, *(one for layer in given.layers for one in layer.values())]
    kept = [one.copy() for one in every]
    for one in every:
        one.flags.writeable = False
    found = stack_forward(run, *given, directions=2)
    upstream = np.random.default_rng(1).normal(size=found.h_states.shape)
    upstream.flags.writeable = False
    stack_backward(run_back, upstream, given.last, found, *given, directions=2)
    assert all(np.array_equal(one, was) for one, was in zip(every, kept, strict=True))


def refused(changed: dict[str, Any]) -> Any:
    given = drawn("rnn")._asdict() | {"directions": 2} | changed
    return stack_forward(RUNS["rnn"][0], **given)


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"directions": 3}, ValueError, "stack_forward: directions is 3, expected 1 or 2"),
        ({"layers": []}, ValueError, "stack_forward: layers has 0 entries, expected two for each layer; directions=2"),
        ({"layers": [1, 2]}, TypeError, r"stack_forward: layers\[0\] is of type int, expected a dict of arrays"),
        ({"states0": np.zeros(3)}, TypeError, r"states0 is of type ndarray, expected a tuple of arrays: \(h0,\)"),
        (
            {"states0": (np.zeros((3, B, H)),)},
            ValueError,
            r"stack_forward: states0\[0\] has shape \(3, 3, 5\), expected \(4, 3, 5\)",
        ),
        ({"X_seq": np.zeros(3)}, ValueError, r"X_seq has shape \(3,\), expected \(T, D\) or \(T, B, D\)"),
        ({"lengths": np.array([1, 2])}, ValueError, r"lengths has shape \(2,\) and dtype int64, expected \(B=3,\)"),
        ({"lengths": np.ones(3)}, ValueError, r"lengths has shape \(3,\) and dtype float64, expected .* integers"),
        ({"lengths": np.array([0, 1, 2])}, ValueError, "lengths has 0, expected 1 to T=6; T is from X_seq"),
        ({"lengths": np.array([7, 1, 2])}, ValueError, "lengths has 7, expected 1 to T=6; T is from X_seq"),
    ],
)
def test_what_does_not_fit_is_refused(changed: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        refused(changed)


def test_one_sequence_has_no_lengths() -> None:
    given = drawn("rnn", batch=None)
    with pytest.raises(ValueError, match="lengths is given, expected None; X_seq has no batch axis"):
        stack_forward(RUNS["rnn"][0], *given, directions=2, lengths=np.array([3]))


def test_an_error_says_in_which_layer() -> None:
    given = drawn("rnn")
    given.layers[2]["b_h"] = np.zeros(H + 1)
    with pytest.raises(ValueError, match="rnn_forward: b_h has shape") as refusal:
        stack_forward(RUNS["rnn"][0], *given, directions=2)
    assert refusal.value.__notes__ == ["in layers[2]"]


def test_gradients_of_last_states_are_those_of_each_kind() -> None:
    run, run_back, *_ = RUNS["lstm"]
    given = drawn("lstm")
    found = stack_forward(run, *given, directions=2)
    with pytest.raises(ValueError, match="dstates_T has 1 arrays, expected 2; from states0"):
        stack_backward(run_back, found.h_states, given.last[:1], found, *given, directions=2)
    with pytest.raises(ValueError, match="reduction is 'none', expected 'sum' or 'mean'"):
        stack_bptt(run, run_back, given.X_seq, np.zeros((T, B), int), *given[1:], None, None, reduction="none")
