"""Which term is it? The same problem with one argument after the other set to zero: when it is right, it was that.

Unless it is right because the numbers are smaller then: gradients that stay below the bound at which they are clipped,
states that are not saturated. So the argument is also made small, where a wrong term is as wrong as before.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ...judge.compare import Comparison, compared
from ...judge.probe import Probe, telling_first
from ...judge.result import judge
from ...operation import Check
from ...run.session import Request
from ...spec import truth
from ...spec.tolerance import allowed_errors

SMALL = 2.0**-10  # of an argument: what is left of it is far more than rounding


def without_terms(check: Check) -> Iterator[tuple[str, str, Check]]:
    """Yield argument, what it stands for, and the check with it set to zero."""
    for name, what in check.operation.terms.items():
        yield name, what, _times(check, name, 0.0)


def _times(check: Check, name: str, factor: float) -> Check:
    """Return the check with one argument multiplied."""
    given = check.arguments[name]
    arguments: dict[str, Any] = {**check.arguments, name: (given * factor).astype(given.dtype)}
    answers = truth.ask_in_pairs(check.function, arguments, check.options)
    case = f"{check.case}-{f'little-{name}' if factor else f'without-{name}'}"
    return check.asking(arguments, case=case, pytorch={}).answered(answers)


def _compared(probe: Probe) -> list[Comparison]:
    check = probe.check.returning(probe.outcome.answers)
    return compared(check, probe.outcome.answers) if probe.outcome.unusable is None else []


def right_without(examination: Any, probes: Sequence[Probe]) -> list[str]:
    """Return which argument must be zero for the function to be right, asked of its plainest probe that is wrong."""
    numbers = [
        probe
        for probe in probes
        if probe.wrong
        and not probe.outcome.overwritten
        and probe.outcome.error is None
        and "large" not in probe.check.flags  # those take long to settle
    ]
    if not numbers:
        return []
    probe = telling_first(numbers)[0]
    wrong = [one.name for one in _compared(probe) if one.wrong]
    first = probe.check
    variants = [
        (name, what, offered(check, first))
        for name, what, check in without_terms(first)
        if all(np.any(check.expected.get(output, 1)) for output in wrong)  # being right about nothing says nothing
    ]
    if not variants:
        return []
    right = _right(examination, [check for _, _, check in variants])
    found = [(name, what) for (name, what, _), is_right in zip(variants, right, strict=True) if is_right]
    if not found or len(found) == len(variants):
        return []
    little = [offered(_times(first, name, SMALL), first) for name, _ in found]
    right = _right(examination, little)
    return [
        f"right when {name} = 0: look at {what}"
        for (name, what), is_right in zip(found, right, strict=True)
        if not is_right
    ]


def _right(examination: Any, checks: Sequence[Check]) -> list[bool]:
    """Whether the function that is asked is right in each of some checks."""
    function = checks[0].function
    claims = examination.session.found[function].claims
    request = Request(function, checks, examination.options.convention, claims=claims)
    every = zip(checks, examination.session.run(request), strict=True)
    return [judge(check, calls).status == "passed" for check, calls in every]


def offered(check: Check, like: Check) -> Check:
    """Return a check for a candidate that offers the outputs that it offers in another."""
    if like.operation.states and like.operation.states not in like.expected:
        return check.returning(like.expected)
    if check.expected.keys() <= like.expected.keys():
        return check
    return replace(check, allowed=allowed_errors(check)).only(like.expected)
