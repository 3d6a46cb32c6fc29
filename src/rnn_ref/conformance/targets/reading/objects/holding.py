"""Which of the arrays that an object holds are its weights, told by their names, their owners, and their shapes."""

import re
from typing import Any

import numpy as np

from ..calling.arguments import RATES
from ..calling.place import Place, beside_u
from ..layer_names import OF_ANY, OF_LAYERS, OUTPUT, of_layer
from ..leaves import Path, told
from ..names import is_gradient, parts_of, parts_of_keys, plain, weights_of, words_of
from ..syntax.class_text import class_source
from .inside import held_at, values_in

VALUES = {"v", "value", "val", "data", "array"}  # of what has its gradient beside it, and is called by its owner's name
KEPT = ("grad", "cache", "mem", "m_", "v_", "velocity", "momentum")  # how names begin that are no weights'
MEMORY = re.compile(
    r"(d|g|m|v|s|r|e|acc|mem|memory|vel|mom|hist|sum|cache|ada(grad)?|grads?|velocity|momentum|sq|(adam|rms(prop)?)[a-z]?)"
)
SHAPES: dict[tuple[int, ...], tuple[str, ...]] = {  # what an array can only be, by its sizes
    (5, 7): ("W_xh",),
    (7, 7): ("W_hh",),
    (7, 11): ("W_hy",),
    (7, 12): ("W_hh",),  # of state and input, joined
    (7, 13): ("W_hh",),  # and with a one
    **{(joined, 7 * gates): ("gates",) for joined in (12, 13) for gates in (2, 3, 4)},  # of no tanh network
    (7,): ("b_h", "b_xh", "b_hh"),
    (11,): ("b_y",),
}
SHARED = {(5, 7): ("W_xh", "W_hy"), (5,): ("b_y",)}  # where inputs and outputs are the same classes


class Holding:
    """The weights of an object, every one with all the places in which it stands."""

    def __init__(self, example: Any, *, shared: bool) -> None:
        self.example, self.shared = example, shared
        self.by_shape = SHAPES | (SHARED if shared else {})
        self.shapes: dict[Path, tuple[int, ...]] = {}
        self.everywhere: dict[Path, list[Path]] = {}  # the places of one array, by the first of them
        self.rates: list[Path] = []
        known: dict[int, Path] = {}
        self._alive = list(values_in(example))
        for path, value in self._alive:
            if isinstance(value, int | float):
                self.rates += [path] if plain(_last(path)) in RATES else []
            else:
                first = known.setdefault(id(value), path)
                self.shapes[path] = tuple(value.shape)
                self.everywhere.setdefault(first, []).append(path)
        self.memories = [path for path in self.everywhere if self._is_memory(path)]
        self.places = beside_u([place for path in self.everywhere if (place := self._place(path)) is not None])

    @property
    def is_shared(self) -> bool:
        """Whether there are as many classes as inputs, by a bias or by an output layer: then these are the same."""
        own = [path for path in self.everywhere if not _is_kept(path)]
        layers = [path for path in own if self._named(path)[:1] == ("W_hy",)]
        return any(self.shapes[path] in {(5,), (5, 1), (1, 5)} for path in own) or any(
            sorted(self.shapes[path]) == [5, 7] for path in layers
        )

    @property
    def agreement(self) -> int:
        """How many arrays have the shapes that their names call for, less those that have no shape of a weight."""
        found = 0
        for path in self.everywhere:
            known = self.by_shape.get(tuple(sorted(size for size in self.shapes[path] if size != 1)), ())
            found += (1 + bool(set(self._named(path)) & set(known))) if known else -1
        return found

    def _place(self, path: Path) -> Place | None:
        """Return the place of an array, None if that is no weight."""
        every = self.everywhere[path]
        inputs = len(self.shapes[path]) > 2 and parts_of(_last(path).strip("_"))[:1] == ("x",)  # of its first call
        if inputs or path in self.memories or any(_is_kept(one) for one in every):
            return None
        named = next((parts for one in every if (parts := self._named(one))), ())
        by_shape = self.by_shape.get(tuple(sorted(size for size in self.shapes[path] if size != 1)), ())
        wide = [size for size in self.shapes[path] if size != 1]
        if (named == ("W_hy",) and len(wide) < 2) or (named == ("b_y",) and not wide):
            return Place("attribute", f"{path[0][1]}{told(path[1:])}", "", named, False, path)  # of a single output
        parts = named
        if named[:1] != ("h",) and by_shape and not set(named) & set(by_shape):
            told_by_shape = not named or len(by_shape) > 1 or by_shape == ("b_y",)
            told_by_shape = told_by_shape or (len(wide) > 1 and all(part[:2] == "b_" for part in named))  # no bias
            parts = by_shape if told_by_shape else named  # a matrix is what its name says
        inside = len(path) > 1 or path[-1][0] == "parameter"
        if named[:1] != ("h",) and by_shape and inside and set(named) & set(by_shape):
            parts = tuple(part for part in named if part in by_shape)
        return Place("attribute", f"{path[0][1]}{told(path[1:])}", "", parts, "h" not in parts, path) if parts else None

    def weight_at(self, path: Path) -> str:
        """Return what a weight is called that stands at a place, by its owner if it is a value there; else nothing."""
        if path[-1][0] == "parameter":
            owner, _, last = str(path[-1][1]).rpartition(".")
            return with_its_gate(owner.rpartition(".")[2], last)
        owned = len(path) > 1 and plain(_last(path)) in VALUES
        name = self._unpacked(path) if path[-1][0] == "item" else _last(path[:-1]) if owned else _last(path)
        named = [key for _, key in path if isinstance(key, str)]
        whole = with_its_gate(named[-2], name) if len(named) > 1 and name == named[-1] else name
        if whole != name:
            return "" if path in self.memories or any(map(is_difference, named)) or _is_kept(path[:-1]) else whole
        kept = is_gradient(name) or path in self.memories or (len(path) > 1 and not owned and _is_kept(path))
        return "" if kept or any(map(is_difference, named)) else name

    def _named(self, path: Path) -> tuple[str, ...]:
        """Return what an array may be by its name, and by its owner's."""
        kind, last = path[-1]
        if kind == "parameter":
            owner, _, last = last.rpartition(".")
            return of_layer(owner.rpartition(".")[2], last) or weights_of(last)
        if kind == "item":
            last = self._unpacked(path)
        if kind == "key" and len(path) > 1 and len(last) == 1:  # beside keys for what a weight connects
            beside = [_last(one) for one in self.shapes if one[:-1] == path[:-1]]
            keyed = parts_of_keys(_last(path[:-1]), beside)
            if {"W_xh", "W_hh"} <= {part for parts in keyed.values() for part in parts[:1]}:
                return keyed[last]
        if parts_of(last)[:1] == ("h",):
            return ("h",)
        if len(path) > 1 and plain(last) in VALUES:
            path, last = path[:-1], _last(path[:-1])
        if len(path) > 1 and plain(last) in OF_LAYERS:
            kind = type(held_at(self.example, path[:-1])).__name__
            of_any = plain(kind).removesuffix("layer") in OF_ANY  # which says nothing of where it is
            owners = ["" if of_any else kind, *(_last(path[:end]) for end in range(1, len(path)))]
            known = [parts for one in reversed(owners) if len(parts := of_layer(one, last)) == 1]
            return known[0] if known else of_layer("", last)
        return weights_of(last)

    def _unpacked(self, path: Path) -> str:
        """Return what an entry of a list is called where the list is made, or taken apart."""
        owner = held_at(self.example, path[:-2]) if path[2:] else self.example
        names = class_source(type(owner)).items_of(_last(path[:-1]))
        place = path[-1][1]
        return names[place] if place < len(names) else ""

    def _is_memory(self, path: Path) -> bool:
        """Whether an array is named like another with something in front: a gradient, or what an optimiser keeps."""
        name, owners = plain(_last(path)), [plain(str(key)) for _, key in path[:-1]]
        if any(str(key).lower().strip("_").startswith(KEPT[1:]) for _, key in path):
            return True
        for one in self.shapes:
            beside = one[:-1] == path[:-1] != () and plain(_last(one)) in VALUES and name not in VALUES
            if beside and self.shapes[one] == self.shapes[path] and not is_gradient(_last(path)):
                return True
            of = plain(_last(one))
            alike = of and one != path and self.shapes[one] == self.shapes[path] and name.endswith(of)
            if alike and (MEMORY.fullmatch(name.removesuffix(of)) or any(map(MEMORY.fullmatch, owners))):
                return True
        return False

    def clear(self, target: Any) -> None:
        """Set to zero what gradients are added to, as whoever calls the code is to do."""
        for path, value in values_in(target):
            if isinstance(value, np.ndarray) and any(is_gradient(str(key)) for _, key in path) and _is_kept(path):
                value[...] = 0

    def mates(self, path: Path) -> list[Path]:
        """Return all places of the array at a place."""
        return self.everywhere.get(path, [path])


