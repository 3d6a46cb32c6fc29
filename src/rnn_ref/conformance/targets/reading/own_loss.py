"""Networks with a loss of their own, a squared error: they are read as the way back from gradients of the states.

Where the output layer is the identity, the outputs are the states. A squared error with the factor c then has the
gradient c (h - y), and with targets y = h - dh / c that is any gradient dh from above. How c depends on the sizes of
the problem (1 or 2, over some of T, B and V) is the one thing that only values show. Gradients are linear in dh: it
is made large, by a power of two, so that it is not lost beside h, and what comes back is made small again.

Behind a sigmoid p of the outputs, the gradient of a cross-entropy is c (p - y), and of a squared error
c (p - y) p (1 - p).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import product
from typing import Any, Literal

import numpy as np

from ...._shapes import Array
from ....sequence import rnn_forward
from ...errors import OwnLossError
from ...operation import Operation, Outputs, Rank
from ...spec import OPERATIONS
from . import axes as forms
from .calling.place import Place
from .calling.way import Way
from .fitting.behind import AfterIdentity
from .given import SIZES, drawn
from .objects.methods import MethodWay
from .reading import Reading, Taken, rank_and_sizes
from .syntax.gathered import source_of
from .syntax.of_sigmoids import has_entropy_of_sigmoids, has_sigmoid
from .syntax.source import Source
from .tensors import converter

PROBABLE = {"log", "softmax", "log_softmax", "logsumexp", "cross_entropy", "logaddexp", "log1p", "nll_loss", "log2"}
LARGE = 2.0**10  # how much larger than asked gradients from above are, so that states beside them take no digits
SMALL = 2.0**-6  # the same, where gradients are to stay below any bound
CLIPPING = {"clip", "clip_", "norm", "clip_grad", "clip_gradients", "clip_grads", "minimum"}
OTHER_SIZES = {"T": 5, "B": 4, "D": 3, "H": 8, "V": 8}
FAR = 1e-6  # how far what comes of a factor may be off, relative to it: factors are far apart
LAYER: Mapping[str, tuple[str, ...]] = {"W_hy": ("V", "H"), "b_y": ("V",)}
Over = tuple[str, ...]
Activation = Literal["tanh", "relu"]
Kind = Literal["squared error", "squared error of sigmoids", "cross-entropy of sigmoids"]
ACTIVATIONS: tuple[Activation, ...] = ("tanh", "relu")


@dataclass(frozen=True)
class OwnLossReading(AfterIdentity):
    """A function with targets, read as the way back; ``over`` are the axes by whose sizes the factor is divided."""

    loss: Kind = "squared error"
    factor: float = 1.0
    over: Over = ()
    large: float = LARGE
    wrong: str = ""  # the weight of the output layer whose gradient is not that of this loss, while the other's is

    def raw(self, named: Mapping[str, Any], rank: Rank, sizes: Mapping[str, int]) -> Any:
        """Call the foreign function, unless the gradient of its output layer is known to be wrong."""
        if self.wrong:
            raise OwnLossError(f"{self.way.name}: d{self.wrong} is not that of its {self.loss}")
        return super().raw(named, rank, sizes)

    def scale(self, sizes: Mapping[str, int]) -> float:
        """Return the factor c in the gradient c (h - y)."""
        return self.factor / float(np.prod([sizes.get("H" if axis == "V" else axis, 1) for axis in self.over]))

    def _values(self, named: Mapping[str, Any], rank: Rank, sizes: Mapping[str, int]) -> dict[Place, Any]:
        values = super()._values(named, rank, sizes)
        layout, convert = self.layouts[rank], converter(self.kind)
        for place in [place for place, part in self.given.items() if part == "targets"]:
            values[place] = convert(self._targets(named, rank, sizes, layout))
        return values

    def _targets(self, named: Mapping[str, Any], rank: Rank, sizes: Mapping[str, int], layout: Any) -> Any:
        above, states = (np.asarray(named[name]) for name in list(self.operation.arguments)[:2])
        outputs, slope = _outputs(states, self.loss)
        targets = (outputs - self.large * above / slope / above.dtype.type(self.scale(sizes))).astype(above.dtype)
        axes: Sequence[str] = ("T", "B", "V") if rank == "batch" else ("T", "V")
        if layout.last:
            targets, axes = targets[-1], axes[1:]
        return forms.there(targets, axes, layout.form(axes[:-1], "targets"))

    def _axes(self, name: str, rank: Rank) -> tuple[str, ...]:
        return LAYER[name] if name in LAYER else super()._axes(name, rank)

    def _layer(self, part: str, layout: Any, sizes: Mapping[str, int], dtype: str) -> Any:
        return np.zeros(()) if part == "targets" else super()._layer(part, layout, sizes, dtype)

    def answers(self, named: Mapping[str, Any], returned: Any, rank: Rank, sizes: Mapping[str, int]) -> Outputs:
        """Take the outputs out of what came back, as small again as what was asked."""
        found = super().answers(named, returned, rank, sizes)
        return Outputs({name: _over(one, self.large) for name, one in found.items()})


def _outputs(states: Array, loss: Kind) -> tuple[Array, Any]:
    """Return what the loss is told beside the targets, and the slope of what stands between outputs and that."""
    if loss == "squared error":
        return states, 1
    p = 1 / (1 + np.exp(-states))
    return p, p * (1 - p) if loss == "squared error of sigmoids" else 1


def _over(value: Any, large: float) -> Any:
    """Return arrays divided by a power of two; what is no array stays as it is."""
    if isinstance(value, list | tuple):
        return [_over(one, large) for one in value]
    return value / large if hasattr(value, "shape") or isinstance(value, float) else value


def takes_logarithms(way: Way, forward: Reading | None) -> bool:
    """Whether the text takes a logarithm or knows a softmax by name: no squared error does. What has no text may."""
    every = _sources(way, forward)
    calls = {name.lower() for source in every for name in source.calls()}
    named = any("softmax" in name or "entropy" in name or "nll" in name for name in calls)
    return named or bool(calls & PROBABLE) or not all(source.trees for source in every)


def losses_of_sigmoids(way: Way, forward: Reading | None) -> list[Kind]:
    """Return which loss of a sigmoid the text may have: by its logarithms, if it has no softmax by name."""
    every = _sources(way, forward)
    if not has_sigmoid(every) or any("softmax" in name.lower() for source in every for name in source.calls()):
        return []
    return ["cross-entropy of sigmoids" if has_entropy_of_sigmoids(every) else "squared error of sigmoids"]


def gives_probabilities(way: Way, forward: Reading | None) -> bool:
    """Whether there is a softmax in the text, written out."""
    return any(source.gives_probabilities for source in _sources(way, forward))


def _sources(way: Way, forward: Reading | None) -> list[Source]:
    """Return the text of a callable, of what goes back then, and of its way forward."""
    then = getattr(way, "then", "")
    own = [source_of(getattr(way.maker.example, then))] if then and isinstance(way, MethodWay) else []
    return [way.source, *own, *([forward.way.source] if forward is not None else [])]


def as_way_back(reading: Reading, loss: Kind = "squared error") -> OwnLossReading | None:
    """Return what was read with real targets as the way back; None if its loss has not the gradient c (h - y)."""
    operation = _way_back()
    known = {one.name: getattr(reading, one.name) for one in fields(Reading)}
    clips = (
        any(source.calls() & CLIPPING for source in _sources(reading.way, reading.before)) and not reading.way.bounds
    )
    large, least = (1.0, SMALL) if clips else (LARGE, LARGE)  # a bound is for gradients of the size that they have
    back = OwnLossReading(
        **{**known, "operation": operation, "identity": True, "shared": False}, loss=loss, large=large
    )
    layer = replace(back, outputs={rank: _of(every, LAYER) for rank, every in reading.outputs.items()}, large=least)
    for factor, over in _factors(reading):
        if all(_agrees(replace(layer, factor=factor, over=over), rank) for rank in reading.layouts):
            outputs = {rank: _of(every, operation.outputs) for rank, every in reading.outputs.items()}
            own = replace(layer, factor=factor, over=over)
            told = [_of_the_layer(own, rank, OTHER_SIZES, one) for rank in reading.layouts for one in ACTIVATIONS]
            wrong = [name for every in told if any(every.values()) for name, right in every.items() if not right]
            return replace(back, factor=factor, over=over, outputs=outputs, wrong=next(iter(wrong), ""))
    return None


def _way_back() -> Operation:
    return OPERATIONS["rnn_backward"]


def _of(outputs: Mapping[str, Sequence[Taken]], names: Mapping[str, Any]) -> dict[str, Sequence[Taken]]:
    return {name: every for name, every in outputs.items() if name in names}


def _factors(reading: Reading) -> list[tuple[float, Over]]:
    axes = ("T", "B", "V") if "batch" in reading.layouts else ("T", "V")
    over = [tuple(axis for axis, is_there in zip(axes, one, strict=True) if is_there)
            for one in product((False, True), repeat=len(axes))]  # fmt: skip
    return [(factor, one) for one in over for factor in (1.0, 2.0)]


def _agrees(reading: OwnLossReading, rank: Rank) -> bool:
    """Whether the gradient of the output layer is what follows from a factor, on problems of two sizes."""
    every = (SIZES | {"V": SIZES["H"]}, OTHER_SIZES)
    return any(all(any(_of_the_layer(reading, rank, sizes, one).values()) for sizes in every) for one in ACTIVATIONS)


def _of_the_layer(
    reading: OwnLossReading, rank: Rank, sizes: Mapping[str, int], activation: Activation
) -> dict[str, bool]:
    """Return whether the gradients of the output layer's weight and bias are right, of those that there are."""
    kept = {axis: size for axis, size in sizes.items() if axis != "B" or rank == "batch"}
    dtype = reading.precision or "float64"
    named = drawn(reading.operation, rank, kept, dtype)
    forward = list(OPERATIONS[reading.operation.twin].arguments)
    if reading.layouts[rank].indices:
        return {}
    if not any(part == "h" for part in _parts(reading)):
        named["h0"] = np.zeros_like(named["h0"])
    if not any(part in {"b_h", "b_xh", "b_hh"} for part in _parts(reading)):
        named["b_h"] = np.zeros_like(named["b_h"])
    above, states = list(reading.operation.arguments)[:2]
    named[states] = np.array(rnn_forward(*(named[name] for name in forward), activation=activation))
    if reading.layouts[rank].last:
        named[above][:-1] = 0
    try:
        returned = reading.raw(named, rank, rank_and_sizes(reading.operation, named)[1] | kept)
        found = reading.answers(named, returned, rank, {**kept, "V": kept["H"]})
    except KeyboardInterrupt:
        raise
    except BaseException:  # foreign code
        return {}
    d, h = named[above].reshape(-1, kept["H"]), named[states].reshape(-1, kept["H"])
    due = {"b_y": d.sum(0), "W_hy": d.T @ h}
    there = [name for name in due if name in found and np.shape(found[name]) == due[name].shape]
    return {name: _is(found[name], due[name]) for name in there}


def _parts(reading: Reading) -> set[str]:
    every = {*reading.given.values()}
    return every | ({*reading.before.given.values()} if reading.before is not None else set())


def _is(found: Any, due: Array) -> bool:
    return bool(np.all(np.abs(np.asarray(found) - due) <= FAR * np.abs(due).max()))
