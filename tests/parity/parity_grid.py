"""The grid on which every function is compared: 244 random problems, none of them easy.

T × batch × axis sizes × dtype × memory layout. States, biases and upstream gradients are random, never zeros or ones:
h0 = 0, b = 0 or an all-ones gradient would hide whole families of mistakes. Weights are ~ 1/√fan-in, where the map
contracts and two correct programs stay together.
"""

import zlib
from itertools import product
from typing import Any, NamedTuple

import numpy as np

DTYPES = ("float32", "float64")
SHAPES = {  # D inputs, H hidden units, V outputs
    "different": (6, 7, 11),
    "equal": (4, 4, 4),
    "D1": (1, 7, 11),
    "H1": (6, 1, 11),
    "V1": (6, 7, 1),
}


class Spec(NamedTuple):
    """What a problem is made from; the arrays are drawn on demand, the same ones for the same sizes."""

    T: int
    B: int | None
    D: int
    H: int
    V: int
    dtype: str
    layout: str

    def problem(self) -> "Problem":
        """Draw the arrays. Layouts share their values, dtypes share them up to rounding."""
        rng = np.random.default_rng(zlib.crc32(repr(self[:5]).encode()))
        rows = (self.T,) if self.B is None else (self.T, self.B)
        D, H, V = self.D, self.H, self.V
        arrays = {
            "X_seq": rng.normal(size=(*rows, D)),
            "h0": rng.uniform(-1, 1, size=(*rows[1:], H)),
            "W_xh": rng.normal(size=(H, D)) / np.sqrt(D),
            "W_hh": rng.normal(size=(H, H)) / np.sqrt(H),
            "b_h": rng.normal(size=H) / 2,
            "W_hy": rng.normal(size=(V, H)) / np.sqrt(H),
            "b_y": rng.normal(size=V) / 2,
            "h_states": rng.uniform(-1, 1, size=(*rows, H)),
            "logits_seq": 2 * rng.normal(size=(*rows, V)),
            "dh_states": rng.normal(size=(*rows, H)),
            "dlogits_seq": rng.normal(size=(*rows, V)),
            "dlosses": rng.normal(size=rows),
        }
        laid_out = {name: lay_out(array.astype(self.dtype), self.layout) for name, array in arrays.items()}
        return Problem(
            **laid_out,
            targets_seq=lay_out(rng.integers(V, size=rows), self.layout),
            dloss=rng.normal(),
            as_list=self.layout == "contiguous",
        )


class Problem(NamedTuple):
    """The arrays of one problem under the glossary's names, and an upstream gradient for every output."""

    X_seq: Any
    h0: Any
    W_xh: Any
    W_hh: Any
    b_h: Any
    W_hy: Any
    b_y: Any
    h_states: Any  # states for the output layer, which need not come from a recurrence
    logits_seq: Any
    dh_states: Any
    dlogits_seq: Any
    dlosses: Any  # of the loss of each row
    targets_seq: Any
    dloss: float  # of a loss that is one number
    as_list: bool  # contiguous states are given as a list of T arrays, views as one array

    @property
    def recurrent(self) -> dict[str, Any]:
        """The weights of the recurrence by name."""
        return {"W_xh": self.W_xh, "W_hh": self.W_hh, "b_h": self.b_h}

    @property
    def states(self) -> Any:
        """The states for the output layer, in the form in which this problem gives states."""
        return list(self.h_states) if self.as_list else self.h_states


def lay_out(array: Any, layout: str) -> Any:
    """Return the array in C order, or as a view with its axes reversed in memory and a gap after every entry."""
    if layout == "contiguous":
        return np.ascontiguousarray(array)
    return np.repeat(array.T, 2, axis=-1)[..., ::2].T


def _specs() -> dict[str, Spec]:
    sizes = {
        f"T{T}_{'unbatched' if B is None else f'B{B}'}_{name}": (T, B, *shape)
        for T, B, (name, shape) in product((1, 2, 5, 40), (None, 1, 3), SHAPES.items())
    }
    sizes["T3_B3_all_equal"] = (3, 3, 3, 3, 3)
    every = product(sizes.items(), DTYPES, ("contiguous", "views"))
    return {f"{label}_{dtype}_{layout}": Spec(*size, dtype, layout) for (label, size), dtype, layout in every}


GRID = _specs()
