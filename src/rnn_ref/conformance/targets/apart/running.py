"""Run the statements that are needed, each for itself: one that raises leaves unset what it binds, and others go on.

A weight that is read from a file which is not there, or a package that is not installed, is no reason to refuse the
functions that have no use for it; those that have raise it when they are called (``unset.py``).
"""

import __future__

import ast
import contextlib
import signal
import time
import types
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .slicing import Placed
from .stand_ins import standing_in
from .text_lent import runs_with_a_text
from .unset import KEY, cause

FLAGS = __future__.annotations.compiler_flag


class Failed(NamedTuple):
    """A statement that raised something of its own, not for the lack of what another one did not bind."""

    statement: Placed
    error: BaseException
    lent: bool = False  # whether it ran with a text of ours in place of its file


def run(
    placed: Sequence[Placed],
    module: types.ModuleType,
    wanted: Collection[str] = (),
    *,
    postponed: bool = False,
    seconds: float | None = None,
) -> list[Failed]:
    """Run statements in a module, note in it what they leave unset, and return those that failed.

    With a limit of ``seconds`` for all, a statement may take half of what is left of it, one that binds what is wanted
    all. Annotations may be ``postponed``.
    """
    names = vars(module)
    unset: dict[str, BaseException] = names.setdefault(KEY, {})
    failed: list[Failed] = []
    lent: dict[str, Any] = {}
    end = None if seconds is None else time.monotonic() + seconds
    for one in placed:
        left = None if end is None else max(end - time.monotonic(), 0.1)
        code = compile(ast.Module([one.node], []), one.filename, "exec", FLAGS if postponed else 0)
        try:
            with within(left if left is None or one.binds & set(wanted) else left / 2):
                try:
                    exec(code, names)
                except FileNotFoundError as error:
                    if not runs_with_a_text(code, names):
                        raise
                    failed.append(Failed(one, error, lent=True))
        except (Exception, SystemExit) as error:
            reason = cause(error)
            failed += [Failed(one, error)] if reason is error else []
            lent |= standing_in(one.node, error, [every.node for every in placed])
            for name in _left_unset(one):
                unset[name] = reason
                names.pop(name, None)
            _lend(lent, names)
        else:
            for name in one.binds & unset.keys() & names.keys():
                del unset[name]
    _lend(lent, names)
    return failed


def _lend(lent: Mapping[str, Any], names: dict[str, Any]) -> None:
    """Bind what stands in for names that are bound to nothing else."""
    for name in lent.keys() - names.keys():
        names[name] = lent[name]
        names[KEY].pop(name, None)


def raising(name: str, error: BaseException) -> types.FunctionType:
    """Return a function in the place of one that could not be made: it raises the reason."""
    traceback = error.__traceback__

    def stand_in(*_: Any, **__: Any) -> Any:
        raise error.with_traceback(traceback)

    stand_in.__name__ = stand_in.__qualname__ = name
    return stand_in  # type: ignore[return-value]


def _left_unset(one: Placed) -> frozenset[str]:
    """Return the names that a statement should have bound; ``import a.b`` leaves an ``a`` that is there as it is."""
    dotted = isinstance(one.node, ast.Import) and "." in one.node.names[0].name and not one.node.names[0].asname
    return frozenset() if dotted else one.binds


class _LateError(BaseException):
    """What runs has run for too long; no ``except Exception`` of its own holds this back."""


@contextlib.contextmanager
def within(seconds: float | None) -> Iterator[None]:
    """Raise TimeoutError where something takes longer, if the system has a clock that interrupts."""

    def ring(*_: Any) -> None:
        raise _LateError

    try:
        before = signal.signal(signal.SIGALRM, ring) if seconds is not None else None
    except (AttributeError, ValueError):
        before = None
    if before is None or seconds is None:
        yield
        return
    begin = time.monotonic()
    outer, again = signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)  # and again, should it be held back
    try:
        yield
    except _LateError as error:
        raise TimeoutError(f"had not ended after {seconds:.2g} s").with_traceback(error.__traceback__) from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if outer:  # what runs is part of something that has a limit of its own
            signal.setitimer(signal.ITIMER_REAL, max(outer - (time.monotonic() - begin), 0.01), again)
