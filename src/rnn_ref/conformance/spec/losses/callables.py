"""The callables that checks hand to a candidate: so that one which ignores its ``loss_fn`` is found out.

Two add up over whatever rows they are given, and one averages: with it alone, all rows at once are not the same as the
rows of every step, added up.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ...._shapes import Array
from ....loss import cross_entropy, cross_entropy_backward


def total_cross_entropy(logits: Array, targets: Any) -> Any:
    """Cross-entropy, summed over whatever rows it is given."""
    return cross_entropy(logits, targets, reduction="sum")


def total_cross_entropy_backward(dloss: Any, logits: Array, targets: Any) -> Array:
    """The gradient of :func:`total_cross_entropy`."""
    return cross_entropy_backward(dloss, logits, targets, reduction="sum")


def average_cross_entropy(logits: Array, targets: Any) -> Any:
    """Cross-entropy, averaged over whatever rows it is given."""
    return cross_entropy(logits, targets)


def average_cross_entropy_backward(dloss: Any, logits: Array, targets: Any) -> Array:
    """The gradient of :func:`average_cross_entropy`."""
    return cross_entropy_backward(dloss, logits, targets)


def average_over_all_cross_entropy(logits: Array, targets: Any) -> Any:
    """Cross-entropy, summed and divided by the number of rows, those that are ignored among them."""
    return total_cross_entropy(logits, targets) / logits.dtype.type(max(np.size(targets), 1))


def average_over_all_cross_entropy_backward(dloss: Any, logits: Array, targets: Any) -> Array:
    """The gradient of :func:`average_over_all_cross_entropy`."""
    count = logits.dtype.type(max(np.size(targets), 1))
    gradient: Array = total_cross_entropy_backward(dloss, logits, targets) / count
    return gradient


def total_margin(logits: Array, targets: Any) -> Any:
    """The multi-class hinge loss Σ_{j≠y} max(0, 1 − z_y + z_j) / V, summed over whatever rows it is given.

    PyTorch's ``F.multi_margin_loss``. Crammer and Singer (2001), in the form of Weston and Watkins.
    """
    return _violations(logits, targets).sum(dtype=np.float64).astype(logits.dtype) / logits.dtype.type(logits.shape[-1])


def total_margin_backward(dloss: Any, logits: Array, targets: Any) -> Array:
    """The gradient of :func:`total_margin`."""
    active = (_violations(logits, targets) > 0).astype(logits.dtype)
    index = np.asarray(targets)[..., np.newaxis]
    np.put_along_axis(active, index, -active.sum(-1, keepdims=True), -1)
    gradient: Array = active * logits.dtype.type(dloss) / logits.dtype.type(logits.shape[-1])
    return gradient


def _violations(logits: Array, targets: Any) -> Array:
    index = np.asarray(targets)[..., np.newaxis]
    violations: Array = np.maximum(0, 1 - np.take_along_axis(logits, index, -1) + logits)
    np.put_along_axis(violations, index, 0, -1)
    return violations


CALLABLES: Mapping[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        total_cross_entropy,
        total_cross_entropy_backward,
        average_cross_entropy,
        average_cross_entropy_backward,
        average_over_all_cross_entropy,
        average_over_all_cross_entropy_backward,
        total_margin,
        total_margin_backward,
    )
}

OURS = {cross_entropy: "average_cross_entropy", cross_entropy_backward: "average_cross_entropy_backward"}


def known_name(function: Any) -> str:
    """Return the name by which the instrument knows a callable, empty for one of which it knows no truth.

    >>> known_name(cross_entropy)
    'average_cross_entropy'
    """
    named = {one: name for name, one in CALLABLES.items()} | OURS | {name: name for name in CALLABLES}
    try:
        return named.get(function, "")
    except TypeError:  # it cannot be looked up
        return ""
