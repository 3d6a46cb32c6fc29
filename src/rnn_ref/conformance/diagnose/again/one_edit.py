"""Which one edit of the target's text makes a function right that is wrong without a name: the line of the slip."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from ...edits.slip import Slip
from ...judge.compare import compared
from ...judge.probe import Probe
from ...judge.result import judge
from ...operation import Check
from ...run.call import Outcome
from ...run.session import Request
from ..naming import Case, by_one_factor

GENERIC = "generic"  # a flag of checks of nothing special
FIRST, OF_NAMED, MOST = 100, 700, 1500  # edits that are tried at once at first, where there is a name, and else


class Edited(NamedTuple):
    """An edit, in how many of the checks the function is right with it, and in how many but for an average."""

    slip: Slip
    right: int
    averaged: int
    of: int

    @property
    def told(self) -> str:
        """The sentence that says so."""
        right = self.right + self.averaged
        says = "all is right" if right == self.of else f"{right} of {self.of} checks are right"
        return self.slip.told(says + (", but for an average," if self.averaged else ""))


def one_edit(case: Case, most: int = MOST) -> Edited | None:
    """Return where the slip is and what would be right there, None if no edit is found among as many.

    All edits are asked the smallest check that is wrong, and what is right there all the others. What raises as the
    function stands may go on raising, if there is anything else; and what is asked of extremes may be wrong for a
    reason of its own, such as a softmax that overflows.
    """
    session = case.examination.session
    wrong = sorted((one for one in case.probes if one.wrong), key=_plainness)
    if not wrong or not case.alone or not session.has_text or (session.differences or {}).get("mend"):
        return None
    every = [one.check for one in case.every if not one.outcome.error] or [one.check for one in case.every]
    plain = [one for one in every if GENERIC in one.flags] or every
    for at in _right_at_first(case, wrong[0], most):
        answers = _asked(case, every, range(at, at + 1))
        right = {check for check, calls in zip(every, answers, strict=False) if _is_right(check, calls)}
        averaged = {one for one, calls in zip(every, answers, strict=False) if _is_averaged(one, calls)} - right
        if set(plain) <= right | averaged:
            function, line, *texts = answers[0][0].edit
            return Edited(Slip(function, int(line), *texts), len(right), len(averaged), len(every))
    return None


def _right_at_first(case: Case, probe: Probe, most: int) -> Iterator[int]:
    """Yield the numbers of the edits with which one check is right; more and more of them are asked at once."""
    begin, count, off = 0, FIRST, _wrong_outputs(probe)
    while begin < most:
        edits = range(begin, min(begin + count, most))
        made = _asked(case, [probe.check], edits, off)
        asked = zip(edits, made, strict=False)
        yield from (at for at, calls in asked if _is_right(probe.check, calls) or _is_averaged(probe.check, calls))
        if len(made) < len(edits):  # there are no more, or it takes too long
            return
        begin, count = edits.stop, 2 * count


def _plainness(probe: Probe) -> tuple[bool, bool, int]:
    sizes = [np.size(value) for value in (*probe.check.arguments.values(), *probe.check.expected.values())]
    return bool(probe.outcome.error), GENERIC not in probe.check.flags, sum(map(int, sizes))


def _asked(case: Case, checks: Sequence[Check], edits: range, off: Sequence[str] = ()) -> list[list[Outcome]]:
    examination = case.examination
    claims = examination.session.found[case.function].claims
    request = Request(case.function, checks, examination.options.convention, claims=claims, edits=edits, wrong=off)
    made: list[list[Outcome]] = examination.session.run(request)
    return made


def _wrong_outputs(probe: Probe) -> list[str]:
    check = probe.check.returning(probe.outcome.answers)
    if probe.outcome.error is not None or probe.outcome.unusable is not None:
        return []
    return [one.name for one in compared(check, probe.outcome.answers) if one.wrong]


def _is_right(check: Check, calls: Sequence[Outcome]) -> bool:
    return judge(check, calls).status == "passed"


def _is_averaged(check: Check, calls: Sequence[Outcome]) -> bool:
    return by_one_factor(Probe(check, calls[0], wrong=True))
