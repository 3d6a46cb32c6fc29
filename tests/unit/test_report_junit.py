"""The JUnit report, parsed back: well-formed, complete, and failing exactly where the report is not ok."""

import dataclasses
import re
import xml.etree.ElementTree as ET
from collections import Counter

import pytest
from unit_reports import mixed, nasty, pytorch_off, right, with_results

from rnn_ref.conformance.reports.findings import Several, Unchecked
from rnn_ref.conformance.reports.junit import rendered
from rnn_ref.conformance.reports.report import Report


def parsed(*reports: Report) -> ET.Element:
    return ET.fromstring(rendered(Several(reports)))


def bad(root: ET.Element) -> int:
    return sum(int(suite.get("failures", "?")) + int(suite.get("errors", "?")) for suite in root)


@pytest.fixture(scope="module")
def report() -> Report:
    return mixed()


def test_the_counts_are_those_of_the_report_and_of_the_cases(report: Report) -> None:
    (suite,) = parsed(report)
    statuses = Counter(result.status for result in report.results)
    unseen = 2  # the stub and the function that is missed
    assert statuses["error"] > 0 < statuses["skipped"]
    assert suite.get("tests") == str(report.planned + unseen)
    assert suite.get("failures") == str(statuses["failed"] + unseen)
    assert suite.get("errors") == str(statuses["error"])
    assert suite.get("skipped") == str(statuses["skipped"])
    assert len(suite.findall("testcase")) == report.planned + unseen
    assert len(suite.findall("testcase/skipped")) == statuses["skipped"]


def test_every_check_is_one_case_under_target_and_function(report: Report) -> None:
    names = [(case.get("classname"), case.get("name")) for case in parsed(report).iter("testcase")]
    wanted = [(f"{report.target}.{result.function}", result.id) for result in report.results]
    assert names[: len(wanted)] == wanted
    assert len(set(names)) == len(names)


def test_a_failure_carries_the_block_and_a_skip_its_reason(report: Report) -> None:
    cases = {case.get("name"): case for case in parsed(report).iter("testcase")}
    failure = cases["rnn_forward/generic-float64"].find("failure")
    assert failure is not None
    assert failure.get("type") == "wrong"
    assert "allowed" in (failure.get("message") or "")
    assert (failure.text or "").startswith("  rnn_forward/generic-float64: h_states (")
    assert "would pass if" in (failure.text or "")
    error = cases["rnn_output_layer/generic-float64"].find("error")
    assert error is not None
    assert (error.get("type"), "ValueError: not today" in (error.text or "")) == ("crashed", True)
    skipped = cases["rnn_cell_step/generic-float64"].find("skipped")
    assert skipped is not None
    assert (skipped.get("message") or "").startswith("batches: not asked, they raise ZeroDivisionError, ")
    assert len(cases["rnn_cell_step/single-float64"]) == 0


def test_the_line_that_reproduces_is_that_of_the_check(report: Report) -> None:
    function = report.functions["rnn_forward"]
    named = dataclasses.replace(function, reproduce=f"rnn-ref check mine.py --only {function.telling}")
    functions = {**report.functions, "rnn_forward": named}
    cases = {
        case.get("name"): case for case in parsed(dataclasses.replace(report, functions=functions)).iter("testcase")
    }
    for name in ("rnn_forward/generic-float32", "rnn_forward/long-float64"):
        assert (cases[name].findtext("failure") or "").endswith(f"again: rnn-ref check mine.py --only {name}")


def test_what_fails_without_a_failed_check_still_fails(report: Report) -> None:
    cases = {case.get("name"): case for case in parsed(report).iter("testcase")}
    for name, verdict in (("rnn_sequence_loss", "not-implemented"), ("rnn_bptt", "missing")):
        failure = cases[name].find("failure")
        assert failure is not None
        assert failure.get("type") == verdict


def test_it_fails_exactly_where_the_report_does(report: Report) -> None:
    fine = right()
    assert (fine.ok, bad(parsed(fine))) == (True, 0)
    only_missed = dataclasses.replace(fine, required_missing=("rnn_bptt",))
    assert (only_missed.ok, bad(parsed(only_missed))) == (False, 1)
    assert (report.ok, bad(parsed(report)) > 0) == (False, True)


def test_an_expected_failure_is_a_skip_and_an_unexpected_pass_a_failure() -> None:
    first, second, *_ = right().results
    report = with_results(
        dataclasses.replace(first, status="xfail", message="off", declared="no bias"),
        dataclasses.replace(second, status="xpass", declared="no bias"),
    )
    suite = parsed(report)[0]
    cases = suite.findall("testcase")
    assert [cases[0].find("skipped").get("message")] == ["failed as declared (no bias): off"]  # type: ignore[union-attr]
    assert [cases[1].find("failure").get("message")] == ["passed though declared to fail (no bias)"]  # type: ignore[union-attr]
    assert (suite.get("failures"), suite.get("skipped"), suite.get("tests")) == ("1", "1", str(report.planned))


