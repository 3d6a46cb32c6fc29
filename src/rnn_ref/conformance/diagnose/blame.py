"""Whose fault is it? A function that calls a wrong neighbour is asked again, with right ones in their places."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..judge.probe import Probe
from ..judge.verdict import RIGHT, FunctionReport
from ..run.call import Outcome
from ..targets.convention import Convention


def own_or_passed_on(
    examination: Any, function: str, probes: list[Probe], others: Mapping[str, FunctionReport]
) -> tuple[list[Probe], list[str]]:
    """Return the probes with what is only passed on taken out, and the functions whose fault that is."""
    suspects = [
        name
        for name in examination.session.found[function].calls
        if name in examination.session.found
        and not (_is_right(others[name]) if name in others else examination.is_right(name))
    ]
    if not suspects or examination.options.convention != Convention():
        return probes, []
    results, outcomes = examination.asked_otherwise(function, Convention(righted=True))
    checks = {check.id: check for check in examination.planned[function]}
    own = [
        Probe(checks[result.id], outcomes[result.id][0], result.status != "passed")
        for result in results
        if result.status != "skipped" and result.id in outcomes
    ]
    before = {probe.check.id: probe.outcome for probe in probes}
    if not own or any(_new_error(probe, before) for probe in own):
        return probes, []  # it does not get on with the right ones: nothing can be said
    if all(_same(probe.outcome, before.get(probe.check.id)) for probe in own):
        return probes, []
    origins = [origin for name in suspects for origin in (others[name].passes_on if name in others else []) or [name]]
    return own, list(dict.fromkeys(origins))


def _is_right(report: FunctionReport) -> bool:
    """Whether it conforms, or would in another convention, which the right ones do not share."""
    lost = report.verdict == "right-but" and report.mistake is None  # only some recorded checks are not asked
    return report.verdict in RIGHT or lost or (report.mistake or "").startswith(("layout-", "returns-pair"))


def _new_error(probe: Probe, before: Mapping[str, Outcome]) -> bool:
    then = before.get(probe.check.id)
    return probe.outcome.error is not None and (then is None or then.error is None)


def _same(outcome: Outcome, then: Outcome | None) -> bool:
    if then is None or outcome.answers.keys() != then.answers.keys():
        return False
    pairs = [(answer, then.answers[name]) for name, answer in outcome.answers.items()]
    return all(np.array_equal(np.asarray(a), np.asarray(b), equal_nan=not isinstance(a, str)) for a, b in pairs)
