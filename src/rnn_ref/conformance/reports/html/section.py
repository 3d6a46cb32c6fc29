"""What is said of one function, as HTML: the verdict, the mistake and its formulas, where to look, and the evidence."""

from collections.abc import Iterator, Sequence

from ...judge.result import Result
from ...judge.verdict import FunctionReport
from ...spec.catalogue import WORDS, of
from ..block import check_lines, raising_texts, sentence
from ..findings import AS_DECLARED, not_answered
from .elements import command, element, escaped, marked, pairs, table
from .picture import KEY, picture

SIGNS = {
    "conforms": "✓",
    AS_DECLARED: "✓",
    "missing": "–",
    "not-implemented": "…",
    "right-but": "≈",
    "low-precision": "≈",
    "passes-on": "↪",
    "not-asked": "?",
}
# else ✗
MOST = 40  # checks that are listed of one function
FIGURES = 12  # lines of what is wrong in the check that tells most


def function_section(
    name: str, function: FunctionReport, results: Sequence[Result], *, hints: str | None = None
) -> str:
    """Return an article on one function; a learner's has no heading, and ``hints`` in the place of the formulas."""
    own = [result for result in results if result.function == name]
    telling = next((result for result in own if result.id == function.telling), None)
    heading, formulas = ([_heading(name, function)], _formulas(name, function)) if hints is None else ([], [hints])
    parts = [*heading, *_said(function, telling), *formulas, *_telling(function, telling)]
    if function.error_map is not None:
        parts.append(picture(function.error_map))
    parts += [*_figures(function, telling), *_checks(own)]
    if function.reproduce:
        parts.append(element("p", "again: ", command(function.reproduce), class_="again"))
    return element("article", *parts, class_=f"function {kind(function.verdict)}")


def kind(verdict: str) -> str:
    """Return how bad it is: ``good``, ``open``, ``near`` or ``bad``."""
    signs = {"✓": "good", "–": "open", "…": "open", "≈": "near", "↪": "near", "?": "near"}
    return signs.get(SIGNS.get(verdict, "✗"), "bad")


def badge(verdict: str) -> str:
    """Return the verdict with its sign, so that no colour is needed to read it."""
    return element("span", f"{SIGNS.get(verdict, '✗')} {escaped(verdict)}", class_=f"verdict {kind(verdict)}")


def _heading(name: str, function: FunctionReport) -> str:
    slugs = function.mistakes or ([function.mistake] if function.mistake else [])
    named = "".join(" " + element("code", escaped(name), class_="slug") for name in slugs or function.passes_on)
    return element("h3", element("code", escaped(name)), " ", badge(function.verdict), named)


def _said(function: FunctionReport, telling: Result | None) -> Iterator[str]:
    raising = list(raising_texts(function, telling))
    if not raising and telling and telling.raised and telling.raised.source and not function.passes_on:
        raising = [telling.raised.shown]
    if raising:
        yield element("pre", escaped("\n".join(raising)))
    if function.explanation and not (
        raising and telling and function.explanation == f"{telling.id}: {telling.message}"
    ):
        yield element("p", marked(f"{sentence(function.explanation)}."))
    term = "Why it matters" if function.mistake else "What is known"
    rows = [(term, marked(fact)) for fact in function.facts]
    rows += [("Where to look", marked(function.hint))] if function.hint else []
    yield pairs(rows)


def _formulas(name: str, function: FunctionReport) -> Iterator[str]:
    """Yield the formula of each mistake, right and wrong."""
    for slug in function.mistakes or ([function.mistake] if function.mistake else []):
        if slug in WORDS or f"{slug}:{name}" in WORDS:
            words = of(slug, name)
            both = (("Right", words.right), ("Wrong", words.wrong))
            rows = [(term, element("code", escaped(formula))) for term, formula in both]
            yield pairs(rows, class_="formulas")


def _telling(function: FunctionReport, telling: Result | None) -> Iterator[str]:
    """Yield what is off in the check that tells most, where there is no name for it."""
    if telling and telling.figures is not None and not (function.passes_on or function.mistake):
        yield _lines(telling, full=False)


def _figures(function: FunctionReport, telling: Result | None) -> Iterator[str]:
    """Yield the evidence, all figures and the key of the picture, folded up."""
    inside = [element("p", marked(f"{sentence(function.evidence)}."))] if function.evidence else []
    if telling and telling.figures is not None and not function.passes_on:
        inside.append(_lines(telling, full=True))
    inside += [element("p", escaped(KEY))] if function.error_map is not None else []
    if inside:
        yield element("details", element("summary", "evidence and figures"), *inside)


def _lines(telling: Result, *, full: bool) -> str:
    return element("pre", escaped("\n".join(line.strip() for line in check_lines(telling, FIGURES, full=full))))


def _checks(results: Sequence[Result]) -> Iterator[str]:
    """Yield the checks that failed, folded up."""
    after = not_answered(results)
    failed = [result for result in results if result.status not in {"passed", "skipped"} and result not in after]
    if failed:
        head = ("check", "status", "error", "allowed", "what")
        cells = [
            (element("code", escaped(r.id)), r.status, _number(r.max_abs_error), _number(r.allowed), escaped(r.message))
            for r in failed[:MOST]
        ]
        beyond = f"; {len(failed) - MOST} more are in the JSON report" if len(failed) > MOST else ""
        ran = sum(result.status != "skipped" for result in results) - len(after)
        beyond += f"; {len(after)} have no answer" if after else ""
        summary = f"{len(failed)} of {ran} checks did not pass{beyond}"
        yield element("details", element("summary", escaped(summary)), table(head, cells, "checks that did not pass"))


def _number(value: float | None) -> str:
    return "" if value is None else escaped(f"{value:.2g}")
