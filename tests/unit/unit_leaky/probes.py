"""Its checks."""

import numpy as np

from rnn_ref.conformance.operation import Check

from . import STEP

PROBLEMS = (("generic", "batch", 3), ("generic-2", "batch", 2), ("single", "single", 0))


def all_checks(truth, seed=0):
    for number, (case, rank, B) in enumerate(PROBLEMS):
        for dtype in ("float32", "float64"):
            rng = np.random.default_rng([seed, number, len(dtype)])
            shapes = {"x_t": (B, 4) if B else 4, "h_prev": (B, 5) if B else 5, "W_xh": (5, 4), "W_hh": (5, 5)}
            arguments = {name: rng.standard_normal(shape).astype(dtype) for name, shape in shapes.items()}
            yield Check(STEP, f"{case}-{dtype}", rank, dtype, ("generic",), arguments, {})
