"""Given arrays beside PyTorch and JAX: what they compute in float32, bfloat16 and float16 is right, and no finer."""

import importlib
import importlib.util
import itertools
import re
import unittest
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from parity_expand import expand
from parity_torch import computed, layer, tensors

import rnn_ref
from rnn_ref.conformance.spec import OPERATIONS

FUNCTIONS = (
    *("rnn_cell_step", "rnn_forward", "gru_cell_step", "gru_forward", "rnn_output_layer", "cross_entropy"),
    *("rnn_cell_backward", "rnn_backward", "rnn_output_backward", "cross_entropy_backward"),
)
SIZES = ((6, 3, 4, 5, 7), (25, 2, 9, 33, 12), (1, 1, 3, 4, 5), (40, 5, 8, 70, 20))  # T, B, D, H, V


class Case(NamedTuple):
    """One function at one size, in one dtype of tensors."""

    function: str
    size: tuple[int, ...]
    dtype: str

    def inputs(self) -> dict[str, Any]:
        """Draw tensors; states are those that PyTorch computes."""
        T, B, D, H, V = self.size
        rng, k = np.random.default_rng([len(self.function), *self.size]), 3 if self.function.startswith("gru") else 1
        shapes = {
            "X_seq": (T, B, D), "h0": (B, H), "W_xh": (k * H, D), "W_hh": (k * H, H), "W_hy": (V, H), "b_y": (V,),
            "b_h": (H,), "b_xh": (3 * H,), "b_hh": (3 * H,), "dh_states": (T, B, H), "dlogits_seq": (T, B, V),
            "logits": (T, B, V), "h_states": (T, B, H), "x_t": (B, D), "h_prev": (B, H), "dh_t": (B, H), "h_t": (B, H),
        }  # fmt: skip
        arguments = OPERATIONS[self.function].arguments
        drawn = {name: rng.normal(size=shapes[name]) for name in arguments if name in shapes}
        for name in drawn.keys() & {"W_xh", "W_hh", "W_hy"}:
            drawn[name] /= np.sqrt(drawn[name].shape[1])
        found = tensors(drawn | {"targets": rng.integers(V, size=(T, B))}, self.dtype) | {"dloss": 1.0}
        for output, forward in (("h_states", "rnn_forward"), ("h_t", "rnn_cell_step")):
            if output in arguments and self.function.startswith(
                forward.split("_step")[0].split("_forward")[0] + "_backward"
            ):
                found[output] = computed(forward, {name: found[name] for name in OPERATIONS[forward].arguments})
        return {name: found[name] for name in arguments}


CASES = [
    (f"{function} {'x'.join(map(str, size))} {dtype}", Case(function, size, dtype))
    for function, size, dtype in itertools.product(FUNCTIONS, SIZES, ("float32", "bfloat16", "float16"))
]
NARROW = [(label, case) for label, case in CASES if case.dtype != "float32" and case.size == SIZES[1]]
LAYERS = list(itertools.product(("RNN", "GRU"), ("float32", "bfloat16", "float16")))


class WhatPyTorchComputes(unittest.TestCase):
    @expand(CASES)
    def test_conforms_in_the_dtype_of_its_tensors(self, case: Case) -> None:
        inputs = case.inputs()
        sums = case.dtype if case.function == "rnn_backward" else None  # autograd adds gradients of steps in the dtype
        measured = rnn_ref.measure(case.function, inputs, computed(case.function, inputs), accumulate=sums)
        self.assertTrue(measured.ok, str(measured))
        self.assertEqual(measured.precision, case.dtype)

    @expand(NARROW)
    def test_and_not_in_float32(self, case: Case) -> None:
        inputs = case.inputs()
        got = computed(case.function, inputs)
        wide = {name: a.float() if getattr(a, "is_floating_point", bool)() else a for name, a in inputs.items()}
        wide |= {"h_states": [h_t.float() for h_t in inputs["h_states"]]} if case.function == "rnn_backward" else {}
        with self.assertRaisesRegex(AssertionError, "does not conform in float32"):
            rnn_ref.assert_conforms(case.function, wide, got)

    @expand([(f"{kind} {dtype}", (kind, dtype)) for kind, dtype in LAYERS])
    def test_a_layer_of_several_steps_at_once_conforms(self, asked: tuple[str, str]) -> None:
        kind, dtype = asked
        function = "rnn_forward" if kind == "RNN" else "gru_forward"
        inputs = Case(function, SIZES[3], dtype).inputs()
        rnn_ref.assert_conforms(function, inputs, layer(kind, inputs))
        wrong = layer(kind, inputs | {"W_hh": inputs["W_hh"] * 0.9})
        with self.assertRaisesRegex(AssertionError, "first wrong step 0"):
            rnn_ref.assert_conforms(function, inputs, wrong)

    def test_the_example_of_the_documentation_runs(self) -> None:
        text = (Path(__file__).parents[2] / "docs" / "do" / "given-arrays.md").read_text("utf-8")
        (block,) = re.findall(r"^```python\n(import torch\n.*?)^```$", text, re.MULTILINE | re.DOTALL)
        exec(block, {})

    def test_tensors_that_need_gradients_and_lists_of_them_are_taken(self) -> None:
        inputs = Case("rnn_forward", SIZES[0], "float32").inputs()
        states = computed("rnn_forward", inputs)
        leaves = {name: a.clone().requires_grad_() for name, a in inputs.items()}
        rnn_ref.assert_conforms("rnn_forward", leaves, states)
        self.assertIsInstance(states, list)


@unittest.skipIf(importlib.util.find_spec("jax") is None, "JAX is not installed")
class WhatJAXComputes(unittest.TestCase):
    @expand([(dtype, dtype) for dtype in ("float32", "bfloat16", "float16")])
    def test_conforms_in_the_dtype_of_its_arrays(self, dtype: str) -> None:
        jnp = importlib.import_module("jax.numpy")
        rng = np.random.default_rng(0)
        shapes = {"X_seq": (9, 2, 4), "h0": (2, 6), "W_xh": (6, 4), "W_hh": (6, 6), "b_h": (6,)}
        inputs = {name: jnp.asarray(rng.normal(size=shape) / 2, dtype) for name, shape in shapes.items()}
        X_seq, h_t, W_xh, W_hh, b_h = inputs.values()
        states = []
        for x_t in X_seq:
            h_t = jnp.tanh(x_t @ W_xh.T + h_t @ W_hh.T + b_h)
            states.append(h_t)
        measured = rnn_ref.measure("rnn_forward", inputs, jnp.stack(states))
        self.assertEqual((measured.ok, measured.precision), (True, dtype), str(measured))
        self.assertFalse(rnn_ref.measure("rnn_forward", inputs, jnp.stack(states) * 0.97).ok)
