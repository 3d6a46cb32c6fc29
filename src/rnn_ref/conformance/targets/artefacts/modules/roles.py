"""Which parameter of a PyTorch module is which weight: by PyTorch's own names, else by shape and order.

Gates with matrices of their own are told apart by their names (``reset``, ``W_xr``, ``linear_in``).

A weight may lie as W x or as x W, and input and state may share one matrix, ``Linear(D + H, H)``, whose columns are
then [x, h] or [h, x]. Gates that share a matrix of the author's own lie in the order of any framework.
"""

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ....._shapes import Array
from .....interop.gates import GATED_KINDS, reordered
from .....interop.torch_modules import parameter_names

GATES = (1, *GATED_KINDS)  # blocks of rows, of a network without gates and of those with gates
BOTH = 3  # gates of the network in which each side has a bias of its own
WORDS = {  # in the names of gates, by how many there are: matrices of one side, where every gate has its own
    3: {"r": ("reset",), "z": ("update",), "n": ("new", "cand")},
    4: {"i": ("input", "in_"), "f": ("forget",), "g": ("cell", "cand", "new"), "o": ("output", "out_")},
}
LETTERS = {3: {"r": "r", "z": "zu", "n": "nhcg"}, 4: {"i": "i", "f": "f", "g": "gcz", "o": "o"}}
HERE = {gates: kind.here for gates, kind in GATED_KINDS.items()}
STATE_SIDE = re.compile(r"hh|h2h|hid.*hid|recurrent|state|(^|[._])[Uu]([._]|$)")


class Sizes(NamedTuple):
    """Inputs and units."""

    D: int
    H: int


class Slot(NamedTuple):
    """Where a weight lies: a parameter, whether transposed, and which columns of it if it shares the matrix."""

    parameter: str
    transposed: bool = False
    shared: str = ""  # "xh" or "hx", the order of the columns
    side: str = "x"
    block: int | None = None  # which half of the rows, if two gates share them

    def view(self, array: Any, sizes: Sizes) -> Any:
        """Return the part of an array or tensor, as (rows, columns) or (rows,)."""
        array = array.T if self.transposed and array.ndim == 2 else array
        if array.ndim == 2 and 1 in array.shape and not self.shared and self.side == "bias":
            array = array.reshape(-1)
        if self.block is not None:
            array = array[self.block * sizes.H : (self.block + 1) * sizes.H]
        if not self.shared:
            return array
        first = sizes.D if self.shared[0] == "x" else sizes.H
        return array[:, :first] if self.side == self.shared[0] else array[:, first:]


Slots = tuple[Slot, ...]  # of one weight: one, or one for each gate; none of a bias that is not there


