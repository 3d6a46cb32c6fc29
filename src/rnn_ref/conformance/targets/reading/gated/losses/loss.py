"""A loss of a cell with gates and its gradients in one function, read as the way back from gradients of the states.

Any gradient dh from above is what a cross-entropy hands down, if its output layer is chosen for that: there is one more
class than predictions. The first has a logit so large that its probability is 1. Each of the others has a row of W_hy
that is -dh of one prediction, whose target that class is. Then p - y is 1 and -1 exactly, and W_hy.T (p - y) is dh.

The gradient of W_hy then has -h in the row of each prediction, by which the way forward is judged too. The loss and the
gradient of b_y are compared with what is due where the reading is found, on weights of zero. By which sizes they are
divided is the one thing that only values show.
"""

import inspect
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ......_shapes import Array
from .....errors import OwnLossError
from .....operation import Outputs, Rank
from .....spec.claims import CROSS, INDICES, NO_UPSTREAM
from ... import axes as forms
from ...calling.place import Place
from ...calling.way import shown
from ...leaves import as_numbers, at
from ...reading import RankNotReadError, rank_and_sizes
from ...syntax.padding import padded_inputs
from ...tensors import converter
from ..back import GatedBack
from ..reading import axes_of

LARGE = {"float32": 85.0, "float64": 400.0}  # a logit beside which others vanish, and whose exponential is finite
FAR_BELOW = {"float32": 2.0**20, "float64": 2.0**40}  # how much smaller gradients are made where they are clipped
CLIPPED = ("W_", "b_")  # gradients by the beginnings of their names
OTHERS = {"float32": 60.0, "float64": 340.0}  # how far from 0 these may be


