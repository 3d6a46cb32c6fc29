"""The optimisers are their ``torch.optim`` namesakes, at every step and with every setting.

The Σ|terms| of a parameter after some steps is its first value and the lengths of all the steps it took.
"""

import unittest
from itertools import product

import numpy as np
from parity_compare import Compared, check
from parity_expand import expand
from parity_grid import DTYPES
from parity_torch import Optimiser

import rnn_ref

STEPS = 25
SETTINGS = {
    "SGD": {
        "lr": (0.05,),
        "momentum": (0.0, 0.9),
        "dampening": (0.0, 0.3),
        "nesterov": (False, True),
        "weight_decay": (0.0, 0.1),
    },
    "Adagrad": {
        "lr": (0.05,),
        "lr_decay": (0.0, 0.2),
        "eps": (1e-10, 1e-2),
        "weight_decay": (0.0, 0.1),
        "initial_accumulator_value": (0.0, 0.5),
    },
    "Adam": {
        "lr": (0.05,),
        "betas": ((0.9, 0.999), (0.5, 0.8), (0.0, 0.0)),
        "eps": (1e-8, 1e-2),
        "weight_decay": (0.0, 0.1),
        "amsgrad": (False, True),
    },
}


def refused(kind, settings):
    """Nesterov's step needs momentum, and none of it dampened; both libraries refuse it otherwise."""
    return kind == "SGD" and settings["nesterov"] and (settings["momentum"] == 0 or settings["dampening"] > 0)


def grid(*, wanted):
    for kind, names in SETTINGS.items():
        for values in product(*names.values()):
            settings = dict(zip(names, values, strict=True))
            if refused(kind, settings) is not wanted:
                label = "_".join(f"{name}_{value}" for name, value in settings.items())
                yield f"{kind}_{label}", (kind, settings)
        yield f"{kind}_defaults", (kind, {})


CASES = [(f"{label}_{dtype}", (*case, dtype)) for label, case in grid(wanted=True) for dtype in DTYPES]
NEGATIVE = [(kind, {name: -0.1}) for kind, names in SETTINGS.items() for name in names
            if name not in {"betas", "nesterov", "amsgrad", "dampening"}]  # fmt: skip
BETAS = [("Adam", {"betas": betas}) for betas in ((1.0, 0.9), (0.9, 1.0), (-0.1, 0.9), (0.9, -0.1))]
NESTEROV = [("SGD", s) for _, (kind, s) in grid(wanted=False) if s and refused(kind, s)]


class TheOptimisers(unittest.TestCase):
    @expand(CASES)
    def test_are_at_every_step_where_pytorchs_is(self, case):
        kind, settings, dtype = case
        rng = np.random.default_rng(0)
        params = {"W": rng.normal(size=(3, 4)).astype(dtype), "b": rng.normal(size=5).astype(dtype)}
        ours, theirs = getattr(rnn_ref, kind)(**settings), Optimiser(kind, params, **settings)
        state, terms = ours.init(params), {name: abs(p) for name, p in params.items()}
        for step in range(STEPS):
            scale = 10 ** rng.uniform(-3, 1)
            grads = {name: (scale * rng.normal(size=p.shape)).astype(dtype) for name, p in params.items()}
            grads["b"][: 5 - step] = 0  # one more entry at a time sees its first gradient
            before, (params, state) = params, ours.step(params, grads, state)
            for name, expected in theirs.step(grads).items():
                terms[name] = terms[name] + abs(params[name] - before[name])
                check(Compared(f"{name} after step {step + 1}", params[name], expected, terms[name]), dtype)


class Refused(unittest.TestCase):
    @expand(
        (f"{number}_{kind}_{next(iter(s))}", (kind, s)) for number, (kind, s) in enumerate(NEGATIVE + BETAS + NESTEROV)
    )
    def test_by_pytorch_is_refused(self, case):
        kind, settings = case
        with self.assertRaises(ValueError):
            Optimiser(kind, {"W": np.ones(2)}, **settings)
        with self.assertRaisesRegex(ValueError, f"^{kind}: .* expected"):
            getattr(rnn_ref, kind)(**settings)
