"""The page: a verdict for each target, a table of its functions, an article on each that does not conform."""

from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.resources import files

from ...judge.verdict import RIGHT
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
    overview = [_overview(reports)] if len(reports) > 1 else []
    targets = [_target(report, number) for number, report in enumerate(reports)]
    body = element("body", element("main", *overview, *targets))
    return f'<!doctype html>\n<html lang="en">\n<head>{"".join(head)}</head>\n{body}\n</html>\n'


def _word(reports: Sequence[Findings | Unchecked]) -> str:
    return "ok" if all(report.ok for report in reports) else "NOT OK"


def _overview(reports: Sequence[Findings | Unchecked]) -> str:
    cells = [
        (element("a", escaped(report.target), href=f"#target-{number}"), _mark(report), _counted(report))
        for number, report in enumerate(reports)
    ]
    heading = element("h1", f"{len(reports)} targets ", _state(_word(reports) == "ok"))
    return heading + table(("target", "", "verdicts"), cells, "all targets")


def _mark(report: Findings | Unchecked) -> str:
    if isinstance(report, Findings):
        return _state(report.ok)
    return element("span", "nothing to check" if report.empty else "could not be checked", class_="verdict open")


def _state(ok: bool) -> str:
    return element("span", "✓ ok" if ok else "✗ NOT OK", class_=f"verdict {'good' if ok else 'bad'}")


def _counted(report: Findings | Unchecked) -> str:
    if isinstance(report, Unchecked):
        return escaped(report.error)
    verdicts = Counter(f.mistake or f.verdict for f in report.functions.values() if f.verdict != "missing")
    counted = escaped(", ".join(f"{count} {what}" for what, count in verdicts.items()))
    return counted + _left_out(report.left_out_of_all)


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
    counted = f"planned {found.planned}, ran {found.ran}, skipped {found.skipped}; {found.seconds:.1f} s"
    lines.append(f"Suite {', '.join(found.suites)}: {counted}.")
    yield from (element("p", escaped(line), class_="sum") for line in lines)
