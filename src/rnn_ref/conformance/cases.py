"""The probes: on which inputs the functions are compared.

A probe that is to tell mistakes apart has h0 ≠ 0, b ≠ 0, no symmetric weight, every axis of a different size, T ≥ 4,
weights of about 1/√fan-in (neither saturated nor linear), logits of scale ≥ 1 and random upstream gradients. Those
are flagged ``generic``. Square ones are there for mistakes that raise where axes differ, the rest are corners.

Some target is V − 1, larger than T and B, at every step of a batch: code written for less then raises instead of
returning something.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from .._shapes import Array
from .suite import SUITE, Check, outputs

Truth = Callable[[str, Mapping[str, Any], Mapping[str, Any]], dict[str, tuple[Array, Array]]]  # see truth.ask
Library = Callable[[str, Mapping[str, Any], Mapping[str, Any]], Any]  # see oracle_torch.ask
DTYPES = ("float32", "float64")
MAIN = ("generic", "single")  # the problems on which variants are tried as well


class Problem(NamedTuple):
    """The sizes of one probe; B is None for one sequence."""

    name: str
    T: int
    B: int | None
    D: int
    H: int
    V: int
    flags: tuple[str, ...]
    functions: str = "all"  # or "unrolled": those that see the whole sequence


PROBLEMS = (
    Problem("generic", 5, 3, 4, 6, 8, ("generic",)),
    Problem("generic-2", 4, 2, 5, 3, 7, ("generic",)),
    Problem("single", 6, None, 4, 5, 8, ("generic",)),
    Problem("single-2", 4, None, 3, 6, 7, ("generic",)),
    Problem("square", 4, 4, 4, 4, 4, ("square",)),
    Problem("square-single", 5, None, 5, 5, 5, ("square",)),
    Problem("long", 40, None, 2, 3, 5, ("generic",), "unrolled"),
    Problem("long-batch", 32, 2, 3, 4, 5, ("generic",), "unrolled"),
    Problem("one-step", 1, 1, 3, 4, 5, ("corner",), "unrolled"),
)


def all_checks(truth: Truth, library: Library, seed: int = 0) -> Iterator[Check]:
    """Yield every check of the suite with its answers; other seeds give other numbers of the same kind."""
    from .cases_loss import loss_checks  # noqa: PLC0415 - that room builds on this one

    for number, problem in enumerate(PROBLEMS):
        for dtype in DTYPES:
            rng = np.random.default_rng([int(SUITE), seed, number, DTYPES.index(dtype)])
            yield from (answered(check, truth, library) for check in problem_checks(problem, dtype, rng, truth))
    for dtype in DTYPES:
        rng = np.random.default_rng([int(SUITE), seed, len(PROBLEMS), DTYPES.index(dtype)])
        yield from (answered(check, truth, library) for check in loss_checks(dtype, rng))


def answered(check: Check, truth: Truth, library: Library) -> Check:
    """Return the check with the truth, computed from the inputs as they are, and with the library's own answer."""
    answers = truth(check.function, check.arguments, check.options)
    said = outputs(check.function, library(check.function, check.arguments, check.options))
    return replace(
        check,
        expected={name: nearest for name, (nearest, _) in answers.items()},
        remainder={name: remainder for name, (_, remainder) in answers.items()},
        pytorch={name: np.asarray(said[name], np.float64) for name in answers},
    )


