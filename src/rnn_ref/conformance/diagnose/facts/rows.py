"""Rows of a loss, or of its gradient, that are wrong because of their target: the last class, or one that repeats.

And a row by itself: right, so that it matters how several are put together; or what it gives for what is due.
"""

from collections.abc import Iterator

import numpy as np

from ...._shapes import Array
from .seen import Everything, Seen, shown

LEAST = 5  # rows of either kind
ALONE, POINTS = 3, 5  # checks of a single prediction, and how many of their values are told


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


def single_predictions(known: Everything) -> Iterator[str]:
    """Yield what is known of single predictions, of a function that gives one number for several as well."""
    plain = [seen for seen in known.every if seen.numbers and not seen.corner]
    plain = [seen for seen in plain if not seen.check.operation.weights and not seen.ones[0].truth.ndim]
    alone = [seen for seen in plain if seen.check.rank == "step"]
    several = [seen for seen in plain if seen.check.rank != "step"]
    wrong = [seen for seen in several if seen.ones[0].wrong]
    if len(alone) < ALONE or not wrong:
        return
    if not any(seen.ones[0].wrong for seen in alone):
        yield (
            f"a single prediction is right ({len(alone)} checks), several are wrong in {len(wrong)} of {len(several)} "
            "checks: look at how they are put together"
        )
    elif 2 * sum(seen.ones[0].wrong for seen in alone) >= len(alone):
        pairs = sorted({(float(seen.ones[0].truth), float(seen.ones[0].answer)) for seen in alone})
        some = [pairs[i] for i in dict.fromkeys(np.linspace(0, len(pairs) - 1, POINTS).round().astype(int))]
        yield "of a single prediction it gives " + ", ".join(f"{got:.3g} for {due:.3g}" for due, got in some)


def _classes(seen: Seen, name: str) -> Array | None:
    """Return the classes that are due, one for each row of the output, None if it has no such rows."""
    operation = seen.check.operation
    argument = next((value.name for value in operation.arguments.values() if value.kind == "classes"), None)
    if argument is None or name not in (one.name for one in seen.ones):
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
