"""An export beside what it was exported from: which network is which, and what became of the weights on the way."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import permutations
from typing import Any

import numpy as np

from ...._shapes import Array
from ....interop.gates import GATED_KINDS
from ...operation import Outputs
from .held import SUM, Held, Holding, flipped, forms, mark_of, marked, options_told

LOST = "lost on the way"
ROUNDED = {"float16": 11, "bfloat16": 8, "an integer of 8 bits": 7}  # how many bits are kept


def matched(export: Holding, source: Holding) -> list[Held]:
    """Return the networks of the source in their order, each with the calls of the one in the export that is its own.

    They are matched in order, by kind, sizes and direction, else by kind and sizes alone. One without any counterpart
    has no calls.
    """
    left, found = [one for one in export.networks if not one.run], []
    for one in (one for one in source.networks if not one.run):
        alike = [other for other in left if _shapes(other) == _shapes(one)]
        near = [other for other in alike if other.reverse == one.reverse]
        other = next(iter([*near, *alike]), None)
        if other is None:
            found.append(replace(one, calls={}, notes=(_lost(one, export),)))
            continue
        left.remove(other)
        found.append(_beside(other, one))
    if left and found:
        names = ", ".join(other.part or other.reading for other in left)
        found[-1] = replace(found[-1], notes=(*found[-1].notes, f"the export holds more: {names}"))
    return found


def _beside(other: Held, one: Held) -> Held:
    """Return the export's network, to be asked with the weights of the source's."""
    weights = {name: array.astype(other.dtype) for name, array in one.weights.items()}
    calls = other.calls
    turned = other.reverse != one.reverse
    if turned:
        states = forms(weights).sequence.states
        calls = {name: _turned(call, states) for name, call in calls.items() if not mark_of(call).derives}
    rows, H = weights["W_hh"].shape
    lost = differences(weights, other.weights, GATED_KINDS[rows // H].here if rows > H else "")
    alone = [name for name in one.shares if _is_without(one, name, other)]
    if alone:
        lost = [text for text in lost if not text.startswith(f"{SUM}:")] + [f"{SUM}: {alone[0]} is not in it"]
    lost += ["the direction: it goes through the sequence the other way round"] if turned else []
    if dict(one.options) != dict(other.options):
        lost.append(f"the cell: {_cell(other.options)} in the export, {_cell(one.options)} in its source")
    notes = tuple(f"{_of(one)}{LOST}: {text}" for text in lost)
    return replace(
        other, part=one.part, weights=weights, options=one.options, reverse=one.reverse, calls=calls,
        shares=one.shares, suspected=tuple(alone), notes=notes,
    )  # fmt: skip


def lost_on_the_way(held: Held) -> list[str]:
    """Return the sentences on what an export has otherwise than its source."""
    return [note for note in held.notes if LOST in note]


def _is_without(one: Held, share: str, other: Held) -> bool:
    """Whether a bias of the source is what the export has not."""
    held = other.weights[SUM]
    due, lacking = one.weights[SUM].astype(held.dtype), one.without(share)[SUM].astype(held.dtype)
    close = 4 * np.finfo(held.dtype).eps * max(1.0, float(np.abs(due).max()))
    return not np.allclose(held, due, rtol=0, atol=close) and np.allclose(held, lacking, rtol=0, atol=close)


def differences(due: Mapping[str, Array], held: Mapping[str, Array], gates: str = "") -> list[str]:
    """Return a sentence for every weight that is not what it was; ``gates`` are the blocks of its rows.

    >>> differences({"b_h": np.array([1.0, 2.0])}, {"b_h": np.zeros(2)})
    ['b_h: it is zero']
    >>> differences({"b_h": np.arange(4.0)}, {"b_h": np.array([0.0, 2.0, 2.0, 3.0])}, "ifgo")
    ['b_h: 1 is added in gate f']
    >>> differences({"b_h": np.arange(4.0)}, {"b_h": np.array([0.0, 1.0, 2.0, 3.001])})
    ['b_h: 1 of its 4 numbers differ, by up to 0.001']
    """
    changed = [name for name, array in due.items() if not np.array_equal(array, held[name])]
    found = [(name, _difference(due[name], held[name], gates)) for name in changed]
    together: dict[str, list[str]] = {}
    for name, what in found:
        together.setdefault(what, []).append(name)
    return [f"{', '.join(names)}: {what}" for what, names in together.items()]


def _difference(due: Array, held: Array, gates: str) -> str:
    if not held.any():
        return "it is zero"
    if due.shape == held.T.shape and np.array_equal(due.T, held):
        return "it is transposed"
    if np.array_equal(-due, held):
        return "its sign is changed"
    return (
        (_of_gates(due, held, gates) if gates else "")
        or _some(due, held)
        or _rounded(due, held)
        or f"it differs by up to {np.abs(held - due).max():.2g}"
    )


def _of_gates(due: Array, held: Array, gates: str) -> str:
    blocks, found = np.split(due, len(gates)), np.split(held, len(gates))
    for order in permutations(range(len(gates))):
        if np.array_equal(np.concatenate([blocks[i] for i in order]), held):
            return f"the gates lie {' '.join(gates[i] for i in order)} where {' '.join(gates)} are due"
    every = zip(gates, blocks, found, strict=True)
    pairs = [(name, one, block) for name, one, block in every if not np.array_equal(one, block)]
    names = ", ".join(name for name, _, _ in pairs)
    if all(not block.any() for _, _, block in pairs):
        return f"it is zero in gate {names}"
    if all(one.ndim == 2 and np.array_equal(one.T, block) for _, one, block in pairs):
        return f"it is transposed in gate {names}"
    added = [block - one for _, one, block in pairs]
    step = float(np.round(added[0].flat[0], 3))
    close = 4 * np.finfo(held.dtype).eps * max(1.0, float(np.abs(held).max()))
    if step and all(np.abs(one - step).max() <= close for one in added):
        return f"{step:g} is added in gate {names}"
    return ""


def _some(due: Array, held: Array) -> str:
    """Return that entries differ, and how many, where most do not: rounding changes nearly all."""
    off = np.abs(held - due)
    differ = int((off != 0).sum())
    return f"{differ} of its {off.size} numbers differ, by up to {off.max():.2g}" if 2 * differ < off.size else ""


def _rounded(due: Array, held: Array) -> str:
    off = np.abs(held - due).max() / np.abs(due).max() if due.any() else np.inf
    kind = next((name for name, bits in ROUNDED.items() if off <= 2.0**-bits), "")
    return f"it is rounded, as far as {kind} is" if kind else ""


def _lost(one: Held, export: Holding) -> str:
    there = [
        f"{_of(other) or 'one network, '}{_sized(other)}" for other in export.networks if not other.run
    ] + export.refused
    way = "the direction from the end" if one.reverse else "the layer"
    return f"{_of(one)}lost on the way: {way}, {_sized(one)}; the export holds {'; '.join(there) or 'none'}"


def _of(one: Held) -> str:
    return f"{one.part}: " if one.part else ""


def _sized(one: Held) -> str:
    return f"W_xh {one.weights['W_xh'].shape}"


def _shapes(one: Held) -> dict[str, tuple[int, ...]]:
    return {name: array.shape for name, array in one.weights.items()}


def _cell(options: Mapping[str, Any]) -> str:
    return ", ".join(options_told(options)) or "the usual one (tanh, reset gate behind the product)"


def _turned(call: Callable[..., Any], states: str) -> Callable[..., Any]:
    """Return a call that is handed, and answers, sequences from their end."""

    def turned(X_seq: Array, *others: Any, **options: Any) -> Outputs:
        found = call(flipped(X_seq), *others, **options)
        return Outputs({name: flipped(one) if name == states else one for name, one in found.items()})

    return marked(turned, mark_of(call))
