"""The way back by automatic differentiation of a file's own, after its own way forward.

Gradients from above come in as they would from a loss: either as the last node of the graph, which hands them to the
states (as in micrograd, where a node has the nodes before it and a function of no arguments), or as the sum of the
states times numbers, reckoned with the operations of the class itself.
"""

import contextlib
import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ....operation import Operation, Outputs, Rank
from ....spec.claims import LAST, LAST_OUTPUT
from .. import axes as forms
from ..calling.place import Place
from ..claims import claims_of
from ..leaves import as_numbers, at
from ..objects.inside import held_at
from ..objects.methods import MethodWay
from ..parts import argument_of, outputs_by_part
from ..reading import RankNotReadError, Reading, rank_and_sizes
from .wrapped import KEPT, KINDS, OF_NUMBERS, OWN, unwrapped

GRADIENT = "grad"
DEEPEST = 100_000  # calls within calls


@dataclass(frozen=True)
class EngineBack:
    """How the gradients of what is read as ``forward`` are had."""

    operation: Operation
    forward: Reading

    def gradients(self, named: dict[str, Any], rank: Rank, sizes: dict[str, int]) -> Outputs:
        """Return the gradients by the names of the arguments."""
        forward = self.forward
        own = {name: named[name] for name in forward.operation.arguments}
        values = forward._values(own, rank, sizes)
        returned = forward.way.call(values, {**sizes, "vocabulary": sizes.get("D", 1)})
        weights: dict[Place, Any] = {}
        if isinstance(forward.way, MethodWay):
            holder = getattr(forward.way.function, "__self__")  # noqa: B009 - a bound method
            deeper = None if KINDS[forward.kind] in OF_NUMBERS else -1  # what wraps an array stands above that
            weights = {place: held_at(holder, place.path[:deeper]) for place in values if place.kind == "attribute"}
        for one in weights.values() if KINDS[forward.kind] not in OF_NUMBERS else ():
            setattr(one, GRADIENT, np.zeros_like(unwrapped(one)))
        output = next(iter(forward.operation.outputs))
        last = output not in forward.outputs[rank]
        [taken] = forward.outputs[rank][forward.operation.last_state if last else output]
        states = at(returned, taken.path)
        axes = forward._axes(forward.operation.last_state if last else output, rank)
        upstream = named[next(iter(self.operation.arguments))]
        above = forms.there(upstream[-1] if last else upstream, axes, taken.form or axes)
        go_back(*_in_a_row(states, above))
        names, layout = outputs_by_part(self.operation), forward.layouts[rank]
        found = Outputs()
        for place, part in forward.given.items():
            gradient = names.get("b_h" if part in {"b_xh", "b_hh"} else part)
            if gradient is None or gradient in found:
                continue
            array = as_numbers(_gradient(weights.get(place, values[place])))
            axes = forward._axes(str(part_name(forward, part)), rank)
            form = layout.form(axes, part)
            found[gradient] = array if array is None else forms.back(array, axes, form, sizes)
        return found

    def candidate(self) -> Callable[..., Any]:
        """Return what takes the specification's arguments and returns its gradients by name."""
        names = list(self.operation.arguments)

        def candidate(*arguments: Any, **_: Any) -> Outputs:
            named = {name: np.asarray(one) for name, one in zip(names, arguments, strict=True)}
            rank, sizes = rank_and_sizes(self.operation, named)
            if rank not in self.forward.layouts:
                raise RankNotReadError(f"{self.forward.way.name} takes {' or '.join(self.forward.layouts)} only")
            return self.gradients(named, rank, sizes)

        kind = KINDS[self.forward.kind]
        candidate.__name__ = self.operation.name
        candidate.__reading__ = f"{self.forward.way.name}, by {kind.__name__}.{method_back(kind)}"  # type: ignore[attr-defined]
        claims = (LAST_OUTPUT if one == LAST else one for one in claims_of(self.forward))
        candidate.__claims__ = tuple(claims)  # type: ignore[attr-defined]
        return candidate


