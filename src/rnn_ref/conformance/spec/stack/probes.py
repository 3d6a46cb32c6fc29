"""The checks of suite stack-1: layers, directions and lengths of every recurrent network that is specified.

Every layer has weights and biases of its own, none of them zero, and starts from a state of its own that is not zero.
Lengths are unequal and in no order, and behind the end of a sequence is what is no number, or numbers like any other:
with equal lengths and states of zeros a third of the mistakes in a stack cannot be seen. Options of a layer, of which
another equation follows, go with the function that is handed over.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...._shapes import Array
from ....stack import Run
from ...nested import head, parts, whole
from ...numbers.exact import Exact, exact, in_use
from ...operation import Check, Rank, Truth
from .. import DTYPES, OPERATIONS
from ..inputs.kinks import GAP, noting
from ..inputs.special import silent, with_blank_rows
from ..truth import DIGITS
from .reading import Asked, One, asked_of, in_a_batch, padded, read

STREAM = 23  # of random numbers, apart from those of the other suites
FORWARD, BOTH = ("stack_forward",), ("stack_forward", "stack_backward")
TANH, GRU, LSTM = "rnn_forward", "gru_forward", "lstm_forward"
F32 = ("float32",)
PLAIN: Mapping[str, Any] = {}
RELU, BEFORE = {"activation": "relu"}, {"reset_after": False}


class Problem(NamedTuple):
    """The function of one layer, the sizes of one probe (B is None for one sequence), and what is special about it."""

    name: str
    run: str
    T: int
    B: int | None
    D: int
    H: int
    L: int
    K: int
    flags: tuple[str, ...]
    lengths: tuple[int, ...] = ()  # none: all sequences have T elements, and no lengths are told; all may be below T
    behind: float = np.nan  # how large the numbers are that stand behind the end of a sequence
    functions: tuple[str, ...] = BOTH
    dtypes: tuple[str, ...] = DTYPES
    zeros: bool = False  # no states, no biases, rows of zeros, and steps and last states that no gradient reaches
    own: Mapping[str, Any] = PLAIN  # options of the layer's function


PROBLEMS = (
    Problem("layers", TANH, 5, 3, 4, 6, 3, 1, ("generic",)),
    Problem("both", TANH, 6, 3, 5, 2, 1, 2, ("generic",), (4, 6, 2)),
    Problem("whole", TANH, 5, 3, 6, 2, 2, 2, ("generic",), (2, 4, 3), 1.0),
    Problem("single", TANH, 5, None, 4, 3, 2, 2, ("generic",)),
    Problem("square", TANH, 4, 4, 4, 2, 2, 2, ("square",)),
    Problem("square-lengths", TANH, 4, 4, 4, 2, 2, 2, ("square",), (3, 1, 4, 2), 1.0),
    Problem("one-step", TANH, 1, 1, 3, 2, 2, 2, ("corner",), (1,)),
    Problem("gru-layers", GRU, 5, 3, 4, 2, 2, 1, ("generic",), (3, 5, 1), 1.0),
    Problem("gru-whole", GRU, 6, 3, 4, 2, 2, 2, ("generic",), (3, 6, 1)),
    Problem("gru-single", GRU, 6, None, 3, 4, 3, 1, ("generic",)),
    Problem("lstm-both", LSTM, 6, 3, 4, 2, 1, 2, ("generic",), (5, 2, 6)),
    Problem("lstm-whole", LSTM, 5, 3, 4, 2, 2, 2, ("generic",), (2, 4, 3), 1.0),
    Problem("lstm-three", LSTM, 4, 2, 5, 3, 3, 1, ("generic",), (3, 4)),
    Problem("lstm-single", LSTM, 5, None, 4, 3, 2, 2, ("generic",)),
    Problem("lstm-square", LSTM, 4, 4, 4, 2, 2, 2, ("square",), (2, 4, 1, 3)),
    Problem("gru-batch", GRU, 5, 3, 4, 2, 2, 2, ("generic",)),  # who takes no lengths is asked these
    Problem("lstm-batch", LSTM, 5, 3, 4, 2, 2, 2, ("generic",)),
    Problem("two", TANH, 4, 3, 5, 2, 2, 1, ("generic",)),  # and who goes one way only
    Problem("two-single", TANH, 4, None, 3, 2, 2, 1, ("generic",)),
    Problem("gru-two", GRU, 4, 3, 5, 2, 2, 1, ("generic",)),
    Problem("lstm-two", LSTM, 4, 3, 5, 2, 2, 1, ("generic",)),
    Problem("lstm-two-single", LSTM, 4, None, 3, 2, 2, 1, ("generic",)),
    Problem("zeros", TANH, 4, 2, 2, 2, 2, 2, ("corner",), zeros=True),
    Problem("lstm-zeros", LSTM, 4, None, 2, 2, 2, 1, ("corner",), dtypes=("float64",), zeros=True),
    Problem("rows", TANH, 2, 67, 1, 1, 1, 2, ("size",), (2, *[1, 2, 2] * 22), 1.0, dtypes=F32),
    Problem("gru-before-layers", GRU, 5, 3, 4, 2, 2, 1, ("generic",), (3, 5, 1), 1.0, own=BEFORE),
    Problem("gru-before-whole", GRU, 6, 3, 4, 2, 2, 2, ("generic",), (3, 6, 1), dtypes=F32, own=BEFORE),
    Problem("gru-before-batch", GRU, 5, 3, 4, 2, 2, 2, ("generic",), dtypes=F32, own=BEFORE),
    Problem("gru-before-two", GRU, 4, 3, 5, 2, 2, 1, ("generic",), own=BEFORE),
    Problem("gru-before-two-single", GRU, 4, None, 3, 2, 2, 1, ("generic",), dtypes=F32, own=BEFORE),
    Problem("layers-relu", TANH, 5, 3, 4, 2, 2, 1, ("generic",), (3, 5, 1), 1.0, own=RELU),
    Problem("whole-relu", TANH, 5, 3, 6, 2, 2, 2, ("generic",), (2, 4, 3), dtypes=F32, own=RELU),
    Problem("batch-relu", TANH, 5, 3, 4, 2, 2, 2, ("generic",), dtypes=F32, own=RELU),
    Problem("two-relu", TANH, 4, 3, 5, 2, 2, 1, ("generic",), own=RELU),
    Problem("two-relu-single", TANH, 4, None, 3, 2, 2, 1, ("generic",), dtypes=F32, own=RELU),
)
KINDS = (  # of problems that are drawn for a seed: the layer, whether there is a batch, the layer's options
    (TANH, True, PLAIN),
    (GRU, True, PLAIN),
    (LSTM, True, PLAIN),
    (LSTM, False, PLAIN),
    (GRU, True, BEFORE),
    (TANH, True, RELU),
)
TRIES = 20  # of which one may keep away from where a slope jumps


def all_checks(truth: Truth, seed: int = 0) -> Iterator[Check]:
    """Yield every check of the suite, without answers; other seeds give other numbers of the same kind."""
    for number, problem in enumerate(PROBLEMS):
        for dtype in problem.dtypes:
            yield from problem_checks(problem, dtype, np.random.default_rng([STREAM, seed, number, len(dtype)]))


def fresh_checks(truth: Truth, seed: int) -> Iterator[Check]:
    """Yield the checks of one seed, without answers: the suite's kinds of problems in other sizes."""
    for number, (run, batched, own) in enumerate(KINDS):
        for dtype in DTYPES:
            rng = np.random.default_rng([STREAM, seed, len(PROBLEMS) + number, len(dtype)])
            problem = drawn(f"seed{seed}-{number}", run, batched, rng)._replace(own=own)
            yield from problem_checks(problem, dtype, rng)


