"""A function with right ones in its neighbours' places: is the fault its own, or does it only pass one on?

A candidate's rnn_forward may call its own rnn_cell_step, under whatever name: a global of its module, a method, an
attribute, a variable of a closure. So the neighbour itself gets another body for a while. It answers as before, and
the catalogue's base answers beside it, on the same arguments. Where the two differ by more than rounding, the neighbour
is noted, and its caller gets the right answer in the form of the neighbour's own (``same_form.py``).
"""

import contextlib
import functools
import inspect
import operator
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ...errors import LostError
from ...spec import OPERATIONS
from ..convention import Convention
from .calls import Call
from .same_form import is_right, right_answer

Function = Callable[..., Any]


@contextlib.contextmanager
def righted(candidates: Mapping[str, Function], name: str, convention: Convention) -> Iterator[list[str]]:
    """Right the neighbours of one function for a while; yield the list of those that gave a wrong answer.

    >>> def rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h): return x_t
    >>> def rnn_forward(X_seq, h0, *weights): return [rnn_cell_step(X_seq[0], h0, *weights)]
    >>> import numpy as np
    >>> both = {"rnn_cell_step": rnn_cell_step, "rnn_forward": rnn_forward}
    >>> with righted(both, "rnn_forward", Convention(righted=("rnn_cell_step",))) as noted:
    ...     h_states = rnn_forward(np.ones((1, 1)), np.zeros(1), np.ones((1, 1)), np.ones((1, 1)), np.zeros(1))
    >>> bool(h_states[0][0] == np.tanh(1)), noted
    (True, ['rnn_cell_step'])
    """
    noted: list[str] = []
    places = list(_places(candidates.values()))
    with contextlib.ExitStack() as stack:
        if convention.righted:
            stack.enter_context(_uncompiled())
        for one in convention.righted:
            thing = _unbound(candidates[one])
            if thing is _unbound(candidates[name]):
                continue
            bound = thing is not candidates[one]
            if isinstance(thing, types.FunctionType):
                answer = _answering(one, _twin(thing), convention, noted, bound=bound)
                stack.enter_context(_with_body(thing, answer))
            else:
                answer = _answering(one, thing, convention, noted, bound=bound)
                stack.enter_context(_bound_to(places, thing, answer, bound=bound))
        yield noted


def _answering(name: str, own: Function, convention: Convention, noted: list[str], *, bound: bool) -> Function:
    """Return what stands in for a neighbour; ``bound`` if its first argument is its instance or class."""

    def answer(*arguments: Any, **options: Any) -> Any:
        owner, call = arguments[:bound], Call(OPERATIONS[name], convention, arguments[bound:], options)
        error: BaseException | None = None
        mine = None
        handed, named = call.copied()
        if name not in convention.unasked:
            try:
                mine = own(*owner, *handed, **named)
            except (KeyboardInterrupt, LostError):
                raise
            except BaseException as caught:
                error = caught
        try:
            due = call.due(own, bound=bound)
        except Exception:  # not a call that the specification knows
            due = None
        if due is None or (error is None and is_right(call, mine, due, (handed, named))):
            if error is not None:
                raise error
            return mine
        if name not in noted:
            noted.append(name)
        return right_answer(call, mine, due)

    return answer


def _unbound(candidate: Any) -> Any:
    """Return the function behind a method, else the candidate."""
    return getattr(candidate, "__func__", candidate)


def _twin(function: types.FunctionType) -> types.FunctionType:
    """Return a function that does the same, and goes on doing so."""
    twin = types.FunctionType(
        function.__code__, function.__globals__, function.__name__, function.__defaults__, function.__closure__
    )
    twin.__kwdefaults__ = function.__kwdefaults__
    twin.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]
    return twin


@contextlib.contextmanager
def _with_body(function: types.FunctionType, answer: Function) -> Iterator[None]:
    """Let a Python function do what another does: whoever holds it, by whatever name, calls that."""

    def body(*arguments: Any, _answer: Function, **options: Any) -> Any:
        return _answer(*arguments, **options)

    kept = function.__code__, function.__defaults__, function.__kwdefaults__
    function.__code__ = body.__code__.replace(co_freevars=function.__code__.co_freevars)
    function.__defaults__, function.__kwdefaults__ = None, {"_answer": answer}
    try:
        yield
    finally:
        function.__code__, function.__defaults__, function.__kwdefaults__ = kept


@contextlib.contextmanager
def _bound_to(places: list[Any], thing: Any, answer: Function, *, bound: bool) -> Iterator[None]:
    """Put an answer in every known place where a callable stands that is no Python function."""
    stands_in = answer if bound else staticmethod(answer)
    undo: list[Callable[[], None]] = []
    for place in places:
        if isinstance(place, types.CellType):
            if _content(place) is thing:
                place.cell_contents = answer
                undo.append(functools.partial(setattr, place, "cell_contents", thing))
            continue
        names = place if isinstance(place, dict) else vars(place)
        for name, value in [(name, value) for name, value in names.items() if _unbound(value) is thing]:
            if inspect.isclass(place):
                setattr(place, name, stands_in)
                undo.append(functools.partial(setattr, place, name, value))
            else:
                names[name] = answer
                undo.append(functools.partial(operator.setitem, names, name, value))
    try:
        yield
    finally:
        for back in reversed(undo):
            back()


def _places(candidates: Any) -> Iterator[Any]:
    """Yield where functions look each other up: instances, classes, modules' names, the variables of closures."""
    seen: list[Any] = []
    for candidate in candidates:
        instance = getattr(candidate, "__self__", None)
        owner = instance if inspect.isclass(instance) else type(instance)
        function = _unbound(candidate)
        with contextlib.suppress(ValueError):
            function = inspect.unwrap(function)
        found = [function.__globals__, *(function.__closure__ or ())] if hasattr(function, "__globals__") else []
        if instance is not None and not isinstance(instance, types.ModuleType):
            found += [one for one in (instance, *owner.__mro__[:-1]) if hasattr(one, "__dict__")]
        for place in found:
            if not any(place is one for one in seen):
                seen.append(place)
                yield place


def _content(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not assigned yet
        return None


def _uncompiled() -> contextlib.AbstractContextManager[Any]:
    """Have JAX, if it is there, run what was compiled as Python: what was compiled would not call the right ones."""
    jax = sys.modules.get("jax")
    return jax.disable_jit() if jax and hasattr(jax, "disable_jit") else contextlib.nullcontext()
