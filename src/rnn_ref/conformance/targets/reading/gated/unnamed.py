"""Gradients that are returned without a name, as ``return da @ Wx.T, da @ Wh.T, dc * f``: by shape and place.

Where several have the same shape they stand in the order of the arguments. Schools differ on which state comes first:
there the other order is taken, if more is right in it. What stands there is never said to be missing.
"""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ....._shapes import Array
from ....spec.bases import right
from ..leaves import Leaf, Path, leaves
from .back import GatedBack
from .find import without
from .reading import drawn_for

MOST = 24  # orders that are tried
RIGHT = 1e-6  # what share of a gradient it may be off


def with_unnamed(one: GatedBack, returned: Any, due: Mapping[str, tuple[int, ...]]) -> GatedBack | None:
    """Return a reading with the gradients that have no name; None if it cannot be told what one of them is."""
    prefix, named = one.way.prefix, set(one.found.values())
    free = [leaf for leaf in leaves(returned, one.way.source.returned(), prefix=prefix) if leaf.path not in named]
    states = {place.called for place, part in one.forward.others.items() if part in "hc"}
    for shape in dict.fromkeys(due.values()):
        names = [name for name in due if due[name] == shape and name not in one.found]
        ones = [leaf for leaf in free if leaf.array.shape == shape]
        if len(names) * len(ones) != 1:  # several: what an object keeps is not meant
            ones = [leaf for leaf in ones if leaf.path[: len(prefix)] == prefix]
        orders = [{**one.found, **order} for order in _orders(names, ones)] if names and ones else []
        if len(orders) > 1:
            known = {*names} <= states
            best = min(orders, key=lambda found: _wrong(replace(one, found=found), returned)) if known else orders[0]
            one = replace(one, found=best, unnamed=(*one.unnamed, *(name for name in names if name in best)))
        elif orders:
            one = replace(one, found=orders[0])
    missing = [name for name in due if name not in one.found]
    left = [leaf for leaf in free if _is_left(leaf, one.found.values(), prefix)]
    alike = [leaf for leaf in left if any(_is_nearly(leaf.array.shape, due[name]) for name in missing)]
    if len(missing) == len(alike) == 1:  # of another shape, as a transposed one is
        return replace(one, found={**one.found, missing[0]: alike[0].path}, unnamed=(*one.unnamed, *missing))
    return None if missing and (alike or any(not leaf.name for leaf in left)) else one


def _orders(names: Sequence[str], ones: Sequence[Leaf]) -> Iterator[dict[str, Path]]:
    """Yield what may be the gradient of what, first in the order of the arguments."""
    if len(ones) >= len(names):
        for chosen in itertools.islice(itertools.permutations(ones, len(names)), MOST):
            yield {name: leaf.path for name, leaf in zip(names, chosen, strict=True)}
        return
    for called in itertools.islice(itertools.permutations(names, len(ones)), MOST):
        yield {name: leaf.path for name, leaf in zip(called, ones, strict=True)}


def _is_nearly(shape: tuple[int, ...], due: tuple[int, ...]) -> bool:
    """Whether a shape is one that is due turned round, with an axis of one, or with one over which to sum.

    >>> _is_nearly((4, 3), (3, 4)), _is_nearly((3, 4), (4,)), _is_nearly((3, 5), (3, 4))
    (True, True, False)
    """
    return math.prod(shape) == math.prod(due) or due in {
        (*shape[:axis], *shape[axis + 1 :]) for axis in range(len(shape))
    }


def _is_left(leaf: Leaf, found: Any, prefix: Path) -> bool:
    """Whether an item of what was returned is left over, itself and all that is in it."""
    item = len(leaf.path) == len(prefix) + 1 and leaf.path[: len(prefix)] == prefix
    return item and leaf.array.ndim > 0 and not any(path[: len(leaf.path)] == leaf.path for path in found)


def _wrong(one: GatedBack, returned: Any) -> int:
    """Return how many gradients are wrong or missing."""
    rank = next(iter(one.forward.layouts))
    named, sizes = drawn_for(one.operation, rank, one.forward.precision)
    named |= without(one.forward, named)
    ups = list(one.operation.arguments)[: len(one.operation.cell.states)]  # type: ignore[union-attr]
    named |= {name: 0 * named[name] for number, name in enumerate(ups) if number not in one.ups.values()}
    own = [named[name] for name in one.forward.own]
    states = right(one.forward.operation.name)(*own, **one.forward.options)
    states = states if isinstance(states, tuple) else (states,)
    kept = dict(zip(one.forward.operation.outputs, states, strict=False))
    named |= {name: kept[name] for name in named if name in kept and name not in one.forward.own}
    due = dict(
        zip(one.operation.outputs, right(one.operation.name)(*named.values(), **one.forward.options), strict=False)
    )
    got = one.answers(returned, rank, sizes)
    return sum(not _is_right(got.get(name), due[name]) for name in due)


def _is_right(got: Any, due: Array) -> bool:
    if np.shape(got) != np.shape(due):
        return False
    return bool(np.abs(np.asarray(got) - due).max() <= RIGHT * np.abs(due).max())
