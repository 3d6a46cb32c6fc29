"""What is asked of a network with weights of its own: inputs drawn at random, at its sizes and in its precision.

The truth is computed in twice the precision of float64, which takes weights of any size. It is needed of gradients and
of a last state alone, for all states are judged by exact steps from the candidate's own.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..._shapes import Array
from ..numbers.gradients import Asked
from ..numbers.through import as_arrays, backward, forward, rows
from ..numbers.twice import Twice, split
from ..operation import Answers, Check, Operation
from ..spec import OPERATIONS, recurrent
from ..spec.inputs.kinks import GAP, gap
from ..spec.tolerance import allowed_errors

CASES = {"held-one": (1, 1), "held": (7, 3), "held-long": (30, 2)}  # steps and rows
FROM_ZEROS = {"held-zeros": (5, 2)}  # without a state before
TRIES = 20  # of which one may keep away from where a slope jumps
PRODUCTS = 2e7  # of the longest sequence: large networks are asked a shorter one


def held_checks(
    functions: Iterable[str],
    weights: Mapping[str, Array],
    options: Mapping[str, Any],
    *,
    takes_state: bool = True,
    batch: int | None = None,
    seed: int | None = None,
    cases: Mapping[str, tuple[int, int]] = CASES | FROM_ZEROS,
) -> Iterator[Check]:
    """Yield the checks of a network that holds these weights; those of a seed come after the others."""
    for function in OPERATIONS:
        if function in functions:
            for number in [0] if seed is None else [0, seed + 1]:
                for case, (T, B) in cases.items():
                    name = case if not number else f"{case}-seed-{seed}"
                    zeros = case in FROM_ZEROS or not takes_state
                    seeds, size = [number, *case.encode()], (T, batch or B)
                    drawn = _apart(OPERATIONS[function], weights, options, size, seeds, zeros=zeros)
                    yield _check(OPERATIONS[function], name, weights, options, drawn)


def without(check: Check, lacks: Collection[str]) -> Check:
    """Return the check without the gradients of some weights, which stand for nothing in the network."""
    if not lacks or not check.operation.twin:
        return check
    return replace(check, allowed=allowed_errors(check)).only(name for name in check.expected if name not in lacks)


def _apart(
    operation: Operation,
    weights: Mapping[str, Array],
    options: Mapping[str, Any],
    lengths: tuple[int, int],
    seed: Sequence[int],
    *,
    zeros: bool,
) -> dict[str, Array]:
    """Draw the arguments that are no weights: of a few, those that keep furthest from where a slope jumps."""
    cell, found = operation.equation(options), list[tuple[float, dict[str, Array]]]()
    for number in range(TRIES):
        drawn = _drawn(operation, weights, options, lengths, np.random.default_rng([*seed, *[number] * (number > 0)]))
        x, *before = list(OPERATIONS.get(operation.twin, operation).arguments)[: 1 + len(cell.states)]
        for name in before:
            drawn[name] = np.zeros_like(drawn[name]) if zeros else np.tanh(drawn[name])
        X_seq = drawn[x] if drawn[x].ndim > drawn[before[0]].ndim else drawn[x][np.newaxis]
        found.append((gap(cell, X_seq, [drawn[name] for name in before], weights), drawn))
        if found[-1][0] > GAP:
            break
    return max(found, key=lambda one: one[0])[1]


def _drawn(
    operation: Operation,
    weights: Mapping[str, Array],
    options: Mapping[str, Any],
    lengths: tuple[int, int],
    rng: np.random.Generator,
) -> dict[str, Array]:
    (T, B), dtype = lengths, str(next(iter(weights.values())).dtype)
    T = int(max(2, min(T, PRODUCTS // (B * sum(one.size for one in weights.values())))))
    sizes = {"T": T, "B": B}
    for name, array in weights.items():
        sizes |= dict(zip(operation.arguments[name].axes, array.shape, strict=True))
    return {
        name: rng.normal(size=[sizes[axis] for axis in value.axes]).astype(dtype)
        for name, value in operation.arguments.items()
        if name not in weights
    }


def _check(
    operation: Operation,
    case: str,
    weights: Mapping[str, Array],
    options: Mapping[str, Any],
    drawn: Mapping[str, Array],
) -> Check:
    dtype, twin = str(next(iter(weights.values())).dtype), OPERATIONS.get(operation.twin, operation)
    given = [name for name in twin.outputs if name in drawn and operation.twin]
    arguments = {name: drawn[name] if name in drawn else weights[name] for name in operation.arguments}
    if given:
        own = {name: arguments[name] for name in twin.arguments}
        arguments |= {name: one.astype(dtype) for name, (one, _) in truth(twin, own, options).items()}
    check = Check(operation, f"{case}-{dtype}", "batch", dtype, ("generic",), arguments, dict(options))
    return check.answered(truth(operation, arguments, options))


def truth(operation: Operation, values: Mapping[str, Array], options: Mapping[str, Any]) -> Answers:
    """Return the outputs in twice the precision, as the nearest float64 and what is missing in ulp of it."""
    cell, asked = recurrent.asked_of(operation, values, options)
    if operation.twin:
        shapes = [np.shape(values[name]) for name in operation.outputs]  # a gradient has the shape of its argument
        found = [pair.reshape(2, *shape) for pair, shape in zip(_back(cell, asked), shapes, strict=True)]
    else:
        shape = (len(asked.X_seq), *asked.states0[0].shape) if operation.states else asked.states0[0].shape
        found = [
            np.stack([np.stack([one.p[part] for one in every]).reshape(shape) for part in (0, 1)])
            for every in forward(cell, Twice, asked.X_seq, asked.states0, asked.weights)
        ]
    return {name: split(*one) for name, one in zip(operation.outputs, found, strict=True)}


def _back(cell: Any, asked: Asked) -> list[Array]:
    """Return the gradients as pairs of arrays, high and low, in front."""

    def each(arrays: Array) -> list[Twice]:
        return [Twice.lift(rows(one)) for one in arrays]

    first = [Twice.lift(rows(state)) for state in asked.states0]
    upstream, given = [each(one) for one in asked.upstream], [each(one) for one in asked.states]
    found = backward(cell, Twice, upstream, given, each(asked.X_seq), first, asked.weights)
    X_seq, before = np.asarray(asked.X_seq), [np.asarray(one) for one in asked.states0]
    high, low = (as_arrays(cell, found, lambda one, part=part: one.p[part], X_seq, before) for part in (0, 1))
    return [np.stack(pair) for pair in zip(high, low, strict=True)]
