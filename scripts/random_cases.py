"""Random cases of any size, and how one implementation's answers stand against what is allowed there."""

from collections.abc import Container, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

import random_truth
import rnn_ref
from rnn_ref.conformance.judge.compare import Comparison, compared
from rnn_ref.conformance.operation import Check, Rank
from rnn_ref.conformance.spec import OPERATIONS
from rnn_ref.conformance.spec.tolerance import allowed_errors

LARGEST = {"T": 2000, "B": 64, "H": 256, "V": 256}
TINY = {"T": 8, "B": 3, "H": 4, "V": 4}  # where luck decides how far plain arithmetic is off
SHORT = 25  # steps over which gradients of expanding weights do not overflow
PLANTED = {"float64": 1e-9, "float32": 1e-4}  # of the array's largest entry
STATES = ("X_seq", "h0", "W_xh", "W_hh", "b_h")
TANH = ("rnn_forward", "rnn_backward", "rnn_bptt")
NO_OPTIONS: Mapping[str, Any] = {}
NETWORK = ("X_seq", "targets_seq", *STATES[1:], "W_hy", "b_y")


class Case(NamedTuple):
    """The precision, the gain of W_hh, and the arrays of one case by name; the weights of the gated network beside."""

    dtype: str
    gain: float
    arrays: dict[str, Any]
    gated: dict[str, Any]

    @property
    def told(self) -> str:
        """The sizes, for a message."""
        shapes = [self.arrays[name].shape for name in ("X_seq", "W_hh", "W_hy")]
        return f"{self.dtype} gain {self.gain:.2f} X_seq {shapes[0]} H {shapes[1][0]} V {shapes[2][0]}"


class Question(NamedTuple):
    """One call with what it may be off, entry by entry; the states of rnn_forward are judged by their steps."""

    check: Check
    allowed: dict[str, Any]


class Answer(NamedTuple):
    """The largest error over what is allowed, and whether an error planted in any entry would have been seen."""

    ratio: float
    blind: dict[str, float]  # by output: what is allowed and was used up, over what would be planted; above 1 is blind


def draw(rng: np.random.Generator, largest: Mapping[str, int] = LARGEST) -> Case:
    """Draw sizes log-uniformly, the gain uniformly from 0.5 to 4, and the arrays."""
    T, B, H, V = (int(np.exp(rng.uniform(0, np.log(top + 1)))) for top in largest.values())
    D = int(np.exp(rng.uniform(0, np.log(H + 1))))
    dtype, gain = str(rng.choice(["float32", "float64"])), float(rng.uniform(0.5, 4))
    batch = (B,) if rng.random() < 0.7 else ()
    floats = {
        "dh_states": rng.normal(size=(T, *batch, H)),
        "X_seq": rng.normal(size=(T, *batch, D)),
        "h0": np.tanh(rng.normal(size=(*batch, H))),
        "W_xh": rng.normal(size=(H, D)) / np.sqrt(D),
        "W_hh": gain * rng.normal(size=(H, H)) / np.sqrt(H),
        "b_h": rng.normal(size=H) / 2,
        "W_hy": rng.normal(size=(V, H)) * 3 / np.sqrt(H),
        "b_y": rng.normal(size=V),
    }
    targets = {"targets_seq": rng.integers(V, size=(T, *batch))}
    gated = {
        "W_xh": rng.normal(size=(3 * H, D)) / np.sqrt(D),
        "W_hh": gain * rng.normal(size=(3 * H, H)) / np.sqrt(H),
        "b_xh": rng.normal(size=3 * H) / 2,
        "b_hh": rng.normal(size=3 * H) / 2,
    }
    arrays, weights = ({name: a.astype(dtype) for name, a in some.items()} for some in (floats, gated))
    return Case(dtype, gain, arrays | targets, weights)


def questions(case: Case, functions: Container[str] = TANH) -> Iterator[Question]:
    """Yield what can be asked of a case: the states always, gradients where they do not overflow."""
    a = case.arrays
    forward = {name: a[name] for name in STATES}
    gated = {"X_seq": a["X_seq"], "h0": a["h0"]} | case.gated
    nothing = np.zeros(a["dh_states"].shape)
    states = {"h_states": (nothing, nothing)}  # judged by their steps
    if "rnn_forward" in functions:
        yield Question(_check("rnn_forward", case, forward, states), {})
    for options in ({}, {"reset_after": False}) if "gru_forward" in functions else ():
        yield Question(_check("gru_forward", case, gated, states, options), {})
    if (case.gain > 1 and len(nothing) > SHORT) or not ("rnn_backward" in functions or "rnn_bptt" in functions):
        return
    h_states = _truth("rnn_forward", case.dtype, forward)["h_states"][0].astype(case.dtype)  # as the suite gives them
    backward = {"dh_states": a["dh_states"], "h_states": h_states} | forward
    for function, arguments in (("rnn_backward", backward), ("rnn_bptt", {name: a[name] for name in NETWORK})):
        if function in functions:
            check = _check(function, case, arguments, _truth(function, case.dtype, arguments))
            yield Question(check, allowed_errors(check))


def answer(question: Question, returned: Any) -> Answer:
    """Judge what was returned, as the check does."""
    check = question.check
    arrays = {name: np.asarray(value, np.float64) for name, value in check.operation.unpacked(returned).items()}
    if not question.allowed:
        comparisons = compared(check, dict(arrays))
    else:
        comparisons = [
            Comparison(name, check.errors(name, arrays[name]), np.broadcast_to(allowed, arrays[name].shape))
            for name, allowed in question.allowed.items()
        ]
    blind = {}
    for one in comparisons:
        planted = PLANTED[check.dtype] * np.abs(arrays[one.name]).max()
        blind[one.name] = float((one.allowed + one.errors).max() / planted) if planted else 0.0
    return Answer(max(one.ratio for one in comparisons), blind)


def _truth(function: str, dtype: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the truth in twice the precision: float64 for float32, pairs of float64 for float64."""
    wide = [a.astype(np.float64) if a.dtype.kind == "f" else a for a in arguments.values()]
    if dtype == "float64":
        truth: dict[str, Any] = getattr(random_truth, function)(*wide)
        return truth
    answers = OPERATIONS[function].unpacked(getattr(rnn_ref, function)(*wide))
    return {name: (np.asarray(value), np.zeros(np.shape(value))) for name, value in answers.items()}


def _check(
    function: str, case: Case, arguments: dict[str, Any], truth: dict[str, Any], options: Mapping[str, Any] = NO_OPTIONS
) -> Check:
    expected = {name: high for name, (high, _) in truth.items()}
    remainder = {name: low / np.spacing(np.abs(high)) for name, (high, low) in truth.items()}
    rank: Rank = "batch" if case.arrays["h0"].ndim > 1 else "single"
    return Check(
        OPERATIONS[function],
        f"random-{case.dtype}",
        rank,
        case.dtype,
        (),
        arguments,
        options,
        expected,
        remainder,
        expected,
    )