def make_inputs(problem: Problem, dtype: str, rng: np.random.Generator) -> dict[str, Array]:
    """Draw weights, inputs, targets and upstream gradients of one problem."""
    _, T, B, D, H, V, *_ = problem
    batch = () if B is None else (B,)
    targets = rng.integers(V, size=(T, *batch))
    if B is None:
        targets[-1] = V - 1
    else:
        targets[np.arange(T), np.arange(T) % B] = V - 1
    floats = {
        "X_seq": rng.normal(size=(T, *batch, D)),
        "h0": np.tanh(rng.normal(size=(*batch, H))),
        "W_xh": rng.normal(size=(H, D)) / np.sqrt(D),
        "W_hh": rng.normal(size=(H, H)) / np.sqrt(H),
        "b_h": rng.normal(size=H) / 2,
        "W_hy": rng.normal(size=(V, H)) * 3 / np.sqrt(H),
        "b_y": rng.normal(size=V),
        "dh_states": rng.normal(size=(T, *batch, H)),
        "dlogits_seq": rng.normal(size=(T, *batch, V)),
    }
    return {name: array.astype(dtype) for name, array in floats.items()} | {"targets_seq": targets}


def problem_checks(problem: Problem, dtype: str, rng: np.random.Generator, truth: Truth) -> Iterator[Check]:
    """Yield the checks of one problem, without answers."""
    a = make_inputs(problem, dtype, rng)
    recurrent = {name: a[name] for name in ("W_xh", "W_hh", "b_h")}
    output = {name: a[name] for name in ("W_hy", "b_y")}
    sequence = {"X_seq": a["X_seq"], "h0": a["h0"]} | recurrent
    h_states = truth("rnn_forward", sequence, {})["h_states"][0].astype(dtype)
    states = {"h_states": h_states}

    yield _check("rnn_forward", problem, dtype, sequence)
    yield _check("rnn_backward", problem, dtype, {"dh_states": a["dh_states"]} | states | sequence)
    arguments = {"X_seq": a["X_seq"], "targets_seq": a["targets_seq"], "h0": a["h0"]} | recurrent | output
    yield _check("rnn_bptt", problem, dtype, arguments)
    if problem.functions == "unrolled":
        return
    step = {"x_t": a["X_seq"][-1], "h_prev": h_states[-2] if problem.T > 1 else a["h0"]} | recurrent
    yield _check("rnn_cell_step", problem, dtype, step)
    yield _check("rnn_cell_backward", problem, dtype, {"dh_t": a["dh_states"][-1], "h_t": h_states[-1]} | step)
    yield _check("rnn_output_layer", problem, dtype, states | output)
    if problem.name in MAIN:
        yield _check("rnn_output_layer", problem, dtype, states | output, case="-list", lists=("h_states",))
    yield _check("rnn_output_backward", problem, dtype, {"dlogits_seq": a["dlogits_seq"]} | states | output)
    logits = truth("rnn_output_layer", states | output, {})["logits"][0].astype(dtype)
    yield from _loss_checks(problem, dtype, logits, a["targets_seq"], round(float(rng.uniform(0.5, 2)), 3))


def _loss_checks(problem: Problem, dtype: str, logits: Array, targets: Array, dloss: float) -> Iterator[Check]:
    loss = {"logits": logits, "targets": targets}
    yield _check("cross_entropy", problem, dtype, loss)
    yield _check("cross_entropy_backward", problem, dtype, {"dloss": dloss} | loss)
    cases = {"": "total_cross_entropy", "-margin": "total_margin"}
    sequence: dict[str, Any] = {"logits_seq": logits, "targets_seq": targets}
    for case in cases if problem.name in MAIN else [""]:
        arguments = sequence | {"loss_fn": cases[case]}
        yield _check("rnn_sequence_loss", problem, dtype, arguments, case=case)
        arguments = {"dloss": dloss} | sequence | {"loss_backward": f"{cases[case]}_backward"}
        yield _check("rnn_sequence_loss_backward", problem, dtype, arguments, case=case)


def _check(
    function: str,
    problem: Problem,
    dtype: str,
    arguments: Mapping[str, Any],
    *,
    case: str = "",
    lists: tuple[str, ...] = (),
) -> Check:
    rank = "single" if problem.B is None else "batch"
    flags = ("list",) if lists else problem.flags  # the same answer as the check before: not a probe of its own
    return Check(f"{function}/{problem.name}{case}-{dtype}", rank, dtype, flags, arguments, {}, lists=lists)
