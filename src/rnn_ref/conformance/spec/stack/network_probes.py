"""The checks of suite stack-bptt-1: loss and gradients of whole networks, of every cell that is specified.

The stacks are those of suite stack-1 in other numbers. Targets behind the end of a sequence are classes like any other,
and biases of the output layer are not zero: whoever counts a step of padding is off. Some class is nowhere but there.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from ...._shapes import Array
from ...nested import parts
from ...operation import Check, Rank, Truth
from .. import DTYPES, OPERATIONS
from .network import counted
from .probes import (
    BEFORE,
    F32,
    GRU,
    KINDS,
    LSTM,
    RELU,
    TANH,
    TRIES,
    Problem,
    apart,
    cast,
    drawn,
    kind_of,
    make_inputs,
    options_of,
)

STREAM = 37  # of random numbers, apart from those of the other suites
MEAN = {"reduction": "mean"}


class Network(NamedTuple):
    """A stack, the classes of the layer on top, and the other losses that are asked of it."""

    stack: Problem
    V: int
    others: tuple[str, ...] = ()


NETWORKS = (
    Network(Problem("layers", TANH, 5, 3, 4, 6, 3, 1, ("generic",)), 7, ("mean", "mean-ignore")),
    Network(Problem("both", TANH, 6, 3, 5, 2, 1, 2, ("generic",), (4, 6, 2)), 7),
    Network(Problem("whole", TANH, 5, 3, 6, 2, 2, 2, ("generic",), (2, 4, 3), 1.0), 7, ("mean", "ignore", "ignored")),
    Network(Problem("single", TANH, 5, None, 4, 3, 2, 2, ("generic",)), 7, ("mean",)),
    Network(Problem("square", TANH, 4, 4, 4, 2, 2, 2, ("square",), (3, 1, 4, 2), 1.0), 4),
    Network(Problem("one-step", TANH, 1, 1, 3, 2, 2, 2, ("corner",), (1,), dtypes=F32), 1),
    Network(Problem("gru-whole", GRU, 6, 3, 4, 2, 2, 2, ("generic",), (3, 6, 1)), 5),
    Network(Problem("gru-single", GRU, 6, None, 3, 4, 2, 1, ("generic",)), 5),
    Network(Problem("lstm-whole", LSTM, 5, 3, 4, 2, 2, 2, ("generic",), (2, 4, 3), 1.0), 6, ("mean",)),
    Network(Problem("lstm-single", LSTM, 5, None, 4, 3, 2, 2, ("generic",)), 6),
    Network(Problem("two", TANH, 4, 3, 5, 2, 2, 1, ("generic",)), 6),  # who takes no lengths and goes one way only
    Network(Problem("gru-two", GRU, 4, 3, 5, 2, 2, 1, ("generic",)), 6),
    Network(Problem("lstm-two", LSTM, 4, 3, 5, 2, 2, 1, ("generic",)), 6),
    Network(Problem("gru-before-whole", GRU, 6, 3, 4, 2, 2, 2, ("generic",), (3, 6, 1), own=BEFORE), 5),
    Network(Problem("gru-before-two", GRU, 4, 3, 5, 2, 2, 1, ("generic",), own=BEFORE), 6),
    Network(Problem("two-relu", TANH, 4, 3, 5, 2, 2, 1, ("generic",), own=RELU), 6),
)


def all_checks(truth: Truth, seed: int = 0) -> Iterator[Check]:
    """Yield every check of the suite, without answers; other seeds give other numbers of the same kind."""
    for number, network in enumerate(NETWORKS):
        for dtype in network.stack.dtypes:
            yield from network_checks(network, dtype, np.random.default_rng([STREAM, seed, number, len(dtype)]))


def fresh_checks(truth: Truth, seed: int) -> Iterator[Check]:
    """Yield the checks of one seed, without answers: the suite's kinds of networks in other sizes."""
    for number, (run, batched, own) in enumerate(KINDS):
        for dtype in DTYPES:
            rng = np.random.default_rng([STREAM, seed, len(NETWORKS) + number, len(dtype)])
            stack = drawn(f"seed{seed}-{number}", run, batched, rng)._replace(own=own)
            yield from network_checks(Network(stack, int(rng.integers(7, 10)), ("mean",)), dtype, rng)


def network_checks(network: Network, dtype: str, rng: np.random.Generator) -> Iterator[Check]:
    """Yield the checks of one network, without answers."""
    problem, V, others = network
    of_stack, KH = options_of(problem), problem.K * problem.H
    a = apart(problem.run, of_stack, (make_inputs(problem, dtype, rng) for _ in range(TRIES)))
    W_hy, b_y = rng.normal(size=(V, KH)) * 3 / np.sqrt(KH), rng.normal(size=V)
    output = {name: cast(array, dtype) for name, array in (("W_hy", W_hy), ("b_y", b_y))}
    ends = {name: one for name, one in of_stack.items() if name == "lengths"}
    targets = _targets(a["X_seq"].shape[:-1], V, ends, rng)
    for case in ("", *others):
        y = _marked(targets) if case == "ignored" else targets
        options = {**(MEAN if "mean" in case else {}), **_ignoring(case, counted(targets, ends))}
        asked = {"run": problem.run, "run_back": _back_of(problem.run), "X_seq": a["X_seq"], "targets_seq": y}
        arguments = {
            part: one for name, value in ({**asked, **a, **output}).items() for part, one in parts(name, value)
        }
        yield _check(problem, case, dtype, arguments, of_stack | options)


def _check(problem: Problem, case: str, dtype: str, arguments: dict[str, Any], options: dict[str, Any]) -> Check:
    operation = OPERATIONS["stack_bptt"].asked_with(arguments, options, OPERATIONS)
    rank: Rank = "single" if problem.B is None else "batch"
    flags = ("options", "ignores") if case == "ignored" else problem.flags
    name = "-".join(filter(None, (problem.name, case, dtype)))
    return Check(operation, name, rank, dtype, (*flags, kind_of(problem.run, problem.own)), arguments, options)


def _back_of(run: str) -> str:
    return next(name for name, one in OPERATIONS.items() if one.twin == run and not one.states)


def _targets(shape: tuple[int, ...], V: int, ends: Mapping[str, Any], rng: np.random.Generator) -> Array:
    """Draw classes; the last one at the first step, and of padding alone the first."""
    targets = rng.integers(min(1, V - 1), V, size=shape)
    targets[0] = V - 1
    return np.where(counted(np.zeros(shape, int), {**ends, "ignore_index": 1}), 0, targets) if ends else targets


def _marked(targets: Array) -> Array:
    """Return the targets with every fourth one marked as ignored by default, and all of the second step."""
    marked = targets.copy()
    marked.flat[::4], marked[1] = -100, -100
    return marked


def _ignoring(case: str, targets: Array) -> dict[str, Any]:
    """Return the option that a case has besides: a class that occurs is ignored, one that is not the largest."""
    return {"ignore_index": int(targets[targets >= 0].min())} if case.endswith("ignore") else {}
