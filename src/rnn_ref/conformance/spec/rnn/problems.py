"""The probes: on which inputs the functions are compared.

A probe that is to tell mistakes apart has h0 ≠ 0, b ≠ 0, no symmetric weight, every axis of a different size, T ≥ 4,
weights of about 1/√fan-in (neither saturated nor linear), logits of scale ≥ 1 and random upstream gradients. Those
are flagged ``generic``. Square ones are there for mistakes that raise where axes differ, the rest are corners.

Some target is V − 1, larger than T and B, at every step of a batch: code written for less then raises instead of
returning something.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from ...._shapes import Array
from .. import DTYPES, OPERATIONS
from ..inputs.hashed import hashed
from ..inputs.special import few, one_hot, silent, with_blank_rows


def taking(axis: str) -> tuple[str, ...]:
    """Return the functions that have an argument with this axis."""
    return tuple(
        name for name, one in OPERATIONS.items() if any(axis in value.axes for value in one.arguments.values())
    )


UNROLLED = ("rnn_forward", "rnn_backward", "rnn_bptt")  # what goes through time; its second generic problem is long
ONE_BY_ONE = tuple(name for name in OPERATIONS if name not in UNROLLED)
STEEP = ("rnn_backward", "rnn_bptt", "rnn_cell_backward")  # those in which large gradients are clipped
TANH = ("rnn_cell_step", "rnn_forward", "rnn_bptt")  # those that compute a state
FORWARD = ("rnn_cell_step", "rnn_forward", "rnn_output_layer")
ROWS = tuple(name for name in taking("T") if name not in UNROLLED)
BACKS = ("rnn_cell_backward", "rnn_backward", "rnn_output_backward", "rnn_bptt")
OF_LOGITS = ("cross_entropy", "cross_entropy_backward")


class Problem(NamedTuple):
    """The sizes of one probe, B is None for one sequence; which functions are asked, and what is special about it."""

    name: str
    T: int
    B: int | None
    D: int
    H: int
    V: int
    flags: tuple[str, ...]
    functions: tuple[str, ...] = tuple(OPERATIONS)
    lasting: bool = False  # what happens at one step is felt at all others
    upstream: float = 1.0  # the size of the gradients from above
    variants: bool = False  # other losses, and lists in the place of arrays, are tried as well
    steepness: float = 1.0  # of what goes into tanh, in multiples of what is usual
    dtypes: tuple[str, ...] = DTYPES
    forms: bool = False  # the arguments are no plain arrays
    hashed: bool = False  # the inputs are made from its name, because they are large
    zeros: bool = False  # nothing goes into the first step, there are no biases, and the last class does not occur
    gaps: bool = False  # inputs are zeros and ones, some rows of zeros; some steps have no gradient from above
    one_hot: bool = False  # the inputs are, some of them twice
    few: bool = False  # of what is large only some units count, on the way back those of the first step
    classes: str = ""  # the type of integers that targets are
    start: float = 1.0  # the size of the first state, which no tanh gives beyond 1
    nan: bool = False  # one input of one row is no number, and neither is what depends on it, which is to be seen


F32, F64 = ("float32",), ("float64",)
SIZES_OF_ONE = (
    ("one-unit", 4, 3, 4, 1, 5, "H", F32),
    ("one-unit-single", 5, None, 3, 1, 4, "H", F64),
    ("one-input", 4, 3, 1, 5, 6, "D", F32),
    ("one-input-single", 5, None, 1, 4, 6, "D", F64),
    ("one-output", 4, 3, 4, 5, 1, "V", F32),
    ("one-output-single", 5, None, 3, 4, 1, "V", F64),
    ("one-row", 5, 1, 4, 3, 6, "B", F32),
)
LARGE = (
    ("tile", 2, 2, 11, 17, 9, "H", F32),
    ("tile-single", 2, None, 9, 11, 10, "H", F64),
    ("rows", 2, 67, 3, 2, 2, "B", F32),
    ("rows", 2, 19, 3, 2, 4, "B", F64),
    ("inputs", 2, None, 67, 3, 2, "D", F32),
    ("inputs", 2, None, 35, 3, 2, "D", F64),
    ("inputs-batch", 2, 2, 35, 3, 2, "D", F32),
    ("units", 2, None, 2, 35, 3, "H", F64),
    ("classes", 1, None, 2, 3, 259, "V", F32),
    ("classes", 2, None, 2, 3, 35, "V", F64),
)  # tiles of kernels end at 8, 16, 32 and 64; what is left over is no multiple of 4
PROBLEMS = (
    Problem("generic", 5, 3, 4, 6, 8, ("generic",), variants=True),
    Problem("generic-2", 4, 2, 5, 3, 7, ("generic",), ONE_BY_ONE),
    Problem("single", 6, None, 4, 5, 8, ("generic",), variants=True),
    Problem("single-2", 4, None, 3, 6, 7, ("generic",), ONE_BY_ONE),
    Problem("square", 4, 4, 4, 4, 4, ("square",)),
    Problem("square-single", 5, None, 5, 5, 5, ("square",)),
    Problem("long", 45, None, 2, 3, 5, ("generic",), UNROLLED, lasting=True),
    Problem("long-batch", 42, 2, 3, 4, 5, ("generic",), UNROLLED, lasting=True),
    Problem("one-step", 1, 1, 3, 4, 5, ("corner",), (*UNROLLED, "rnn_cell_step"), start=4.0),
    Problem("steep", 6, None, 4, 5, 3, ("large",), STEEP, upstream=1000.0, one_hot=True),
    *(
        Problem(name, T, B, D, H, V, ("corner",), taking(axis), dtypes=dtypes)
        for name, T, B, D, H, V, axis, dtypes in SIZES_OF_ONE
    ),
    Problem("one-step-single", 1, None, 3, 4, 5, ("corner",), taking("T"), start=4.0),
    Problem("zeros", 4, None, 3, 4, 5, ("corner",), dtypes=F64, zeros=True, gaps=True),
    Problem("zeros-batch", 4, 2, 4, 3, 6, ("corner",), dtypes=F32, zeros=True, gaps=True),
    *(
        Problem(name, T, B, D, H, V, ("size",), taking(axis), dtypes=dtypes, hashed=True, few=axis == "H")
        for name, T, B, D, H, V, axis, dtypes in LARGE
    ),
    Problem("units", 2, None, 2, 67, 3, ("size",), BACKS, dtypes=F32, hashed=True, few=True),
    Problem("units", 2, None, 2, 131, 3, ("size",), FORWARD, dtypes=F32, hashed=True),
    Problem("units-batch", 2, 2, 2, 35, 3, ("size",), FORWARD, dtypes=F32, hashed=True),
    Problem("longest", 131, None, 1, 3, 4, ("size",), UNROLLED, lasting=True),
    Problem("longest-batch", 131, 2, 1, 3, 4, ("size",), ("rnn_forward",), lasting=True, dtypes=F32),
    Problem("steps", 131, None, 1, 2, 3, ("size",), ROWS, dtypes=F32, hashed=True),
    Problem("saturated", 4, None, 3, 5, 4, ("corner",), STEEP, steepness=8.0),
    Problem("saturated-batch", 4, 3, 2, 5, 4, ("corner",), STEEP, steepness=4.0, dtypes=F32, one_hot=True),
    Problem("far", 3, None, 4, 5, 3, ("corner",), TANH, steepness=1000.0),
    Problem("far-batch", 3, 2, 4, 5, 3, ("corner",), TANH, steepness=1000.0, dtypes=F32),
    Problem("memory", 5, 3, 4, 6, 8, ("memory",), dtypes=F32, forms=True),
    Problem("memory-single", 6, None, 4, 5, 8, ("memory",), forms=True),
    Problem("nan-batch", 3, 3, 3, 4, 5, ("corner",), FORWARD, dtypes=F32, nan=True),
    Problem("bytes", 2, None, 1, 2, 130, ("uint8", "size"), OF_LOGITS, dtypes=F32, hashed=True, classes="uint8"),
    Problem("bytes-batch", 2, 19, 1, 2, 4, ("int8", "size"), OF_LOGITS, dtypes=F64, hashed=True, classes="int8"),
)  # those of memory have the sizes of generic and single: whoever keeps something for a shape is found out
KINDS = (
    ("generic", True),
    ("generic", True),
    ("generic", False),
    ("generic", False),
    ("square", True),
    ("square", False),
)  # of the problems that are drawn for a seed: their flag, and whether they are batches


def make_inputs(problem: Problem, dtype: str, rng: np.random.Generator) -> dict[str, Array]:
    """Draw weights, inputs, targets and upstream gradients of one problem."""
    _, T, B, D, H, V, *_ = problem
    batch = () if B is None else (B,)
    targets = rng.integers(V, size=(T, *batch))
    if B is None:
        targets[-1] = V - 1
    else:
        targets[np.arange(T), np.arange(T) % B] = V - 1
    floats = {
        "X_seq": rng.normal(size=(T, *batch, D)),
        "h0": np.tanh(rng.normal(size=(*batch, H))) * problem.start,
        "W_xh": rng.normal(size=(H, D)) / np.sqrt(D),
        "W_hh": rng.normal(size=(H, H)) / np.sqrt(H),
        "b_h": rng.normal(size=H) / 2,
        "W_hy": rng.normal(size=(V, H)) * 3 / np.sqrt(H) * problem.upstream,
        "b_y": rng.normal(size=V),
        "dh_states": rng.normal(size=(T, *batch, H)) * problem.upstream,
        "dlogits_seq": rng.normal(size=(T, *batch, V)),
    }
    if problem.hashed:
        scales = dict.fromkeys(floats, 0.6) | {"W_xh": D**-0.5, "W_hh": H**-0.5, "b_h": 0.3, "W_hy": 3 * H**-0.5}
        floats = {
            name: hashed(f"{problem.name}/{name}", array.shape, 1.7 * scales[name]) for name, array in floats.items()
        }
    if problem.lasting:
        floats |= _lasting(floats)
    if problem.hashed:
        floats["b_y"] = np.sort(2 * floats["b_y"])  # the last classes count, where a tail is lost
    if problem.zeros:
        floats |= {name: 0 * floats[name] for name in ("h0", "b_h", "b_y")}
        floats["X_seq"][0], targets = 0.0, targets % (V - 2)
    if problem.gaps:
        floats["X_seq"] = with_blank_rows(floats["X_seq"])
        floats |= {name: silent(floats[name]) for name in ("dh_states", "dlogits_seq")}
    if problem.one_hot:
        floats["X_seq"] = one_hot(floats["X_seq"])
    if problem.few:
        floats |= {name: few(floats[name], -1) for name in ("h0", "W_hy", "dh_states")}
        floats["dh_states"][1:] = 0
    if problem.nan:
        floats["X_seq"][1, 1, 0] = np.nan
    for name in ("W_xh", "W_hh", "b_h"):
        floats[name] = floats[name] * problem.steepness
    return {name: array.astype(dtype) for name, array in floats.items()} | {"targets_seq": targets}


def _lasting(floats: Mapping[str, Array]) -> dict[str, Array]:
    """Turn the numbers drawn into those of a network that forgets slowly.

    Where W_hh turns the state without shrinking it, and inputs are small, so that tanh is nearly straight, what the
    first step did is felt at the last, and the other way round. (Rounded, for LAPACK's last digits differ.)
    """
    rotation = np.linalg.qr(floats["W_hh"])[0]
    small = {name: floats[name] / 8 for name in ("X_seq", "b_h")}
    return {"W_hh": np.round(rotation, 3), "h0": floats["h0"] / 2} | small


def drawn(name: str, flag: str, batched: bool, rng: np.random.Generator) -> Problem:
    """Draw sizes: all different and the classes the most, or all the same."""
    B, D, H, T = (int(size) for size in np.sort(rng.choice(np.arange(3, 10), 4, replace=False)))
    D, H = rng.permutation([D, H]).tolist()
    V = int(rng.integers(10, 13))
    if flag == "square":
        T = B = D = H = V = int(rng.integers(4, 7))
    return Problem(name, T, B if batched else None, D, H, V, (flag,), variants=flag == "generic")
