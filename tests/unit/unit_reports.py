"""Reports of many kinds, for whoever renders them."""

import dataclasses
from typing import Any

import rnn_ref
from rnn_ref.conformance.judge.figures import Beyond
from rnn_ref.conformance.judge.result import Result
from rnn_ref.conformance.reports.report import Report

NASTY = "a|b `c` ``` <b>&amp;</b> ]]> --> \x00\x1b[31m\ud800\u2028 ![x](http://y) *z* _w_ \xe9 \u03a3"


def stub(*arguments: Any) -> Any:
    """Nothing yet."""


def crashing(*arguments: Any) -> Any:
    raise ValueError("not today")


def mixed() -> Report:
    """Return a report with a right, a wrong, a crashing, and an unfinished function, and one that is missed."""
    functions = {
        "rnn_cell_step": lambda x_t, *rest: rnn_ref.rnn_cell_step(x_t, *rest) if x_t.ndim == 1 else 1 / 0,
        "rnn_forward": lambda *a: [2 * h for h in rnn_ref.rnn_forward(*a)],
        "rnn_output_layer": crashing,
        "rnn_sequence_loss": stub,
    }
    return rnn_ref.check(functions, require=["rnn_bptt"])


def right() -> Report:
    """Return a report with nothing wrong."""
    return rnn_ref.check(only="rnn_cell_step")


def with_results(*results: Result) -> Report:
    """Return a report that has these results beside right ones."""
    report = right()
    return dataclasses.replace(report, results=[*results, *report.results[len(results) :]])


def pytorch_off() -> Report:
    """Return a report on a check in which PyTorch itself is off by more than is allowed."""
    return with_results(dataclasses.replace(right().results[0], pytorch_beyond=Beyond("h_t", 1.0, 0.5, 0.25, (0, 1))))


def nasty() -> Report:
    """Return a report whose foreign texts are meant to break what they are written into."""
    report = rnn_ref.check({"rnn_cell_step": crashing})
    results = [dataclasses.replace(result, message=NASTY) for result in report.results]
    function = dataclasses.replace(report.functions["rnn_cell_step"], explanation=NASTY)
    functions = {**report.functions, "rnn_cell_step": function}
    return dataclasses.replace(report, target=f"mine\n{NASTY}", functions=functions, results=results)
