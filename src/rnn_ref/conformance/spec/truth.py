"""The right answers: the equations once more, on exact numbers of 50 digits (``numbers/exact.py``), or in pairs.

An answer is handed on as the nearest float64 and what is missing in ulp of it, so that an error can be measured in
fractions of a float64 ulp. Each backward is a function of the states *given*: their rounding is not held against the
gradients.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..._shapes import Array
from ..numbers import refined
from ..numbers.exact import exact, in_use
from ..numbers.gradients import Asked
from ..numbers.sharp import Sharp
from ..numbers.through import Back, as_arrays, rows, step, step_back
from ..numbers.twice import Pair
from ..operation import Answers, Cell, Operation
from . import OPERATIONS, family_of, recurrent
from .recurrent import as_returned, asked_of, layer_back

DIGITS = 50
Pairs = dict[str, Pair]


def ask(function: str, arguments: Mapping[str, Any], options: Mapping[str, Any], make: str = "mpmath") -> Answers:
    """Return every output of a function as (nearest float64, what is missing in ulp); callables go by their names."""
    operation = OPERATIONS[function]
    own = None if operation.cell else family_of(function).part("truth")
    with in_use(make, DIGITS + (own.digits(arguments, options) if own else 1)):
        values = {name: _lifted(value) for name, value in arguments.items()}
        if own:
            handed = operation.handed(values)
            answers = getattr(own, function)(*handed, **{name: _lifted(one) for name, one in options.items()})
        else:
            answers = recurrent.truth(operation, values, options)
        return {name: _split(np.asarray(answer, object)) for name, answer in answers.items()}


def ask_decimal(function: str, arguments: Mapping[str, Any], options: Mapping[str, Any]) -> Answers:
    """Return the same by Python's own decimals."""
    return ask(function, arguments, options, "decimal")


def _lifted(value: Any) -> Any:
    if isinstance(value, float) or (isinstance(value, np.ndarray) and value.dtype.kind == "f"):
        return exact(value)
    return value


def _split(answer: Array) -> tuple[Array, Array]:
    """Return the nearest float64 numbers, and what is missing in units of their last place, −0.5 to 0.5."""
    nearest = answer.astype(np.float64)
    finite = np.where(np.isfinite(nearest), answer, exact(0))
    ulp = np.spacing(np.abs(finite.astype(np.float64)))
    remainder = (finite - exact(finite.astype(np.float64))) / exact(ulp)
    return nearest, np.asarray(remainder, np.float64)


def ask_in_pairs(function: str, arguments: Mapping[str, Any], options: Mapping[str, Any]) -> Answers:
    """Return the same in twice the precision of float64: of a call that no file holds 50 digits take too long.

    An equation is taken through time as ``numbers/refined.py`` does; of functions that are none, their family states
    ``IN_PAIRS``. Only where a family has neither are the answers made with 50 digits.
    """
    operation = OPERATIONS[function]
    if operation.cell:
        with np.errstate(all="ignore"):
            return answers_of(_of_equation(operation, *asked_of(operation, arguments, options)))
    in_pairs = stated(operation)
    wide = [_wide(value) for value in arguments.values()]
    if in_pairs is None:
        return ask_decimal(function, arguments, options)
    return answers_of(in_pairs(*wide, **{name: _wide(value) for name, value in options.items()}))


def stated(operation: Operation) -> Any:
    """Return what a family states of a function that is no equation, None if it states nothing."""
    return getattr(family_of(operation.name).part("truth"), "IN_PAIRS", {}).get(operation.name)


def answers_of(pairs: Mapping[str, Pair]) -> Answers:
    """Return pairs as nearest float64 numbers and what is missing in ulp of them."""
    return {name: Sharp((np.asarray(one[0]), np.asarray(one[1]))).rest() for name, one in pairs.items()}


def _of_equation(operation: Operation, cell: Cell, asked: Asked) -> Pairs:
    """Return the answers of a step or a layer, of all steps, or of the way back through any of them."""
    twin = OPERATIONS.get(operation.twin)
    if operation.states:
        every = refined.states(cell, asked.X_seq, asked.states0, asked.weights)
        return dict(zip(operation.outputs, every, strict=True))
    if twin and twin.states:
        back = refined.gradients(cell, asked, asked.upstream, asked.states)
        return gradients_of(operation, cell, asked, back)
    return of_step(operation, cell, asked)


def of_step(operation: Operation, cell: Cell, asked: Asked) -> Pairs:
    """Return the answers of one step or of a layer, forward or back."""
    x, first = Sharp.lift(rows(asked.X_seq)), [Sharp.lift(rows(state)) for state in asked.states0]
    if not operation.twin:
        shape = np.shape(asked.X_seq)[1 if cell.states else 0 : -1]
        after = step(cell, Sharp, x, first, asked.weights)
        every = [(one.p[0].reshape(*shape, -1), one.p[1].reshape(*shape, -1)) for one in after]
        return dict(zip(operation.outputs, every, strict=True))
    if not cell.states:
        parts = [layer_back(cell, Sharp, asked, lambda number, part=part: number.p[part]) for part in (0, 1)]
        named = [list(as_returned(operation, part).values()) for part in parts]
        return dict(zip(operation.outputs, zip(*named, strict=True), strict=True))
    after = [Sharp.lift(rows(state)) for state in asked.states]
    above = [Sharp.lift(rows(up)) for up in asked.upstream]
    return gradients_of(operation, cell, asked, step_back(cell, Sharp, above, after, x, first, asked.weights))


def gradients_of(operation: Operation, cell: Cell, asked: Asked, back: Back) -> Pairs:
    """Return gradients as the function returns them."""
    parts = [as_arrays(cell, back, lambda number, part=part: number.p[part], asked.X_seq, asked.states0)
             for part in (0, 1)]  # fmt: skip
    named = [as_returned(operation, part) for part in parts]
    return {name: (named[0][name], named[1][name]) for name in operation.outputs}


def _wide(value: Any) -> Any:
    return value.astype(np.float64) if isinstance(value, np.ndarray) and value.dtype.kind == "f" else value
