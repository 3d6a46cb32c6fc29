"""What is asked of a stack with weights of its own: of a module, a layer of Keras, a node of ONNX.

The truth is in twice the precision of float64; what may be off is derived as for the frozen checks of stacks.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ...._shapes import Array
from ...nested import parts
from ...numbers.twice import Twice, split
from ...operation import Answers, Check
from .. import OPERATIONS
from .probes import TRIES, apart, cast, run_of
from .reading import asked_of, read
from .truth import in_twice

CASES = {"held-one": (1, 1), "held": (6, 3), "held-long": (15, 2)}  # steps and rows
FROM_ZEROS = {"held-zeros": (5, 2)}  # without states before
ENDS = {"held-ends": (6, 3)}  # with lengths, of one that takes them


def stack_checks(
    functions: Mapping[str, Any],
    weights: Mapping[str, Array],
    run: str,
    options: Mapping[str, Any],
    shows: tuple[str, ...],
    *,
    takes_lengths: bool,
    batch: int | None = None,
    seed: int | None = None,
    cases: Mapping[str, tuple[int, int]] = CASES | FROM_ZEROS,
) -> Iterator[Check]:
    """Yield the checks of a stack whose weights bear their places: ``layers[0].W_xh``."""
    cases = {**cases, **(ENDS if takes_lengths else {})}
    for function in [name for name in ("stack_forward", "stack_backward") if name in functions]:
        for number in [0] if seed is None else [0, seed + 1]:
            for case, (T, B) in cases.items():
                told = {**options, **({"lengths": np.array([4, 6, 1])} if case in ENDS else {})}
                name = f"{case}-seed-{seed}" if number else case
                drawn = (weights, run, told, (T, batch or B), [number, *case.encode()], case in FROM_ZEROS)
                asked = _apart(function, *drawn)
                yield _check(function, name, asked, told, shows)


def _apart(
    function: str,
    weights: Mapping[str, Array],
    run: str,
    options: Mapping[str, Any],
    sizes: tuple[int, int],
    seeds: list[int],
    zeros: bool,
) -> dict[str, Any]:
    """Return the arguments of one call: of a few, those that keep furthest from where a slope jumps."""
    rngs = (np.random.default_rng([*seeds, *[number] * (number > 0)]) for number in range(TRIES))
    return apart(run, options, (_asked(function, weights, run, options, sizes, rng, zeros=zeros) for rng in rngs))


def _asked(
    function: str,
    weights: Mapping[str, Array],
    run: str,
    options: Mapping[str, Any],
    sizes: tuple[int, int],
    rng: np.random.Generator,
    *,
    zeros: bool,
) -> dict[str, Any]:
    """Return the arguments of one call."""
    (T, B), first = sizes, weights["layers[0].W_xh"]
    H, dtype = weights["layers[0].W_hh"].shape[1], str(first.dtype)
    LK = sum(name.endswith(".W_hh") for name in weights)
    kinds = OPERATIONS[run].equation({}).states
    X_seq = rng.normal(size=(T, B, first.shape[1]))
    for b, end in enumerate(options.get("lengths", ())):
        X_seq[end:, b] *= np.nan
    states0 = [np.zeros((LK, B, H)) if zeros else np.tanh(rng.normal(size=(LK, B, H))) for _ in kinds]
    layers = [_of_layer(weights, k) for k in range(LK)]
    a: dict[str, Any] = cast({"X_seq": X_seq, "states0": tuple(states0)}, dtype) | {"layers": layers}
    if function == "stack_forward":
        return {"run": run} | a
    ran = _ran(run, a, options)
    dh_states = rng.normal(size=ran.h_states.shape)
    for b, end in enumerate(options.get("lengths", ())):
        dh_states[end:, b] = np.nan
    above = {"dh_states": dh_states, "dstates_T": tuple(rng.normal(size=one.shape) for one in ran.states_T), "run": ran}
    back = next(name for name, one in OPERATIONS.items() if one.twin == run and not one.states)
    asked: dict[str, Any] = {"run_back": back} | cast(above, dtype) | a
    return asked


def _ran(run: str, a: Mapping[str, Any], options: Mapping[str, Any]) -> Any:
    """Return the states of a right program."""
    asked = asked_of(options, run, *a.values())
    return run_of(asked, [read(asked, Twice, b) for b in range(len(asked.sequences))], lambda number: number.nearest)


def _of_layer(weights: Mapping[str, Array], k: int) -> dict[str, Array]:
    here = f"layers[{k}]."
    return {name.removeprefix(here): array for name, array in weights.items() if name.startswith(here)}


def _check(function: str, case: str, asked: Mapping[str, Any], options: Mapping[str, Any], shows: Any) -> Check:
    arguments = {part: one for name, value in asked.items() for part, one in parts(name, value)}
    operation = OPERATIONS[function].asked_with(arguments, options, OPERATIONS)
    dtype = str(arguments["X_seq"].dtype)
    check = Check(operation, f"{case}-{dtype}", "batch", dtype, ("generic",), arguments, dict(options))
    pairs = in_twice(function, *operation.handed(arguments), **options)
    answers: Answers = {name: split(*pairs[name]) for name in operation.outputs}
    whole = check.answered(answers)
    return whole.only(shows) if shows and function == "stack_forward" else whole
