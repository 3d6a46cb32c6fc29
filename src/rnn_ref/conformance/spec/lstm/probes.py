"""The checks of suite lstm-1: a step and a sequence, forward and back.

No bias is zero, and neither are h0 and c0: with zeros a quarter of the mistakes in a step cannot be seen. Some memories
are beyond 5, and some gradients too, where either might be clipped. What reaches the memories from outside is not zero.
Gates are nearly shut or open in some, in some so far that exponentials overflow or nothing is left of a gate.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ...._shapes import Array
from ...operation import Check, Rank, Truth
from .. import DTYPES, OPERATIONS
from ..inputs.hashed import hashed
from ..inputs.special import few, one_hot, silent, with_blank_rows

STREAM = 19  # of random numbers, apart from those of the other suites
STEP, SEQUENCE = ("lstm_cell_step", "lstm_cell_backward"), ("lstm_forward", "lstm_backward")
FORWARD, BACKS = (STEP[0], SEQUENCE[0]), (STEP[1], SEQUENCE[1])
F32, F64 = ("float32",), ("float64",)
SILENT = {"dh_states": (1, 2, 4), "dc_states": (1, 3, 4)}  # steps that no gradient reaches: neither, or one of the two
MEMORY = {
    "single": ("fortran", "strided"),
    "generic": ("strided", "fortran"),
}  # problems whose arrays lie otherwise too


class Problem(NamedTuple):
    """The sizes of one probe, B is None for one sequence, and what is special about it."""

    name: str
    T: int
    B: int | None
    D: int
    H: int
    flags: tuple[str, ...]
    functions: tuple[str, ...] = STEP + SEQUENCE
    memory: float = 1.0  # the size of the memories before the first step
    upstream: float = 1.0  # the size of the gradients that come from outside
    steepness: float = 1.0  # of what goes into the gates, in multiples of what is usual
    dtypes: tuple[str, ...] = DTYPES
    zeros: bool = False  # no states before the first step, for which modules are handed None; no biases, rows of zeros
    one_hot: bool = False  # the inputs are, some of them twice
    hashed: bool = False  # the inputs are made from its name, because they are large
    start: float = 1.0  # the size of the first state, which no tanh gives beyond 1
    few: bool = False  # of what is large little counts, on the way back the first step


PROBLEMS = (
    Problem("generic", 5, 3, 4, 6, ("generic",)),
    Problem("generic-2", 4, 2, 5, 3, ("generic",), STEP, 8.0, 20.0),
    Problem("single", 6, None, 4, 5, ("generic",)),
    Problem("single-2", 4, None, 3, 6, ("generic",), STEP, 8.0, 20.0),
    Problem("square", 4, 4, 4, 4, ("square",)),
    Problem("square-single", 5, None, 5, 5, ("square",)),
    Problem("long", 45, None, 2, 3, ("generic",), SEQUENCE, 8.0, 20.0),
    Problem("long-batch", 42, 2, 3, 4, ("generic",), SEQUENCE, 8.0, 20.0),
    Problem("one-step", 1, 1, 3, 4, ("corner",), start=4.0),
    Problem("one-unit", 4, 3, 2, 1, ("corner",), one_hot=True),
    Problem("units", 2, None, 67, 35, ("size",), dtypes=F64, hashed=True, few=True),
    Problem("units", 2, None, 3, 19, ("size",), BACKS, dtypes=F32, hashed=True, few=True),
    Problem("units", 2, None, 2, 67, ("size",), FORWARD, dtypes=F32, hashed=True),
    Problem("saturated", 3, 3, 1, 4, ("corner",), steepness=8.0),
    Problem("far", 2, None, 3, 4, ("corner",), FORWARD, steepness=100.0, dtypes=F32),
    Problem("zeros", 5, 2, 3, 2, ("corner",), zeros=True),
    Problem("zeros-single", 5, None, 1, 3, ("corner",), zeros=True),
    Problem("closed", 4, 4, 4, 4, ("corner",), dtypes=F32, steepness=128.0),
    Problem("closed-single", 5, None, 5, 5, ("corner",), dtypes=F64, steepness=128.0),
    Problem("one-hot-single", 5, None, 1, 3, ("corner",), dtypes=F64, one_hot=True),
    Problem("rows", 2, 131, 1, 1, ("size",), dtypes=F32, hashed=True, few=True),
    Problem("longest", 131, None, 1, 2, ("size",), SEQUENCE, dtypes=F32, hashed=True),
)
KINDS = (("generic", 3), ("generic", None), ("square", 3), ("square", None))  # of problems that are drawn for a seed


def all_checks(truth: Truth, seed: int = 0) -> Iterator[Check]:
    """Yield every check of the suite, without answers; other seeds give other numbers of the same kind."""
    for number, problem in enumerate(PROBLEMS):
        for dtype in problem.dtypes:
            yield from problem_checks(problem, dtype, np.random.default_rng([STREAM, seed, number, len(dtype)]), truth)


def fresh_checks(truth: Truth, seed: int) -> Iterator[Check]:
    """Yield the checks of one seed, without answers: the suite's kinds of problems in other sizes."""
    for number, (flag, B) in enumerate(KINDS):
        for dtype in DTYPES:
            rng = np.random.default_rng([STREAM, seed, len(PROBLEMS) + number, len(dtype)])
            D, H, T = (int(size) for size in rng.permutation(np.arange(4, 10))[:3])
            if flag == "square":
                T = D = H = int(rng.integers(4, 7))
            memory = float(rng.choice([1.0, 8.0]))
            sizes = (T, B and (T if flag == "square" else B), D, H)
            problem = Problem(f"seed{seed}-{number}", *sizes, (flag,), memory=memory, upstream=memory)
            yield from problem_checks(problem, dtype, rng, truth)