def test_several_targets_are_several_suites(report: Report) -> None:
    root = parsed(report, right(), nasty())
    suites = root.findall("testsuite")
    assert [suite.get("name") for suite in suites][:2] == [report.target, "rnn_ref"]
    assert [suite.get("id") for suite in suites] == ["0", "1", "2"]


def test_foreign_text_cannot_break_it() -> None:
    text = rendered(Several([nasty()]))
    assert text.isascii()
    assert "&#0;" not in text
    assert "&#27;" not in text
    suite = ET.fromstring(text)[0]
    error = suite.find("testcase/error")
    assert error is not None
    name, message = suite.get("name") or "", error.get("message") or ""
    assert r"a|b `c` ``` <b>&amp;</b> ]]> --> \x00\x1b[31m\ud800\u2028" in name  # written out where it came in
    assert "a|b `c` ``` <b>&amp;</b> ]]> --> [31m\u2028" in message  # came in past that: XML cannot hold it
    assert all("\N{GREEK CAPITAL LETTER SIGMA}" in told for told in (name, message))


def test_notes_and_environment_are_told() -> None:
    suite = parsed(pytorch_off())[0]
    assert "PyTorch is off by 1" in (suite.findtext("system-out") or "")
    assert {one.get("name") for one in suite.iter("property")} >= {"python", "numpy", "oracle"}
    assert not parsed(right())[0].findtext("system-out")


# What Jenkins' junit-10.xsd and Ant's JUnit.xsd both take, by element: attributes with the form of their values, those
# that are required, and children in their order. (Jenkins refuses "skipped" on the root, Ant every attribute there.)
NUMBER, TIME = "[0-9]+", r"[0-9]{1,6}(\.[0-9]+)?"
WORD = r"\S(.*\S)?"
OUTCOME = ({"message": ".*", "type": WORD}, {"type"}, ())
RULES: dict[str, tuple[dict[str, str], set[str], tuple[str, ...]]] = {
    "testsuites": ({}, set(), ("testsuite*",)),
    "testsuite": (
        {
            "name": WORD,
            "package": WORD,
            "hostname": WORD,
            "id": NUMBER,
            "timestamp": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d",
            "time": TIME,
            **dict.fromkeys(("tests", "failures", "errors", "skipped"), NUMBER),
        },
        {"name", "package", "hostname", "id", "timestamp", "time", "tests", "failures", "errors"},
        ("properties", "testcase*", "system-out", "system-err"),
    ),
    "properties": ({}, set(), ("property*",)),
    "property": ({"name": WORD, "value": ".*"}, {"name", "value"}, ()),
    "testcase": (
        {"name": WORD, "classname": WORD, "time": TIME},
        {"name", "classname", "time"},
        ("skipped|failure|error?",),
    ),
    "failure": OUTCOME,
    "error": OUTCOME,
    "skipped": ({"message": ".*", "type": WORD}, set(), ()),
    "system-out": ({}, set(), ()),
    "system-err": ({}, set(), ()),
}


def broken_rules(element: ET.Element) -> list[str]:
    """Return which rules an element breaks, and those in it."""
    forms, required, order = RULES[element.tag]
    broken = [f"{element.tag} without {name}" for name in sorted(required - set(element.keys()))]
    for name, value in element.items():
        if name not in forms or not re.fullmatch(forms[name], value, re.DOTALL):
            broken.append(f"{element.tag} with {name}={value!r}")
    pattern = "".join(f"(({one.rstrip('*?')}),){one[-1] if one[-1] in '*?' else ''}" for one in order)
    children = "".join(f"{child.tag}," for child in element)
    broken += [] if re.fullmatch(pattern, children) else [f"{element.tag} holds {children}"]
    return broken + [one for child in element for one in broken_rules(child)]


def test_the_schemas_of_jenkins_and_ant_take_it(report: Report) -> None:
    unchecked = [Unchecked("a.py", "line 1: syntax error"), Unchecked("\x00 ", "none is in it", empty=True)]
    first, second, *_ = right().results
    declared = [dataclasses.replace(first, status="xfail", declared="no bias")]
    declared += [dataclasses.replace(second, status="xpass", declared="no bias")]
    reports = [report, right(), nasty(), pytorch_off(), with_results(*declared)]
    root = ET.fromstring(rendered(Several([*reports, *unchecked])))
    assert len(root) == 7
    assert broken_rules(root) == []
