"""Declared deviations: checks that are expected to fail. An unknown name is an error, an unexpected pass no pass."""

import fnmatch
from collections.abc import Iterable, Mapping
from dataclasses import replace

from ..misspelt import did_you_mean
from ..operation import Check
from ..spec import OPERATIONS
from .result import Result

NOT_PASSED = {"failed", "error"}


def vet_expectations(declared: Mapping[str, str], checks: Iterable[Check]) -> None:
    """Raise ValueError for a name that is no function, no check id and matches none as files do, or has no reason."""
    ids = [check.id for check in checks]
    for name, reason in declared.items():
        if name not in OPERATIONS and not fnmatch.filter(ids, name):
            close = did_you_mean(name, [*OPERATIONS, *ids])
            raise ValueError(f"check: expect_fail names {name!r}, which is no function and matches no check{close}")
        if not reason.strip():
            raise ValueError(f"check: expect_fail says of {name!r} nothing, expected the reason why it deviates")


def with_expectations(results: list[Result], declared: Mapping[str, str]) -> list[Result]:
    """Turn declared failures of one function into ``xfail``, and passes that were not expected into ``xpass``.

    A pattern of ids speaks of every check that it matches; a function's name of those that fail, at least one.
    """
    found = list(results)
    for name, reason in declared.items():
        meant = [
            i for i, result in enumerate(results) if result.function == name or fnmatch.fnmatchcase(result.id, name)
        ]
        failing = [i for i in meant if results[i].status in NOT_PASSED]
        for i in failing:
            found[i] = replace(results[i], status="xfail", declared=reason)
        for i in [] if name in OPERATIONS and failing else meant:
            if results[i].status == "passed":
                found[i] = replace(results[i], status="xpass", declared=reason)
    return found


def declared_with(results: list[Result], reasons: Mapping[str, str]) -> list[Result]:
    """Turn the failures of one function into ``xfail``: it passes on those of others, which were declared."""
    told = ", ".join(f"{reason} ({name})" for name, reason in reasons.items())
    return [replace(one, status="xfail", declared=told) if one.status in NOT_PASSED else one for one in results]
