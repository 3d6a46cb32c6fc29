"""Which one edit of the target's text makes a function right that is wrong without a name: the line of the slip."""

from collections.abc import Iterator, Sequence

import numpy as np

from ...edits.slip import Slip
from ...judge.compare import compared
from ...judge.probe import Probe
from ...judge.result import judge
from ...operation import Check
from ...run.call import Outcome
from ...run.session import Request
from ..naming import Case

FIRST, OF_NAMED, MOST = 100, 300, 1500  # edits that are tried at once at first, where there is a name, and else


def one_edit(case: Case, most: int = MOST) -> Slip | None:
    """Return where the slip is and what would be right there, None if no edit is found among as many.

    All edits are asked the smallest check that is wrong, and what is right there all the others. What raises as the
    function stands may go on raising, if there is anything else.
    """
    session = case.examination.session
    wrong = sorted((one for one in case.probes if one.wrong), key=lambda one: (bool(one.outcome.error), _size(one)))
    if not wrong or not case.alone or not session.has_text or (session.differences or {}).get("mend"):
        return None
    every = [one.check for one in case.every if not one.outcome.error] or [one.check for one in case.every]
    for at in _right_at_first(case, wrong[0], most):
        answers = _asked(case, every, range(at, at + 1))
        if len(answers) == len(every) and _right(every, answers):
            function, line, *texts = answers[0][0].edit
            return Slip(function, int(line), *texts)
    return None


def _right_at_first(case: Case, probe: Probe, most: int) -> Iterator[int]:
    """Yield the numbers of the edits with which one check is right; more and more of them are asked at once."""
    begin, count, off = 0, FIRST, _wrong_outputs(probe)
    while begin < most:
        edits = range(begin, min(begin + count, most))
        made = _asked(case, [probe.check], edits, off)
        yield from (at for at, outcomes in zip(edits, made, strict=False) if _right([probe.check], [outcomes]))
        if len(made) < len(edits):  # there are no more, or it takes too long
            return
        begin, count = edits.stop, 2 * count


def _size(probe: Probe) -> int:
    return sum(int(np.size(value)) for value in (*probe.check.arguments.values(), *probe.check.expected.values()))


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


def _right(checks: Sequence[Check], outcomes: Sequence[Sequence[Outcome]]) -> bool:
    return all(judge(check, calls).status == "passed" for check, calls in zip(checks, outcomes, strict=True))
