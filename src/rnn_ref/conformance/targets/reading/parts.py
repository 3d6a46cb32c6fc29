"""The parts that the arguments and outputs of a function of the specification play, read off its axes.

One matrix may be several of them, of what is put end to end before it multiplies that: input, state, and a one.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from ...._shapes import Array
from ...operation import Operation

BLOCKS = {"x": "W_xh", "h": "W_hh", "1": "b_h"}
ORDERS = ("hx", "xh", "hx1", "xh1", "1hx", "1xh", "h1x", "x1h")
JOINED: Mapping[str, Sequence[str]] = {f"W_{order}|": [BLOCKS[one] for one in order] for order in ORDERS}
# parts that are several, in their order; also what the axis along which they lie is called
OPTIONAL = {"b_h", "b_y", "h"}  # what foreign code may do without


def parts_of_arguments(operation: Operation) -> dict[str, str]:
    """Return the part of every argument, by name.

    >>> from ...spec import OPERATIONS
    >>> list(parts_of_arguments(OPERATIONS["rnn_backward"]).values())
    ['up', 'states', 'x', 'h', 'W_xh', 'W_hh', 'b_h']
    """
    by_axes = {("H", "D"): "W_xh", ("H", "H"): "W_hh", ("V", "H"): "W_hy"}
    states = iter(["states"] if not operation.recurrent else ["up", "states", "h"] if operation.twin else ["h"])
    found = {}
    for name, value in operation.arguments.items():
        axes, per_row = value.axes, bool(value.optional)
        if value.kind == "classes":
            found[name] = "targets"
        elif axes in by_axes:
            found[name] = by_axes[axes]
        elif axes[-1] == "H":
            found[name] = next(states) if per_row else "b_h"
        elif axes[-1] == "V":
            found[name] = "b_y" if not per_row else "up"
        else:
            found[name] = "x"
    return found


def argument_of(operation: Operation, part: str) -> str | None:
    """Return the name of the argument that plays a part; both halves of a bias are the bias."""
    part = "b_h" if part in {"b_xh", "b_hh"} else part
    return next((name for name, one in parts_of_arguments(operation).items() if one == part), None)


def outputs_by_part(operation: Operation) -> dict[str, str]:
    """Return the outputs that are gradients, by the part of which they are."""
    parts = parts_of_arguments(operation)
    return {parts[name]: name for name in operation.outputs if name in parts}


def readable(operations: dict[str, Operation]) -> Iterator[Operation]:
    """Yield the functions that may be found under other names: of a recurrent network that has one state."""
    for operation in operations.values():
        several = operation.cell is not None and len(operation.cell.states) > 1
        if several or any(value.kind == "parts" for value in operation.arguments.values()):
            continue
        known = set(parts_of_arguments(operation).values()) if operation.weights else set()
        layer = known == {"states", "W_hy", "b_y"}
        if {"x", "h", "W_xh", "W_hh"} <= known or layer:
            yield operation


def joined_in_one(part: str, arrays: Mapping[str, Array]) -> Array:
    """Return the arrays of parts in one, rows for units.

    >>> joined_in_one("W_xh1|", {"W_xh": np.ones((3, 2)), "W_hh": np.ones((3, 3)), "b_h": np.zeros(3)}).shape
    (3, 6)
    """
    blocks = [arrays[one] for one in JOINED[part]]
    return np.concatenate([one[:, None] if one.ndim == 1 else one for one in blocks], 1)


def width(part: str, sizes: Mapping[str, int]) -> int:
    """Return how many columns there are in all."""
    return sum(_columns(one, sizes) for one in JOINED[part])


def taken_out(part: str, one: str, whole: Array, sizes: Mapping[str, int]) -> Array:
    """Return what belongs to one of the parts, of all of them in one."""
    before = JOINED[part][: JOINED[part].index(one)]
    start = sum(_columns(other, sizes) for other in before)
    return whole[:, start] if one == "b_h" else whole[:, start : start + _columns(one, sizes)]


def _columns(one: str, sizes: Mapping[str, int]) -> int:
    return {"W_xh": sizes["D"], "W_hh": sizes["H"], "b_h": 1}[one]
