"""Which term is it? The same problem with one argument after the other set to zero: when it is right, it was that."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..judge.compare import Comparison, compared
from ..judge.probe import Probe, telling_first
from ..judge.result import judge
from ..operation import Check
from ..run.session import Request
from ..spec import truth
from ..spec.tolerance import allowed_errors


def without_terms(check: Check) -> Iterator[tuple[str, str, Check]]:
    """Yield argument, what it stands for, and the check with it set to zero."""
    for name, what in check.operation.terms.items():
        arguments: dict[str, Any] = {**check.arguments, name: np.zeros_like(check.arguments[name])}
        answers = truth.ask_decimal(check.function, arguments, check.options)
        case = f"{check.case}-without-{name}"
        yield name, what, check.asking(arguments, case=case, pytorch={}).answered(answers)


def _compared(probe: Probe) -> list[Comparison]:
    check = probe.check.returning(probe.outcome.answers)
    return compared(check, probe.outcome.answers) if probe.outcome.unusable is None else []


def right_without(examination: Any, function: str, probes: Sequence[Probe]) -> list[str]:
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
    claims = examination.session.found[function].claims
    request = Request(function, [check for _, _, check in variants], examination.options.convention, claims=claims)
    said = []
    for (name, what, check), calls in zip(variants, examination.session.run(request), strict=True):
        if judge(check, calls).status == "passed":
            said.append(f"right when {name} = 0: look at {what}")
    return said if len(said) < len(variants) else []


def offered(check: Check, like: Check) -> Check:
    """Return a check for a candidate that offers the outputs that it offers in another."""
    if like.operation.states and like.operation.states not in like.expected:
        return check.returning(like.expected)
    if check.expected.keys() <= like.expected.keys():
        return check
    return replace(check, allowed=allowed_errors(check)).only(like.expected)
