"""The page: a verdict for each target, a table of its functions, an article on each that does not conform."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from importlib.resources import files

from ...judge.own_gradients import NAME as OWN_GRADIENTS
from ...judge.verdict import RIGHT, FunctionReport
from ...spec import OPERATIONS
from ..block import in_brackets
from ..findings import Findings, Several, Unchecked, each
from ..overview import not_judged, shared
from .elements import element, escaped, pairs, table, table_in_pieces
from .section import badge, function_section, kind

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
ARTICLES, LINES = 500, 1000  # on a page of many targets, which a browser is to open at once
REST = "{} of {} targets have an article here, those that do not conform first; rnn-ref check TARGET tells of each."
HEAD = ("function", "verdict", "passed", "error", "allowed", "first wrong step")


def rendered(found: Findings | Several) -> str:
    """Return the page on one target or on several."""
    return "".join(pieces(found))


def pieces(found: Findings | Several) -> Iterator[str]:
    """Yield the page, of a class a line for each target, and articles as long as there is room: what is wrong first."""
    reports = each(found)
    ok = found.ok if isinstance(found, Findings) else all(head.ok for head in found.heads)
    title = reports[0].target if len(reports) == 1 else f"{len(reports)} targets"
    style = files(__package__).joinpath("style.css").read_text(encoding="utf-8")
    head = [
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        element("title", escaped(f"{title}: {'ok' if ok else 'NOT OK'} (rnn-ref check)")),
        f"<style>{style}</style>",
    ]
    yield f'<!doctype html>\n<html lang="en">\n<head>{"".join(head)}</head>\n<body>'
    if isinstance(found, Findings) or len(reports) == 1:
        yield element("main", _target(reports[0], 0))
    else:
        yield '<main class="class">'
        yield from _of_several(found)
        yield "</main>"
    yield "</body>\n</html>\n"


def _of_several(found: Several) -> Iterator[str]:
    """Yield how many make which mistake, the table, and articles, folded up, on those for which there is room."""
    there: set[str] = set()
    made: Counter[str] = Counter()
    beside: list[tuple[str, list[str]]] = []
    for report in found:
        beside += [(report.target, report.beside_all)] if isinstance(report, Findings) else []
        functions = report.functions if isinstance(report, Findings) else {}
        there |= {name for name, one in functions.items() if one.verdict != "missing"}
        made.update(_mistakes(functions.values()) if isinstance(report, Findings) else _unread(report))
    columns = [name for name in (*OPERATIONS, OWN_GRADIENTS) if name in there]
    yield element("h1", f"{len(found)} targets ", _state(all(head.ok for head in found.heads)))
    order = sorted(range(len(found)), key=lambda number: found.heads[number].ok)
    told, shown = sorted(order[:LINES]), dict.fromkeys(sorted(order[:ARTICLES]))
    heads = (element("span", breakable(name)) for name in columns)
    once = shared(beside)
    lines = (_line(found[number], number, columns, once, linked=number in shown) for number in told)
    left = not_judged(once)
    yield element("p", escaped(f"{'; '.join([found.counted, *left])}."))
    yield _counted(made)
    yield from table_in_pieces(
        ("target", "verdict", *heads), lines, "all targets" if len(told) == len(found) else "targets"
    )
    told_below = [said for one, said in once.items() if one not in left]
    yield from (element("p", escaped(f"{one[0].upper()}{one[1:]}."), class_="sum") for one in told_below)
    yield from _rest(found, order[LINES:])
    if len(shown) < len(found):
        yield element("p", escaped(REST.format(len(shown), len(found))), class_="sum")
    yield from (_folded(found[number], number) for number in shown)


def _rest(found: Several, left: Sequence[int]) -> Iterator[str]:
    """Yield the names of the targets for which the table has no room, those together of which the same is said."""
    for ok, said in ((False, "more do not conform"), (True, "more conform")):
        names = [found[number].target for number in left if found.heads[number].ok is ok]
        if names:
            yield element("p", element("strong", f"{len(names)} {said}: "), escaped(", ".join(names)), class_="sum")


def _line(
    report: Findings | Unchecked, number: int, functions: Sequence[str], once: Collection[str], *, linked: bool
) -> tuple[str, ...]:
    """Return a target's line in the table: a cell for each function that is in any of them."""
    name = breakable(report.target)
    name = element("a", name, href=f"#target-{number}") if linked else name
    if isinstance(report, Unchecked):
        return (name, _mark(report) + _left_out([report.why]), *[""] * len(functions))
    beside = _left_out([one for one in report.beside_all if one not in once])
    return (name, _mark(report) + beside, *(_cell(report, function) for function in functions))