class Roles(NamedTuple):
    """The slots of every weight: of W_xh, of W_hh, and of the biases on both sides, of which one or both may lack."""

    W_xh: Slots
    W_hh: Slots
    b_xh: Slots
    b_hh: Slots
    gates: int
    by_name: bool = False
    order: str = ""  # of the gates that share a matrix, if it is another
    negated: bool = False  # whether the update gate counts the other way round

    @property
    def names(self) -> tuple[str, ...]:
        """The weights that the functions take."""
        return ("W_xh", "W_hh", "b_xh", "b_hh") if self.gates == BOTH else ("W_xh", "W_hh", "b_h")

    @property
    def states(self) -> int:
        """How many states there are."""
        return 2 if self.gates == 4 else 1

    @property
    def biases(self) -> list[Slots]:
        """The biases that are there."""
        return [one for one in (self.b_xh, self.b_hh) if one]

    @property
    def lacking(self) -> tuple[str, ...]:
        """The weights that are not there: biases."""
        sides = (("b_xh", self.b_xh), ("b_hh", self.b_hh))
        if self.gates == BOTH:
            return tuple(name for name, slots in sides if not slots)
        return () if self.biases else ("b_h",)

    @property
    def takes_all(self) -> bool:
        """Whether any weights can be copied in."""
        return len(self.biases) >= (2 if self.gates == BOTH else 1)

    def told(self) -> str:
        """Write which parameter is which, where the names do not say so."""
        if self.by_name:
            return "weights by name"
        slots = {"W_xh": self.W_xh, "W_hh": self.W_hh, "b_xh": self.b_xh, "b_hh": self.b_hh}
        said = [f"{name} {' '.join(map(_shown, one))}" for name, one in slots.items() if one]
        said += [f"gates {' '.join(self.order)}"] if self.order else []
        said += ["gate z the other way round"] if self.negated else []
        return f"weights by shape and {'name' if len(self.W_xh) > 1 else 'order'}: {', '.join(said)}"

    def read(self, arrays: Mapping[str, Any], sizes: Sizes) -> dict[str, Array]:
        """Return the weights, from the arrays of all parameters (or of their gradients) by name."""

        def taken(slots: Slots) -> Array:
            found = np.concatenate([np.array(one.view(arrays[one.parameter], sizes)) for one in slots])
            return self._turned(reordered(found, self.order, HERE[self.gates]) if self.order else found)

        found = {"W_xh": taken(self.W_xh), "W_hh": taken(self.W_hh)}
        none = np.zeros(len(found["W_hh"]), found["W_hh"].dtype)
        sides = [taken(one) if one else none for one in (self.b_xh, self.b_hh)]
        if self.gates == BOTH:
            return found | dict(zip(self.names[2:], sides, strict=True))
        return found | {"b_h": sides[0] + sides[1]}

    def _turned(self, rows: Array) -> Array:
        """Return rows with those of the update gate negated, if that counts the other way round."""
        if not self.negated:
            return rows
        found, H = rows.copy(), len(rows) // self.gates
        found[H : 2 * H] *= -1
        return found

    def gradients(self, arrays: Mapping[str, Any], sizes: Sizes) -> dict[str, Array]:
        """Return the gradients; where one bias stands for the sum of two, each of these has its whole gradient."""
        found = self.read(arrays, sizes)
        if self.gates != BOTH:
            found["b_h"] = found["b_h"] / max(1, len(self.biases))
        return found

    def fill(
        self, parameters: Mapping[str, Any], weights: Mapping[str, Array], sizes: Sizes, unused: Sequence[Slots] = ()
    ) -> None:
        """Write weights into the parameters.

        The sum of two biases is split unevenly, so that both are seen; if one of them is not used, it gets all, so that
        what is missing has a name.
        """
        import torch  # noqa: PLC0415

        values = [(self.W_xh, weights["W_xh"]), (self.W_hh, weights["W_hh"])]
        if self.gates != BOTH:
            quarter = weights["b_h"] / 4  # exact
            halves = [quarter, weights["b_h"] - quarter] if len(self.biases) == 2 else [weights["b_h"]]
            if len(halves) == len(unused) + 1 == 2:
                halves = [weights["b_h"] if one in unused else 0 * quarter for one in self.biases]
            values += zip(self.biases, halves, strict=True)
        else:
            values += [(slots, weights[name]) for slots, name in ((self.b_xh, "b_xh"), (self.b_hh, "b_hh")) if slots]
        with torch.no_grad():
            for slots, given in values:
                value = self._turned(given)
                value = reordered(value, HERE[self.gates], self.order) if self.order else value
                for slot, block in zip(slots, np.split(value, len(slots)), strict=True):
                    slot.view(parameters[slot.parameter], sizes).copy_(torch.from_numpy(np.array(block)))


def _shown(slot: Slot) -> str:
    columns = f"[{', '.join(slot.shared)}].{slot.side}" if slot.shared else ""
    half = "" if slot.block is None else f" {('first', 'second')[slot.block]} half"
    return f"{slot.parameter}{columns}{half}{' (x W)' if slot.transposed else ''}"


def roles_of(module: Any, sizes: Sizes) -> Iterator[Roles]:
    """Yield how the parameters may be read: none if they cannot, several where only values can tell."""
    parameters = {name: tuple(one.shape) for name, one in module.named_parameters()}
    if found := _by_name(parameters, sizes):
        yield found
        return
    linear = {f"{name}." if name else "" for name, one in module.named_modules() if type(one).__name__ == "Linear"}

    def is_linear(name: str) -> bool:
        return _owner(name) in linear

    every = [one for gates in GATES for one in _by_shape(parameters, sizes, gates, is_linear)]
    for one in [*every, *_paired(parameters, sizes, is_linear)]:
        if not _leaves_gates(one, parameters, sizes):
            others = GATED_KINDS[one.gates].others if one.gates > 1 and len(one.W_xh) == 1 else ()
            senses = (False, True) if one.gates == BOTH else (False,)
            yield from (one._replace(order=order, negated=sense) for sense in senses for order in ("", *others))


