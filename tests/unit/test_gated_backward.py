"""The way back through gated cells: the step's folded over time, the complex step, and what stays as it is."""

from typing import Any

import numpy as np
import pytest
from unit_gated import CELLS, Gated, T

from rnn_ref.gradcheck import check_gradients

EVERY = pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
BATCHES = pytest.mark.parametrize("batch", [None, 3])


def upstream_of(states: list[Any]) -> list[Any]:
    rng = np.random.default_rng(7)
    return [rng.normal(size=one.shape).astype(one.dtype) for one in states]


def folded(cell: Gated, a: dict[str, Any], states: list[Any], upstream: list[Any]) -> list[Any]:
    """Return the gradients by the step's way back, from the last step to the first."""
    _, *rest = a.values()
    firsts, weights = rest[: len(states)], rest[len(states) :]
    carried, dX, total = [np.zeros_like(one) for one in firsts], [], [np.zeros_like(one) for one in weights]
    for t in reversed(range(T)):
        before = [one[t - 1] if t else first for one, first in zip(states, firsts, strict=True)]
        above = [one[t] + late for one, late in zip(upstream, carried, strict=True)]
        found = cell.step_back(*above, a["X_seq"][t], *before, *weights)
        dX.insert(0, found[0])
        carried = found[1 : 1 + len(firsts)]
        total = [whole + one for whole, one in zip(total, found[1 + len(firsts) :], strict=True)]
    return [np.stack(dX), *carried, *total]


@EVERY
@BATCHES
def test_the_sequence_goes_back_as_the_step_folded_over_time(cell: Gated, batch: int | None) -> None:
    a = cell.arrays(batch)
    states = cell.ran(a)
    upstream = upstream_of(states)
    found = cell.run_back(*upstream, *states, **a)
    assert found._fields == tuple(a)
    for one, due in zip(found, folded(cell, a, states, upstream), strict=True):
        assert one.shape == due.shape
        np.testing.assert_allclose(one, due, rtol=0, atol=5e-15 * np.abs(due).max())


@EVERY
@BATCHES
@pytest.mark.parametrize("place", [0, -1])
def test_every_gradient_of_the_sequence_is_the_complex_steps(cell: Gated, batch: int | None, place: int) -> None:
    a = cell.arrays(batch)
    states, kinds = cell.ran(a), len(cell.states)

    def shown(*arguments: Any) -> Any:
        return cell.ran(dict(zip(a, arguments, strict=True)))[place]

    def gradients(upstream: Any) -> Any:
        every = [np.zeros_like(one) for one in states]
        every[place] = upstream
        return cell.run_back(*every, *states, **a)

    assert kinds == len(states)
    check_gradients(shown, gradients, list(a.values()), np.random.default_rng(1), names=list(a))


@EVERY
@BATCHES
@pytest.mark.parametrize("place", [0, -1])
def test_every_gradient_of_a_step_is_the_complex_steps(cell: Gated, batch: int | None, place: int) -> None:
    X_seq, *rest = cell.arrays(batch).values()
    arguments, kinds = [X_seq[0], *rest], len(cell.states)

    def shown(*given: Any) -> Any:
        found = cell.step(*given)
        return found[place] if kinds > 1 else found

    def gradients(upstream: Any) -> Any:
        every = [np.zeros_like(one) for one in rest[:kinds]]
        every[place] = upstream
        return cell.step_back(*every, *arguments)

    check_gradients(shown, gradients, arguments, np.random.default_rng(1))


@EVERY
@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
def test_the_dtype_stays_and_nothing_is_written_into_an_argument(cell: Gated, dtype: str) -> None:
    a = cell.arrays(dtype=dtype)
    states = cell.ran(a)
    upstream = upstream_of(states)
    given = [*upstream, *states, *a.values()]
    kept = [one.copy() for one in given]
    for one in given:
        one.flags.writeable = False
    found = cell.run_back(*given)
    assert {one.dtype.name for one in found} == {dtype}
    assert all(np.array_equal(one, was) for one, was in zip(given, kept, strict=True))
    assert not any(np.shares_memory(one, other) for one in found for other in given)


@EVERY
def test_lists_of_states_do_as_well_as_arrays(cell: Gated) -> None:
    a = cell.arrays()
    states = cell.ran(a)
    upstream = upstream_of(states)
    arrays = cell.run_back(*upstream, *states, **a)
    lists = cell.run_back(*(list(one) for one in (*upstream, *states)), **a)
    assert all(np.array_equal(one, other) for one, other in zip(arrays, lists, strict=True))


@EVERY
def test_a_saturated_gate_lets_no_nan_through(cell: Gated) -> None:
    a = cell.arrays()
    a["W_xh"] = a["W_xh"] * 1e4
    states = cell.ran(a)
    found = cell.run_back(*upstream_of(states), *states, **a)
    assert all(np.isfinite(one).all() for one in (*states, *found))


@EVERY
def test_a_state_of_another_shape_is_refused(cell: Gated) -> None:
    a = cell.arrays()
    states = cell.ran(a)
    with pytest.raises(
        ValueError, match=rf"{cell_name(cell)}: dh_states has shape \(5, 3, {cell.shown}\), expected \(T=6, B=3, .=."
    ):
        cell.run_back(states[0][1:], *states[1:], *states, **a)


def cell_name(cell: Gated) -> str:
    function = getattr(cell.run_back, "func", cell.run_back)
    return str(function.__name__)
