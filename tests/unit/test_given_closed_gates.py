"""Given arrays with gates as far open or closed as can be: exp of what goes into them has no place in float64."""

from typing import Any

import numpy as np
import pytest
from unit_gated import CELLS

import rnn_ref


@pytest.mark.parametrize("name", ["gru", "lstm"])
@pytest.mark.parametrize("bias", [-800.0, -695.0, 695.0, 800.0])
@pytest.mark.parametrize("gate", [0, 1])
def test_gradients_of_gates_that_are_shut_are_judged(name: str, gate: int, bias: float) -> None:
    cell = CELLS[name]
    a = cell.arrays()
    a[cell.biases[0]][5 * gate + 2] = bias
    states, rng = cell.ran(a), np.random.default_rng(1)
    upstream = [rng.normal(size=one.shape) for one in states]
    names = [f"{one}_states" for one in cell.states]
    inputs: dict[str, Any] = {f"d{one}": up for one, up in zip(names, upstream, strict=True)}
    inputs |= dict(zip(names, states, strict=True)) | a
    found = cell.run_back(*upstream, *states, **a)._asdict()
    assert rnn_ref.measure(f"{name}_backward", inputs, found).ok
    assert not rnn_ref.measure(f"{name}_backward", inputs, found | {"h0": found["h0"] * (1 + 1e-9)}).ok