STEMS = r"[wurvb]([xh]|_[xh])?|weights?|bias(es)?|kernel"
GATES = r"[fiogcarznu]|forget|input|output|cand(idate)?|cell|reset|update|new|hidden"


def with_its_gate(owner: str, last: str) -> str:
    """Return the name of a gate's weight, where its owner has one half of it: ``w["f"]``, ``update.wx``, ``Wr.weight``.

    >>> [with_its_gate(*one) for one in (("w", "f"), ("update", "wx"), ("Wr", "weight"), ("Ur", "bias"))]
    ['w_f', 'wx_update', 'Wr', 'b_hr']
    """
    short, own = plain(last), plain(owner)
    if re.fullmatch(STEMS, own) and re.fullmatch(GATES, short) and (len(own) > 1 or own != "h"):
        return f"{owner}_{last}"
    if own[:1] in {"w", "u", "r"} and len(own) <= 2 and short in {"weight", "bias"}:
        gate = own[1:] or "n"
        return f"{owner[:1]}{gate}" if short == "weight" else f"b_{'x' if own[0] == 'w' else 'h'}{gate}"
    if re.fullmatch(GATES.replace("c", "", 1), own.removesuffix("gate")) and re.fullmatch(STEMS, short):
        return f"{last}_{own.removesuffix('gate')}"
    return last


def is_difference(name: str) -> bool:
    """Whether something of a name holds gradients, though it does not begin so: ``w_diff``."""
    return name.lower().endswith("diff")


def _last(path: Path) -> str:
    """Return the last name on a way."""
    return next((key for _, key in reversed(path) if isinstance(key, str)), "")


def _is_kept(path: Path) -> bool:
    names = [str(key).lower().strip("_") for _, key in path]
    return any(name.startswith(KEPT) for name in names) or (
        names[-1].startswith("d")
        and len(names[-1]) > 1
        and names[-1] not in VALUES
        and words_of(names[-1])[0] not in OUTPUT | {"dec"}
    )


def as_array(value: Any) -> Any:
    """Return an array or a tensor as NumPy's."""
    return value.detach().numpy() if hasattr(value, "detach") else np.asarray(value)
