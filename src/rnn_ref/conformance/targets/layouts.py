"""The layouts of the frameworks: for every array of the specification, the way there and the way back.

A layout changes axes and never a number (ONNX's bias in two halves is the exception: they add up to it). Its name
is that of the framework whose users write this way: ``keras`` multiplies from the left, x W, and has batches first;
``onnx`` stacks W, R and B with an axis for the direction; ``torch`` has an axis for the layer in h0, and the classes
of a loss on axis 1; ``batch-first`` is PyTorch's ``batch_first=True`` and changes nothing else.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from ..._shapes import Array
from ..operation import Check

STATES = {"h0", "h_T"}  # before the first step and after the last


class Change(NamedTuple):
    """A change of axes, there and back."""

    there: Callable[[Array], Array]
    back: Callable[[Array], Array]


def _halved(b_h: Array) -> Array:
    quarter = b_h / 4  # exact, and the two halves differ: using one of them twice is another bias
    return np.concatenate([quarter, b_h - quarter])[np.newaxis]


def _mean_of_halves(db: Array) -> Array:
    mean: Array = db[0].reshape(2, -1).mean(0)  # each half has the whole gradient
    return mean


TRANSPOSED = Change(lambda a: a.T, lambda a: a.T)
BATCH_FIRST = Change(lambda a: a.swapaxes(0, 1), lambda a: a.swapaxes(0, 1))
CLASSES_SECOND = Change(lambda a: np.moveaxis(a, -1, 1), lambda a: np.moveaxis(a, 1, -1))
STACKED = Change(lambda a: a[np.newaxis], lambda a: a[0])  # layers times directions, of which there is one
WITH_DIRECTION = Change(lambda a: a[:, np.newaxis], lambda a: a[:, 0])
HALVED = Change(_halved, _mean_of_halves)


def _batch_first(check: Check, name: str) -> Change | None:
    return BATCH_FIRST if check.axes(name)[:2] == ("T", "B") else None


def _keras(check: Check, name: str) -> Change | None:
    return TRANSPOSED if name in check.operation.weights else _batch_first(check, name)


def _torch(check: Check, name: str) -> Change | None:
    if name in STATES:
        return STACKED
    by_row = check.operation.arguments.keys() & {"logits"}  # the cross-entropy, which sees no time
    return CLASSES_SECOND if by_row and check.rank == "batch" and "V" in check.axes(name) else None


def _onnx(check: Check, name: str) -> Change | None:
    operation = check.operation
    through_time = any(value.axes[:1] == ("T",) for value in operation.arguments.values())
    if not (operation.recurrent and through_time):  # ONNX has no cell
        return _torch(check, name)
    value = operation.arguments.get(name) or operation.outputs.get(name)
    forms = {("H", "D"): STACKED, ("H", "H"): STACKED, ("H",): HALVED, ("T", "B", "H"): WITH_DIRECTION}
    return forms.get(value.axes, _torch(check, name)) if value else _torch(check, name)


LAYOUTS: Mapping[str, Callable[[Check, str], Change | None]] = {
    "torch": _torch,
    "keras": _keras,
    "onnx": _onnx,
    "batch-first": _batch_first,
}
PAIRS = ("torch", "onnx")  # where (output, h_n) is what a recurrent layer returns


def there(layout: str, check: Check, name: str, array: Array) -> Array:
    """Return an argument as the layout has it, in memory of its own."""
    change = LAYOUTS[layout](check, name)
    return np.array(change.there(array), order="C") if change else array


def back(layout: str, check: Check, name: str, answer: Array) -> Array:
    """Return an answer as the specification has it; one that does not have the layout's axes stays as it is."""
    change = LAYOUTS[layout](check, name)
    try:
        return np.asarray(change.back(answer)) if change else answer  # of one axis less, a vector is a number
    except (IndexError, ValueError):  # AxisError is both
        return answer


def changes(layout: str, check: Check) -> bool:
    """Whether the layout makes any difference to what this check hands over."""
    return any(LAYOUTS[layout](check, name) is not None for name in check.arguments)
