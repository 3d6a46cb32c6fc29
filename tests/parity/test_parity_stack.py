"""Gated cells and stacks beside ``nn.RNN``, ``nn.GRU``, ``nn.LSTM`` and their cells: answers and every gradient.

Weights are copied, what comes from above is drawn at random for all outputs and for the last states. Errors are
measured against the largest entry of each array; where there is one hidden unit, against the largest of all arrays, for
a single number can cancel.
"""

import itertools
import unittest
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from parity_expand import expand
from parity_torch import of_a_stack, of_a_step, stack_of

import rnn_ref
from rnn_ref import stack_backward, stack_forward

LIMIT = {"float64": 5e-15, "float32": 5e-6}
CELLS = {  # gates, biases, kinds of states, forward, backward
    "RNN": (1, ("b_h",), 1, rnn_ref.rnn_forward, rnn_ref.rnn_backward),
    "relu": (
        *(1, ("b_h",), 1, partial(rnn_ref.rnn_forward, activation="relu")),
        partial(rnn_ref.rnn_backward, activation="relu"),
    ),
    "GRU": (3, ("b_xh", "b_hh"), 1, rnn_ref.gru_forward, rnn_ref.gru_backward),
    "LSTM": (4, ("b_h",), 2, rnn_ref.lstm_forward, rnn_ref.lstm_backward),
}
STEPS = {
    "GRU": (rnn_ref.gru_cell_step, rnn_ref.gru_cell_backward),
    "LSTM": (rnn_ref.lstm_cell_step, rnn_ref.lstm_cell_backward),
}
SIZES = (  # T, B, D, H: 1 on every axis, beyond 8, 16, 32 and 64 and no multiple of 4, and a long one
    *((5, 3, 4, 6), (6, None, 4, 5), (1, 2, 3, 4), (7, 1, 2, 3), (4, 3, 1, 5), (6, 2, 3, 1)),
    *((3, 9, 17, 33), (2, 33, 9, 65), (130, 2, 3, 7)),
)
LENGTHS = {"equal": [7, 7, 7, 7], "unequal": [7, 5, 4, 2], "unsorted": [2, 7, 1, 5], "one": [1, 1, 1, 1]}


class Spec(NamedTuple):
    """One stack: its cell, sizes, layers, directions, precision, lengths, layout, and whether it has biases."""

    kind: str
    sizes: tuple[int, int | None, int, int] = (7, 4, 5, 6)
    L: int = 1
    K: int = 1
    dtype: str = "float64"
    lengths: str | None = None
    batch_first: bool = False
    bias: bool = True
    P: int | None = None  # of an LSTM that is projected

    def drawn(self) -> tuple[Any, tuple[Any, ...], list[dict[str, Any]], Any, tuple[Any, ...]]:
        """Return inputs, states, layers, and what comes from above."""
        (gates, biases, kinds, _, _), (T, B, D, H), K = CELLS[self.kind], self.sizes, self.K
        rng, lead = np.random.default_rng([T, D, H, self.L, K]), () if B is None else (B,)
        shown = self.P or H

        def floats(*shape: int) -> Any:
            return rng.normal(size=shape).astype(self.dtype)

        layers = []
        for k in range(self.L * K):
            inputs = D if k < K else K * shown
            one = {"W_xh": floats(gates * H, inputs) / np.sqrt(inputs), "W_hh": floats(gates * H, shown) / np.sqrt(H)}
            one |= {name: floats(gates * H) * self.bias for name in biases}
            one |= {"W_hr": floats(self.P, H) / np.sqrt(H)} if self.P else {}
            layers.append({name: array.astype(self.dtype) for name, array in one.items()})
        states0 = tuple(floats(self.L * K, *lead, H if kind else shown) for kind in range(kinds))
        dlast = tuple(floats(*one.shape) for one in states0)
        return floats(T, *lead, D), states0, layers, floats(T, *lead, K * shown), dlast


def label(spec: Spec) -> str:
    return " ".join(f"{name} {value}" for name, value in spec._asdict().items())


SEQUENCES = [
    (label(spec), spec)
    for spec in itertools.starmap(
        lambda kind, sizes, dtype: Spec(kind, sizes, dtype=dtype), itertools.product(STEPS, SIZES, LIMIT)
    )
]
STACKS = [  # everything with everything
    (label(spec), spec)
    for spec in itertools.starmap(
        lambda kind, L, K, dtype, lengths: Spec(kind, L=L, K=K, dtype=dtype, lengths=lengths),
        itertools.product(CELLS, (1, 2, 3), (1, 2), LIMIT, (None, *LENGTHS)),
    )
]
MORE = [  # one sequence, batch_first, no bias, one unit
    (label(spec), spec)
    for kind, L, K in itertools.product(CELLS, (1, 2), (1, 2))
    for spec in (
        Spec(kind, (6, None, 4, 5), L, K),
        Spec(kind, L=L, K=K, batch_first=True),
        Spec(kind, L=L, K=K, batch_first=True, lengths="unsorted", dtype="float32"),
        Spec(kind, L=L, K=K, bias=False, lengths="unequal"),
        Spec(kind, (5, 3, 2, 1), L, K),
    )
]
PROJECTED = [  # everything with everything, and one sequence, batch_first, no bias, one number shown
    (label(spec), spec)
    for L, K in itertools.product((1, 2, 3), (1, 2))
    for spec in (
        *(Spec("LSTM", L=L, K=K, dtype=dtype, lengths=one, P=4) for dtype in LIMIT for one in (None, *LENGTHS)),
        Spec("LSTM", (6, None, 4, 5), L, K, P=3),
        Spec("LSTM", L=L, K=K, batch_first=True, bias=False, P=5),
        Spec("LSTM", (5, 3, 2, 4), L, K, P=1),
        Spec("LSTM", (130, 9, 17, 33), L, K, dtype="float32", P=7),
    )
]


