"""Which array is the gradient of which weight: by what both are called, else by a shape that only one of them has."""

import itertools
import re
from collections.abc import Sequence

import numpy as np

from ..targets.reading.names import of_what, parts_of
from .arrays import Leaf, Path

HOLDERS = r"(model_?)?(params?|parameters|weights|theta|vars|variables|prms?|w)"  # what holds weights, by key or place
VALUES = r"(v|val|values?|data|array|w|weight|param|x)"  # of a weight, in an object with its gradient
MOMENTS = r"[mvsr]|m_?[tv]|mem\w*|vel\w*|cache\w*|mom\w*|sq\w*|acc\w*|hist\w*|ada\w*|rms\w*"  # of an optimiser
HELD = r"(d_?|g_?)?(grads?|gradients?|(params?|parameters|weights|theta)_?grads?|deltas?|dparams?|updates?|d|g|dw)"


def paired(gradients: Sequence[Leaf], weights: Sequence[Leaf]) -> list[tuple[Leaf, Leaf]]:
    """Return gradients with their weights, each at most once; those without one are left out."""
    taken: set[int] = set()
    found: list[tuple[Leaf, Leaf]] = []
    gradients = [one for one in gradients if not _has_its_own(one, gradients)]
    own = {id(one.value) for one in gradients}
    beside = [one for one in weights if id(one.value) not in own]
    weights = [one for one in beside if _has_its_own(one, gradients) or not _is_of_another(one, weights)]
    for gradient in gradients:
        alike = [
            one
            for one in weights
            if _shape(one) == _shape(gradient) and id(one.value) not in taken and _is_nearest(gradient, one, gradients)
        ]
        best = max(alike, key=lambda one: (_nearness(gradient.path, one.path), not _is_moment(one.path)), default=None)
        if best is None or _nearness(gradient.path, best.path) <= 0:
            others = [one for one in gradients if _shape(one) == _shape(gradient)]
            told = [one for one in alike if one.path[0] == "argument" and len(one.path) == 2]
            alike = (
                told if len(told) == 1 and gradient.array.ndim == 1 else alike
            )  # all weights, before what is like it
            is_meant = gradient.path[0] in {"returned", "called"} and not (alike and stem_of(alike[0].path)[1])
            best = alike[0] if len(alike) == 1 and len(others) == 1 and is_meant else None
        if best is not None:
            taken.add(id(best.value))
            found.append((gradient, best))
    return found


def _is_nearest(gradient: Leaf, weight: Leaf, gradients: Sequence[Leaf]) -> bool:
    """Whether no other gradient of its shape goes better with a weight."""
    near = max(_nearness(gradient.path, weight.path), 0)
    return not any(_nearness(one.path, weight.path) > near for one in gradients if _shape(one) == _shape(gradient))


def _is_moment(weight: Path) -> bool:
    """Whether an array is in what an optimiser keeps beside the weights, under the same names as they."""
    return any(re.fullmatch(MOMENTS, str(one), re.IGNORECASE) for one in weight[1:-1])


def _has_its_own(one: Leaf, gradients: Sequence[Leaf]) -> bool:
    """Whether something called like a gradient has one itself: the weights of a decoder may be called dW."""
    return any(other is not one and _shape(other) == _shape(one) and _nearness(other.path, one.path) > 0 and
               _nearness(one.path, other.path) <= 0 for other in gradients)  # fmt: skip


def _is_of_another(one: Leaf, weights: Sequence[Leaf]) -> bool:
    """Whether something is called as the gradient of another that is there: room for it, from the beginning."""
    return any(other is not one and _shape(other) == _shape(one) and _nearness(one.path, other.path) > 0 and
               _nearness(other.path, one.path) <= 0 for other in weights)  # fmt: skip


def _nearness(gradient: Path, weight: Path) -> int:
    """Return how well the name of a gradient goes with that of a weight, 0 if it does not.

    >>> _nearness(("called", "dWxh"), ("global", "Wxh")), _nearness(("called", "dW"), ("global", "U"))
    (4, 0)
    >>> _nearness(("local", "self", "grads", 0), ("argument", "self", "params", 0))
    3
    >>> [_nearness(("returned", 0, 1, 2), ("argument", "layers", *one)) for one in ((1, 2), (0, 2))]
    [2, 0]
    """
    (stem, numbers), (other, places) = stem_of(gradient), stem_of(weight)
    if numbers[-1:] != places[-1:] and (numbers or places):
        return 0
    tails = zip(reversed(gradient[1:-1]), reversed(weight[1:-1]), strict=False)
    near = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], tails))
    is_held = re.fullmatch(HELD, stem, re.IGNORECASE)
    if gradient[0] == stem == "returned" and len(places) > 1 and numbers[-len(places) :] == places:
        return 1 + near  # of layers in a list: at the same place of the same layer
    if stem == other:
        held = [one for one in gradient[:-1] if re.fullmatch(HELD, str(one), re.IGNORECASE)]
        return 4 + near if held or gradient[0] == "returned" else 0
    without = [of_what(stem), re.sub("^(delta|nabla|partial)_?", "", stem), re.sub("^[dg]", "", _plain(stem))]
    short = {*map(_plain, without)} - {_plain(stem), ""}
    if _plain(other) in short or (near and is_held and re.fullmatch(VALUES, other, re.IGNORECASE)):
        return 4 + near
    if _plain(re.sub("^(w|weights?|syn(apse)?)_?", "", other, flags=re.IGNORECASE)) in short - {""}:
        return 2 + near
    return 3 + near if is_held and re.fullmatch(HOLDERS, other, re.IGNORECASE) else 0


def stem_of(path: Path) -> tuple[str, tuple[int, ...]]:
    """Return the last name on the way to an array, and the numbers behind it.

    >>> stem_of(("self", "grads", 0)), stem_of(("called", "dW"))
    (('grads', (0,)), ('dW', ()))
    """
    last = max(i for i, one in enumerate(path) if isinstance(one, str))
    return str(path[last]), tuple(one for one in path[last + 1 :] if isinstance(one, int))


def is_state(path: Path) -> bool:
    """Whether an array is called like a state or an input, not like a weight.

    >>> is_state(("caller's", "h0")), is_state(("self", "W_hh"))
    (True, False)
    """
    return bool({"h", "x", "states", "targets", "up"} & {*parts_of(stem_of(path)[0])[:1]})


def _plain(name: str) -> str:
    return name.lower().replace("_", "")


def _shape(leaf: Leaf) -> tuple[int, ...]:
    return np.shape(leaf.value)
