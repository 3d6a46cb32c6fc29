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
LOSSES = ("cross_entropy", "cross_entropy_backward")
FAINT = 1 / 8  # of all cases: what comes from above is near the smallest normal number
ROWS = 200  # of logits at most, where the loss is asked by itself
NO_OPTIONS: Mapping[str, Any] = {}
NETWORK = ("X_seq", "targets_seq", *STATES[1:], "W_hy", "b_y")


class Case(NamedTuple):
    """The precision, the gain of W_hh, and the arrays of one case by name; beside them the gated networks' weights.

    Then what the loss is asked by itself, and its options; and whether what comes from above is faint.
    """

    dtype: str
    gain: float
    arrays: dict[str, Any]
    gated: dict[str, Any]
    loss: dict[str, Any]
    options: dict[str, Any]
    faint: bool
    memory: dict[str, Any]  # of a network with a memory: its weights, the memory before, and what reaches memories

    @property
    def work(self) -> int:
        """How many products are taken one after the other by who takes them so."""
        (T, *_, D), (V, H) = self.arrays["X_seq"].shape, self.arrays["W_hy"].shape
        return int(T * (self.arrays["h0"].size // H + D + H + V))

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


def draw(rng: np.random.Generator, largest: Mapping[str, int] = LARGEST, faint_share: float = 0.0) -> Case:
    """Draw sizes log-uniformly, the gain uniformly from 0.5 to 4, and the arrays; a share of the cases is faint."""
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
    loss, options = _loss(rng, dtype, (min(T, max(1, ROWS // B)), *batch, V))
    faint = bool(rng.random() < faint_share)
    above = (arrays["dh_states"], loss["dloss"])
    factors = [_near_the_smallest(rng, dtype) if faint else 1.0 for _ in above]
    if faint:
        arrays["dh_states"], loss["dloss"] = (
            np.asarray(one * factor).astype(dtype)[()] for one, factor in zip(above, factors, strict=True)
        )
    memory = {
        "c0": 2 * rng.normal(size=(*batch, H)),
        "W_xh": rng.normal(size=(4 * H, D)) / np.sqrt(D),
        "W_hh": gain * rng.normal(size=(4 * H, H)) / np.sqrt(H),
        "b_h": rng.normal(size=4 * H) / 2,
        "dc_states": rng.normal(size=(T, *batch, H)) * factors[0],
    }
    memory = {name: a.astype(dtype) for name, a in memory.items()}
    return Case(dtype, gain, arrays | targets, weights, loss, options, faint, memory)


def _loss(rng: np.random.Generator, dtype: str, shape: tuple[int, ...]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Draw logits from close together to hundreds apart, sometimes far from zero, and one option with the other."""
    V, options = shape[-1], dict[str, Any](reduction=str(rng.choice(["mean", "sum", "none"])))
    far, spread = rng.choice([0.0, 0.0, 1000.0, -1000.0]), np.exp(rng.uniform(np.log(0.1), np.log(300)))
    logits = (rng.normal(size=shape) * spread + far).astype(dtype)
    y = rng.integers(V, size=shape[:-1])
    if rng.random() < 0.4:
        options["weight"] = rng.uniform(0.2, 2, size=V).astype(dtype)
    if rng.random() < 0.4:
        options["label_smoothing"] = float(rng.uniform(0, 1))
    if rng.random() < 0.4:
        ignored = options["ignore_index"] = int(rng.integers(-1, V))
        y = np.where(rng.random(size=y.shape) < 0.3, ignored, y)
        y.flat[0] = (ignored + 1) % V if V > 1 else 0
        if ignored == y.flat[0]:  # of one class nothing would be left
            options["ignore_index"] = ignored = -1
    dloss = rng.normal(size=shape[:-1] if options["reduction"] == "none" else ())
    return {"dloss": np.asarray(dloss).astype(dtype)[()], "logits": logits, "targets": y}, options


def _near_the_smallest(rng: np.random.Generator, dtype: str) -> float:
    return float(np.finfo(dtype).tiny) * 10 ** float(rng.uniform(-1, 8))


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
    remembering = {"X_seq": a["X_seq"], "h0": a["h0"]} | {n: one for n, one in case.memory.items() if n != "dc_states"}
    if "lstm_forward" in functions:
        yield Question(_check("lstm_forward", case, remembering, states | {"c_states": (nothing, nothing)}), {})
    for function in LOSSES:
        if function in functions:
            arguments = {name: case.loss[name] for name in OPERATIONS[function].arguments}
            truth = _truth(function, case.dtype, arguments, case.options)
            check = _check(function, case, arguments, truth, case.options)
            yield Question(check, allowed_errors(check))
    if "rnn_cell_backward" in functions:
        yield _one_step_back(case)
    if case.gain > 1 and len(nothing) > SHORT:
        return
    for options in ({}, {"reset_after": False}) if "gru_backward" in functions else ():
        given = _truth("gru_forward", case.dtype, gated, options)["h_states"][0].astype(case.dtype)
        arguments = {"dh_states": a["dh_states"], "h_states": given} | gated
        truth = _truth("gru_backward", case.dtype, arguments, options)
        check = _check("gru_backward", case, arguments, truth, options)
        yield Question(check, allowed_errors(check))
    if "lstm_backward" in functions:
        known = _truth("lstm_forward", case.dtype, remembering)
        given = {name: one[0].astype(case.dtype) for name, one in known.items()}
        arguments = {"dh_states": a["dh_states"], "dc_states": case.memory["dc_states"]} | given | remembering
        check = _check("lstm_backward", case, arguments, _truth("lstm_backward", case.dtype, arguments))
        yield Question(check, allowed_errors(check))
    if not ("rnn_backward" in functions or "rnn_bptt" in functions):
        return
    h_states = _truth("rnn_forward", case.dtype, forward)["h_states"][0].astype(case.dtype)  # as the suite gives them
    backward = {"dh_states": a["dh_states"], "h_states": h_states} | forward
    for function, arguments in (("rnn_backward", backward), ("rnn_bptt", {name: a[name] for name in NETWORK})):
        if function in functions:
            check = _check(function, case, arguments, _truth(function, case.dtype, arguments))
            yield Question(check, allowed_errors(check))


def _one_step_back(case: Case) -> Question:
    """Ask the first step back."""
    a = case.arrays
    weights = {name: a[name] for name in STATES[2:]}
    forward = {"X_seq": a["X_seq"][:1], "h0": a["h0"], **weights}
    h_states = _truth("rnn_forward", case.dtype, forward)["h_states"][0].astype(case.dtype)
    through_time = {"dh_states": a["dh_states"][:1], "h_states": h_states} | forward
    truth = _truth("rnn_backward", case.dtype, through_time)
    names = tuple(OPERATIONS["rnn_cell_backward"].outputs)
    truth = dict(zip(names, truth.values(), strict=True))
    truth["x_t"] = (truth["x_t"][0][0], truth["x_t"][1][0])
    one_step = {"dh_t": a["dh_states"][0], "h_t": h_states[0], "x_t": a["X_seq"][0], "h_prev": a["h0"], **weights}
    check = _check("rnn_cell_backward", case, one_step, truth)
    return Question(check, allowed_errors(check))


def answer(question: Question, returned: Any) -> Answer:
    """Judge what was returned, as the check does."""
    check = question.check
    arrays = {name: np.asarray(value, np.float64) for name, value in check.operation.unpacked(returned).items()}
    if not question.allowed:
        comparisons = compared(check.returning(arrays), dict(arrays))
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


def _truth(
    function: str, dtype: str, arguments: dict[str, Any], options: Mapping[str, Any] = NO_OPTIONS
) -> dict[str, Any]:
    """Return the truth in twice the precision: float64 for float32, pairs of float64 for float64."""
    wide = [_wide(one) for one in arguments.values()]
    wide_options = {name: _wide(one) for name, one in options.items()}
    if dtype == "float64":
        truth: dict[str, Any] = getattr(random_truth, function)(*wide, **wide_options)
        return truth
    answers = OPERATIONS[function].unpacked(getattr(rnn_ref, function)(*wide, **wide_options))
    return {name: (np.asarray(value), np.zeros(np.shape(value))) for name, value in answers.items()}


def _wide(value: Any) -> Any:
    return value.astype(np.float64) if isinstance(value, np.ndarray | np.generic) and value.dtype.kind == "f" else value


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