def drawn(name: str, run: str, batched: bool, rng: np.random.Generator) -> Problem:
    """Draw sizes that are all different; of a batch lengths too, one of them all of T."""
    T, B, D, H = (int(size) for size in rng.permutation(np.arange(2, 7))[:4])
    L, K = int(rng.integers(1, 4)), int(rng.integers(1, 3))
    lengths = rng.integers(1, T + 1, B)
    lengths[rng.integers(B)] = T
    return Problem(name, run, T, B if batched else None, D, H, L, K, ("generic",),
                   tuple(int(one) for one in lengths) if batched else ())  # fmt: skip


def problem_checks(problem: Problem, dtype: str, rng: np.random.Generator) -> Iterator[Check]:
    """Yield the checks of one problem, without answers."""
    rank: Rank = "single" if problem.B is None else "batch"
    options = options_of(problem)
    a = apart(problem.run, options, (make_inputs(problem, dtype, rng) for _ in range(TRIES)))
    for function in problem.functions:
        asked = {"run": problem.run} | a if function == "stack_forward" else backwards(problem, dtype, rng, a, options)
        arguments = {part: one for name, value in asked.items() for part, one in parts(name, value)}
        operation = OPERATIONS[function].asked_with(arguments, options, OPERATIONS)
        flags = (*problem.flags, kind_of(problem.run, problem.own))
        yield Check(operation, f"{problem.name}-{dtype}", rank, dtype, flags, arguments, options)


