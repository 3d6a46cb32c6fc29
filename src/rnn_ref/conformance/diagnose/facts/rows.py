"""Rows of a loss, or of its gradient, that are wrong because of their target: the last class, or one that repeats."""

from collections.abc import Iterator

import numpy as np

from ...._shapes import Array
from .seen import Everything, Seen, shown

LEAST = 5  # rows of either kind


def rows(known: Everything) -> Iterator[str]:
    """Yield which property of the target all wrong rows of an output have, and no right one."""
    for name, wrong in known.outputs():
        check = wrong[0].check
        every = [seen for seen in known.every if seen.numbers and _classes(seen, name) is not None]
        if not every or any(seen not in every for seen in wrong):
            continue
        bad = np.concatenate([_bad(seen, name) for seen in every])
        for words, holds in _properties(every, name).items():
            if min((bad & holds).sum(), (~bad & ~holds).sum()) >= LEAST and np.array_equal(bad, holds):
                counts = f"all {int(holds.sum())} such rows, and none of the {int((~holds).sum())} others"
                yield f"{shown(check, name)} is wrong in the rows {words}: {counts}"
                break


def _classes(seen: Seen, name: str) -> Array | None:
    """Return the classes that are due, one for each row of the output, None if it has no such rows."""
    operation = seen.check.operation
    argument = next((value.name for value in operation.arguments.values() if value.kind == "classes"), None)
    if argument is None:
        return None
    targets = np.asarray(seen.check.arguments[argument])
    own = seen.output(name).truth.shape
    return targets.ravel() if targets.dtype.kind in "iu" and own[: targets.ndim] == targets.shape else None


def _bad(seen: Seen, name: str) -> Array:
    targets = _classes(seen, name)
    ratios = seen.output(name).ratios.reshape(1 if targets is None else targets.size, -1)
    return np.asarray(np.any(~(ratios <= 1), axis=1))


def _properties(every: list[Seen], name: str) -> dict[str, Array]:
    found: dict[str, list[Array]] = {}
    for seen in every:
        targets = _classes(seen, name)
        if targets is None:
            continue
        axes = {axis: size for argument, value in seen.check.arguments.items() if isinstance(value, np.ndarray)
                for axis, size in zip(seen.check.axes(argument), value.shape, strict=True)}  # fmt: skip
        _, back, count = np.unique(targets, return_inverse=True, return_counts=True)
        first = np.zeros(targets.size, bool)
        first[np.unique(targets, return_index=True)[1]] = True
        for words, holds in {
            "whose target is the last class": targets == axes["V"] - 1,
            "whose target is class 0": targets == 0,
            "whose target is due in another row too": count[back.ravel()] > 1,
            "whose target was due in an earlier row already": ~first,
        }.items():
            found.setdefault(words, []).append(holds)
    return {words: np.concatenate(arrays) for words, arrays in found.items()}
