"""The right answer to a call between a target's own functions, in the form of the answer that was given.

The caller goes on with what it gets. So a list stays a list, a dict a dict with its keys, a tensor a tensor, and a
plain float a plain float; only the numbers are others.
"""

import copy
from collections import namedtuple
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...._shapes import Array
from ...operation import UnusableError, as_array, by_name
from .calls import Call, arrays, plain

FIRM = 64  # roundings of an entry, beside 4 of the largest: what more is off is another number


class CannotRightError(Exception):
    """The right answer cannot take the form of the candidate's: it hangs in a framework's graph."""


def is_right(call: Call, mine: Any, due: Mapping[str, Array], handed: Any) -> bool:
    """Whether an answer is right to rounding, and the arguments that were handed over are as they were."""
    try:
        answers = {n: as_array(v) for n, v in call.convention.outputs(call.operation, mine).items()}
    except Exception:
        return False
    for name, answer in answers.items():
        other = due.get(name)
        if other is None or answer.shape != other.shape or np.any(np.isfinite(answer) != np.isfinite(other)):
            return False
        finite = np.isfinite(other)
        size = np.abs(other[finite])
        allowed = np.finfo(call.dtype).eps / 2 * (FIRM * size + 4 * size.max(initial=0.0))
        if np.any(np.abs(answer[finite] - other[finite]) > allowed):
            return False
    before = call.given
    after = list(arrays([*handed[0], *handed[1].values()]))
    return all(np.array_equal(plain(a), plain(b), equal_nan=True) for a, b in zip(before, after, strict=True))


def right_answer(call: Call, mine: Any, due: Mapping[str, Array]) -> Any:
    """Return the right answers packed as the candidate packs its own; if it has none, as the specification does."""
    operation = call.operation
    try:
        known = call.convention.outputs(operation, mine)
    except UnusableError:
        known = {}
    outputs = known or operation.outputs
    parts = {name: _like(known.get(name), due[name], call) for name in outputs}
    if len(outputs) == 1:
        [(name, one)] = parts.items()
        return one if known or name not in operation.timed else Rows(one)
    if operation.packed is None or len(outputs) < len(operation.outputs):
        return _packed(mine if known else None, parts)
    one, start, stop = operation.packed
    names = list(operation.outputs)
    outer = (*names[:start], one, *names[stop:])
    whole = by_name(mine, outer) if known else {}
    inner = _packed(whole.get(one), {name: parts[name] for name in names[start:stop]})
    return _packed(mine if known else None, {name: inner if name == one else parts[name] for name in outer})


class Rows(list[Any]):
    """A list of states that can also be taken as one array: of a function that is not there, no one knows which."""

    def __init__(self, whole: Any) -> None:
        super().__init__(whole[t] for t in range(len(whole)))
        self._whole = whole

    def __getitem__(self, place: Any) -> Any:
        return super().__getitem__(place) if isinstance(place, int | slice) else self._whole[place]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._whole, name)


def _packed(mine: Any, parts: Mapping[str, Any]) -> Any:
    """Return several values in the container in which the candidate returns its own."""
    if isinstance(mine, Mapping):
        changed: Any = copy.copy(mine)
        changed.update(parts)
        return changed
    fields = getattr(mine, "_fields", None)
    if fields and set(parts) <= set(fields):
        return mine._replace(**parts)
    if fields:
        return type(mine)(*parts.values())
    return type(mine)(parts.values()) if mine is not None else namedtuple("Answers", parts)(**parts)


def _like(mine: Any, due: Array, call: Call) -> Any:
    """Return an array as the kind of thing that the candidate's own is."""
    if isinstance(mine, Sequence) and not isinstance(mine, str) and due.ndim:
        container: Any = type(mine)
        examples = [*mine, *[mine[-1] if mine else None] * len(due)]
        return container(_like(example, row, call) for example, row in zip(examples, due, strict=False))
    if getattr(mine, "requires_grad", False):
        raise CannotRightError(f"{call.operation.name}: its answer is part of a graph that gradients go through")
    if mine is None:
        mine = next((one for one in call.given if not isinstance(one, np.ndarray)), np.empty(0))
    if isinstance(mine, float | int) and not isinstance(mine, np.generic) and not due.ndim:
        return float(due)
    if hasattr(mine, "new_tensor"):  # PyTorch's
        same = [one for one in (mine, *call.given) if type(one) is type(mine) and one.is_floating_point()]
        return max(same or [mine], key=lambda one: one.element_size()).detach().new_tensor(due.copy())
    precision = call.dtype if getattr(mine, "dtype", None) != np.float64 else "float64"
    if not isinstance(mine, np.ndarray | np.generic) and hasattr(mine, "__array_namespace__"):  # JAX's, and others
        return mine.__array_namespace__().asarray(due.astype(precision))
    answer = np.array(due, precision)
    if isinstance(mine, np.generic) and not due.ndim:
        return answer[()]
    return answer.view(type(mine)) if isinstance(mine, np.ndarray) else answer
