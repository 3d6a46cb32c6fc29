"""An export beside what it was exported from: which network is which, and what became of the weights on the way."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import permutations
from typing import Any

import numpy as np

from ...._shapes import Array
from .held import SUM, Held, Holding, flipped, mark_of, marked

GATES = 3  # blocks of rows
ROUNDED = {"float16": 11, "bfloat16": 8, "an integer of 8 bits": 7}  # how many bits are kept


def matched(export: Holding, source: Holding) -> list[Held]:
    """Return the networks of the source in their order, each with the calls of the one in the export that is its own.

    They are matched in order, by kind, sizes and direction, else by kind and sizes alone. One without any counterpart
    has no calls.
    """
    left = list(export.networks)
    found = []
    for one in source.networks:
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
        calls = {name: _turned(call) for name, call in calls.items() if not mark_of(call).derives}
    lost = differences(weights, other.weights)
    alone = [name for name in one.shares if _is_without(one, name, other)]
    if alone:
        lost = [text for text in lost if not text.startswith(f"{SUM}:")] + [f"{SUM}: {alone[0]} is not in it"]
    lost += ["the direction: it goes through the sequence the other way round"] if turned else []
    if dict(one.options) != dict(other.options):
        lost.append(f"the cell: {_cell(other.options)} in the export, {_cell(one.options)} in its source")
    notes = tuple(f"{_of(one)}lost on the way: {text}" for text in lost)
    return replace(
        other, part=one.part, weights=weights, options=one.options, reverse=one.reverse, calls=calls,
        shares=one.shares, suspected=tuple(alone), notes=notes,
    )  # fmt: skip


def _is_without(one: Held, share: str, other: Held) -> bool:
    """Whether a bias of the source is what the export has not."""
    held = other.weights[SUM]
    due, lacking = one.weights[SUM].astype(held.dtype), one.without(share)[SUM].astype(held.dtype)
    close = 4 * np.finfo(held.dtype).eps * max(1.0, float(np.abs(due).max()))
    return not np.allclose(held, due, rtol=0, atol=close) and np.allclose(held, lacking, rtol=0, atol=close)


def differences(due: Mapping[str, Array], held: Mapping[str, Array]) -> list[str]:
    """Return a sentence for every weight that is not what it was.

    >>> differences({"b_h": np.array([1.0, 2.0])}, {"b_h": np.zeros(2)})
    ['b_h: it is zero']
    """
    changed = [name for name, array in due.items() if not np.array_equal(array, held[name])]
    found = [(name, _difference(due[name], held[name])) for name in changed]
    together: dict[str, list[str]] = {}
    for name, what in found:
        together.setdefault(what, []).append(name)
    return [f"{', '.join(names)}: {what}" for what, names in together.items()]


def _difference(due: Array, held: Array) -> str:
    if not held.any():
        return "it is zero"
    if due.shape == held.T.shape and np.array_equal(due.T, held):
        return "it is transposed"
    if np.array_equal(-due, held):
        return "its sign is changed"
    return _of_gates(due, held) or _rounded(due, held) or f"it differs by up to {np.abs(held - due).max():.2g}"


def _of_gates(due: Array, held: Array) -> str:
    if len(due) % GATES:
        return ""
    blocks, names = np.split(due, GATES), "rzn"
    for order in permutations(range(GATES)):
        if np.array_equal(np.concatenate([blocks[i] for i in order]), held):
            return f"the gates lie {' '.join(names[i] for i in order)} where r z n are due"
    zero = [name for name, block in zip(names, np.split(held, GATES), strict=True) if not block.any()]
    return f"it is zero in gate {', '.join(zero)}" if zero else ""


def _rounded(due: Array, held: Array) -> str:
    off = np.abs(held - due).max() / np.abs(due).max() if due.any() else np.inf
    kind = next((name for name, bits in ROUNDED.items() if off <= 2.0**-bits), "")
    return f"it is rounded, as far as {kind} is" if kind else ""


def _lost(one: Held, export: Holding) -> str:
    there = [f"{_of(other) or 'one network, '}{_sized(other)}" for other in export.networks] + export.refused
    way = "the direction from the end" if one.reverse else "the layer"
    return f"{_of(one)}lost on the way: {way}, {_sized(one)}; the export holds {'; '.join(there) or 'none'}"


def _of(one: Held) -> str:
    return f"{one.part}: " if one.part else ""


def _sized(one: Held) -> str:
    return f"W_xh {one.weights['W_xh'].shape}"


def _shapes(one: Held) -> dict[str, tuple[int, ...]]:
    return {name: array.shape for name, array in one.weights.items()}


def _cell(options: Mapping[str, Any]) -> str:
    return "reset gate before the product" if options else "reset gate behind the product"


def _turned(call: Callable[..., Any]) -> Callable[..., Any]:
    """Return a call that is handed, and answers, sequences from their end."""

    def turned(X_seq: Array, *others: Any, **options: Any) -> Any:
        found = call(flipped(X_seq), *others, **options)
        returned = mark_of(call).returns
        if returned == "last":
            return found
        return (flipped(found[0]), found[1]) if returned == "pair" else flipped(np.asarray(found))

    return marked(turned, mark_of(call))
