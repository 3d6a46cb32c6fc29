"""No probe is degenerate by accident: saturated, constant, symmetric, with equal rows or with numbers that are zero."""

from typing import Any

import numpy as np
import pytest

from rnn_ref.conformance.cases import frozen
from rnn_ref.conformance.operation import Check

CHECKS = [check for check in frozen.load()[0] if "corner" not in check.flags]
MODERATE = [check for check in CHECKS if "large" not in check.flags]  # the large ones are made of three numbers
STATES = {"h_states", "h_t", "h_prev", "h0", "h_T"}


def by_id(check: Check) -> str:
    return check.id


def floats(check: Check) -> dict[str, Any]:
    given = {**check.arguments, **check.options}
    return {name: value for name, value in given.items() if isinstance(value, np.ndarray) and value.dtype.kind == "f"}


@pytest.mark.parametrize("check", CHECKS, ids=by_id)
def test_no_array_of_it_is_constant_and_no_matrix_symmetric(check: Check) -> None:
    answers = {f"d{name}": value for name, value in check.expected.items()}
    for name, array in {**floats(check), **answers}.items():
        assert np.all(np.isfinite(array)), name
        assert np.any(array != 0), name
        assert array.size == 1 or np.ptp(array) > 0.01 * np.abs(array).max(), name
        if array.ndim == 2 and array.shape[0] == array.shape[1] > 1 + ("size" in check.flags):
            for mirrored in (array.T, -array.T, array.T[::-1, ::-1]):
                assert np.abs(array - mirrored).max() > 0.1 * np.abs(array).max(), name


@pytest.mark.parametrize("check", MODERATE, ids=by_id)
def test_no_number_among_its_inputs_is_zero_and_none_comes_twice(check: Check) -> None:
    """Of what is large some places are zero, so that what is due takes little room; and one class does not count."""
    for name, every in floats(check).items():
        array = (
            every[every != 0]
            if "size" in check.flags or (check.case.startswith("weight-sum-") and name == "weight")
            else every
        )
        assert np.all(array != 0), name
        assert len(array), name
        by_chance = max(array.size // 2000, array.size**2 >> 23)  # of numbers of 23 bits
        assert len(np.unique(np.abs(array))) >= array.size - by_chance, name


@pytest.mark.parametrize("check", CHECKS, ids=by_id)
def test_its_states_are_not_saturated(check: Check) -> None:
    """A fifth of the slope is left on average: where none is, most mistakes cannot be seen."""
    states = {name: value for name, value in floats(check).items() if name in STATES}
    if not check.function.endswith("backward"):
        states |= {name: value for name, value in check.expected.items() if name in {"h_states", "h_t", "h_T"}}
    for name, h in states.items():
        assert np.mean((1 - h) * (1 + h)) > 0.2, name
        counting = np.any(h != 0, axis=tuple(range(h.ndim - 1)))
        assert counting.all() or "size" in check.flags, name
        assert np.all(np.ptp(h, axis=tuple(range(h.ndim - 1)))[counting] > 0) or h.ndim == 1 or len(h) == 1, name


@pytest.mark.parametrize("check", [check for check in MODERATE if check.rank == "batch"], ids=by_id)
def test_its_sequences_and_its_steps_differ(check: Check) -> None:
    for name, array in floats(check).items():
        for axis in range(array.ndim - 1):
            rows = np.moveaxis(array, axis, 0)
            assert len(np.unique(rows.reshape(len(rows), -1), axis=0)) == len(rows), name
    targets = check.arguments.get("targets", check.arguments.get("targets_seq"))
    if targets is not None and targets.ndim == 2 and "size" not in check.flags:  # of two classes there are few columns
        assert len(np.unique(targets, axis=1).T) == targets.shape[1]


def test_what_happens_first_is_felt_last_on_the_long_ones() -> None:
    """The gradient of h0 has not vanished beside that of the last input, 42 steps later."""
    long = [check for check in CHECKS if "/long" in check.id and check.function == "rnn_backward"]
    assert len(long) == 6
    for check in long:
        assert np.abs(check.expected["h0"]).max() > 0.1 * np.abs(check.expected["X_seq"][-1]).max(), check.id
