"""The checks of suite gru-1: a step and a sequence, with the reset gate behind the product and before it.

All biases are different and not zero, and so is h0: with zeros a third of the mistakes in a GRU step cannot be seen.
Gates are nearly shut or open in some, in some so far that exponentials overflow or nothing is left of a gate.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from ...._shapes import Array
from ...operation import Check, Rank, Truth
from .. import DTYPES, OPERATIONS
from ..inputs.hashed import hashed
from ..inputs.special import few, one_hot, silent, with_blank_rows

STREAM = 17  # of random numbers, apart from those of suite 1
BEFORE = {"reset_after": False}
LONG = 9  # steps of which a longer problem is there for the loop alone, not for the cell
MEMORY = ("strided", "fortran")  # of weights and of all others, in one problem
USUAL, SHUT, SHUT_FIRM, FAR = (1.0, 1.0), (12.0, 1.0), (24.0, 1.0), (1.0, 100.0)  # multiples, of gates and of tanh
CLOSED = (128.0, 1.0)  # gates are 0 and 1 to the last digit, and e^x is still a float64


class Problem(NamedTuple):
    """The sizes of one probe, B is None for one sequence, and what is special about it."""

    name: str
    T: int
    B: int | None
    D: int
    H: int
    flags: tuple[str, ...]
    functions: tuple[str, ...] = ("gru_cell_step", "gru_forward", "gru_cell_backward", "gru_backward")
    upstream: float = 1.0  # the size of the gradients from above
    dtypes: tuple[str, ...] = DTYPES
    steepness: tuple[float, float] = USUAL  # of what goes into the gates, and into tanh
    zeros: bool = False  # no state, no biases, rows of zeros, and steps that no gradient from above reaches
    one_hot: bool = False  # the inputs are, some of them twice
    hashed: bool = False  # the inputs are made from its name, because they are large
    start: float = 1.0  # the size of the first state, which no tanh gives beyond 1
    few: bool = False  # of what is large little counts, on the way back the first step


STEP, SEQUENCE = ("gru_cell_step", "gru_cell_backward"), ("gru_forward", "gru_backward")  # its second one is long
FORWARD, BACKS = ("gru_cell_step", "gru_forward"), ("gru_cell_backward", "gru_backward")
F32, F64 = ("float32",), ("float64",)
PROBLEMS = (
    Problem("generic", 5, 3, 4, 6, ("generic",)),
    Problem("generic-2", 4, 2, 5, 3, ("generic",), STEP),
    Problem("single", 6, None, 4, 5, ("generic",)),
    Problem("single-2", 4, None, 3, 6, ("generic",), STEP),
    Problem("square", 4, 4, 4, 4, ("square",)),
    Problem("square-single", 5, None, 5, 5, ("square",)),
    Problem("long", 45, None, 2, 3, ("generic",), SEQUENCE),
    Problem("long-batch", 42, 2, 3, 4, ("generic",), SEQUENCE),
    Problem("one-step", 1, 1, 3, 4, ("corner",), start=4.0),
    Problem("steep", 6, None, 4, 5, ("large",), BACKS, upstream=1000.0, one_hot=True),  # where large ones are clipped
    Problem("one-unit", 4, 3, 4, 1, ("corner",), dtypes=F32, one_hot=True),
    Problem("one-unit-single", 5, None, 3, 1, ("corner",), dtypes=F64),
    Problem("one-input", 4, 3, 1, 5, ("corner",), dtypes=F32, zeros=True),
    Problem("one-input-single", 5, None, 1, 4, ("corner",), dtypes=F64, zeros=True),
    Problem("tile", 2, 2, 11, 17, ("size",), dtypes=F32, hashed=True, few=True),  # tiles of kernels end at 8 and 16
    Problem("tile-single", 2, None, 67, 35, ("size",), dtypes=F64, hashed=True, few=True),  # and at 32 and 64
    Problem("saturated", 1, 2, 1, 3, ("corner",), STEP, dtypes=F32, steepness=SHUT),
    Problem("saturated-single", 1, None, 1, 2, ("corner",), (*STEP, "gru_forward"), dtypes=F64, steepness=SHUT_FIRM),
    Problem("far", 1, None, 1, 2, ("corner",), STEP[:1], dtypes=F32, steepness=FAR),
    Problem("closed", 4, 4, 4, 4, ("corner",), dtypes=F32, steepness=CLOSED),
    Problem("closed-single", 5, None, 5, 5, ("corner",), dtypes=F64, steepness=CLOSED),
    Problem("units", 2, None, 2, 67, ("size",), FORWARD, dtypes=F32, hashed=True),
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
            problem = Problem(f"seed{seed}-{number}", T, B and (T if flag == "square" else B), D, H, (flag,))
            yield from problem_checks(problem, dtype, rng, truth)


def problem_checks(problem: Problem, dtype: str, rng: np.random.Generator, truth: Truth) -> Iterator[Check]:
    """Yield the checks of one problem, without answers."""
    a = make_inputs(problem, dtype, rng)
    weights = {name: a[name] for name in ("W_xh", "W_hh", "b_xh", "b_hh")}
    sequence = {"X_seq": a["X_seq"], "h0": a["h0"]} | weights
    plain = problem.T > LONG or problem.steepness != USUAL
    choices: dict[str, dict[str, Any]] = {"": {}} if plain else {"": {}, "-before": BEFORE}
    states = {case: truth("gru_forward", sequence, options)["h_states"][0] for case, options in choices.items()}
    rank: Rank = "single" if problem.B is None else "batch"
    for function in problem.functions:
        for case, options in choices.items():
            h_states = states[case].astype(dtype)
            at = 0 if problem.few else problem.T - 1  # the one step that is asked
            step = {"x_t": a["X_seq"][at], "h_prev": h_states[at - 1] if at else a["h0"]} | weights
            arguments = {
                "gru_cell_step": step,
                "gru_forward": sequence,
                "gru_cell_backward": {"dh_t": a["dh_states"][0 if problem.zeros else at]} | step,
                "gru_backward": {"dh_states": a["dh_states"], "h_states": h_states} | sequence,
            }[function]
            name = f"{problem.name}{case}-{dtype}"
            check = Check(OPERATIONS[function], name, rank, dtype, problem.flags, arguments, options)
            yield check
            if name == "generic-float32":
                forms = check.operation.laid(arguments, MEMORY) | {"W_hh": "fortran"}
                yield replace(check, case=f"memory-{dtype}", flags=("memory", "again"), forms=forms)


def make_inputs(problem: Problem, dtype: str, rng: np.random.Generator) -> dict[str, Array]:
    """Draw weights, biases and inputs of one problem."""
    _, T, B, D, H, *_ = problem
    batch = () if B is None else (B,)
    floats = {
        "X_seq": rng.normal(size=(T, *batch, D)),
        "h0": np.tanh(rng.normal(size=(*batch, H))) * problem.start,
        "W_xh": rng.normal(size=(3 * H, D)) / np.sqrt(D),
        "W_hh": rng.normal(size=(3 * H, H)) / np.sqrt(H),
        "b_xh": rng.normal(size=3 * H) / 2,
        "b_hh": rng.normal(size=3 * H) / 2,
        "dh_states": rng.normal(size=(T, *batch, H)) * problem.upstream,
    }
    if problem.hashed:
        scales = dict.fromkeys(floats, 0.6) | {"W_xh": D**-0.5, "W_hh": H**-0.5}
        floats = {
            name: hashed(f"gru-{problem.name}/{name}", array.shape, 1.7 * scales[name])
            for name, array in floats.items()
        }
    if problem.few:
        floats["X_seq"], floats["h0"] = few(floats["X_seq"], -1), few(floats["h0"], -1)
        floats["dh_states"] = few(floats["dh_states"], *range(1, floats["dh_states"].ndim))
        floats["dh_states"][1:] = 0
    if problem.zeros:
        floats |= {name: 0 * floats[name] for name in ("h0", "b_xh", "b_hh")}
        floats["X_seq"], floats["dh_states"] = with_blank_rows(floats["X_seq"]), silent(floats["dh_states"])
        floats["X_seq"][0] = 0
    if problem.one_hot:
        floats["X_seq"] = one_hot(floats["X_seq"])
    for name in ("W_xh", "W_hh", "b_xh", "b_hh"):
        floats[name][: 2 * H] *= problem.steepness[0]
        floats[name][2 * H :] *= problem.steepness[1]
    return {name: array.astype(dtype) for name, array in floats.items()}