def problem_checks(problem: Problem, dtype: str, rng: np.random.Generator, truth: Truth) -> Iterator[Check]:
    """Yield the checks of one problem, without answers."""
    a = make_inputs(problem, dtype, rng)
    weights = {name: a[name] for name in ("W_xh", "W_hh", "b_h")}
    sequence = {"X_seq": a["X_seq"], "h0": a["h0"], "c0": a["c0"]} | weights
    made = {name: nearest.astype(dtype) for name, (nearest, _) in truth("lstm_forward", sequence, {}).items()}
    before = {"h_prev": "h_states", "c_prev": "c_states"}
    at = 0 if problem.few else problem.T - 1  # the one step that is asked
    step = {name: made[states][at - 1] if at else a[f"{name[0]}0"] for name, states in before.items()}
    step = {"x_t": a["X_seq"][at]} | step | weights
    end = 0 if problem.zeros else at
    upstream = {name: a[name] for name in ("dh_states", "dc_states")}
    asked = {
        "lstm_cell_step": step,
        "lstm_forward": sequence,
        "lstm_cell_backward": {"dh_t": a["dh_states"][end], "dc_t": a["dc_states"][end]} | step,
        "lstm_backward": upstream | made | sequence,
    }
    rank: Rank = "single" if problem.B is None else "batch"
    for function in problem.functions:
        name, arguments = f"{problem.name}-{dtype}", asked[function]
        check = Check(OPERATIONS[function], name, rank, dtype, problem.flags, arguments, {})
        yield check
        if problem.name in MEMORY and (dtype == "float32") == (rank == "batch"):
            forms = check.operation.laid(arguments, MEMORY[problem.name])
            yield replace(check, case=f"memory-{name}", flags=("memory", "again"), forms=forms)


def make_inputs(problem: Problem, dtype: str, rng: np.random.Generator) -> dict[str, Array]:
    """Draw weights, biases, inputs, states and what comes from above of one problem."""
    _, T, B, D, H, *_ = problem
    batch = () if B is None else (B,)
    b_h = rng.normal(size=4 * H) / 2
    if problem.memory > 1:
        b_h[H : 2 * H] += 1.5  # of the forget gate: what is remembered lasts
    floats = {
        "X_seq": rng.normal(size=(T, *batch, D)),
        "h0": np.tanh(rng.normal(size=(*batch, H))) * problem.start * (not problem.zeros),
        "c0": rng.normal(size=(*batch, H)) * problem.memory * (not problem.zeros),
        "W_xh": rng.normal(size=(4 * H, D)) / np.sqrt(D),
        "W_hh": rng.normal(size=(4 * H, H)) / np.sqrt(H),
        "b_h": b_h,
        "dh_states": rng.normal(size=(T, *batch, H)) * problem.upstream,
        "dc_states": rng.normal(size=(T, *batch, H)) * problem.upstream,
    }
    if problem.hashed:
        scales = dict.fromkeys(floats, 0.6) | {"W_xh": D**-0.5, "W_hh": H**-0.5}
        floats = {
            name: hashed(f"lstm-{problem.name}/{name}", array.shape, 1.7 * scales[name])
            for name, array in floats.items()
        }
    if problem.few:
        floats["X_seq"], floats["h0"] = few(floats["X_seq"], -1), few(floats["h0"], -1)
        for name in SILENT:
            floats[name] = few(floats[name], *range(1, floats[name].ndim))
            floats[name][1:] = 0
    if problem.zeros:
        floats["X_seq"], floats["b_h"] = with_blank_rows(floats["X_seq"]), 0 * floats["b_h"]
        floats |= {name: silent(floats[name], steps) for name, steps in SILENT.items()}
        floats["X_seq"][0] = 0
    if problem.one_hot:
        floats["X_seq"] = one_hot(floats["X_seq"])
    for name in ("W_xh", "W_hh", "b_h"):
        floats[name] = floats[name] * problem.steepness
    return {name: array.astype(dtype) for name, array in floats.items()}
