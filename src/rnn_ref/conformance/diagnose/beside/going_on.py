"""A way back that goes on from what a wrong way forward made: what it answers is told from what that leads to.

The way forward has its name already. So the right way back is handed what that one makes, with the same lines wrong
where it works out gates once more: what agrees with it is right in itself, and else a mistake is looked for beside it.
"""

import inspect
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from textwrap import indent

from ...judge.verdict import FunctionReport
from ...mistakes.answers import Way
from ...mistakes.make import source, wrong
from ...spec import OPERATIONS, catalogue
from ...spec.across.kept import KEPT
from ...spec.bases import right
from ...spec.mistake import Edit, Mistake
from ..blame import goes_on_from
from ..evidence import evidence
from ..naming import Case, called
from ..single import first_that_agrees
from .derivative import is_derivative

BEGINNING = '."""\n'  # of a function: the end of its docstring


def going_on(case: Case) -> FunctionReport | None:
    """Return the report of what goes on from what a wrong way forward made, None of another.

    Where the mistakes of that one are not known, what is off by then tells nothing of its own.
    """
    told = goes_on_from(case.examination, case.function, case.others)
    if not told:
        return None
    twin, since = OPERATIONS[case.function].twin, told.partition(":")[0]
    made = case.examination.named.get(twin, ())
    every = [_behind(case.function, twin, made, more) for more in _kept(made)] if made else []
    if first_that_agrees(case.function, [(one,) for one in every], case.probes) or is_derivative(case, twin, made):
        says = f"right in itself: {since}"
        return replace(case.report, verdict="passes-on", explanation=says, passes_on=[twin])
    ways = chain.from_iterable(_ways(case.function, one) for one in every)
    if found := first_that_agrees(case.function, ways, case.probes):
        slug = found.mistakes[1].slug
        says = f"{catalogue.of(slug, case.function).found}; besides, {since}"
        return replace(called(case, slug, only=False), explanation=says, evidence=evidence(found, case.probes))
    return replace(case.report, facts=[told])


def _kept(made: Way) -> list[tuple[Edit, ...]]:
    """Return what else may be kept on the way forward: the states before the steps, as they were taken there."""
    own = [KEPT[one.slug] for one in made if one.slug in KEPT]
    return [*([tuple(chain.from_iterable(own))] if own else []), ()]


def _behind(function: str, twin: str, made: Way, more: tuple[Edit, ...]) -> Mistake:
    """Return the way back that takes the states of the way forward with its mistakes, and makes them again itself."""
    given = [name for name in inspect.signature(right(twin)).parameters if name not in OPERATIONS[twin].arguments]
    states = [name for name in OPERATIONS[twin].outputs if name in OPERATIONS[function].arguments]
    lines = [indent(source(made, twin), "    ")] if states else []
    if states:
        options = "".join(f", {name}={name}" for name in given)
        outputs = ", ".join(OPERATIONS[twin].outputs)
        lines.append(f"    {outputs} = {twin}({', '.join(OPERATIONS[twin].arguments)}{options})\n")
        lines += [f"    {name} = np.asarray({name})\n" for name in states]
    text, edits = source((), function), [(BEGINNING, BEGINNING + "".join(lines))] if lines else []
    for one in made:
        for old, new in one.edits:
            if text.count(old) == 1:
                edits.append((old, new.replace("NUMBER", f"{one.value:.15g}") if one.sought else new))
    edits += [one for one in more if text.count(one[0]) == 1]
    return Mistake("goes-on", (function,), tuple(edits[::-1]))


def _ways(function: str, behind: Mistake) -> Iterator[Way]:
    """Yield every mistake of the way back beside it."""
    for mistake in catalogue.MISTAKES:
        if function in mistake.functions:
            try:
                wrong((behind, mistake), function)
            except ValueError:
                continue
            yield behind, mistake
