"""Which term is it? The same problem with one argument after the other set to zero: when it is right, it was that."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..judge.compare import Comparison, compared
from ..judge.probe import Probe, telling_first
from ..judge.result import judge
from ..operation import Check, returning
from ..run.session import Request
from ..spec import truth

TERMS = {
    "rnn_cell_step": {"W_hh": "the recurrent term", "W_xh": "the input term", "b_h": "the bias"},
    "rnn_forward": {
        "W_hh": "the recurrent term",
        "W_xh": "the input term",
        "b_h": "the bias",
        "h0": "the initial state",
    },
    "rnn_output_layer": {"W_hy": "the product with W_hy", "b_y": "the bias"},
    "rnn_cell_backward": {"W_hh": "the way back through W_hh", "h_prev": "h_prev", "h_t": "the slope of tanh"},
    "rnn_output_backward": {"W_hy": "the product with W_hy", "h_states": "the product with h_states"},
    "rnn_bptt": {
        "W_hh": "the recurrent term, or the way back through it",
        "W_hy": "the output layer's weights",
        "b_h": "the bias b_h",
        "b_y": "the bias b_y",
        "h0": "the initial state",
    },
}


def without_terms(check: Check) -> Iterator[tuple[str, str, Check]]:
    """Yield argument, what it stands for, and the check with it set to zero."""
    for name, what in TERMS.get(check.function, {}).items():
        arguments: dict[str, Any] = {**check.arguments, name: np.zeros_like(check.arguments[name])}
        answers = truth.ask_decimal(check.function, arguments, check.options)
        yield (
            name,
            what,
            replace(
                check,
                id=f"{check.id}-without-{name}",
                arguments=arguments,
                expected={one: nearest for one, (nearest, _) in answers.items()},
                remainder={one: remainder for one, (_, remainder) in answers.items()},
                pytorch={},
            ),
        )


def _compared(probe: Probe) -> list[Comparison]:
    check = returning(probe.check, probe.outcome.answers)
    return compared(check, probe.outcome.answers) if probe.outcome.unusable is None else []


def right_without(examination: Any, function: str, probes: Sequence[Probe]) -> list[str]:
    """Return which argument must be zero for the function to be right, asked of its plainest probe that is wrong."""
    numbers = [
        probe
        for probe in probes
        if probe.wrong and probe.outcome.error is None and "large" not in probe.check.flags  # those take long to settle
    ]
    if not numbers:
        return []
    probe = telling_first(numbers)[0]
    wrong = [one.name for one in _compared(probe) if one.wrong]
    first = probe.check
    variants = [
        (name, what, check)
        for name, what, check in without_terms(first)
        if all(np.any(check.expected.get(output, 1)) for output in wrong)  # being right about nothing says nothing
    ]
    if not variants:
        return []
    request = Request(function, [check for _, _, check in variants], examination.options.convention)
    said = []
    for (name, what, check), calls in zip(variants, examination.session.run(request), strict=True):
        if judge(check, calls).status == "passed":
            said.append(f"right when {name} = 0: look at {what}")
    return said if len(said) < len(variants) else []
