"""A way back that begins behind an output layer of its own: that is the identity, so that outputs are states."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .....sequence import rnn_forward
from ....operation import Rank
from ..given import drawn, sizes_for
from ..layouts import Layout, filled
from ..leaves import leaves
from ..names import gradients_of, is_gradient
from ..parts import parts_of_arguments
from ..reading import Reading, rank_and_sizes

SMALL = 2.0**-6  # by which gradients stay below any bound
FAR = 1e-6


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

    wrong: str = ""  # what it calls the gradient of its layer's weight, if that is none

    def raw(self, named: Mapping[str, Any], rank: Rank, sizes: Mapping[str, int]) -> Any:
        """Call the foreign function, unless the gradient of its output layer is known to be wrong."""
        if self.wrong:
            raise ValueError(f"{self.way.name}: {self.wrong} is not the gradient of its output layer's weight")
        return super().raw(named, rank, sizes)


def with_its_layer(reading: BehindLayer) -> BehindLayer:
    """Return the reading, which says so if a gradient is wrong that by its name is that of its layer's weight.

    It is due that dW_hy = sum over steps of dy_t h_t, but for a factor: other gradients tell that.
    """
    rank = next(iter(reading.layouts))
    sizes = sizes_for(rank)
    named = drawn(reading.operation, rank, sizes, reading.precision or "float64")
    above, _, x, *rest = reading.operation.arguments
    have = {*reading.given.values()} | ({*reading.before.given.values()} if reading.before is not None else set())
    parts = parts_of_arguments(reading.operation)
    absent = [name for name in rest if parts[name] in {"h", "b_h"} and not {parts[name], "b_xh"} & have]
    named |= {name: np.zeros_like(named[name]) for name in absent}
    if reading.layouts[rank].indices:
        return reading
    named[above] *= SMALL
    if reading.layouts[rank].last:
        named[above][:-1] = 0
    try:
        returned = reading.raw(named, rank, rank_and_sizes(reading.operation, named)[1] | sizes)
    except KeyboardInterrupt:
        raise
    except BaseException:  # foreign code
        return reading
    prefix = reading.way.prefix
    found = leaves(returned, reading.way.source.returned_within(), prefix=reading.way.named_at)
    kept = [one for one in found if one.path[: len(prefix)] == prefix or is_gradient(one.name)]  # not the weights
    weights = {one.name: one.array for one in kept if gradients_of(one.name)[:1] == ("W_hy",) and one.array.ndim == 2}
    d = named[above].reshape(-1, sizes["H"])
    for name, array in weights.items() if len(weights) == 1 else ():
        due = [d.T @ np.array(rnn_forward(*(named[one] for one in (x, *rest)), activation=kind)).reshape(d.shape)
               for kind in ("tanh", "relu")]  # fmt: skip
        if array.shape == due[0].shape and not any(_alike(array, each) for one in due for each in (one, one.T)):
            return replace(reading, wrong=name)
    return reading


def _alike(a: Any, b: Any) -> bool:
    """Whether two arrays are the same but for a factor."""
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return size == 0 or abs(float((a * b).sum())) > (1 - FAR) * size


def ups_of_the_last(layout: Layout) -> list[Any]:
    """Return the forms in which the gradient of the last output, or state, may be taken, as vectors lie first."""
    columns = {"batch": ("n", "B"), "single": ("n", "1")}[layout.rank] if layout.rank != "step" else ("n",)
    return [filled(form, "H") for form in dict.fromkeys((layout.vector, columns))]