def _leaves_gates(one: Roles, parameters: Mapping[str, tuple[int, ...]], sizes: Sizes) -> bool:
    """Whether matrices of several gates on the side of the input are left over: it is a cell of another kind then."""
    used = {slot.parameter for slots in (one.W_xh, one.W_hh) for slot in slots}
    rows = {gates * sizes.H for gates in (2, 3, 4)}
    columns = {sizes.D + sizes.H} | ({sizes.D} if sizes.D != sizes.H else set())
    left = [shape for name, shape in parameters.items() if name not in used and len(shape) == 2]
    return any(shape[0] in rows and shape[1] in columns for shape in [*left, *(shape[::-1] for shape in left)])


def _by_name(parameters: Mapping[str, tuple[int, ...]], sizes: Sizes) -> Roles | None:
    for layer in ("", "_l0"):
        for gates in GATES:
            names = list(parameter_names(layer, gates=gates).values())
            ends = {name.rpartition(".")[2]: name for name in parameters}
            both = [ends.get(name) for name in names[0:2]]
            shapes = [(gates * sizes.H, sizes.D), (gates * sizes.H, sizes.H)]
            if [parameters.get(name or "") for name in both] == shapes:
                theirs = "+".join(names[2:]).split("+")
                b_xh, b_hh = ((Slot(ends[one], side="bias"),) if one in ends else () for one in theirs)
                return Roles((Slot(both[0] or ""),), (Slot(both[1] or ""),), b_xh, b_hh, gates, by_name=True)
    return None


def _by_shape(
    parameters: Mapping[str, tuple[int, ...]], sizes: Sizes, gates: int, is_linear: Callable[[str], bool]
) -> Iterator[Roles]:
    rows = gates * sizes.H

    def of_width(width: int) -> list[Slot]:
        found = []
        for name, shape in parameters.items():
            if shape == (rows, width) and (is_linear(name) or rows != width):
                found.append(Slot(name))
            elif shape == (width, rows) and not is_linear(name):
                found.append(Slot(name, transposed=rows != width))
        return found

    x, h, joined = of_width(sizes.D), of_width(sizes.H), of_width(sizes.D + sizes.H)
    if sizes.D == sizes.H:
        x = [one for one in x if not STATE_SIDE.search(one.parameter)] or x[:1]
        x = x if len(x) in {1, *WORDS} else x[:1]
    h = [one for one in h if one not in x]
    h = sorted(h, key=lambda one: not STATE_SIDE.search(one.parameter))
    if len(joined) == 1 and not (x and h):
        whole = joined[0]
        b_xh, b_hh = _biases(parameters, rows, [whole.parameter], is_linear)
        for order in ("xh", "hx"):
            pair = [whole._replace(shared=order, side=side) for side in "xh"]
            yield Roles((pair[0],), (pair[1],), b_xh, b_hh, gates)
    elif len(x) == 1 and h:
        square = not is_linear(h[0].parameter) and gates == 1
        state = h[0]._replace(transposed=x[0].transposed) if square else h[0]
        b_xh, b_hh = _biases(parameters, rows, [x[0].parameter, state.parameter], is_linear)
        yield Roles((x[0],), (state,), b_xh, b_hh, gates)
        if square and sizes.D == sizes.H and not is_linear(x[0].parameter):  # only values can tell W x from x W
            turned = [one._replace(transposed=True) for one in (x[0], state)]
            yield Roles((turned[0],), (turned[1],), b_xh, b_hh, gates)
    elif len(x) == len(h) and len(x) in WORDS and gates == 1:
        yield from _separate(parameters, rows, x, h, is_linear)
    elif len(joined) in WORDS and gates == 1:
        for order in ("xh", "hx"):
            x, h = ([one._replace(shared=order, side=side) for one in joined] for side in "xh")
            yield from _separate(parameters, rows, x, h, is_linear)


def _paired(
    parameters: Mapping[str, tuple[int, ...]], sizes: Sizes, is_linear: Callable[[str], bool]
) -> Iterator[Roles]:
    """Yield the roles of a cell whose reset and update gate share a matrix, and whose candidate has one of its own."""
    H = sizes.H

    def of(rows: int, width: int) -> list[Slot]:
        plain = [Slot(name) for name, shape in parameters.items() if shape == (rows, width)]
        turned = [Slot(name, transposed=True) for name, shape in parameters.items() if shape == (width, rows)]
        return [one for one in plain if is_linear(one.parameter) or rows != width] + [
            one for one in turned if not is_linear(one.parameter)
        ]

    whole = [of(rows, H + sizes.D) for rows in (2 * H, H)]
    apart = [of(rows, width) for width in (sizes.D, H) for rows in (2 * H, H)]
    if [len(one) for one in whole] == [1, 1]:
        pairs = [
            [(one[0]._replace(shared=order, side=side)) for side in "xh" for one in whole] for order in ("xh", "hx")
        ]
    elif [len(one) for one in apart] == [1, 1, 1, 1] and sizes.D != H:
        pairs = [[one[0] for one in apart]]
    else:
        return
    for (x_two, x_one, h_two, h_one), first in itertools.product(pairs, (0, 1)):
        sides = []
        for two, one in ((x_two, x_one), (h_two, h_one)):
            b_two, b_one = (
                _biases(parameters, rows, [slot.parameter], is_linear)[0] for rows, slot in ((2 * H, two), (H, one))
            )
            halves = [b_two[0]._replace(block=half) for half in (first, 1 - first)] if b_two else []
            sides.append((*halves, *b_one) if b_two and b_one else ())
        W_xh, W_hh = (
            (two._replace(block=first), two._replace(block=1 - first), one)
            for two, one in ((x_two, x_one), (h_two, h_one))
        )
        yield Roles(W_xh, W_hh, sides[0], sides[1] if not x_two.shared and sides[1] != sides[0] else (), BOTH)


