"""Checks that are made: those of a seed, which nobody could have memorised, and those that are to be frozen."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..operation import Check, Truth
from ..spec import SUITES, truth
from ..spec.tolerance import allowed_errors

Library = Callable[[str, Mapping[str, Any], Mapping[str, Any]], Any]  # a function, its arguments, its options


def fresh_checks(seed: int, suite: str) -> Iterator[Check]:
    """Yield the checks of one seed, a suite's kinds of problems in other sizes, with their answers.

    These are computed when they are asked for, with 50 digits, by the equations of ``truth.py`` on the decimal numbers
    of Python's own library: mpmath, by which the frozen answers were made, is no part of the base install.
    """
    for check in SUITES[suite].probes.fresh_checks(truth.ask_decimal, seed):
        yield check.answered(truth.ask_decimal(check.function, check.arguments, check.options))


def all_checks(suite: str, exact: Truth, library: Library, seed: int = 0) -> Iterator[Check]:
    """Yield every check of a suite, with the truth of the inputs as they are, and a library's answers if it has any.

    Seed 0 gives the frozen ones, others the same with other numbers. What only asks other sizes or other memory does
    without the library's answers, which take room.
    """
    for check in SUITES[suite].probes.all_checks(exact, seed):
        answers = exact(check.function, check.arguments, check.options)
        alone = "size" in check.flags or (check.forms and not {"list", "again"} & set(check.flags))
        own = None if alone else library(check.function, check.arguments, check.options)
        named = {} if own is None else check.operation.unpacked(own)
        whole = replace(
            check.answered(answers), pytorch={name: np.asarray(one, np.float64) for name, one in named.items()}
        )
        yield replace(whole, allowed=allowed_errors(whole))
