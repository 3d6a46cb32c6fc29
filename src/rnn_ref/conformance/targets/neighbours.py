"""A function with the right ones in its neighbours' places: is the fault its own, or does it only pass one on?

A candidate's rnn_forward may call its own rnn_cell_step. For the time of a call the neighbours' names, where the
function looks them up (its module, its instance, its class), are bound to the right functions of the catalogue's base.
"""

import contextlib
import functools
import inspect
import types
from collections.abc import Callable, Iterator
from typing import Any

from ..spec import OPERATIONS

_ABSENT = object()


def called_by(candidate: Callable[..., Any], name: str) -> tuple[str, ...]:
    """Return which functions of the specification are called, directly or through helpers of the same module.

    >>> def rnn_forward(X_seq): return [rnn_cell_step(x) for x in X_seq]
    >>> called_by(rnn_forward, "rnn_forward")
    ('rnn_cell_step',)
    """
    function = _plain(candidate)
    if function is None:
        return ()
    names = _names(function.__code__, function.__globals__, set())
    return tuple(one for one in OPERATIONS if one in names and one != name)


@contextlib.contextmanager
def righted(candidate: Callable[..., Any], name: str) -> Iterator[None]:
    """Bind the neighbours' names to right functions, and back again."""
    others = called_by(candidate, name)
    undo: list[tuple[Any, str, Any]] = []
    for holder in _holders(candidate):
        for one in others:
            if _has(holder, one):
                kept = vars(holder).get(one, _ABSENT) if not isinstance(holder, dict) else holder[one]
                undo.append((holder, one, kept))
                right = _right(one)
                _bind(holder, one, staticmethod(right) if inspect.isclass(holder) else right)
    try:
        yield
    finally:
        for holder, one, kept in reversed(undo):
            _bind(holder, one, kept)


def _right(name: str) -> Callable[..., Any]:
    """Return the base's function, its gradients as a NamedTuple: callers may take them by place or by name."""
    from ... import cell, output, sequence, training  # noqa: PLC0415 - only where something is wrong
    from ..spec.bases import right  # noqa: PLC0415

    by_name: dict[str, Callable[..., Any]] = {
        "rnn_cell_backward": cell.CellGradients,
        "rnn_backward": sequence.SequenceGradients,
        "rnn_output_backward": output.OutputGradients,
        "rnn_bptt": lambda loss, grads, h_T: (loss, training.Gradients(*grads), h_T),
    }
    function = right(name)
    if name not in by_name:
        return function

    @functools.wraps(function)
    def named(*arguments: Any, **options: Any) -> Any:
        return by_name[name](*function(*arguments, **options))

    return named


def _plain(candidate: Any) -> types.FunctionType | None:
    """Return the Python function behind a method, a partial or a decorator that says what it wraps."""
    with contextlib.suppress(ValueError):
        candidate = inspect.unwrap(candidate)
    candidate = getattr(candidate, "__func__", candidate)
    return candidate if isinstance(candidate, types.FunctionType) else None


def _names(code: types.CodeType, namespace: dict[str, Any], seen: set[str]) -> set[str]:
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names |= _names(constant, namespace, seen)
    for name in names - seen:
        seen.add(name)
        helper = namespace.get(name)
        if isinstance(helper, types.FunctionType) and helper.__globals__ is namespace and name not in OPERATIONS:
            names = names | _names(helper.__code__, namespace, seen)
    return names


def _holders(candidate: Any) -> Iterator[Any]:
    """Yield where a function looks its neighbours up: its instance, its class, its module's names."""
    function = _plain(candidate)
    if function is None:
        return
    instance = getattr(candidate, "__self__", None)
    if instance is not None and not inspect.isclass(instance) and hasattr(instance, "__dict__"):
        yield instance
    owner = function.__globals__.get(function.__qualname__.partition(".")[0])
    if inspect.isclass(owner):
        yield owner
    yield function.__globals__


def _has(holder: Any, name: str) -> bool:
    return name in holder if isinstance(holder, dict) else hasattr(holder, name)


def _bind(holder: Any, name: str, value: Any) -> None:
    if isinstance(holder, dict):
        holder[name] = value
    elif value is _ABSENT:
        delattr(holder, name)
    else:
        setattr(holder, name, value)
