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
from .. import OPERATIONS

UNROLLED = ("rnn_forward", "rnn_backward", "rnn_bptt")  # what goes through time; its second generic problem is long
ONE_BY_ONE = tuple(name for name in OPERATIONS if name not in UNROLLED)
STEEP = ("rnn_backward", "rnn_bptt", "rnn_cell_backward")  # those in which large gradients are clipped


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


PROBLEMS = (
    Problem("generic", 5, 3, 4, 6, 8, ("generic",), variants=True),
    Problem("generic-2", 4, 2, 5, 3, 7, ("generic",), ONE_BY_ONE),
    Problem("single", 6, None, 4, 5, 8, ("generic",), variants=True),
    Problem("single-2", 4, None, 3, 6, 7, ("generic",), ONE_BY_ONE),
    Problem("square", 4, 4, 4, 4, 4, ("square",)),
    Problem("square-single", 5, None, 5, 5, 5, ("square",)),
    Problem("long", 45, None, 2, 3, 5, ("generic",), UNROLLED, lasting=True),
    Problem("long-batch", 42, 2, 3, 4, 5, ("generic",), UNROLLED, lasting=True),
    Problem("one-step", 1, 1, 3, 4, 5, ("corner",), UNROLLED),
    Problem("steep", 6, None, 4, 5, 3, ("large",), STEEP, upstream=1000.0),
)
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
        "h0": np.tanh(rng.normal(size=(*batch, H))),
        "W_xh": rng.normal(size=(H, D)) / np.sqrt(D),
        "W_hh": rng.normal(size=(H, H)) / np.sqrt(H),
        "b_h": rng.normal(size=H) / 2,
        "W_hy": rng.normal(size=(V, H)) * 3 / np.sqrt(H) * problem.upstream,
        "b_y": rng.normal(size=V),
        "dh_states": rng.normal(size=(T, *batch, H)) * problem.upstream,
        "dlogits_seq": rng.normal(size=(T, *batch, V)),
    }
    if problem.lasting:
        floats |= _lasting(floats)
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
