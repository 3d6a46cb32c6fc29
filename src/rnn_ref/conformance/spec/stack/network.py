"""What a network has on top of a stack: an output layer, and a loss of the steps that count."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...._shapes import Array

IGNORED = -100
LOSS = ("reduction", "ignore_index")  # options of the loss; others are the stack's


def parted(options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the options of the loss, and those of the stack.

    >>> parted({"directions": 2, "ignore_index": 3})
    ({'reduction': 'sum', 'ignore_index': 3}, {'directions': 2})
    """
    own = {name: value for name, value in options.items() if name not in LOSS}
    return {"reduction": "sum"} | {name: value for name, value in options.items() if name in LOSS}, own


def counted(targets_seq: Array, options: Mapping[str, Any]) -> Array:
    """Return the targets, those behind the end of a sequence in the place of ignored ones.

    >>> counted(np.array([[1, 2], [3, 4]]), {"lengths": [2, 1]}).tolist()
    [[1, 2], [3, -100]]
    """
    ends = options.get("lengths")
    if ends is None:
        return targets_seq
    real = np.arange(len(targets_seq))[:, np.newaxis] < np.asarray(ends)
    found: Array = np.where(real, targets_seq, options.get("ignore_index", IGNORED))
    return found
