"""The way back through an equation, on any kind of number: reverse mode, by the chain rules of eight operations.

A step is recorded while it is computed; ``back`` then walks the record from its end. Nothing about a cell is known
here, so the gradients of a new cell cost nothing but its equation.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ..._shapes import Array


class Weight(NamedTuple):
    """A parameter, or the rows of one gate in it."""

    name: str
    value: Array
    block: tuple[int, int] = (0, 1)  # which, of how many

    def rows(self, count: int) -> "list[Weight]":
        """Take the gates' blocks of rows apart."""
        H = len(self.value) // count
        return [Weight(self.name, self.value[k * H : (k + 1) * H], (k, count)) for k in range(count)]


Rule = Callable[[Any, Any], Any]  # from the gradient of a result, and the result, to the gradient of what went into it


class Recorded:
    """A number that knows from what it was made; ``value`` may be replaced before going back."""

    def __init__(self, tape: "list[Recorded]", value: Any) -> None:
        self.tape, self.value = tape, value
        self.gradient: Any = None
        self.sources: list[tuple[Any, Rule]] = []
        self.parts: list[Recorded] = []  # the blocks into which it was taken apart
        tape.append(self)

    def _made(self, value: Any, *sources: tuple[Any, Rule]) -> "Recorded":
        made = Recorded(self.tape, value)
        made.sources = list(sources)
        return made

    def __add__(self, other: Any) -> "Recorded":
        into_other = (other, lambda d, _: d.total() if isinstance(other, Weight) else d)
        return self._made(self.value + other.value, (self, lambda d, _: d), into_other)

    def __sub__(self, other: "Recorded") -> "Recorded":
        return self._made(self.value - other.value, (self, lambda d, _: d), (other, lambda d, _: d.negative()))

    def __mul__(self, other: "Recorded") -> "Recorded":
        a, b = self.value, other.value
        return self._made(a * b, (self, lambda d, _: d * b), (other, lambda d, _: d * a))

    def one_minus(self) -> "Recorded":
        """Return 1 − a."""
        return self._made(self.value.one_minus(), (self, lambda d, _: d.negative()))

    def dot(self, W: Weight) -> "Recorded":
        """Return a Wᵀ."""
        a = self.value
        return self._made(a.dot(W.value), (self, lambda d, _: d.dot(W.value.T)), (W, lambda d, _: d.outer(a)))

    def tanh(self) -> "Recorded":
        """Return tanh a; its slope is 1 − h² of what is its value then."""
        return self._made(self.value.tanh(), (self, lambda d, h: d * h.slope_of_tanh()))

    def sigmoid(self) -> "Recorded":
        """Return σ(a); its slope is σ (1 − σ)."""
        return self._made(self.value.sigmoid(), (self, lambda d, s: d * (s * s.one_minus())))

    def relu(self) -> "Recorded":
        """Return max(0, a); its slope is 1 where what is its value then is positive."""
        return self._made(self.value.relu(), (self, lambda d, h: d.masked(h.positive())))

    def blocks(self, count: int) -> "list[Recorded]":
        """Take stacked gates apart; what comes back to them is joined."""
        self.parts = [Recorded(self.tape, part) for part in self.value.blocks(count)]
        return self.parts


Gradients = dict[tuple[str, tuple[int, int]], Any]  # by weight and block


def back(tape: Sequence[Recorded], upstream: Mapping[Recorded, Any]) -> Gradients:
    """Fill in the gradient of everything recorded, given those of the results, and return those of the weights."""
    for made, d in upstream.items():
        made.gradient = d
    weights: Gradients = {}
    for made in reversed(tape):
        if made.parts:
            first, *others = (part.gradient for part in made.parts)
            made.gradient = _sum(made.gradient, first.joined(others))
        if made.gradient is None:
            continue
        for source, rule in made.sources:
            d = rule(made.gradient, made.value)
            if isinstance(source, Weight):
                key = (source.name, source.block)
                weights[key] = _sum(weights.get(key), d)
            else:
                source.gradient = _sum(source.gradient, d)
    return weights


def _sum(known: Any, more: Any) -> Any:
    return more if known is None else known + more
