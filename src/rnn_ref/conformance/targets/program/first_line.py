"""What a program says of itself before it is asked: its first line."""

import difflib
import inspect
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeGuard

from ...errors import TargetError
from ...operation import RANKS
from ...spec import DTYPES, OPERATIONS
from ...spec.bases import right
from ..claimed import Claimed
from .arrays import quoted

VERSION = 1
MARK = "rnn-ref-exec"  # with the version as its value
KEYS = (MARK, "functions", "dtypes", "ranks")
EXPECTED = f'{{"{MARK}": {VERSION}, "functions": ["...", ...]}}'


class FirstLine(NamedTuple):
    """The functions that a program has, each with the options it knows, and what it claims."""

    functions: Mapping[str, tuple[str, ...]]
    claimed: Claimed

    @classmethod
    def of(cls, said: Any) -> "FirstLine":
        """Vet what stood in the line. Raises TargetError, without the name of the target."""
        if not isinstance(said, dict) or MARK not in said:
            raise TargetError(f"its first line is {quoted(said)}, expected {EXPECTED} (docs/do/programs.md)")
        if said[MARK] != VERSION:
            raise TargetError(f"it speaks version {quoted(said[MARK])} of the protocol, expected {VERSION}")
        unknown = [key for key in said if key not in KEYS]
        if unknown:
            raise TargetError(f"its first line has {quoted(unknown[0])}, expected nothing but {', '.join(KEYS)}")
        functions = said.get("functions")
        named = {name: [] for name in functions} if _are_texts(functions) else functions
        if not isinstance(named, dict) or not all(map(_are_texts, named.values())):
            expected = 'a list of names, or {"name": [options]}'
            raise TargetError(f"its first line has the functions {quoted(functions)}, expected {expected}")
        ranks = _some_of(said, "ranks", RANKS)
        claimed = Claimed(_some_of(said, "dtypes", DTYPES), ranks, callables=False)
        return cls({name: _vetted(name, options) for name, options in named.items()}, claimed)


def _vetted(name: str, options: Sequence[str]) -> tuple[str, ...]:
    """Return the options of a function, all of which are known."""
    _known("function", name, list(OPERATIONS))
    known = [one.name for one in inspect.signature(right(name)).parameters.values() if one.kind is one.KEYWORD_ONLY]
    for option in options:
        _known(f"option of {name}", option, known)
    return tuple(options)


def _known(what: str, name: str, known: Sequence[str]) -> None:
    if name not in known:
        near = difflib.get_close_matches(name, known, 1)
        expected = near[:1] or list(known) or ["no option"]
        raise TargetError(f"its first line names the {what} {quoted(name)}, expected {' or '.join(expected)}")


def _some_of(said: Mapping[str, Any], key: str, known: Sequence[str]) -> tuple[str, ...] | None:
    """Return what a program claims, None where it does not say."""
    if key not in said:
        return None
    value = said[key]
    if not (_are_texts(value) and value and set(value) <= set(known)):
        raise TargetError(f"its first line has the {key} {quoted(value)}, expected some of {', '.join(known)}")
    return tuple(value)


def _are_texts(value: Any) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)
