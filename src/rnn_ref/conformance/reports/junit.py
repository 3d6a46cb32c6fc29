"""The report as JUnit XML, which CI servers show: a suite for each target, a case for each check.

There is no standard, but two schemas are used to refuse reports: Jenkins' (junit-10.xsd) and that of Ant's task
(JUnit.xsd), which other tools copy. What both take is narrow: all sums stand on the suites, none on the root; a suite
has properties, cases, system-out and system-err, in this order; the time of a case, which is not measured, is 0.
"""

import datetime
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence

from ..judge.result import Result
from .block import check_block
from .clean_text import plain
from .findings import DECLARED, Findings, Several, Unchecked, each

BAD = ("failed", "xpass", "error")
TAGS = {"failed": "failure", "xpass": "failure", "error": "error", "skipped": "skipped", "xfail": "skipped"}
COUNTS = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def rendered(found: Findings | Several) -> str:
    """Return the XML, see ``pieces``."""
    return "".join(pieces(found))


def pieces(found: Findings | Several) -> Iterator[str]:
    """Yield the XML: a suite for each report, a case for each check; a target that could not be checked is one case.

    A function that does not conform though none of its checks failed (a stub, whose checks are skipped; a required one
    that is not there) gets a case of its own, so that the suite fails where the report is not ok. What a function only
    passes on is skipped with the name of the one at fault, if that fails in the same report. All of it is ASCII: other
    letters are character references, which every console and every reader takes.
    """
    yield "<?xml version='1.0' encoding='us-ascii'?>\n<testsuites>"
    for place, report in enumerate(each(found)):
        suite = _of(report, place) if isinstance(report, Findings) else _unchecked(report, place)
        ET.indent(suite, " ", 1)
        written: bytes = ET.tostring(suite, encoding="us-ascii")
        yield f"\n {written.decode('ascii')}"
    yield "\n</testsuites>\n"


def _of(report: Findings, place: int) -> ET.Element:
    suite = _suite(place, report.target, report.environment)
    for result in report.results:
        case = _case(suite, report, result.function, result.id)
        if result.status in TAGS:
            _add_outcome(case, report, result)
    for function, verdict, message in _unseen(report):
        ET.SubElement(_case(suite, report, function, function), "failure", message=message, type=verdict)
    return _close(suite, report.seconds, report.notes)


def _unchecked(one: Unchecked, place: int) -> ET.Element:
    suite = _suite(place, one.target, {})
    case = ET.SubElement(suite, "testcase", classname=_name(one.target), name="check", time="0")
    ET.SubElement(case, "skipped" if one.empty else "error", message=plain(one.error), type="not-checked")
    return _close(suite, 0.0, [])


def _suite(place: int, target: str, environment: Mapping[str, str | None]) -> ET.Element:
    """Begin a suite."""
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S")
    suite = ET.Element("testsuite", name=_name(target), package="rnn-ref", id=str(place), timestamp=now)
    suite.set("hostname", "localhost")  # what Ant's schema wants of those that do not tell
    properties = ET.SubElement(suite, "properties")
    for name, value in environment.items():
        ET.SubElement(properties, "property", name=name, value=plain(value or "not installed"))
    return suite


def _close(suite: ET.Element, seconds: float, notes: Sequence[str]) -> ET.Element:
    """End a suite with its notes and sums, and return it."""
    ET.SubElement(suite, "system-out").text = plain("\n".join(notes))
    ET.SubElement(suite, "system-err")
    suite.set("tests", str(len(suite.findall("testcase"))))
    for attribute, tag in COUNTS.items():
        suite.set(attribute, str(len(suite.findall(f"testcase/{tag}"))))
    suite.set("time", f"{seconds:.3f}")
    return suite


def _name(text: str) -> str:
    return plain(text).strip() or "?"  # a name must have a letter


def _case(suite: ET.Element, report: Findings, function: str, name: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=_name(f"{report.target}.{function}"), name=name, time="0")


def _add_outcome(case: ET.Element, report: Findings, result: Result) -> None:
    function = report.functions.get(result.function)
    message = result.message
    if result.status in {"xfail", "xpass"}:
        message = f"{DECLARED[result.status]} ({result.declared}){f': {message}' if message else ''}"
    if function and result.status in {"failed", "error"} and report.whose_fault(result.function):
        ET.SubElement(case, "skipped", message=plain(function.explanation))
        return
    kind = function.verdict if function and result.status in {"failed", "error"} else result.status
    outcome = ET.SubElement(case, TAGS[result.status], message=plain(message), type=kind)
    if result.status in {"failed", "error"}:
        outcome.text = plain("\n".join(check_block(result, function)))


def _unseen(report: Findings) -> Iterator[tuple[str, str, str]]:
    """Yield what makes the report fail and is no failed check: function, verdict and a sentence."""
    failed = {result.function for result in report.results if result.status in BAD}
    for name, function in report.functions.items():
        if function.verdict == "not-implemented" and name not in failed:
            yield name, function.verdict, "not implemented yet"
    for name in report.required_missing:
        yield name, "missing", "required, but not there"
    for note in report.around:
        verdict, _, told = note.partition(": ")
        yield told.partition(" itself: ")[0], verdict, told
