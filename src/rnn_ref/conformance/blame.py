"""Whose fault is it? A function that calls a wrong neighbour is asked again, with right ones in their places."""

from collections.abc import Mapping
from typing import Any

from .convention import Convention
from .suspects import Probe
from .verdict import RIGHT, FunctionReport


def own_or_passed_on(
    examination: Any, function: str, probes: list[Probe], others: Mapping[str, FunctionReport]
) -> tuple[list[Probe], str]:
    """Return the probes with what is only passed on taken out, and a sentence about that, empty if nothing is."""
    calls = examination.session.found[function].calls
    guilty = [name for name in calls if name in others and others[name].verdict not in RIGHT | {"right-but"}]
    if not guilty or examination.options.convention != Convention():
        return probes, ""
    results, outcomes = examination.asked_otherwise(function, Convention(righted=True))
    checks = {check.id: check for check in examination.planned[function]}
    own = [
        Probe(checks[result.id], outcomes[result.id][0], result.status != "passed")
        for result in results
        if result.status != "skipped" and result.id in outcomes
    ]
    before = {probe.check.id: probe.outcome.error for probe in probes}
    if not own or any(probe.outcome.error is not None and before.get(probe.check.id) is None for probe in own):
        return probes, ""  # it does not get on with the right ones: nothing can be said
    names = " and ".join(guilty)
    if not any(probe.wrong for probe in own):
        return own, f"right in itself: it calls {names}, which {'are' if len(guilty) > 1 else 'is'} wrong"
    return own, f"besides, it calls {names}, which {'are' if len(guilty) > 1 else 'is'} wrong too"
