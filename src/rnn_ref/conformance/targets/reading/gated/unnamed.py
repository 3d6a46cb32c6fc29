"""Gradients that are returned without a name, as ``return da @ Wx.T, da @ Wh.T, dc * f``: by shape and place.

Where several have the same shape they stand in the order of the arguments. Schools differ on which state comes first:
the order is that in which the file itself takes them from there, else that of the description, else that in which the
gradients from above are handed over. Values do not tell, for two that have changed places are a mistake. What stands
there is never said to be missing.
"""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..calling.leaving import RETURNED
from ..leaves import Leaf, Path, leaves
from ..names import of_what
from ..syntax.callers import described, unpacked_by_callers
from .back import GatedBack
from .names import state_of

MOST = 24  # orders that are tried


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
            best = _as_told(one, names, ones) if len(names) == len(ones) > 1 and {*names} <= states else {}
            best = {**orders[0], **best}
            one = replace(one, found=best, unnamed=(*one.unnamed, *(name for name in names if name in best)))
        elif orders:
            one = replace(one, found=orders[0])
    missing = [name for name in due if name not in one.found]
    left = [leaf for leaf in free if _is_left(leaf, one.found.values(), prefix)]
    alike = [leaf for leaf in left if any(_is_nearly(leaf.array.shape, due[name]) for name in missing)]
    if len(missing) == len(alike) == 1:  # of another shape, as a transposed one is
        return replace(one, found={**one.found, missing[0]: alike[0].path}, unnamed=(*one.unnamed, *missing))
    return None if missing and (alike or any(leaf.name in {"", RETURNED} for leaf in left)) else one


def _orders(names: Sequence[str], ones: Sequence[Leaf]) -> Iterator[dict[str, Path]]:
    """Yield what may be the gradient of what, first in the order of the arguments."""
    if len(ones) >= len(names):
        for chosen in itertools.islice(itertools.permutations(ones, len(names)), MOST):
            yield {name: leaf.path for name, leaf in zip(names, chosen, strict=True)}
        return
    for called in itertools.islice(itertools.permutations(names, len(ones)), MOST):
        yield {name: leaf.path for name, leaf in zip(called, ones, strict=True)}


def _as_told(one: GatedBack, names: Sequence[str], ones: Sequence[Leaf]) -> dict[str, Path]:
    """Return which of the unnamed is the gradient of which state, as far as the file tells in which order they are."""
    parts = {part: place.called for place, part in one.forward.others.items() if place.called in names}
    for called in unpacked_by_callers(one.way.function):
        items = {leaf.path[-1][1]: leaf.path for leaf in ones if leaf.path[-1][0] == "item"}
        known = {_state(called[item]): path for item, path in items.items() if item < len(called)}
        if {*known} == {*parts}:
            return {parts[state]: path for state, path in known.items()}
    handed = [name for name in one.way.signature.parameters if name in one.ups]
    for words in (described(one.way.function), handed):
        states = list(dict.fromkeys(state for word in words if word[:1] in "dg" and (state := _state(word))))
        if {*states} == {*parts}:
            return {parts[state]: leaf.path for state, leaf in zip(states, ones, strict=True)}
    return {}


def _state(name: str) -> str:
    """Return of which state something is the gradient, by its name.

    >>> _state("dnext_c"), _state("dprev_h"), _state("dWx")
    ('c', 'h', '')
    """
    return state_of(of_what(name), 2)


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