class Stacks(unittest.TestCase):
    def compare(self, ours: dict[str, Any], theirs: dict[str, Any], dtype: str, one_unit: bool) -> None:
        self.assertEqual(set(ours), set(theirs))
        largest = max(float(np.abs(one).max()) for one in theirs.values())
        for name, one in ours.items():
            due = theirs[name]
            self.assertEqual((one.shape, one.dtype.name), (due.shape, dtype), name)
            scale = largest if one_unit else np.abs(due).max()
            self.assertLessEqual(np.abs(one.astype(np.float64) - due).max() / scale, LIMIT[dtype], name)

    def check(self, spec: Spec) -> None:
        X_seq, states0, layers, dh_states, dlast = spec.drawn()
        *_, run, run_back = CELLS[spec.kind]
        lengths = None if spec.lengths is None else np.array(LENGTHS[spec.lengths])
        behind = lengths is not None and np.arange(len(X_seq))[:, np.newaxis] >= lengths
        if lengths is not None:
            X_seq[behind] = dh_states[behind] = np.nan
        options = {"directions": spec.K, "lengths": lengths}
        ran = stack_forward(run, X_seq, states0, layers, **options)
        grads = stack_backward(run_back, dh_states, dlast, ran, X_seq, states0, layers, **options)
        ours = {"h_states": ran.h_states, "X_seq": grads.X_seq}
        ours |= {f"states_T[{i}]": one for i, one in enumerate(ran.states_T)}
        ours |= {f"states0[{i}]": one for i, one in enumerate(grads.states0)}
        for k, weights in enumerate(grads.layers):
            end = f"_l{k // spec.K}{'_reverse' if k % spec.K else ''}"
            ours |= {f"weight_ih{end}": weights["W_xh"], f"weight_hh{end}": weights["W_hh"]}
            ours |= {f"weight_hr{end}": weights["W_hr"]} if spec.P else {}
            if spec.bias:
                both = (weights["b_xh"], weights["b_hh"]) if "b_xh" in weights else (weights["b_h"],) * 2
                ours |= dict(zip((f"bias_ih{end}", f"bias_hh{end}"), both, strict=True))
        if lengths is not None:
            dh_states = np.where(behind[..., np.newaxis], 0, dh_states)
        made = stack_of(spec.kind, layers, spec.K, batch_first=spec.batch_first, bias=spec.bias)
        theirs = of_a_stack(made, X_seq, states0, dh_states, dlast, lengths)
        self.compare(ours, theirs, spec.dtype, spec.sizes[-1] == 1)

    @expand(SEQUENCES)
    def test_one_layer_of_any_size_is_pytorchs(self, spec: Spec) -> None:
        self.check(spec)

    @expand(STACKS)
    def test_layers_directions_and_lengths_are_pytorchs(self, spec: Spec) -> None:
        self.check(spec)

    @expand(PROJECTED)
    def test_an_lstm_that_is_projected_is_pytorchs(self, spec: Spec) -> None:
        self.check(spec)

    @expand(MORE)
    def test_one_sequence_batch_first_and_no_bias_are_pytorchs(self, spec: Spec) -> None:
        self.check(spec)

    @expand(SEQUENCES)
    def test_a_step_is_the_cells(self, spec: Spec) -> None:
        X_seq, states0, (weights,), _, dlast = spec.drawn()
        step, back = STEPS[spec.kind]
        firsts, above = tuple(one[0] for one in states0), tuple(one[0] for one in dlast)
        found = step(X_seq[0], *firsts, **weights)
        grads = back(*above, X_seq[0], *firsts, **weights)
        ours = {f"state {i}": one for i, one in enumerate(found if isinstance(found, tuple) else (found,))}
        ours |= {f"d{i}": one for i, one in enumerate(grads[: 1 + len(firsts)])}
        ours |= {"weight_ih": grads.W_xh, "weight_hh": grads.W_hh}
        biases = grads[3 + len(firsts) :]
        ours |= dict(zip(("bias_ih", "bias_hh"), biases if len(biases) == 2 else biases * 2, strict=True))
        theirs = of_a_step(spec.kind, X_seq[0], firsts, weights, above)
        self.compare(ours, theirs, spec.dtype, spec.sizes[-1] == 1)
