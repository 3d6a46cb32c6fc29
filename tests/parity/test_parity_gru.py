"""The GRU beside ``nn.GRUCell`` and ``nn.GRU`` with copied weights, and both its cells beside onnxruntime's.

Errors are measured against the largest entry of all states; with one hidden unit against Σ|terms| of the candidate,
which is at least as large, for a single number can cancel.
"""

import importlib.util
import itertools
import unittest
from typing import Any, NamedTuple

import numpy as np
from parity_expand import expand

from rnn_ref import gru_cell_step, gru_forward
from rnn_ref.conformance.spec.gru import with_torch

LIMIT = {"float64": 5e-15, "float32": 5e-6}
SHAPES = (  # T, B, D, H: 1 on every axis, sizes beyond 8, 16, 32 and 64 and not multiples of 4, and a long one
    *((5, 3, 4, 6), (6, None, 4, 5), (1, 2, 3, 4), (7, 1, 2, 3), (4, 3, 1, 5), (6, 2, 3, 1), (9, None, 1, 1)),
    *((3, 9, 17, 33), (3, 17, 65, 9), (2, 33, 9, 65), (130, 2, 3, 7), (130, None, 2, 17)),
)


class Spec(NamedTuple):
    """One problem: sizes, precision, and a seed."""

    shape: tuple[int, int | None, int, int]
    dtype: str

    def arrays(self) -> dict[str, Any]:
        T, B, D, H = self.shape
        rng, batch = np.random.default_rng([T, D, H]), () if B is None else (B,)
        floats = {
            "X_seq": rng.normal(size=(T, *batch, D)),
            "h0": np.tanh(rng.normal(size=(*batch, H))),
            "W_xh": rng.normal(size=(3 * H, D)) / np.sqrt(D),
            "W_hh": rng.normal(size=(3 * H, H)) / np.sqrt(H),
            "b_xh": rng.normal(size=3 * H),
            "b_hh": rng.normal(size=3 * H),
        }
        return {name: array.astype(self.dtype) for name, array in floats.items()}


GRID = [
    (f"T {T} B {B} D {D} H {H} {dtype}", Spec((T, B, D, H), dtype))
    for (T, B, D, H), dtype in itertools.product(SHAPES, LIMIT)
]
NARROW = [(label, spec) for label, spec in GRID if spec.dtype == "float32"]
WITHOUT_ONNX = any(importlib.util.find_spec(name) is None for name in ("onnx", "onnxruntime"))


def scale(a: dict[str, Any], states: Any) -> Any:
    """Return what errors are measured against: the largest entry, or for H = 1 the terms of the candidate."""
    if a["h0"].shape[-1] > 1:
        return np.abs(states).max()
    terms = np.abs(a["W_xh"]).max() * np.abs(a["X_seq"]).max() + np.abs(a["W_hh"]).max() + np.abs(a["b_xh"]).max()
    return max(np.abs(states).max(), float(terms))


class TheGRU(unittest.TestCase):
    def compare(self, ours: Any, theirs: Any, a: dict[str, Any], dtype: str) -> None:
        ours, theirs = np.asarray(ours), np.asarray(theirs)
        self.assertEqual((ours.shape, ours.dtype.name), (theirs.shape, dtype))
        wide = ours.astype(np.float64) - theirs
        self.assertLessEqual(np.abs(wide).max() / scale(a, theirs), LIMIT[dtype])

    @expand(GRID)
    def test_unrolled_is_pytorchs(self, spec: Spec) -> None:
        a = spec.arrays()
        self.compare(gru_forward(**a), with_torch.gru_forward(**a), a, spec.dtype)

    @expand(GRID)
    def test_step_is_pytorchs(self, spec: Spec) -> None:
        X_seq, h0, *weights = (a := spec.arrays()).values()
        self.compare(
            gru_cell_step(X_seq[0], h0, *weights), with_torch.gru_cell_step(X_seq[0], h0, *weights), a, spec.dtype
        )

    @expand(NARROW)
    @unittest.skipIf(WITHOUT_ONNX, "onnxruntime is not installed")
    def test_with_the_reset_gate_before_the_product_is_onnxs_default(self, spec: Spec) -> None:
        from rnn_ref.conformance.spec.gru import with_onnxruntime  # noqa: PLC0415 - not installed everywhere

        a = spec.arrays()
        theirs = with_onnxruntime.gru_forward(**a, reset_after=False)
        self.compare(gru_forward(**a, reset_after=False), theirs, a, spec.dtype)

    @expand(NARROW)
    @unittest.skipIf(WITHOUT_ONNX, "onnxruntime is not installed")
    def test_with_the_reset_gate_behind_the_product_is_onnxs_linear_before_reset(self, spec: Spec) -> None:
        from rnn_ref.conformance.spec.gru import with_onnxruntime  # noqa: PLC0415 - not installed everywhere

        a = spec.arrays()
        self.compare(gru_forward(**a), with_onnxruntime.gru_forward(**a), a, spec.dtype)