def _in_a_row(states: Any, above: Any) -> tuple[list[Any], list[Any]]:
    """Return the nodes of states, which may stand in lists of lists, and the gradient of each."""
    if not isinstance(states, list | tuple):
        return [states], [above]
    pairs = [_in_a_row(one, gradient) for one, gradient in zip(states, above, strict=True)]
    return [one for nodes, _ in pairs for one in nodes], [one for _, every in pairs for one in every]


def part_name(forward: Reading, part: str) -> str | None:
    """Return the argument that a part is."""
    return argument_of(forward.operation, "b_h" if part in {"b_xh", "b_hh"} else part)


def read_engine_back(forward: Reading, operation: Operation) -> EngineBack | None:
    """Return the way back of what is read, if its arrays are wrapped in a class that goes back; None if it cannot."""
    if not forward.kind.startswith(OWN) or not forward.fits:
        return None
    one = EngineBack(operation, forward)
    rank = next(iter(forward.layouts))
    sizes = {"T": 3, "B": 6, "D": 5, "H": 7}
    rng = np.random.default_rng(2)
    named = {}
    for name, value in operation.arguments.items():
        axes = [axis for axis in value.axes if axis != "B" or "B" not in value.optional or rank == "batch"]
        named[name] = rng.normal(size=[sizes[axis] for axis in axes]) / 2
    kept = {axis: size for axis, size in sizes.items() if axis != "B" or rank == "batch"}
    try:
        found = one.gradients(named, rank, kept)
    except KeyboardInterrupt:
        raise
    except BaseException:  # it goes back in another way
        return None
    return one if found and all(value is not None for value in found.values()) else None


def go_back(states: Sequence[Any], above: Sequence[Any]) -> None:
    """Go back from states with gradients from above. Raises if that cannot be done."""
    kind = type(states[0])
    back = method_back(kind)
    if len(states) == 1 and inspect.signature(getattr(states[0], back)).parameters:
        getattr(states[0], back)(np.array(above[0]))
        return
    before, function = _protocol(states[0])
    if before and function:
        last = kind(0.0 if kind in OF_NUMBERS else np.zeros(()))
        held = getattr(last, before)
        setattr(last, before, type(held)(states))

        def hand_over() -> None:
            for one, gradient in zip(states, above, strict=True):
                setattr(one, GRADIENT, getattr(one, GRADIENT) + gradient)

        setattr(last, function, hand_over)
    else:
        last = None
        for one, gradient in zip(states, above, strict=True):
            share = one * kind(np.array(gradient)[()])
            share = share if kind in OF_NUMBERS else share.sum()
            last = share if last is None else last + share
    with _deep():
        getattr(last, back)()


@contextlib.contextmanager
def _deep() -> Iterator[None]:
    """Let functions call themselves through a long graph, node by node."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, DEEPEST))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def method_back(kind: type) -> str:
    """Return the method that goes back through the graph."""
    return next(name for name in vars(kind) if name in {"backward", "backprop", "back", "backpropagate"})


def _protocol(node: Any) -> tuple[str, str]:
    """Return under which names a node keeps the nodes before it and its function of no arguments; else nothing."""
    held = {
        name: getattr(node, name, None)
        for name in (*getattr(node, "__dict__", {}), *getattr(type(node), "__slots__", ()))
    }
    before = [name for name, one in held.items()
              if isinstance(one, list | tuple | set) and one and all(type(each) in KEPT for each in one)]  # fmt: skip
    function = [name for name, one in held.items()
                if callable(one) and getattr(getattr(one, "__code__", None), "co_argcount", 1) == 0]  # fmt: skip
    return (before[0], function[0]) if before and function else ("", "")


def _gradient(value: Any) -> Any:
    """Return the gradients left in an object, or in a list of them."""
    return [_gradient(one) for one in value] if isinstance(value, list) else getattr(value, GRADIENT, None)
