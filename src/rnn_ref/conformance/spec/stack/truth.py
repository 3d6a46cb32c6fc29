"""Stacks as exact numbers: the equation of the layer that is handed over, one sequence after the other."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ...._shapes import Array
from ....stack import Run
from ...numbers.exact import Exact, exact
from ...numbers.twice import Pair, Twice
from ..losses.truth import cross_entropy, cross_entropy_backward, digits_for
from . import going_back
from .network import counted, parted
from .reading import asked_of, in_a_batch, read


def digits(arguments: Mapping[str, Any], options: Mapping[str, Any]) -> int:
    """Return the digits needed on top of those that the answers have: few, or those of a sum of exponentials.

    No state that is shown is larger than 1.
    """
    if "W_hy" not in arguments:
        return 1
    W_hy, b_y = (np.abs(np.asarray(arguments[name], np.float64)) for name in ("W_hy", "b_y"))
    return digits_for(2 * float((W_hy.sum(1) + b_y).max()))


def stack_forward(
    run: str, X_seq: Array, states0: Sequence[Array], layers: Sequence[Mapping[str, Array]], **options: Any
) -> dict[str, Array]:
    """Return what the top layer shows, and the last states of all."""
    asked = asked_of(options, run, X_seq, states0, layers)
    found = [read(asked, Exact, b) for b in range(len(asked.sequences))]
    return in_a_batch(asked, found, lambda number: number.a, exact(0.0))


def stack_backward(
    run_back: str,
    dh_states: Array,
    dstates_T: Sequence[Array],
    run: Run,
    X_seq: Array,
    states0: Sequence[Array],
    layers: Sequence[Mapping[str, Array]],
    **options: Any,
) -> dict[str, Array]:
    """Return the gradients of all inputs, as functions of the states given."""
    asked, above = going_back.asked_back(options, run_back, dh_states, dstates_T, run, X_seq, states0, layers)
    every = range(len(asked.sequences))
    found = [going_back.back(asked, above, Exact, b, going_back.given(asked, above, Exact, b)) for b in every]
    return going_back.in_a_batch(asked, found, lambda number: number.a, exact(0.0))


def stack_bptt(
    run: str,
    run_back: str,
    X_seq: Array,
    targets_seq: Array,
    states0: Sequence[Array],
    layers: Sequence[Mapping[str, Array]],
    W_hy: Array,
    b_y: Array,
    **options: Any,
) -> dict[str, Array]:
    """Return the loss, the gradients of all inputs, and the last states, one after the other."""
    of_loss, own = parted(options)
    asked, targets = asked_of(own, run, X_seq, states0, layers), counted(targets_seq, options)
    every = range(len(asked.sequences))
    found = [read(asked, Exact, b) for b in every]
    states = in_a_batch(asked, found, lambda number: number.a, exact(0.0))
    h_states = states.pop("h_states")
    logits = h_states @ W_hy.T + b_y
    loss = cross_entropy(logits, targets, **of_loss)
    dlogits = cross_entropy_backward(exact(1.0), logits, targets, **of_loss)["dlogits"]
    above = going_back.from_outputs(asked, dlogits @ W_hy)
    backs = [going_back.back(asked, above, Exact, b, found[b]) for b in every]
    gradients = going_back.in_a_batch(asked, backs, lambda number: number.a, exact(0.0))
    dz, h = (one.reshape(-1, one.shape[-1]) for one in (dlogits, h_states))
    return loss | gradients | {"W_hy": dz.T @ h, "b_y": dz.sum(0)} | states


def in_twice(name: str, *arguments: Any, **options: Any) -> dict[str, Pair]:
    """Return the outputs of one of the two in twice the precision, which takes weights of any size."""

    def each(part: int) -> Callable[[Any], Array]:
        return lambda number: np.asarray(number.p[part])

    if name == "stack_forward":
        asked = asked_of(options, *arguments)
        read_ = [read(asked, Twice, b) for b in range(len(asked.sequences))]
        high, low = (in_a_batch(asked, read_, each(part), 0.0) for part in (0, 1))
    else:
        asked, above = going_back.asked_back(options, *arguments)
        every = range(len(asked.sequences))
        backs = [going_back.back(asked, above, Twice, b, going_back.given(asked, above, Twice, b)) for b in every]
        high, low = (going_back.in_a_batch(asked, backs, each(part), 0.0) for part in (0, 1))
    return {one: (high[one], low[one]) for one in high}