def options_of(problem: Problem) -> dict[str, Any]:
    """Return the options of a stack, those of its layers' function among them."""
    both: dict[str, Any] = {"directions": problem.K} if problem.K > 1 else {}
    return both | ({"lengths": np.array(problem.lengths)} if problem.lengths else {}) | dict(problem.own)


def kind_of(run: str, own: Mapping[str, Any]) -> str:
    """Return the flag of stacks of one equation: who raises at that does not take it.

    >>> kind_of("rnn_forward", {}), kind_of("rnn_forward", {"activation": "relu"})
    ('kind: stacks of rnn_forward', 'kind: stacks of rnn_forward with activation=relu')
    """
    said = ", ".join(f"{option}={value}" for option, value in own.items())
    return f"kind: stacks of {run}" + (f" with {said}" if said else "")


def apart(run: str, options: Mapping[str, Any], drawn: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return the first arguments that keep away from where a slope jumps; of those that do not, the furthest."""
    found: list[tuple[float, dict[str, Any]]] = []
    for a in drawn:
        found.append((gap(run, a, options), a))
        if found[-1][0] > GAP:
            break
    return max(found, key=lambda one: one[0])[1]


def gap(run: str, a: Mapping[str, Any], options: Mapping[str, Any]) -> float:
    """Return the least of what goes into max(0, ·) in any layer, infinity where nothing does."""
    kind = noting()
    asked = asked_of(options, run, *(a[name] for name in ("X_seq", "states0", "layers"))).cast(np.float64)
    for b in range(len(asked.sequences)):
        read(asked, kind, b)
    return kind.least[0]


def backwards(
    problem: Problem, dtype: str, rng: np.random.Generator, a: dict[str, Any], options: dict[str, Any]
) -> dict[str, Any]:
    """Return the arguments of the way back: what comes from above, and a run whose states are right."""
    run = right_run(problem.run, a, options)
    dh_states = rng.normal(size=run.h_states.shape)
    for b, end in enumerate(problem.lengths):
        dh_states[end:, b] *= problem.behind
    dstates_T = tuple(rng.normal(size=one.shape) * (not problem.zeros) for one in run.states_T)
    if problem.zeros:
        dh_states = silent(dh_states)
    back = next(name for name, one in OPERATIONS.items() if one.twin == problem.run and one.states == "")
    drawn = {"dh_states": dh_states, "dstates_T": dstates_T, "run": run}
    return {"run_back": back} | {name: cast(value, dtype) for name, value in drawn.items()} | a


def right_run(run: str, a: dict[str, Any], options: dict[str, Any]) -> Run:
    """Return what the true states are, rounded."""
    with in_use("decimal", DIGITS):
        asked = asked_of(options, run, *(_mapped(one, exact) for one in a.values()))
        found = [read(asked, Exact, b) for b in range(len(asked.sequences))]
        return run_of(asked, found, lambda number: number.a.astype(np.float64))


def run_anew(arguments: Mapping[str, Any], options: Mapping[str, Any], dtype: str) -> dict[str, Any]:
    """Return the parts of the run that follows from the other arguments of a way back, where these are others."""
    made = whole({name: value for name, value in arguments.items() if head(name) in {"X_seq", "states0", "layers"}})
    run = right_run(OPERATIONS[arguments["run_back"]].twin, made, dict(options))
    return {name: one for name, one in parts("run", cast(run, dtype)) if name in arguments}


def run_of(asked: Asked, found: Sequence[One], arrays: Callable[[Any], Array]) -> Run:
    """Return a run of what was read; behind the end of a sequence its states are zeros."""
    h_states, *states_T = in_a_batch(asked, found, arrays, 0.0).values()
    kinds = range(len(states_T))
    inside = [
        tuple(_over_time([[arrays(after[place])[0] for after in one.states[k]] for one in found], asked)
              for place in kinds)
        for k in range(len(asked.layers))
    ]  # fmt: skip
    return Run(h_states, tuple(states_T), inside)


def _over_time(sequences: list[list[Array]], asked: Asked) -> Array:
    """Return states (T, [B,] H), from those of every step of every sequence."""
    steps = [np.stack(padded(every, asked.steps, 0.0)) for every in sequences]
    return steps[0] if asked.single else np.stack(steps, 1)


def make_inputs(problem: Problem, dtype: str, rng: np.random.Generator) -> dict[str, Any]:
    """Draw the inputs, the states of every layer and direction, and their weights."""
    _, run, T, B, D, H, L, K, *_ = problem
    batch = () if B is None else (B,)
    one, kinds = OPERATIONS[run], len(OPERATIONS[run].equation({}).states)
    X_seq = rng.normal(size=(T, *batch, D))
    for b, end in enumerate(problem.lengths):
        X_seq[end:, b] *= problem.behind
    states0 = [rng.normal(size=(L * K, *batch, H)) for _ in range(kinds)]
    layers = []
    for k in range(L * K):
        sizes = {"D": D if k < K else K * H, "H": H}
        shapes = {name: [_size(axis, sizes) for axis in one.arguments[name].axes] for name in one.equation({}).weights}
        drawn_here = {name: _weights(shape, rng) for name, shape in shapes.items()}
        layers.append({name: w * (not problem.zeros or w.ndim > 1) for name, w in drawn_here.items()})
    if problem.zeros:
        X_seq, states0 = with_blank_rows(X_seq), [0 * one for one in states0]
    drawn = {"X_seq": X_seq, "states0": (np.tanh(states0[0]), *states0[1:]), "layers": layers}
    return {name: cast(value, dtype) for name, value in drawn.items()}


def _size(axis: str, sizes: dict[str, int]) -> int:
    """Return the size of an axis such as H, D or 4H."""
    return int(axis[:-1] or 1) * sizes[axis[-1]]


def _weights(shape: list[int], rng: np.random.Generator) -> Array:
    return rng.normal(size=shape) / (np.sqrt(shape[-1]) if len(shape) > 1 else 2)


def cast(value: Any, dtype: str) -> Any:
    """Return lists, tuples and dicts of arrays in another precision."""
    return _mapped(value, lambda array: array.astype(dtype))


def _mapped(value: Any, change: Callable[[Array], Any]) -> Any:
    """Return lists, tuples and dicts of arrays with each array changed."""
    if isinstance(value, np.ndarray):
        return change(value)
    if isinstance(value, dict):
        return {name: _mapped(one, change) for name, one in value.items()}
    every = [_mapped(one, change) for one in value]
    return Run(*every) if isinstance(value, Run) else type(value)(every)
