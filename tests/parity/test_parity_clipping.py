"""Gradients are clipped as ``torch.nn.utils.clip_grad_norm_`` clips them."""

import unittest
from itertools import product

import numpy as np
from parity_compare import Compared, check
from parity_expand import expand
from parity_grid import DTYPES
from parity_torch import clipped

from rnn_ref import clip_grad_norm

LIMITS = {"far below": 0.0, "below": 1e-3, "above": 1e3}
NORMS = (1.0, 1.5, 2.0, 3.0, np.inf)
CASES = [
    (f"limit_{place}_the_norm_of_type_{norm_type}_{dtype}", (limit, norm_type, dtype))
    for (place, limit), norm_type, dtype in product(LIMITS.items(), NORMS, DTYPES)
]
FACTOR_CASES = [(str(factor), factor) for factor in (0.5, 1 - 1e-12, 1.0, 1 + 1e-12, 2.0)]
SPECIAL = {
    "an infinite entry": [np.inf, 1.0],
    "a nan": [np.nan, 1.0],
    "nothing but zeros": [0.0, 0.0],
    "tiny entries": [1e-9, 2e-9],
}
SPECIAL_CASES = [(f"{label}_{p}", (entries, p)) for (label, entries), p in product(SPECIAL.items(), (1.0, 2.0, np.inf))]


class Clipping(unittest.TestCase):
    @expand(CASES)
    def test_gives_pytorchs_gradients_and_norm(self, case):
        limit, norm_type, dtype = case
        rng = np.random.default_rng(1)
        grads = {name: rng.normal(size=shape).astype(dtype) for name, shape in {"W": (4, 3), "b": 3, "c": 1}.items()}
        self._judge(grads, limit, norm_type, dtype)

    @expand(FACTOR_CASES)
    def test_near_the_limit_scales_by_pytorchs_factor(self, factor):
        self._judge({"W": np.array([3.0]), "b": np.array([4.0])}, 5.0 * factor, 2.0, "float64")

    @expand(SPECIAL_CASES)
    def test_goes_pytorchs_way_with(self, case):
        entries, norm_type = case
        self._judge({"W": np.array(entries), "b": np.array([0.0])}, 1.0, norm_type, "float64")

    def _judge(self, grads, limit, norm_type, dtype):
        ours, norm = clip_grad_norm(grads, limit, norm_type=norm_type)
        theirs, their_norm = clipped(grads, limit, norm_type)
        self.assertEqual(list(ours), list(grads))
        number = np.dtype(dtype).type
        check(Compared("norm", number(norm), number(their_norm), their_norm), dtype)
        for name, gradient in ours.items():
            check(Compared(name, gradient, theirs[name], abs(theirs[name])), dtype)
