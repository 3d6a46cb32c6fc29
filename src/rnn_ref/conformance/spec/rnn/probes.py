"""The checks of suite 1: what the functions of the tanh network are asked, the output layer and the losses too."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np

from ...._shapes import Array
from ...operation import SUITE, Check, Rank, Truth
from .. import DTYPES, OPERATIONS
from ..inputs.special import SILENT
from ..losses.probes import loss_checks
from .forms import in_forms
from .problems import KINDS, PROBLEMS, Problem, drawn, make_inputs

LOSSES = 9  # the stream of random numbers for the losses' own probes; problems have those before and after it


def all_checks(truth: Truth, seed: int = 0) -> Iterator[Check]:
    """Yield every check of the suite, without answers; other seeds give other numbers of the same kind."""
    for number, problem in enumerate(PROBLEMS):
        for dtype in problem.dtypes:
            stream = number + (number >= LOSSES)
            rng = np.random.default_rng([int(SUITE), seed, stream, DTYPES.index(dtype)])
            checks = problem_checks(problem, dtype, rng, truth)
            asked = (check for check in checks if check.function in problem.functions)
            if problem.classes:
                asked = (replace(check, forms={"targets": problem.classes}) for check in asked)
            yield from in_forms(asked) if problem.forms else asked
    for dtype in DTYPES:
        yield from loss_checks(dtype, np.random.default_rng([int(SUITE), seed, LOSSES, DTYPES.index(dtype)]))


def fresh_checks(truth: Truth, seed: int) -> Iterator[Check]:
    """Yield the checks of one seed, without answers: the suite's kinds of problems in other sizes."""
    for number, (flag, batched) in enumerate(KINDS):
        for dtype in DTYPES:
            rng = np.random.default_rng([int(SUITE), seed, number, DTYPES.index(dtype)])
            problem = drawn(f"seed{seed}-{number}", flag, batched, rng)
            yield from problem_checks(problem, dtype, rng, truth)
    for dtype in DTYPES:
        rng = np.random.default_rng([int(SUITE), seed, len(KINDS), DTYPES.index(dtype)])
        for check in loss_checks(dtype, rng):
            if not {"large", "corner"} & set(check.flags):  # those hardly change with the seed
                yield replace(check, case=f"seed{seed}-{check.case}")


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
    if problem.variants:
        yield from _objectives(problem, dtype, arguments)
    at = 0 if problem.few else problem.T - 1  # the one step that is asked
    dh_t = a["dh_states"][0 if problem.gaps else at]
    step = {"x_t": a["X_seq"][at], "h_prev": h_states[at - 1] if at else a["h0"]} | recurrent
    yield _check("rnn_cell_step", problem, dtype, step)
    yield _check("rnn_cell_backward", problem, dtype, {"dh_t": dh_t, "h_t": h_states[at]} | step)
    yield _check("rnn_output_layer", problem, dtype, states | output)
    if problem.variants:
        yield _check("rnn_output_layer", problem, dtype, states | output, case="-list", forms={"h_states": "list"})
    yield _check("rnn_output_backward", problem, dtype, {"dlogits_seq": a["dlogits_seq"]} | states | output)
    logits = truth("rnn_output_layer", states | output, {})["logits"][0].astype(dtype)
    dloss = round(float(rng.uniform(0.5, 2)), 3)
    if problem.zeros:
        dloss = 0.0 if problem.B is None else -dloss
    yield from _loss_checks(problem, dtype, logits, a["targets_seq"], dloss)


def _loss_checks(problem: Problem, dtype: str, logits: Array, targets: Array, dloss: float) -> Iterator[Check]:
    loss = {"logits": logits, "targets": targets}
    yield _check("cross_entropy", problem, dtype, loss)
    yield _check("cross_entropy_backward", problem, dtype, {"dloss": dloss} | loss)
    cases = {"": "total_cross_entropy", "-margin": "total_margin", "-average": "average_cross_entropy"}
    sequence: dict[str, Any] = {"logits_seq": logits, "targets_seq": targets}
    for case in cases if problem.variants else [""]:
        arguments = sequence | {"loss_fn": cases[case]}
        yield _check("rnn_sequence_loss", problem, dtype, arguments, case=case)
        arguments = {"dloss": dloss} | sequence | {"loss_backward": f"{cases[case]}_backward"}
        yield _check("rnn_sequence_loss_backward", problem, dtype, arguments, case=case)
    if problem.variants and problem.B is not None:
        padded = targets.copy()
        padded[-2:, 0] = -100  # a sequence that ends before the others
        sequence["targets_seq"] = padded
        arguments = sequence | {"loss_fn": cases["-average"]}
        yield _check("rnn_sequence_loss", problem, dtype, arguments, case="-padded")
        arguments = {"dloss": dloss} | sequence | {"loss_backward": f"{cases['-average']}_backward"}
        yield _check("rnn_sequence_loss_backward", problem, dtype, arguments, case="-padded")


def objectives(problem: Problem, targets: Array) -> dict[str, dict[str, Any]]:
    """Return the options of other losses for rnn_bptt, by case.

    Ignored is a class that occurs: one between the first and the last, and in a mean the first, or else the last.
    """
    between = int(targets[(targets % (problem.V - 1)) > 0].min(initial=problem.V - 2))
    end = 0 if np.any(targets == 0) else problem.V - 1
    return {
        "-mean": {"reduction": "mean"},
        "-ignore": {"ignore_index": between},
        "-mean-ignore": {"reduction": "mean", "ignore_index": end},
    }


def _objectives(problem: Problem, dtype: str, arguments: Mapping[str, Any]) -> Iterator[Check]:
    """Yield other losses for rnn_bptt, and rows marked as ignored by default: every fourth, and those of two steps."""
    targets = arguments["targets_seq"]
    for case, options in objectives(problem, targets).items():
        yield _check("rnn_bptt", problem, dtype, arguments, case=case, options=options)
    marked = targets.copy()
    marked.flat[::4], marked[list(SILENT)] = -100, -100
    by_default = problem._replace(flags=("options", "ignores"))
    arguments = {**arguments, "targets_seq": marked}
    yield _check("rnn_bptt", by_default, dtype, arguments, case="-ignored")
    yield _check("rnn_bptt", by_default, dtype, arguments, case="-mean-ignored", options={"reduction": "mean"})


def _check(
    function: str,
    problem: Problem,
    dtype: str,
    arguments: Mapping[str, Any],
    *,
    case: str = "",
    forms: Mapping[str, str] = MappingProxyType({}),
    options: Mapping[str, Any] = MappingProxyType({}),
) -> Check:
    rank: Rank = "single" if problem.B is None else "batch"
    flags = ("list",) if forms else problem.flags  # the same answer as the check before: not a probe of its own
    return Check(
        OPERATIONS[function], f"{problem.name}{case}-{dtype}", rank, dtype, flags, arguments, options, forms=forms
    )
