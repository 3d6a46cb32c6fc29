"""Functions that leave gradients in the tensors that they are given."""

from collections.abc import Mapping
from typing import Any

from .place import Place
from .way import Way

RETURNED, AFTER = "returned", "self"  # what was returned, and what an object holds then
LEFT = "left"  # gradients that are left in tensors, or as what was taken off weights


class LeavingWay(Way):
    """A function that leaves gradients in the tensors that it is given."""

    prefix = (("key", RETURNED),)

    def call(self, values: Mapping[Place, Any], sizes: Mapping[str, int]) -> Any:
        """Call it with values in their places; what it returned, and what it left in them."""
        returned = super().call(values, sizes)
        left = {place.called: getattr(value, "grad", None) for place, value in values.items()}
        return {RETURNED: returned, LEFT: {name: one for name, one in left.items() if one is not None}}
