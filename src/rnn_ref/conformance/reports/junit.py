"""The report as JUnit XML, which CI servers show: a suite for each target, a case for each check."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator

from ..judge.result import Result
from .block import check_block
from .clean_text import plain
from .findings import DECLARED, Findings, Several, Unchecked, each

BAD = ("failed", "xpass", "error")
TAGS = {"failed": "failure", "xpass": "failure", "error": "error", "skipped": "skipped", "xfail": "skipped"}
COUNTS = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def rendered(found: Findings | Several) -> str:
    """Return the XML: a suite for each report, a case for each check; a target that could not be checked is one case.

    A function that does not conform though none of its checks failed (a stub, whose checks are skipped; a required one
    that is not there) gets a case of its own, so that the suite fails where the report is not ok. What a function only
    passes on is skipped with the name of the one at fault, if that fails in the same report. All of it is ASCII: other
    letters are character references, which every console and every reader takes.
    """
    reports = each(found)
    root = ET.Element("testsuites", name="rnn-ref check")
    for report in reports:
        if isinstance(report, Findings):
            _add_suite(root, report)
        else:
            _add_unchecked(root, report)
    _count(root)
    seconds = sum(report.seconds for report in reports if isinstance(report, Findings))
    root.set("time", f"{seconds:.3f}")
    ET.indent(root, " ")
    written: bytes = ET.tostring(root, encoding="us-ascii", xml_declaration=True)
    return written.decode("ascii") + "\n"


def _add_suite(root: ET.Element, report: Findings) -> None:
    suite = ET.SubElement(root, "testsuite", name=plain(report.target))
    properties = ET.SubElement(suite, "properties")
    for name, value in report.environment.items():
        ET.SubElement(properties, "property", name=name, value=plain(value or "not installed"))
    for result in report.results:
        case = _case(suite, report, result.function, result.id)
        if result.status in TAGS:
            _add_outcome(case, report, result)
    for function, verdict, message in _unseen(report):
        ET.SubElement(_case(suite, report, function, function), "failure", message=message, type=verdict)
    if report.notes:
        ET.SubElement(suite, "system-out").text = plain("\n".join(report.notes))
    _count(suite)
    suite.set("time", f"{report.seconds:.3f}")


def _add_unchecked(root: ET.Element, one: Unchecked) -> None:
    suite = ET.SubElement(root, "testsuite", name=plain(one.target), time="0")
    case = ET.SubElement(suite, "testcase", classname=plain(one.target), name="check")
    ET.SubElement(case, "skipped" if one.empty else "error", message=plain(one.error))
    _count(suite)


def _case(suite: ET.Element, report: Findings, function: str, name: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=plain(f"{report.target}.{function}"), name=name)


def _add_outcome(case: ET.Element, report: Findings, result: Result) -> None:
    function = report.functions.get(result.function)
    message = result.message
    if result.status in {"xfail", "xpass"}:
        message = f"{DECLARED[result.status]} ({result.declared}){f': {message}' if message else ''}"
    if function and result.status in {"failed", "error"} and report.whose_fault(result.function):
        ET.SubElement(case, "skipped", message=plain(function.explanation))
        return
    outcome = ET.SubElement(case, TAGS[result.status], message=plain(message))
    if result.status in {"failed", "error"}:
        outcome.set("type", function.verdict if function else result.status)
        outcome.text = plain("\n".join(check_block(result, function)))


def _unseen(report: Findings) -> Iterator[tuple[str, str, str]]:
    """Yield what makes the report fail and is no failed check: function, verdict and a sentence."""
    failed = {result.function for result in report.results if result.status in BAD}
    for name, function in report.functions.items():
        if function.verdict == "not-implemented" and name not in failed:
            yield name, function.verdict, "not implemented yet"
    for name in report.required_missing:
        yield name, "missing", "required, but not there"


def _count(element: ET.Element) -> None:
    element.set("tests", str(len(list(element.iter("testcase")))))
    for attribute, tag in COUNTS.items():
        element.set(attribute, str(sum(case.find(tag) is not None for case in element.iter("testcase"))))
