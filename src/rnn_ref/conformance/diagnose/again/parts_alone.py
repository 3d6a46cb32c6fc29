"""Questions in which less is at work: one step alone, and one argument after the other set to zero.

Fewer mistakes show there, so most pairs of them are excluded by one call of each, and need not be run together.
"""

from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from ...judge.probe import Probe
from ...mistakes.answers import answered
from ...operation import Check, Operation
from ...run.session import Request
from ...spec import OPERATIONS
from ...spec.bases import right
from ...spec.claims import INDICES
from .right_without import offered

_ASKED: WeakKeyDictionary[Check, list[Check]] = WeakKeyDictionary()  # for every target the same, with what is kept


def parts_alone(examination: Any, probe: Probe) -> list[Probe]:
    """Return what the function answers where parts of a problem are at work; the first has one step, and all parts.

    What it raises at, or has no numbers for, is left out.
    """
    first = probe.check
    if type(first.operation) is not Operation or not first.operation.recurrent or probe.outcome.overwritten:
        return []
    if first not in _ASKED:
        _ASKED[first] = [offered(one, first) for one in _checks(first)]
    claims = examination.session.found[first.function].claims
    asked = [one for one in _ASKED[first] if INDICES not in claims or _has_classes(one)]
    request = Request(first.function, asked, examination.options.convention, claims=claims, once=True)
    answers = zip(asked, (calls[0] for calls in examination.session.run(request)), strict=True)
    return [Probe(one, said, wrong=True) for one, said in answers if said.error is None and said.unusable is None]


def _has_classes(check: Check) -> bool:
    """Whether the inputs name classes still: of one that takes these, no input can be zero."""
    names = [name for name, value in check.operation.arguments.items() if value.axes[-1:] == ("D",) and value.optional]
    return all(np.any(check.arguments[name]) for name in names)


def _checks(check: Check) -> list[Check]:
    """Return the questions: with the first step alone, and so with one argument after the other left out."""
    one = {name: value[:1] if "T" in check.axes(name) else value for name, value in check.arguments.items()}
    states = OPERATIONS[check.operation.twin].outputs if check.operation.twin else {}
    without = [
        {**one, name: np.zeros_like(value)}
        for name, value in one.items()
        if isinstance(value, np.ndarray) and value.ndim and value.dtype.kind == "f" and name not in states
    ]
    return [asking(check, given) for given in (one, *without)]


def asking(check: Check, given: dict[str, Any]) -> Check:
    """Return the check with these arguments, with the states that they lead to, and with what is due."""
    twin = check.operation.twin
    if twin and {*OPERATIONS[twin].outputs} & {*given}:
        forward = OPERATIONS[twin]
        states = forward.unpacked(right(twin)(*(given[name] for name in forward.arguments), **check.options))
        given = given | {name: np.asarray(value) for name, value in states.items() if name in given}
    asked = check.asking(given, case=f"{check.case}-part", pytorch={})
    due = {name: np.asarray(value) for name, value in answered(right(check.function), asked).answers.items()}
    return asked.answered({name: (value, np.zeros_like(value)) for name, value in due.items()})
