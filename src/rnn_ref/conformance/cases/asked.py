"""Which checks there are: the frozen ones, fresh ones for a seed, and live PyTorch in the place of the truth."""

import fnmatch
import functools
from collections.abc import Iterable

from ..error_state import usual
from ..errors import TargetError
from ..misspelt import did_you_mean
from ..operation import Check
from ..spec import OPERATIONS, SUITES
from . import frozen


@usual()
def all_questions(seed: int | None, oracle: str, suites: Iterable[str] | None = None) -> tuple[Check, ...]:
    """Return every check of some suites, or of all."""
    wanted = SUITES if suites is None else suites
    return _of_suites(tuple(suite for suite in SUITES if suite in wanted), seed, oracle)


@functools.cache
def _of_suites(suites: tuple[str, ...], seed: int | None, oracle: str) -> tuple[Check, ...]:
    """Return every check of some suites, for targets of which the same is asked the same object."""
    return tuple(check for suite in suites for check in _of_suite(suite, seed, oracle))


@functools.cache
def _of_suite(suite: str, seed: int | None, oracle: str) -> tuple[Check, ...]:
    """Return every check of a suite; those of a seed come after the frozen ones."""
    checks, _ = frozen.load(suite=suite)
    if seed is not None:
        from .fresh import fresh_checks  # noqa: PLC0415 - most checks are frozen

        checks += tuple(fresh_checks(seed, suite))
    if oracle == "torch":
        from .live import answered_by_torch  # noqa: PLC0415 - needs PyTorch

        checks = tuple(answered_by_torch(check) for check in checks)
    return checks


def asked_for(checks: Iterable[Check], only: str | None) -> list[Check]:
    """Return the checks that ``only`` names. Raises TargetError if there are none."""
    known = list(checks)
    asked = selected(known, only)
    if not asked:
        raise TargetError(f"no check matches {only!r}{_meant(str(only), known)} (rnn-ref check --list prints them)")
    return asked


def _meant(only: str, checks: Iterable[Check]) -> str:
    """Return the question what was meant: another function, or another check of the function that is named."""
    ids = [check.id for check in checks]
    function, slash, _ = only.strip("*").partition("/")
    functions = list(dict.fromkeys(one.partition("/")[0] for one in ids))
    if slash:
        own = [one for one in ids if one.startswith(f"{function}/")]
        return did_you_mean(only, own) if own else did_you_mean(function, functions)
    return did_you_mean(function, [*functions, *(one.partition("/")[2] for one in ids)])


def with_generic(checks: Iterable[Check], wanted: set[str]) -> dict[str, list[Check]]:
    """Return the wanted checks by function, and with them all generic ones, by which is found out what it takes."""
    known = list(checks)
    planned = {}
    for function in OPERATIONS:
        mine = [one for one in known if one.function == function]
        if any(one.id in wanted for one in mine):
            planned[function] = [one for one in mine if one.id in wanted or "generic" in one.flags]
    return planned


def selected(checks: Iterable[Check], only: str | None) -> list[Check]:
    """Return the checks whose id or function matches the pattern, by shell rules or as a part of it."""
    if only is None:
        return list(checks)
    patterns = (only, f"*{only}*")
    return [check for check in checks if any(fnmatch.fnmatchcase(check.id, pattern) for pattern in patterns)]
