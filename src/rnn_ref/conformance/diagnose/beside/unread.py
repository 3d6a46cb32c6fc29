"""Right but for entries that stand for nothing: what is shown behind the end of a sequence."""

from ...judge.compare import compared
from ...judge.probe import Probe
from ...judge.verdict import FunctionReport
from ...spec.catalogue import of
from ..naming import Case, right_but

SLUG = "outputs-not-masked"


def right_but_for_unread(case: Case) -> FunctionReport | None:
    """Return the report of what is wrong in such entries alone, in every check."""
    wrong = [probe for probe in case.every if probe.wrong]
    if not case.alone or not wrong or not all(map(_only_there, wrong)):
        return None
    return right_but(case.report, SLUG, of(SLUG, case.function).found)


def _only_there(probe: Probe) -> bool:
    if probe.outcome.error is not None or probe.outcome.unusable is not None:
        return False
    check = probe.check.returning(probe.outcome.answers)
    unread = check.operation.unread(check)
    off = [one for one in compared(check, probe.outcome.answers) if one.wrong]
    alone = [not one.problem and one.name in unread and (one.ratios <= 1)[~unread[one.name]].all() for one in off]
    return bool(alone) and all(alone)
