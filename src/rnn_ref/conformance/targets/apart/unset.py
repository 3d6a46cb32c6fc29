"""Names that are left unset because what binds them raises: who reads one is told that, not that it is not defined."""

import types
from collections.abc import Iterator
from typing import Any

KEY = "__rnn_ref_unset__"  # among the names of a module: the exceptions, by the names that they left unset
ANY = "*"  # stands for the names of a star import


def unset_in(names: dict[str, Any]) -> dict[str, BaseException]:
    """Return the exceptions by the names that they left unset, of a module or a frame that has such names."""
    known: dict[str, BaseException] = names.get(KEY, {})
    return known


def cause(error: BaseException) -> BaseException:
    """Return the exception that left a name unset, if it is such a name that is missed; else the exception itself.

    >>> names = {KEY: {"pd": ImportError("no pandas")}}
    >>> try:
    ...     exec("pd.read()", names)
    ... except NameError as error:
    ...     cause(error)
    ImportError('no pandas')
    """
    if not isinstance(error, NameError) or not error.name:
        return error
    for names in _globals(error.__traceback__):
        known = unset_in(names)
        if error.name in known:
            return known[error.name]
        if ANY in known and error.name not in names:
            return _with_reason(error, known[ANY])
    return error


def _with_reason(error: NameError, reason: BaseException) -> NameError:
    """Return the same exception, whose text tells also that something is not there that may bind the name."""
    text = f"{error}; {type(reason).__name__}: {reason}"
    return type(error)(text, name=error.name).with_traceback(error.__traceback__)


def _globals(traceback: types.TracebackType | None) -> Iterator[dict[str, Any]]:
    while traceback is not None:
        yield traceback.tb_frame.f_globals
        traceback = traceback.tb_next
