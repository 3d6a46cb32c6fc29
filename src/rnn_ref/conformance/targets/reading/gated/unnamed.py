"""Gradients that are returned without a name, as ``return da @ Wx.T, da @ Wh.T, dc * f``: by shape, place and value.

Where several have the same shape they stand in the order of the arguments, unless another order is nearer to what is
due. What stands there is never said to be missing.
"""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ....._shapes import Array
from ....spec.bases import right
from ..leaves import Leaf, Path, leaves
from .find import without
from .reading import drawn_for

if TYPE_CHECKING:
    from .back import GatedBack

MOST = 24  # orders that are tried; of more, the first is taken


def with_unnamed(one: "GatedBack", returned: Any, due: Mapping[str, tuple[int, ...]]) -> "GatedBack | None":
    """Return a reading with the gradients that have no name; None if it cannot be told what one of them is."""
    prefix, named = one.way.prefix, set(one.found.values())
    free = [leaf for leaf in leaves(returned, one.way.source.returned(), prefix=prefix) if leaf.path not in named]
    for shape in dict.fromkeys(due.values()):
        names = [name for name in due if due[name] == shape and name not in one.found]
        ones = [leaf for leaf in free if leaf.array.shape == shape]
        if len(names) * len(ones) != 1:  # several: what an object keeps is not meant
            ones = [leaf for leaf in ones if leaf.path[: len(prefix)] == prefix]
        orders = [{**one.found, **order} for order in _orders(names, ones)]
        if len(orders) > 1:
            best = min(orders, key=lambda found: _off(replace(one, found=found), returned))
            one = replace(one, found=best, unnamed=(*one.unnamed, *(name for name in names if name in best)))
        elif orders:
            one = replace(one, found=orders[0])
    missing = [name for name in due if name not in one.found]
    left = [leaf for leaf in free if _is_left(leaf, one.found.values(), prefix)]
    alike = [leaf for leaf in left if missing and leaf.array.size == math.prod(due[missing[0]])]
    if len(missing) == len(alike) == 1:  # of another shape, as a transposed one is
        return replace(one, found={**one.found, missing[0]: alike[0].path}, unnamed=(*one.unnamed, *missing))
    return None if missing and (alike or any(not leaf.name for leaf in left)) else one


def _orders(names: Sequence[str], ones: Sequence[Leaf]) -> Iterator[dict[str, Path]]:
    """Yield what may be the gradient of what, first in the order of the arguments."""
    more, fewer = (ones, names) if len(ones) >= len(names) else (names, ones)
    count = math.perm(len(more), len(fewer)) if fewer else 0
    for chosen in itertools.islice(itertools.permutations(more, len(fewer)), count if count <= MOST else 1):
        pairs = zip(fewer, chosen, strict=True) if more is ones else zip(chosen, fewer, strict=True)
        yield {str(name): leaf.path for name, leaf in pairs if isinstance(leaf, Leaf)}


def _is_left(leaf: Leaf, found: Any, prefix: Path) -> bool:
    """Whether an item of what was returned is left over, itself and all that is in it."""
    item = len(leaf.path) == len(prefix) + 1 and leaf.path[: len(prefix)] == prefix
    return item and leaf.array.ndim > 0 and not any(path[: len(leaf.path)] == leaf.path for path in found)


def _off(one: "GatedBack", returned: Any) -> float:
    """Return how far the gradients are from what is due, as shares of it: one for each that is missing."""
    rank = next(iter(one.forward.layouts))
    named, sizes = drawn_for(one.operation, rank)
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
    return sum(_share(got.get(name), due[name]) for name in due)


def _share(got: Any, due: Array) -> float:
    """Return how far a gradient is from what is due, as a share of it; one if it is missing or of another shape."""
    if np.shape(got) != np.shape(due):
        return 1.0
    off = float(np.abs(np.asarray(got) - due).mean() / np.abs(due).mean())
    return off if np.isfinite(off) else math.inf
