"""What is asked beside the suites of functions that can be asked more than these ask, or less than all of them.

A module that is handed no state begins with zeros. It keeps what it likes between calls, so that one which begins with
what it ended with is found out as well. A stack of a single layer is asked for lengths, as the suite's deeper ones are,
and one that always reads both ways for what it makes of its states.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..._shapes import Array
from ..operation import Check, Operation
from ..spec import DTYPES, OPERATIONS
from ..spec.claims import BOTH_ONLY, LAYERS_ONLY, OPTION_ONLY
from ..spec.stack.callables import layers
from ..spec.stack.held import stack_checks
from ..spec.stack.probes import kind_of
from .held import FROM_ZEROS, held_checks

D, H = 3, 5


def left_out(found: Mapping[str, Any], every: Sequence[Check]) -> Iterator[Check]:
    """Yield what to ask of functions that were found, beside what is asked already."""
    for function, one in found.items():
        zeros = one.leaves_out and not any(_begins_with_zeros(check) for check in every if check.function == function)
        if OPERATIONS[function].cell:
            asked = [check for dtype in DTYPES for check in _from_zeros(function, dtype)] if zeros else []
        else:
            asked = [check for dtype in DTYPES for check in _of_stack(function, one, dtype, zeros=zeros)]
        for check in asked:
            yield replace(check, flags=_flags(check))


def _from_zeros(function: str, dtype: str) -> Iterator[Check]:
    rng = np.random.default_rng([D, H, len(dtype)])
    operation = OPERATIONS[function]
    weights = _drawn(operation, operation.equation({}).weights, D, dtype, rng)
    yield from held_checks([function], weights, {}, cases=FROM_ZEROS)


def _of_stack(function: str, one: Any, dtype: str, *, zeros: bool) -> Iterator[Check]:
    rng = np.random.default_rng([D, H, len(dtype)])
    directions = 2 if BOTH_ONLY in one.claims else 1
    count = next((n for n in (1, 2) if LAYERS_ONLY.format(n) in one.claims), 0)
    ends = bool(count) and "lengths" in (one.keywords or ())
    whole = {"held": (6, 3)} if count == directions == 2 and not ends else {}  # one layer, of which no suite asks so
    for run in layers() if zeros or ends or whole else ():
        layer = OPERATIONS[run]
        names, widths = layer.equation({}).weights, [D] * directions + [directions * H] * directions
        every = [_drawn(layer, names, width, dtype, rng) for width in widths[: count or None]]
        weights = {f"layers[{k}].{name}": array for k, each in enumerate(every) for name, array in each.items()}
        own = next((dict([pair]) for pair in layer.cell_if if OPTION_ONLY.format(*pair) in one.claims), {})
        options = {"directions": 2, **own} if directions == 2 else own
        cases = {**(FROM_ZEROS if zeros else {}), **whole}
        found = stack_checks({function: None}, weights, run, options, (), takes_lengths=ends, cases=cases)
        yield from (replace(check, case=f"{run}-{check.case}") for check in found)


def _drawn(
    operation: Operation, names: Collection[str], width: int, dtype: str, rng: np.random.Generator
) -> dict[str, Array]:
    """Draw the weights of one layer, with as many inputs as it is wide below."""
    sizes = {"D": width, "H": H}
    shapes = {
        name: [int(axis[:-1] or 1) * sizes[axis[-1]] for axis in operation.arguments[name].axes] for name in names
    }
    return {name: rng.normal(size=shape, scale=H**-0.5).astype(dtype) for name, shape in shapes.items()}


def _begins_with_zeros(check: Check) -> bool:
    """Whether the states before are all zeros."""
    cell = check.operation.cell
    before = [
        check.arguments[name]
        for state in (cell.states if cell else ())
        for name in (f"{state}0", f"{state}_prev")
        if name in check.arguments
    ]
    return bool(before) and not any(map(np.any, before))


def _flags(check: Check) -> tuple[str, ...]:
    """Return the flags of a check: of a stack they say of which cell, for who raises at that does not take it."""
    run = next(iter(check.arguments.values()))
    own = {name: value for name, value in check.options.items() if name in check.operation.handed_on}
    return ("generic", kind_of(OPERATIONS[run].twin or run, own)) if isinstance(run, str) else ("corner",)
