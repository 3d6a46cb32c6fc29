"""A way back that begins behind an output layer of its own: that is the identity, so that outputs are states."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ....operation import Rank
from ..layouts import Layout, filled
from ..reading import Reading


@dataclass(frozen=True)
class AfterIdentity(Reading):
    """A reading before which the way forward is called with the identity for its output layer."""

    def _called_before(self, named: Mapping[str, Any], rank: Rank, sizes: Mapping[str, int]) -> Any:
        if self.before is None:
            return None
        return replace(self, before=replace(self.before, identity=True))._as_before(named, rank, sizes)

    def _as_before(self, named: Mapping[str, Any], rank: Rank, sizes: Mapping[str, int]) -> Any:
        return super()._called_before(named, rank, sizes)


@dataclass(frozen=True)
class BehindLayer(AfterIdentity):
    """A way back that takes the gradient of the outputs, of all or of the last, after its way forward."""


def ups_of_the_last(layout: Layout) -> list[Any]:
    """Return the forms in which the gradient of the last output, or state, may be taken, as vectors lie first."""
    columns = {"batch": ("n", "B"), "single": ("n", "1")}[layout.rank] if layout.rank != "step" else ("n",)
    return [filled(form, "H") for form in dict.fromkeys((layout.vector, columns))]
