"""What is reported of gradients beside differences: as of a function, with a check for every gradient."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..differences.usual import USUAL
from ..edits.slip import Slip
from ..foreign_text import printable
from ..run.session import Session
from ..targets.loading import BACK_LEFT, CALLED_THERE
from .figures import figure_text
from .result import Result
from .verdict import FunctionReport

NAME = "own_gradients"  # in the place of a function's name
AGREES = (
    "on its author's data its gradients are the derivatives of its own loss: what differs is the loss, or a case "
    "that is not in that data, or how it is read"
)
OTHER_LOSS = "Which of the two is to become small? The slope between the loss and the logits is another for each."
ONE = 1e-3  # relative, by which a factor may differ from one
FAR = 1e-2  # relative, by which a gradient must differ from what is due for that to be told
MOST = 6  # names in a sentence


def with_differences(
    session: Session, functions: dict[str, FunctionReport], results: list[Result], why: str = ""
) -> tuple[dict[str, FunctionReport], list[Result], tuple[str, ...]]:
    """Return the reports and results with those of gradients beside differences, and the notes on what is left.

    ``why`` says why nothing else is read.
    """
    notes = tuple(dict.fromkeys(session.notes))  # what is read anew may say it again
    if not session.differences:
        return functions, results, notes
    report, more = reported(session.differences)
    function = session.differences["function"]
    for name, one in functions.items():
        agrees = report.verdict == "conforms" and not _meant(session.differences["gradients"])
        if is_doubted(one) and agrees and one.reading.partition("(")[0] == function:
            functions = {**functions, name: replace(one, facts=[*one.facts, AGREES])}
    return {**functions, NAME: report}, [*results, *more], (*_without(notes, function), *filter(None, [why]))


def is_doubted(report: FunctionReport) -> bool:
    """Whether a way back that was read is wrong, and nothing tells how: it may be the reading that is."""
    goes_back = re.search("backward|bptt", report.telling or "")
    return bool(report.reading and goes_back and report.verdict in {"wrong", "crashed"} and not report.mistakes)


def _without(notes: Sequence[str], function: str) -> Iterator[str]:
    """Yield the notes without what they say of the function that is judged after all."""
    for note in notes:
        about, colon, names = note.partition(": ")
        if colon and about in {BACK_LEFT, CALLED_THERE}:
            others = [one for one in names.split(", ") if one != function]
            yield from [f"{about}: {', '.join(others)}"] if others else []
        elif not note.startswith(f"not read: {function}("):
            yield note


def reported(told: Mapping[str, Any]) -> tuple[FunctionReport, list[Result]]:
    """Return a function's report, and a result for every gradient."""
    gradients = told["gradients"]
    results = [_result(one) for one in gradients]
    off = [one for one in gradients if one["verdict"] == "off"]
    right = [one for one in gradients if one["verdict"] == "right"]
    factor = told["factor"]
    claims = [] if abs(factor - 1) < ONE else [f"{figure_text(factor)} times the derivatives of that"]
    if told["number"][0] == USUAL and not told.get("instead"):
        claims.append(f"that its loss is made of {loss_in_words(told['number'])}, which is not computed there")
    if meant := _meant(gradients):
        claims.append(f"that {_listed(meant)} shall be no derivative of that")
    reading = (
        f"{printable(told['function'])}, beside differences of {loss_in_words(told['number'])}, on its author's data"
    )
    head: dict[str, Any] = {"reading": reading, "claims": claims, "passed": len(right), "failed": len(off)}
    if not off and told.get("instead"):
        of, own = loss_in_words(told["number"]), loss_in_words(told["instead"])
        says = f"right, but for another loss: they are the derivatives of {of}, not of {own}"
        return FunctionReport("right-but", says, OTHER_LOSS, "", [], **head), results
    if not off:
        return FunctionReport("conforms", **head), results
    worst = max(off, key=_distance)
    others = f"; right are {_listed(right)}" if right else ""
    explanation = f"not the derivative of the loss: {_listed(off)}{others}"
    facts = [f"{printable(one['name'])} is off in {one['where']} alone" for one in off if one["where"]]
    figures = f"{printable(worst['name'])}: {_figures(worst)}"
    by_one = {round(one["factor"], 4): one for one in off if one["factor"]}
    facts += [f"{printable(one['name'])} is {figure_text(value)} times what is due" for value, one in by_one.items()]
    return FunctionReport("wrong", explanation, _hint(told["mend"], off), "", [*facts, figures], **head), results


def _meant(gradients: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return which gradients are not what is due, and are not called wrong: they may be meant so."""
    return [
        one for one in gradients if one["verdict"] == "unknown" and one["due"] != one["got"] and _distance(one) > FAR
    ]


def _hint(mend: Mapping[str, Any] | None, off: Sequence[Mapping[str, Any]]) -> str:
    """Return where to look: at the statement of which one edit makes all right, if such a one was found."""
    if mend is None:
        ways = f"Which ways lead from {_listed(off, 'weight')} to the loss"
        return f"{ways}, and is each of them in the sum, with its slope?"
    return Slip(**mend).told("all are right")


def loss_in_words(key: Sequence[Any]) -> str:
    """Return what the loss is, of the place where its number was found.

    >>> loss_in_words(["caller", "before", "loss"]), loss_in_words(["lossFun", 1, "returned", 0])
    ('loss', 'what lossFun returns [0]')
    >>> loss_in_words(["forward", 1, "returned", 0, "times", "dy"]), loss_in_words(["bptt", 1, "total"])
    ('what forward returns [0] times dy', 'total in bptt')
    """
    if key[0] == USUAL:
        return printable(str(key[1]))
    if key[0] == "caller":
        return printable(str(key[2]))
    if key[2] != "returned":
        return printable(f"{key[2]} in {key[0]}")
    above = ""
    if "times" in key:
        at = list(key).index("times")
        key, above = key[:at], f" times {key[at + 1]}"
    place = "".join(f"[{one}]" for one in key[3:])
    return printable(f"what {key[0]} returns{f' {place}' if place else ''}{above}")


def _result(one: Mapping[str, Any]) -> Result:
    name = re.sub(r"[^\w.\[\]]", "", printable(one["name"]))
    status = {"right": "passed", "off": "failed"}.get(one["verdict"], "skipped")
    told = {
        "passed": "",
        "failed": f"{name} is not the derivative of the loss by {printable(one['weight'])}: {_figures(one)}",
        "skipped": "it cannot be told of what it is the gradient",
    }
    return Result(f"{NAME}/{name}", NAME, status, told[status])


def _figures(one: Mapping[str, Any]) -> str:
    return f"along one direction it says {figure_text(one['got'])}, due is {figure_text(one['due'])}"


def _distance(one: Mapping[str, Any]) -> float:
    return float(abs(one["due"] - one["got"]) / max(abs(one["due"]), abs(one["got"])))


def _listed(every: Sequence[Mapping[str, Any]], what: str = "name") -> str:
    names = list(dict.fromkeys(printable(one[what]) for one in every))
    return ", ".join(names[:MOST]) + (f" and {len(names) - MOST} more" if names[MOST:] else "")
