"""A class that makes objects of a class that is read, and goes through them: a stack, or one layer in two directions.

The weights of each layer are set in the object that is that layer, as those of its class alone are. Which object is
which direction their names tell: ``self.backward_cell``.
"""

import ast
import copy
import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from ....._shapes import Array
from ....operation import Outputs
from ....spec import OPERATIONS
from ....spec.claims import BOTH_ONLY, LAYERS_ONLY, NO_BIAS, NO_STATE, ONE_BIAS, OPTION_ONLY, SINGLE_ONLY, STACKS_OF
from ..calling.way import Way, shown
from ..gated.names import state_of
from ..gated.nearness import NEAR
from ..gated.objects import HoldingWay, handed
from ..gated.reading import GatedReading
from ..names import parts_of, plain, size_of
from ..syntax.class_text import class_source
from ..syntax.source import Source
from ..tensors import converter
from .reading import ALL, EACH, FORMS, Layers, answers_at_all, plain_arrays
from .roles import Roles

LAYERS = re.compile(r"(num|n|no|nb)?(of)?layers|depth")
SECOND = re.compile(r"back|bw|rev|right|r2l|^b_")
OTHERS = re.compile(r"norm|attention|softmax|dropout|tanh|relu|sigmoid|mean|sum")
CELLS = {"cells", "layers"}  # arguments of a constructor that is handed them
METHODS = ("forward", "__call__", "call", "run")
ALIKE = {NO_BIAS, ONE_BIAS}  # claims of a layer that its stack makes too
FEW = 2