def _separate(
    parameters: Mapping[str, tuple[int, ...]], rows: int, x: Sequence[Slot], h: Sequence[Slot],
    is_linear: Callable[[str], bool],
) -> Iterator[Roles]:  # fmt: skip
    """Yield the roles of gates that have matrices of their own, if their names tell which is which."""
    count = len(x)
    h = [one if is_linear(one.parameter) else one._replace(transposed=x[0].transposed) for one in h]
    weights = [_by_gate(slots) for slots in (x, h)]
    if x[0].shared and any(is_linear(one.parameter) for one in x):
        sides = [
            tuple(slot for one in weights[0] for slot in _biases(parameters, rows, [one.parameter], is_linear)[0]),
            (),
        ]
    elif any(is_linear(one.parameter) for one in x):
        pairs = [[_biases(parameters, rows, [one.parameter], is_linear)[0] for one in slots] for slots in weights]
        sides = [tuple(slot for pair in one for slot in pair) for one in pairs]
    else:
        fitting = [Slot(name, side="bias") for name, shape in parameters.items() if shape in _vectors(rows)]
        by_side = [fitting] if len(fitting) == count else [fitting[::2], fitting[1::2]]
        sides = [_by_gate(one) for one in by_side if one] + [(), ()]
    if all(weights) and all(len(one) in {0, count} for one in sides[:2]):
        yield Roles(weights[0], weights[1], sides[0], sides[1], count)


def _by_gate(slots: Sequence[Slot]) -> Slots:
    """Return slots in the order r, z, n or i, f, g, o, by their names; nothing if these do not tell.

    The one whose name says nothing, as ``W`` beside ``Wr`` and ``Wz``, is that of the gate that is left.
    """
    found: dict[str, Slot] = {}
    if len(slots) not in WORDS:
        return ()
    words, letters = WORDS[len(slots)], LETTERS[len(slots)]
    for one in slots:
        name = one.parameter.removesuffix(".weight").removesuffix(".bias").lower()
        last = name.rpartition(".")[2]
        gates = [gate for gate, ones in words.items() if any(word in last for word in ones)]
        gates = gates or [gate for gate, ones in letters.items() if last[-1:] in ones]
        gates = gates or [gate for gate, ones in letters.items() if last[:1] in ones]
        found |= dict.fromkeys(gates[:1], one)
    left, silent = [gate for gate in letters if gate not in found], [one for one in slots if one not in found.values()]
    found |= {left[0]: silent[0]} if len(left) == len(silent) == 1 else {}
    return tuple(found[gate] for gate in letters) if len(found) == len(slots) else ()


def _biases(
    parameters: Mapping[str, tuple[int, ...]], rows: int, weights: list[str], is_linear: Callable[[str], bool]
) -> tuple[Slots, Slots]:
    """Return the bias of the input and of the state: those of the layers that have the weights, else in their order."""
    fitting = [name for name, shape in parameters.items() if shape in _vectors(rows)]
    found: list[str | None] = [
        next((one for one in fitting if _owner(one) == _owner(weight)), None) if is_linear(weight) else None
        for weight in weights
    ]
    if not any(is_linear(weight) for weight in weights):
        found = [*fitting[:2]]
    first, second = [*((Slot(one, side="bias"),) if one else () for one in found), (), ()][:2]
    return first, second


def _vectors(rows: int) -> set[tuple[int, ...]]:
    return {(rows,), (1, rows), (rows, 1)}


def _owner(name: str) -> str:
    head, dot, _ = name.rpartition(".")
    return head + dot
