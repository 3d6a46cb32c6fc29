"""How near a reading is to what is due, and what stands in the way: states that are kept, more behind a layer."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ....._shapes import Array
from ....spec.bases import right
from ..calling.place import Place
from .names import state_of
from .reading import GatedReading, drawn_for

NEAR = 1e-3  # off by so little a function is read as what it is
CLOSE = 1e-5  # so near is what is due, put through a function


def off_by(one: GatedReading) -> float:
    """Return how far from what is due the first output is."""
    got, due = answered(one)
    off = float(np.abs(got - due).mean()) if got.shape == due.shape else np.inf
    return off if np.isfinite(off) else np.inf


def answered(one: GatedReading) -> tuple[Array, Array]:
    """Return the first output, and what is due for it; nothing of what raises."""
    rank = next(iter(one.layouts))
    named, sizes = drawn_for(one.operation, rank, one.precision)
    named |= without(one, named)
    if one.layouts[rank].indices:
        named[one.own[0]] = np.eye(sizes["D"], dtype=named[one.own[0]].dtype)[named[one.own[0]].argmax(-1)]
    one.way.alive()
    try:
        returned = one.raw(named, rank, sizes)
        found = one.answers(returned, rank, sizes, named[one.own[1]])
        output, got = next(iter(found.items()))
        due = right(one.operation.name)(*named.values(), **one.options)
        due = due[0] if len(one.operation.outputs) > 1 else due
        return np.asarray(got, float), np.asarray(due[-1] if output in one.operation.ends.values() else due)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return np.zeros(0), np.zeros(1)


def without(one: GatedReading, named: Mapping[str, Any]) -> dict[str, Any]:
    """Return what it does not take, as zeros."""
    states = len(one.operation.cell.states)  # type: ignore[union-attr]
    absent = [one.own["xhc".index(part)] for part in "hc"[:states] if part not in one.others.values()]
    biases = [name for name in one.own[1 + states :] if np.ndim(named[name]) == 1]
    count = one.weights.biases
    absent += biases if not count else biases[1:] if count < len(biases) and not one.options else []
    return {name: np.zeros_like(named[name]) for name in absent}


def kept_states(one: GatedReading) -> Mapping[Place, str]:
    """Return which arrays of an object are its first states, where nothing else is; nothing if one of them is not."""
    count = len(one.operation.cell.states)  # type: ignore[union-attr]
    if set(one.others.values()) & {"h", "c"}:
        return {}
    held = [place for place in one.way.places if place.kind == "attribute" and place not in one.weights.places]
    found: dict[Place, str] = {}
    for place in held:
        state = state_of(place.called, count)
        if state and state not in found.values():
            found[place] = state
    return found if len(found) == count else {}


def is_bent(one: GatedReading) -> bool:
    """Whether what is answered behind an output layer, taken for the identity, is the states put through a function."""
    got, due = answered(one) if one.identity else (np.zeros(0), np.zeros(1))
    if got.shape != due.shape:
        return False
    bent = (np.tanh(due), 1 / (1 + np.exp(-due)), np.maximum(due, 0), np.exp(due), np.log1p(np.exp(due)))
    return any(np.allclose(got, each, rtol=0, atol=CLOSE) for each in bent)