def breakable(name: str) -> str:
    """Return a name or a path that goes on in the next line behind a stroke rather than inside a word."""
    return re.sub(r"[/\\_]", r"\g<0><wbr>", escaped(name))


def _cell(report: Findings, function: str) -> str:
    """Return what a table of many targets says of one function: a sign, or the mistake and whose it is."""
    found = report.functions.get(function)
    if found is None or found.verdict == "missing":
        return element("span", "–", class_="right")
    if report.is_right(function):
        return element("span", "✓", class_="right")
    said = ", ".join(found.mistakes) or f"{report.verdict_shown(function, found)}{in_brackets(found)}"
    of = element("span", f"{escaped(function)}: ", class_="of")
    raised = [] if found.mistakes else [one.within(report.target) for one in found.raises[:1]]
    return element(
        "span", of, breakable(said), class_=f"wrong {kind(report.verdict_shown(function, found))}"
    ) + _left_out(raised)


def _mistakes(functions: Iterable[FunctionReport]) -> set[str]:
    """Return the mistakes that a target makes; what is passed on is counted where it was made."""
    faults = [one for one in functions if one.verdict not in RIGHT and one.verdict != "passes-on"]
    return {slug for one in faults for slug in (one.mistakes or [one.verdict])}


def _unread(one: Unchecked) -> list[str]:
    """Return what is counted of a target that could not be checked."""
    return [] if one.empty or one.left else ["syntax error" if "syntax error" in one.error else "could not be checked"]


def _counted(made: Counter[str]) -> str:
    """Return how many targets make each mistake."""
    told = ", ".join(element("span", escaped(f"{slug} {count}"), class_="whole") for slug, count in made.most_common())
    return element("p", element("strong", "Mistakes, by targets: "), told) if told else ""


def _folded(report: Findings | Unchecked, number: int) -> str:
    """Return what is said of one of several targets, folded up."""
    summary = element("summary", element("code", escaped(report.target)), " ", _mark(report))
    return element("details", summary, _target(report, number, folded=True), class_="target")


def _mark(report: Findings | Unchecked) -> str:
    if isinstance(report, Findings):
        return _state(report.ok)
    return element("span", "nothing to check" if report.empty else "could not be checked", class_="verdict open")


def _state(ok: bool) -> str:
    return element("span", "✓ ok" if ok else "✗ NOT OK", class_=f"verdict {'good' if ok else 'bad'}")


def _left_out(sentences: Sequence[str]) -> str:
    """Return what was not asked because it raises, in the cell of the verdict."""
    return "".join(element("small", escaped(sentence), class_="left-out") for sentence in sentences)


def _target(report: Findings | Unchecked, number: int, *, folded: bool = False) -> str:
    """Return what is said of one target; where it is folded up, the name stands in the line that unfolds it."""
    heading = "" if folded else element("h2", element("code", escaped(report.target)), " ", _mark(report))
    if isinstance(report, Unchecked):
        return element("section", heading, element("p", escaped(report.error)), id=f"target-{number}")
    cells = [
        (element("code", escaped(name)), badge(verdict) + _left_out(report.beside(name)), *map(escaped, others))
        for name, verdict, *others in report.rows()
    ]
    articles = [
        function_section(name, function, report.results)
        for name, function in report.functions.items()
        if function.verdict not in RIGHT
    ]
    known = {key: value for key, value in report.environment.items() if value is not None}
    environment = pairs(((key, escaped(value)) for key, value in known.items()), class_="environment")
    parts = [heading, table(HEAD, cells, "functions that were found"), *articles, *_sums(report), environment]
    return element("section", *parts, id=f"target-{number}", class_=kind("conforms" if report.ok else "wrong"))


def _sums(found: Findings) -> Iterator[str]:
    """Yield what is to be known beside the verdicts."""
    required = ", ".join(found.required)
    lines = [f"Note: {note}." for note in found.notes]
    lines += [f"Required, but not there: {required}."] if required else []
    lines += [f"Not there: {', '.join(found.missing)}."] if found.missing else []
    lines += [f"{one.what.capitalize()}: {one.checks} of {one.function}: {one.reason}." for one in found.declared]
    lines += [f"Skipped: {count} {reason}." for reason, count in found.reasons.items()]
    lines.append(f"Suite {found.asked}: {found.counted}; {found.seconds:.1f} s.")
    yield from (element("p", escaped(line), class_="sum") for line in lines)
