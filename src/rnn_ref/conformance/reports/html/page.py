"""The page: a verdict for each target, a table of its functions, an article on each that does not conform."""

from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.resources import files

from ...judge.verdict import RIGHT
from ...spec import OPERATIONS
from ..findings import Findings, Several, Unchecked, each
from .elements import element, escaped, pairs, table
from .section import badge, function_section, kind

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
HEAD = ("function", "verdict", "passed", "error", "allowed", "first wrong step")


def rendered(found: Findings | Several) -> str:
    """Return the page on one target or on several."""
    reports = each(found)
    title = reports[0].target if len(reports) == 1 else f"{len(reports)} targets"
    style = files(__package__).joinpath("style.css").read_text(encoding="utf-8")
    head = [
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        element("title", escaped(f"{title}: {_word(reports)} (rnn-ref check)")),
        f"<style>{style}</style>",
    ]
    if len(reports) == 1:
        body = element("main", _target(reports[0], 0))
    else:
        folded = [_folded(report, number) for number, report in enumerate(reports)]
        body = element("main", _overview(Several(reports)), *folded, class_="class")
    return f'<!doctype html>\n<html lang="en">\n<head>{"".join(head)}</head>\n{element("body", body)}\n</html>\n'


def _word(reports: Sequence[Findings | Unchecked]) -> str:
    return "ok" if all(report.ok for report in reports) else "NOT OK"


def _overview(reports: Several) -> str:
    """Return a line for each target, a column for each function that is in any of them, and how often what is wrong."""
    there = {name for one in reports if isinstance(one, Findings) for name in one.functions if name not in one.missing}
    functions = [name for name in OPERATIONS if name in there]
    cells = []
    for number, report in enumerate(reports):
        name = element("a", escaped(report.target), href=f"#target-{number}")
        if isinstance(report, Unchecked):
            why = report.error.partition("\n")[0].removeprefix(f"{report.target}: ")
            cells.append((name, _mark(report) + _left_out([why]), *[""] * len(functions)))
        else:
            beside = _left_out([*report.left_out_of_all, *report.not_judged, *report.on_record])
            cells.append((name, _mark(report) + beside, *(_cell(report, function) for function in functions)))
    heading = element("h1", f"{len(reports)} targets ", _state(_word(reports) == "ok"))
    columns = (element("span", escaped(name).replace("_", "_<wbr>")) for name in functions)
    sums = element("p", escaped(f"{reports.counted}."))
    return heading + sums + _counted(reports) + table(("target", "", *columns), cells, "all targets")


def _cell(report: Findings, function: str) -> str:
    """Return what a table of many targets says of one function: a sign, or the mistake and whose it is."""
    found = report.functions.get(function)
    if found is None or found.verdict == "missing":
        return element("span", "–", class_="right")
    if found.verdict in RIGHT:
        return element("span", "✓", class_="right")
    said = ", ".join(found.mistakes) or found.verdict
    of = element("span", f"{escaped(function)}: ", class_="of")
    raised = [] if found.mistakes else [one.within(report.target) for one in found.raises[:1]]
    return element("span", of, escaped(said), class_=f"wrong {kind(found.verdict)}") + _left_out(raised)


def _counted(reports: Sequence[Findings | Unchecked]) -> str:
    """Return how many targets make each mistake; what is passed on is counted where it was made."""
    made: Counter[str] = Counter()
    for report in reports:
        functions = report.functions.values() if isinstance(report, Findings) else ()
        faults = [one for one in functions if one.verdict not in RIGHT and one.verdict != "passes-on"]
        made.update({slug for one in faults for slug in (one.mistakes or [one.verdict])})
    told = ", ".join(f"{slug} {count}" for slug, count in made.most_common())
    return element("p", element("strong", "Mistakes, by targets: "), escaped(told)) if told else ""


def _folded(report: Findings | Unchecked, number: int) -> str:
    """Return what is said of one of several targets, folded up."""
    summary = element("summary", element("code", escaped(report.target)), " ", _mark(report))
    return element("details", summary, _target(report, number), class_="target")


def _mark(report: Findings | Unchecked) -> str:
    if isinstance(report, Findings):
        return _state(report.ok)
    return element("span", "nothing to check" if report.empty else "could not be checked", class_="verdict open")


def _state(ok: bool) -> str:
    return element("span", "✓ ok" if ok else "✗ NOT OK", class_=f"verdict {'good' if ok else 'bad'}")


def _left_out(sentences: Sequence[str]) -> str:
    """Return what was not asked because it raises, in the cell of the verdict."""
    return "".join(element("small", escaped(sentence), class_="left-out") for sentence in sentences)


def _target(report: Findings | Unchecked, number: int) -> str:
    heading = element("h2", element("code", escaped(report.target)), " ", _mark(report))
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
    required = ", ".join(found.required_missing)
    lines = [f"Note: {note}." for note in found.notes]
    lines += [f"Required, but not there: {required}."] if required else []
    lines += [f"Not there: {', '.join(found.missing)}."] if found.missing else []
    lines += [f"{one.what.capitalize()}: {one.checks} of {one.function}: {one.reason}." for one in found.declared]
    lines += [f"Skipped: {count} {reason}." for reason, count in found.reasons.items()]
    lines.append(f"Suite {', '.join(found.suites)}: {found.counted}; {found.seconds:.1f} s.")
    yield from (element("p", escaped(line), class_="sum") for line in lines)
