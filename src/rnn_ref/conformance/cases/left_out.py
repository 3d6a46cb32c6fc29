"""What is asked of functions that leave out a state of zeros, where their suite asks nothing of the kind.

A module that is handed no state begins with zeros. Its own modules keep what they like between calls, so that one which
begins with what it ended with is found out as well.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from ..._shapes import Array
from ..operation import Check, Operation
from ..spec import DTYPES, OPERATIONS
from ..spec.stack.callables import layers
from ..spec.stack.held import stack_checks
from .held import FROM_ZEROS, held_checks

D, H = 3, 5


def left_out(functions: Iterable[str], every: Sequence[Check]) -> Iterator[Check]:
    """Yield what to ask of functions that leave out a state of zeros, beside what is asked already."""
    for function in functions:
        if any(_begins_with_zeros(check) for check in every if check.function == function):
            continue
        for dtype in DTYPES:
            for check in _checks(function, dtype):
                yield replace(check, flags=("corner", *_kind(check)))


def _checks(function: str, dtype: str) -> Iterator[Check]:
    rng = np.random.default_rng([D, H, len(dtype)])
    operation = OPERATIONS[function]
    if operation.cell:
        weights = _drawn(operation, operation.cell.weights, D, dtype, rng)
        yield from held_checks([function], weights, {}, cases=FROM_ZEROS)
        return
    for run in layers():
        one = OPERATIONS[run]
        two = [_drawn(one, one.equation({}).weights, width, dtype, rng) for width in (D, H)]
        weights = {f"layers[{k}].{name}": array for k, each in enumerate(two) for name, array in each.items()}
        found = stack_checks({function: None}, weights, run, {}, (), takes_lengths=False, cases=FROM_ZEROS)
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


def _kind(check: Check) -> tuple[str, ...]:
    """Return the flag of a stack's cell: who raises at it does not take it."""
    run = next(iter(check.arguments.values()))
    return (f"kind: stacks of {run}",) if isinstance(run, str) else ()
