"""The checks of suite relu-1: the functions of the tanh network with max(0, ·) in the place of tanh.

Its slope jumps at zero. Two right programs may find a sum on either side of zero, if it is closer than they round, and
then their gradients have nothing in common. So inputs are drawn until every sum keeps away from it.
"""

from collections.abc import Iterator

import numpy as np

from ...._shapes import Array
from ...operation import Check, Rank, Truth
from .. import DTYPES, OPERATIONS
from ..inputs.kinks import GAP, gap
from .operations import RELU as RELU_CELL
from .probes import objectives
from .problems import F32, F64, KINDS, STEEP, UNROLLED, Problem, drawn, make_inputs

STREAM = 29  # of random numbers, apart from those of the other suites
RELU = {"activation": "relu"}
KIND = "kind: activation='relu'"
RECURRENT = ("rnn_cell_step", "rnn_forward", "rnn_cell_backward", "rnn_backward", "rnn_bptt")
PROBLEMS = (
    Problem("relu-generic", 5, 3, 4, 6, 8, ("generic",), RECURRENT, variants=True),
    Problem("relu-single", 6, None, 4, 5, 8, ("generic",), RECURRENT, variants=True),
    Problem("relu-square", 4, 4, 4, 4, 4, ("square",), RECURRENT),
    Problem("relu-long", 45, None, 2, 3, 5, ("generic",), UNROLLED, lasting=True),
    Problem("relu-long-batch", 42, 2, 3, 4, 5, ("generic",), UNROLLED, lasting=True),
    Problem("relu-steep", 6, None, 4, 5, 3, ("large",), STEEP, upstream=1000.0, one_hot=True),
    Problem(
        "relu-large", 4, None, 3, 5, 4, ("corner",), RECURRENT, upstream=0.1, steepness=8.0, dtypes=F64, gaps=True
    ),  # beyond 6
    Problem(
        "relu-large-batch", 4, 2, 4, 5, 4, ("corner",), RECURRENT, upstream=0.1, steepness=8.0, dtypes=F32, gaps=True
    ),
    Problem("relu-one-hot", 3, 3, 2, 4, 3, ("corner",), STEEP, dtypes=F32, one_hot=True),
)


def all_checks(truth: Truth, seed: int = 0) -> Iterator[Check]:
    """Yield every check of the suite, without answers; other seeds give other numbers of the same kind."""
    for number, problem in enumerate(PROBLEMS):
        for dtype in problem.dtypes:
            yield from _checks(problem, dtype, np.random.default_rng([STREAM, seed, number, len(dtype)]), truth)


def fresh_checks(truth: Truth, seed: int) -> Iterator[Check]:
    """Yield the checks of one seed, without answers: the suite's kinds of problems in other sizes."""
    for number, (flag, batched) in enumerate(KINDS):
        for dtype in DTYPES:
            rng = np.random.default_rng([STREAM, seed, len(PROBLEMS) + number, len(dtype)])
            problem = drawn(f"relu-seed{seed}-{number}", flag, batched, rng)
            yield from _checks(problem._replace(functions=RECURRENT), dtype, rng, truth)


def _checks(problem: Problem, dtype: str, rng: np.random.Generator, truth: Truth) -> Iterator[Check]:
    """Yield the checks of one problem, without answers."""
    a = _drawn_apart(problem, dtype, rng)
    weights = {name: a[name] for name in ("W_xh", "W_hh", "b_h")}
    sequence = {"X_seq": a["X_seq"], "h0": a["h0"]} | weights
    h_states = truth("rnn_forward", sequence, RELU)["h_states"][0].astype(dtype)
    step = {"x_t": a["X_seq"][-1], "h_prev": h_states[-2]} | weights
    arguments = {
        "rnn_cell_step": step,
        "rnn_forward": sequence,
        "rnn_cell_backward": {"dh_t": a["dh_states"][0 if problem.gaps else -1], "h_t": h_states[-1]} | step,
        "rnn_backward": {"dh_states": a["dh_states"], "h_states": h_states} | sequence,
        "rnn_bptt": {name: {**a, **sequence}[name] for name in OPERATIONS["rnn_bptt"].arguments},
    }
    flags, rank = (*problem.flags, KIND), _rank(problem)
    for function in problem.functions:
        name = f"{problem.name}-{dtype}"
        yield Check(OPERATIONS[function], name, rank, dtype, flags, arguments[function], RELU)
    if problem.variants:
        for case, options in objectives(problem, a["targets_seq"]).items():
            name = f"{problem.name}{case}-{dtype}"
            yield Check(OPERATIONS["rnn_bptt"], name, rank, dtype, flags, arguments["rnn_bptt"], {**RELU, **options})


def _rank(problem: Problem) -> Rank:
    return "single" if problem.B is None else "batch"


def _drawn_apart(problem: Problem, dtype: str, rng: np.random.Generator) -> dict[str, Array]:
    """Draw inputs until every sum is far enough from zero."""
    while True:
        a = make_inputs(problem, dtype, rng)
        if problem.lasting:
            a |= {name: array.astype(dtype) for name, array in _lasting(a).items()}
        if gap(RELU_CELL, a["X_seq"], [a["h0"]], {name: a[name] for name in RELU_CELL.weights}) > GAP:
            return a


def _lasting(a: dict[str, Array]) -> dict[str, Array]:
    """Return what makes a network that forgets slowly: each unit hands its state on to the next, a little less of it.

    What comes in is small, and a bias keeps most units going: where one is off, all that it knew is lost.
    """
    H = len(a["b_h"])
    W_hh = 0.97 * np.roll(np.eye(H), 1, 0) + a["W_hh"] / 64
    return {"W_hh": np.round(W_hh, 3), "h0": abs(a["h0"]) + 0.5, "X_seq": a["X_seq"] / 8, "b_h": abs(a["b_h"]) / 16}