@dataclass(frozen=True)
class OfObjects(Layers):
    """How a method of a class is read as a stack of the objects that it holds."""

    kind: type = object
    layer: Any = None  # the reading of the class of a layer
    both: bool = False

    @property
    def directions(self) -> int:
        """In how many it reads."""
        return 1 + self.both

    def raw(self, X_seq: Array, states0: Sequence[Array], layers: Sequence[Mapping[str, Array]]) -> Any:
        """Make an object, set its layers' weights and call it; what it returned, as it is."""
        layer: GatedReading = self.layer
        sizes = X_seq.shape[-1], layers[0]["W_hh"].shape[-1]
        if _cells_of(self.kind):
            cells = [_cell(layer, sizes[1], weights) for weights in layers]
            made = _made(self.kind, *sizes, len(layers), cells)
            return self._asked(made, X_seq, states0)
        made = _made(self.kind, *sizes, len(layers) // self.directions)
        inside = [one for _, one in _held(made, layer.way.maker.kind)]  # type: ignore[attr-defined]
        for one, weights in zip(_ordered(made, inside, layer), layers, strict=True):
            values = layer.weights_in(weights, next(iter(layer.layouts.values())))
            there = {one.path: converter(layer.kind)(value) for one, value in values.items() if one.kind == "attribute"}
            layer.way.holder.filled(one, there)  # type: ignore[attr-defined]
        return self._asked(made, X_seq, states0)

    def _asked(self, made: Any, X_seq: Array, states0: Sequence[Array]) -> Any:
        """Return what an object answers, with the kind of arrays that its layers take."""
        given, convert = self.begun(X_seq, states0), converter(self.layer.kind)
        returned = getattr(made, self.way.name.rpartition(".")[2])(
            **{name: convert(one) for name, one in given.items()}
        )
        return returned if self.layer.kind == "numpy" else plain_arrays(returned)

    @property
    def claims(self) -> tuple[str, ...]:
        """What it leaves out."""
        fixed = self.directions if self.both else self.roles.layers
        found = [STACKS_OF.format(self.cell.name)] + ([LAYERS_ONLY.format(fixed)] if fixed else [])
        found += (
            [BOTH_ONLY] * self.both + [SINGLE_ONLY] * self.single + [one for one in self.layer.claims if one in ALIKE]
        )
        found += [OPTION_ONLY.format(*one) for one in self.options.items()]
        return (*found, *([] if self.roles.states else [NO_STATE]))

    @property
    def told(self) -> str:
        """How it is read, in one line."""
        of = f"layers of {self.layer.way.maker.kind.__name__}, {'both ways, ' * self.both}"
        return f"{shown(self.way.function, self.way.name)}: sequences ({self.form}), {of}stacks of {self.cell.name}"

    def candidate(self) -> Callable[..., Any]:
        """Return what takes the arguments of a stack and returns its outputs by name."""
        inner = super().candidate()
        if not self.both:
            return inner

        def candidate(run: Any, X_seq: Array, states0: Any, layers: Any, *, directions: int = 1) -> Outputs:
            found: Outputs = inner(run, X_seq, states0, layers)
            return found

        candidate.__name__ = inner.__name__
        vars(candidate).update({name: value for name, value in vars(inner).items() if name != "__wrapped__"})
        return candidate


def read_objects(layer: GatedReading, classes: Sequence[type]) -> OfObjects | None:
    """Return the reading of a class that holds what is read, the nearest to right; None if there is none."""
    if not isinstance(layer.way, HoldingWay):
        return None
    found: list[OfObjects] = []
    for kind in [one for one in classes if one is not layer.way.maker.kind]:
        makes = layer.way.holder is not None and layer.way.maker.kind.__name__ in class_source(kind).calls()
        if makes or _cells_of(kind):
            found += _fitting(kind, layer)
    nearest = min(found, key=lambda one: ((off := one.off())[0] > NEAR, one.single, off), default=None)
    return None if nearest is not None and nearest.off()[0] > NEAR and _does_more(nearest.way) else nearest


def _does_more(way: Way) -> bool:
    """Whether a method does something with arrays itself: what adds its inputs or normalises is no plain stack."""
    own = Source(way.source.trees[:1])
    sums = [one for one in own.nodes(ast.BinOp) if isinstance(one.op, ast.Add | ast.Sub | ast.Mult | ast.MatMult)]
    of_arrays = [one for one in sums if not any(isinstance(side, ast.Constant) for side in (one.left, one.right))]
    return bool(of_arrays) or any(OTHERS.search(name.lower()) for name in own.calls())


def _fitting(kind: type, layer: GatedReading) -> Iterator[OfObjects]:
    try:
        given = [layer.way.maker.example] * FEW  # type: ignore[attr-defined]
        count, both = (FEW, False) if _cells_of(kind) else _counted(kind, layer)
        example = _made(kind, 3, 5, count or 1, given)
    except KeyboardInterrupt:
        raise
    except BaseException:  # it is made in another way
        return
    if count == 1 and not both:  # what holds one layer is no stack
        return
    method = next((name for name in METHODS if name in vars(kind)), "")
    way = Way(getattr(example, method), f"{kind.__name__}.{method}") if method else None
    roles = _roles(way, 0 if _takes_layers(kind) else count) if way is not None else None
    if way is None or roles is None:
        return
    way.tried_as = OPERATIONS["stack_forward"]
    cell = next(one for one in OPERATIONS.values() if one.states and one.cell is layer.operation.cell) if (
        not layer.operation.states) else layer.operation  # fmt: skip
    several = len(cell.ends) > 1
    for form, listed in product(FORMS, (False, True)):
        for together in (EACH, ALL) if len(roles.states) == 1 and several else ("",):
            one = OfObjects(
                way,
                roles,
                cell,
                True,
                form,
                listed,
                False,
                options=layer.options,
                together=together,
                kind=kind,
                layer=layer,
                both=both,
            )
            if answers_at_all(one):
                yield from (replace(one, pairs=pairs) for pairs in ((False, True) if several else (False,)))


def _roles(way: Way, count: int) -> Roles | None:
    """Return which arguments of a method are the input and the states; None if it needs others."""
    names = way.signature.parameters
    x = next((name for name in names if parts_of(name)[:1] == ("x",)), None)
    states = {state_of(name, 2) or state_of(name.removesuffix("s"), 2): name for name in names if name != x}
    shown_ = tuple(states[one] for one in "hc" if one in states)
    needed = [name for name, one in names.items() if one.default is one.empty and name != x and name not in shown_]
    return None if x is None or needed else Roles(x, shown_, {}, count)


def _takes_layers(kind: type) -> bool:
    return bool(_cells_of(kind)) or any(LAYERS.fullmatch(plain(name)) for name in inspect.signature(kind).parameters)


def _cells_of(kind: type) -> str:
    """Return the argument of a constructor that takes the cells of all layers, empty if there is none."""
    takes = inspect.signature(kind).parameters.items()
    return next((name for name, one in takes if plain(name) in CELLS and one.default is one.empty), "")


def _cell(layer: GatedReading, H: int, weights: Mapping[str, Array]) -> Any:
    """Return an object that is one layer, with these weights."""
    way: Any = layer.way
    values = layer.weights_in(weights, next(iter(layer.layouts.values())))
    D = weights["W_xh"].shape[1]
    made = copy.deepcopy(way.maker.made({"D": D, "H": H, "V": H, "vocabulary": D}, handed(values)))
    there = {one.path: converter(layer.kind)(value) for one, value in values.items() if one.kind == "attribute"}
    return way.holder.filled(made, there) if way.holder is not None else made


def _counted(kind: type, layer: GatedReading) -> tuple[int, bool]:
    """Return how many layers objects have whatever they are made with, and whether they read in two directions."""
    held = list(_held(_made(kind, 3, 5, FEW), layer.way.maker.kind))  # type: ignore[attr-defined]
    second = [bool(SECOND.search(name.lower())) for name, _ in held]
    both = any(second) and second.count(True) == second.count(False)
    return len(held) // (1 + both), both


def _made(kind: type, D: int, H: int, count: int, cells: Sequence[Any] = ()) -> Any:
    """Make an object of a class, of these sizes and so many layers. Raises TypeError if it takes something else."""
    given: dict[str, Any] = {}
    for name, one in inspect.signature(kind).parameters.items():
        size = {"D": D, "H": H}.get(size_of(name) or "")
        if name == _cells_of(kind):
            given[name] = list(cells)
        elif LAYERS.fullmatch(plain(name)):
            given[name] = count
        elif size is not None:
            given[name] = size
        elif one.default is one.empty:
            raise TypeError(f"{kind.__name__}: {name} is not known")
    return kind(**given)


def _held(thing: Any, kind: type) -> Iterator[tuple[str, Any]]:
    """Yield the objects of a class that are attributes of something, or in a list of it, with their names."""
    for name, value in vars(thing).items():
        keyed = value.items() if isinstance(value, Mapping) else ()
        several = value if isinstance(value, list | tuple) else [value]
        every = [
            *((key if isinstance(key, str) else name, one) for key, one in keyed),
            *((name, one) for one in several),
        ]
        yield from ((called, one) for called, one in every if type(one) is kind)


def _ordered(made: Any, inside: list[Any], layer: GatedReading) -> list[Any]:
    """Return the objects in the order of layers, and of directions in each."""
    named = list(_held(made, layer.way.maker.kind))  # type: ignore[attr-defined]
    there = [one for name, one in named if not SECOND.search(name.lower())]
    back = [one for name, one in named if SECOND.search(name.lower())]
    return [one for pair in zip(there, back, strict=True) for one in pair] if len(there) == len(back) else inside