@dataclass(frozen=True)
class GatedLoss(GatedBack):
    """How a function of inputs and targets is read as the way back of the cell in it."""

    targets: Place | None = None
    one_hot: bool = False  # whether targets are rows or columns with a one in them
    classes: str = ""  # "alike": there are as many outputs as inputs; "those of inputs": a size of outputs is that
    over: tuple[str, ...] = ()  # the axes by whose sizes the loss and the gradients are divided
    doubt: str = ""  # what is wrong with the loss, or with the output layer's gradients
    bound: float = math.inf  # at which it clips finished gradients, of which several calls may make one

    def scale(self, sizes: Mapping[str, int]) -> float:
        """Return the factor of the gradients, as the loss is divided."""
        return 1 / float(np.prod([sizes.get(axis, 1) for axis in self.over]))

    def larger(self, named: Mapping[str, Any], sizes: Mapping[str, int]) -> float:
        """Return the power of two by which gradients from above are too large for other logits to vanish, 1 if none."""
        above = np.asarray(next(iter(named.values())))
        rows = above.reshape(-1, above.shape[-1]).astype(np.float64)
        states = np.asarray(named.get(self.forward.operation.states, np.ones_like(above)), np.float64)
        logits = rows @ states.reshape(-1, states.shape[-1]).T
        most = np.abs(logits).max(initial=0) / self.scale(sizes) / OTHERS[above.dtype.name]
        far = FAR_BELOW[above.dtype.name] if self.bound < math.inf else 1.0
        return max(float(2.0 ** max(0, math.ceil(math.log2(most)))) if 1 < most < np.inf else 1.0, far)

    def raw(self, named: Mapping[str, Any], rank: Rank, sizes: Mapping[str, int]) -> Any:
        """Call it with an output layer that hands down the gradients from above; what it returned, as it is."""
        return self._of_some(named, rank, sizes, next(self._parts(named, sizes)))

    def _parts(self, named: Mapping[str, Any], sizes: Mapping[str, int]) -> Iterator[Array]:
        """Yield the numbers of the predictions that one call asks for: all, or one for each class but the first.

        Where inputs and outputs are the same classes there are no more of these than inputs.
        """
        every = np.arange(np.asarray(next(iter(named.values())))[..., 0].size)
        most = max(sizes["D"] - 1, 1) if self.classes == "alike" else len(every)
        yield from (every[start : start + most] for start in range(0, len(every), most))

    def _of_some(self, named: Mapping[str, Any], rank: Rank, sizes: Mapping[str, int], some: Array) -> Any:
        """Call it with gradients from above for some of the predictions, zeros for the others."""
        above = np.asarray(next(iter(named.values())))
        rows = (above / above.dtype.type(self.scale(sizes) * self.larger(named, sizes))).reshape(-1, above.shape[-1])
        count = max(sizes["D"], 2) if self.classes == "alike" else 1 + len(some)
        W_hy, b_y = np.zeros((count, rows.shape[1]), above.dtype), np.zeros(count, above.dtype)
        W_hy[1 : 1 + len(some)] = -rows[some]
        b_y[0] = LARGE[above.dtype.name]
        classes = np.zeros(len(rows), int)
        classes[some] = np.arange(1, 1 + len(some))
        return self.called(named, rank, sizes, W_hy, b_y, classes.reshape(above.shape[:-1]))

    def called(
        self, named: Mapping[str, Any], rank: Rank, sizes: Mapping[str, int], W_hy: Any, b_y: Any, classes: Any
    ) -> Any:
        """Call it with an output layer and targets."""
        layout, convert = self.forward.layouts[rank], converter(self.forward.kind)
        values = self.forward.handed({name: named[name] for name in self.forward.own}, rank, sizes)
        for place, part in self.forward.others.items():
            if part == "W_hy":
                values[place] = forms.there(W_hy, ("V", "H"), layout.form(("V", "H"), part))
            elif part == "b_y":
                values[place] = forms.there(b_y, ("V",), layout.form(("V",), part))
        values[self.targets] = self._targets(classes, rank, len(b_y), W_hy.dtype)  # type: ignore[index]
        in_order = {place: convert(values[place]) for place in self.way.places if place in values}
        own = sizes["D"] if self.classes == "those of inputs" else len(b_y)
        return self.way.call(in_order, {**sizes, "V": own, "vocabulary": sizes["D"]})

    def _targets(self, classes: Any, rank: Rank, count: int, dtype: Any) -> Any:
        layout = self.forward.layouts[rank]._replace(one_hot=self.one_hot)
        axes: Sequence[str] = ("T", "B") if rank == "batch" else ("T",)
        if self.one_hot:
            axes, classes = (*axes, "V"), np.eye(count, dtype=dtype)[classes]
        lying = forms.there(classes, axes, layout.form(axes, "targets"))
        return [int(one) if np.ndim(one) == 0 else one for one in lying] if isinstance(lying, list) else lying

    def gradients(self, named: Mapping[str, Any], rank: Rank, sizes: Mapping[str, int]) -> Outputs:
        """Return the gradients by the names of the arguments."""
        larger = self.larger(named, sizes)
        total = Outputs()
        for some in self._parts(named, sizes):
            found = self.answers(self._of_some(named, rank, sizes, some), rank, sizes)
            total |= {name: one + total[name] if name in total else one for name, one in found.items()}
        total = Outputs({name: one * one.dtype.type(larger) for name, one in total.items()})
        return Outputs({name: self._clipped(one) if name.startswith(CLIPPED) else one for name, one in total.items()})

    def _clipped(self, array: Array) -> Array:
        """Return a gradient as it clips it: calls are made far below the bound, and their sum is clipped."""
        return np.clip(array, -self.bound, self.bound) if self.bound < math.inf else array

    def layer(self, returned: Any, part: str, rank: Rank, sizes: Mapping[str, int]) -> Any:
        """Return the gradient of the output layer's weight or bias, None if it is not there."""
        place = next((place for place, one in self.forward.others.items() if one == part), None)
        path = self.found.get(place.called) if place else None
        array = None if path is None else as_numbers(at(returned, path))
        if array is None:
            return None
        axes = ("V", "H") if part == "W_hy" else ("V",)
        return forms.back(array, axes, self.forward.layouts[rank].form(axes, part), sizes)

    def states(self) -> Callable[..., Any]:
        """Return what takes the way forward's arguments, and returns the states that the gradient of W_hy holds."""
        operation, names = self.forward.operation, self.forward.own
        shown_one = next(iter(operation.outputs))

        def candidate(*arguments: Any, **_: Any) -> Outputs:
            named = {name: np.asarray(one) for name, one in zip(names, arguments, strict=True)}
            rank, sizes = rank_and_sizes(operation, named)
            if rank not in self.forward.layouts:
                raise RankNotReadError(f"{self.way.name} takes {' or '.join(self.forward.layouts)} only")
            shape = [sizes[axis] for axis in axes_of(operation, shown_one, rank)]
            dtype = next(iter(named.values())).dtype
            asked = {"": np.zeros(shape, dtype), **named}
            rows = []
            for some in self._parts(asked, sizes):
                found = self.layer(self._of_some(asked, rank, sizes, some), "W_hy", rank, sizes)
                rows.append(-found[1 : 1 + len(some)] / found.dtype.type(self.scale(sizes)))
            return Outputs({shown_one: np.concatenate(rows).reshape(shape)})

        candidate.__name__ = operation.name
        candidate.__signature__ = self._signature(names)  # type: ignore[attr-defined]
        candidate.__reading__ = f"{self._told}, its states from the gradient of W_hy"  # type: ignore[attr-defined]
        without = [f"no {name}" for name in list(operation.outputs)[1:]]
        candidate.__claims__ = (*self._narrowing, *without)  # type: ignore[attr-defined]
        return candidate

    def _signature(self, names: Sequence[str]) -> inspect.Signature:
        kinds = inspect.Parameter
        parameters = [kinds(name, kinds.POSITIONAL_OR_KEYWORD) for name in names]
        parameters += [kinds(name, kinds.KEYWORD_ONLY, default=value) for name, value in self.forward.options.items()]
        return inspect.Signature(parameters)

    @property
    def _narrowing(self) -> tuple[str, ...]:
        """What it leaves out of its arguments."""
        indices = any(layout.indices for layout in self.forward.layouts.values())
        padded = padded_inputs(self.way, self.forward.others) if indices else []
        return (*self.forward.claims, *([INDICES] if indices else []), *padded)

    @property
    def claims(self) -> tuple[str, ...]:
        """What it leaves out, in words that the plan understands."""
        found = [NO_UPSTREAM] if len(self.operation.cell.states) > 1 else []  # type: ignore[union-attr]
        have = set(self._probed())
        return (
            *self._narrowing,
            CROSS,
            *found,
            *(f"no d{name}" for name in self.operation.outputs if name not in have),
        )

    def candidate(self) -> Callable[..., Any]:
        """Return what takes the specification's arguments and returns its gradients by name."""
        names = list(self.operation.arguments)

        def candidate(*arguments: Any, **_: Any) -> Outputs:
            named = {name: np.asarray(one) for name, one in zip(names, arguments, strict=True)}
            rank, sizes = rank_and_sizes(self.operation, named)
            if rank not in self.forward.layouts:
                raise RankNotReadError(f"{self.way.name} takes {' or '.join(self.forward.layouts)} only")
            if self.doubt:
                raise OwnLossError(f"{self.way.name}: {self.doubt}")
            return self.gradients(named, rank, sizes)

        candidate.__name__ = self.operation.name
        candidate.__signature__ = self._signature(names)  # type: ignore[attr-defined]
        candidate.__reading__ = self._told  # type: ignore[attr-defined]
        candidate.__claims__ = self.claims  # type: ignore[attr-defined]
        return candidate

    @property
    def _told(self) -> str:
        own = self.forward.told.partition(": ")[2]
        over = f" over {' '.join(self.over)}" if self.over else ""
        return f"{shown(self.way.function, self.way.name)}: {own}, from a cross-entropy of its own{over}"
