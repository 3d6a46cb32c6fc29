"""Random stacks: layers, directions and lengths of every cell, with the truth in twice the precision of float64.

Networks of them, with an output layer and a loss, have it in 50 digits.
"""

from collections.abc import Callable, Container, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from random_truth import Precise
from rnn_ref.conformance.nested import parts
from rnn_ref.conformance.operation import Check, Rank
from rnn_ref.conformance.spec import OPERATIONS
from rnn_ref.conformance.spec.stack import going_back, network_probes, probes, reading
from rnn_ref.conformance.spec.stack.callables import layers, named
from rnn_ref.conformance.spec.tolerance import allowed_errors
from rnn_ref.conformance.spec.truth import ask_decimal

Array = Any
SIZES = {"T": 40, "B": 4, "D": 24, "H": 24}
TINY = {"T": 8, "B": 3, "D": 3, "H": 4}
LOSSES = ("", "mean", "ignore", "mean-ignore")
SHORT = 25  # steps over which two right programs of expanding weights do not part
PARTS: tuple[Callable[[Any], Any], ...] = (lambda number: number.p[0], lambda number: number.p[1])
EQUATIONS = [(name, dict(own)) for name in layers() for own in ((), *([one] for one in OPERATIONS[name].cell_if))]
BACK = {OPERATIONS[name].twin: name for name in layers(twin=True)}


class Drawn(NamedTuple):
    """One random stack: the problem, its arrays, and its options."""

    problem: probes.Problem
    arrays: dict[str, Any]
    options: dict[str, Any]


def draw(rng: np.random.Generator, dtype: str, gain: float, *, tiny: bool = False) -> Drawn:
    """Draw a cell, sizes log-uniformly, lengths in any order, and arrays; W_hh has a gain where there are few steps."""
    T, B, D, H = (int(np.exp(rng.uniform(0, np.log(top + 1)))) for top in (TINY if tiny else SIZES).values())
    L, K = int(rng.integers(1, 4)), int(rng.integers(1, 3))
    batched = bool(rng.random() < 0.8)
    lengths = tuple(int(one) for one in rng.integers(1, T + 1, B)) if batched and rng.random() < 0.8 else ()
    run, own = EQUATIONS[rng.integers(len(EQUATIONS))]
    problem = probes.Problem("random", run, T, B if batched else None, D, H, L, K, (), lengths, own=own)
    options = {"directions": K} | probes.options_of(problem)
    return Drawn(problem, probes.apart(run, options, _arrays(problem, dtype, rng, gain)), options)


def _arrays(problem: probes.Problem, dtype: str, rng: np.random.Generator, gain: float) -> Iterator[dict[str, Any]]:
    """Yield arrays of a problem, of which one may keep away from where a slope jumps."""
    for _ in range(probes.TRIES):
        arrays = probes.make_inputs(problem, dtype, rng)
        for one in arrays["layers"]:
            one["W_hh"] *= one["W_hh"].dtype.type(gain if problem.T <= SHORT else min(gain, 1))
        yield arrays


def questions(drawn: Drawn, dtype: str, rng: np.random.Generator, functions: Container[str]) -> Iterator[Check]:
    """Yield the checks of one stack, with the truth and what is allowed."""
    a, options, run = drawn.arrays, drawn.options, drawn.problem.run
    wide = reading.asked_of(options, run, *a.values()).cast(np.float64)
    found = [reading.read(wide, Precise, b) for b in range(len(wide.sequences))]
    if "stack_forward" in functions:
        pairs = [reading.in_a_batch(wide, found, part, 0.0) for part in PARTS]
        yield _check("stack_forward", drawn, dtype, {"run": run} | a, pairs)
    if "stack_backward" in functions:
        right = probes.run_of(wide, found, lambda one: one.nearest)
        given = {
            "dh_states": rng.normal(size=right.h_states.shape),
            "dstates_T": tuple(rng.normal(size=one.shape) for one in right.states_T),
            "run": right,
        }
        asked = {"run_back": BACK[run]} | {name: probes.cast(one, dtype) for name, one in given.items()} | a
        of_batch, above = going_back.asked_back(options, *asked.values())
        of_batch, above, every = of_batch.cast(np.float64), above.cast(np.float64), range(len(wide.sequences))
        ones = [going_back.given(of_batch, above, Precise, b) for b in every]
        backs = [going_back.back(of_batch, above, Precise, b, one) for b, one in enumerate(ones)]
        pairs = [going_back.in_a_batch(of_batch, backs, part, 0.0) for part in PARTS]
        yield _check("stack_backward", drawn, dtype, asked, pairs)


def networks(drawn: Drawn, dtype: str, rng: np.random.Generator) -> Iterator[Check]:
    """Yield the check of one stack with an output layer of 3 to 12 classes and a loss, with the truth."""
    network = network_probes.Network(drawn.problem, int(rng.integers(3, 13)), (str(rng.choice(LOSSES)),))
    *_, check = network_probes.network_checks(network, dtype, rng)
    own = {part: one for name, value in drawn.arrays.items() for part, one in parts(name, value)}
    arguments = {**check.arguments, **own}
    yield check.asking(arguments).answered(ask_decimal("stack_bptt", arguments, check.options))


def called(check: Check) -> tuple[Any, ...]:
    """Return the arguments of a call: for a name of a layer's function the function, with its options."""
    own = {name: one for name, one in check.options.items() if name in check.operation.handed_on}
    return check.operation.handed({name: named(one, own) or one if isinstance(one, str) else one
                                   for name, one in check.arguments.items()})  # fmt: skip


def _check(function: str, drawn: Drawn, dtype: str, asked: Mapping[str, Any], pairs: list[dict[str, Array]]) -> Check:
    arguments = {part: one for name, value in asked.items() for part, one in parts(name, value)}
    operation = OPERATIONS[function].asked_with(arguments, drawn.options, OPERATIONS)
    rank: Rank = "single" if drawn.problem.B is None else "batch"
    high, low = pairs
    expected = {name: one + low[name] for name, one in high.items()}
    missing = {name: (high[name] - one + low[name]) / np.spacing(np.abs(one)) for name, one in expected.items()}
    check = Check(operation, f"random-{dtype}", rank, dtype, (), arguments, drawn.options, expected, missing)
    allowed_errors(check)  # which are kept
    return check
