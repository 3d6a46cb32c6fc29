"""Which array of an answer is which gradient: by what it is called, else by its shape and its place."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ....operation import Operation
from ..axes import LIST, PARTS, Form, distinct, form_of, lies_alike, without_steps
from ..calling.leaving import AFTER
from ..calling.place import Place
from ..calling.way import Way
from ..layouts import Layout
from ..leaves import Leaf, Path
from ..names import WEIGHTS, gradients_of, is_gradient, of_what, parts_of, plain
from ..parts import JOINED, outputs_by_part, width
from ..reading import Taken
from .numbers import without_ones

INSIDE = (("key", AFTER),)
HALVES = ("b_xh", "b_hh")
STATES = {"s", "state", "hidden", "hiddenstate"}  # beside those that begin with an h or an a
Found = dict[str, list[Taken]]


class Roles:
    """Which part stands in every place of a function: by what it is called, and by the way to it in an object."""

    def __init__(self, ways: Sequence[Way], given: Mapping[Place, str]) -> None:
        self.names: dict[str, list[str]] = {}
        self.keys: dict[str, list[str]] = {}  # of the entries of dicts
        self.paths: dict[Path, str] = {}
        self.deep: dict[tuple[str, ...], str] = {}  # by the keys on the way through an argument
        every = dict(given)
        for way in ways:
            every |= {place: every.get(place, place.parts[0]) for place, _ in way.held}
            self.paths |= {path: every[place] for place, paths in way.held for path in paths}
        for place, part in every.items():
            for name in {place.called, place.path[-1][1] if place.path else place.called}:
                self.names.setdefault(str(name), []).append(part)
            if place.kind == "deep":
                self.deep[tuple(name for _, name in place.path)] = part
            if "key" in place.kind:
                self.keys.setdefault(place.entry, []).append(part)
        self.order = list(dict.fromkeys(given[place] for way in ways for place in way.places if place in given))

    def parts(self, leaf: Leaf) -> list[str]:
        """Return the parts whose gradient an array may be as the foreign code itself calls its parts."""
        if leaf.path[:1] == INSIDE:
            path = leaf.path[1:]
            for other, part in self.paths.items():
                if len(other) == len(path) and _is_beside(path, other):
                    return [part]
            if not any(is_gradient(str(key)) for _, key in path):
                return []
        names_on_the_way = tuple(key for kind, key in leaf.path if kind != "item")
        if names_on_the_way in self.deep:
            return [self.deep[names_on_the_way]]
        called = (self.keys if leaf.path[-1:] and leaf.path[-1][0] == "key" else {}) or self.names
        for names in (called, self.names):
            for one in (leaf.name, of_what(leaf.name)):
                if one in names:
                    return names[one]
        return []

    def is_weight(self, leaf: Leaf) -> bool:
        """Whether an array is one of the weights that an object holds."""
        return leaf.path[:1] == INSIDE and self.paths.get(leaf.path[1:], "h") != "h"


def _is_beside(path: Path, weight: Path) -> bool:
    """Whether a gradient stands where a weight does, but for one name: ``dW`` for ``W``, ``grads`` for ``params``."""
    differing = [place for place, one in enumerate(path) if one != weight[place]]
    if len(differing) != 1 or not is_gradient(str(path[differing[0]][1])):
        return False
    mine, other = str(path[differing[0]][1]), str(weight[differing[0]][1])
    what = plain(of_what(mine))
    named = plain(other) == what or (len(what) > 1 and plain(other).endswith(what))  # grad_input for weights_input
    return differing[0] < len(path) - 1 or named or plain(mine) in {"grad", "gradient", "d", "g"}


class Gradients:
    """The outputs of one way back, or of everything at once, in one layout."""

    def __init__(
        self, operation: Operation, layout: Layout, sizes: Mapping[str, int], joined: str, roles: Roles
    ) -> None:
        self.operation, self.layout, self.sizes, self.joined = operation, layout, sizes, joined
        self.roles = roles
        self.wanted = outputs_by_part(operation)

    def matched(self, every: Sequence[Leaf], way: Way, as_before: Mapping[Path, str]) -> Found:
        """Return where every output stands; ``as_before`` is where outputs stood in a rank in which no shapes tie."""
        found: Found = {}
        self.depth = len(way.named_at) + 1
        self.nameless = {"", *(str(key) for _, key in way.prefix)}
        said = [leaf.name for leaf in every if of_what(leaf.name) != leaf.name and gradients_of(leaf.name)]
        self.named = bool(said)
        alone = way.source.returned_alone()
        named = [leaf._replace(name=alone) if leaf.path == way.prefix and alone else leaf for leaf in every]
        free = [leaf for leaf in named if leaf.path != way.prefix or leaf.name]
        free.sort(key=lambda leaf: leaf.path[:1] == INSIDE and len(leaf.path))  # its own before those of its cells
        for step in (self._loss, self._joined, self._in_order, self._by_place, self._by_name):
            free = _outside(found, step(found, free, as_before))
        free = [leaf for leaf in free if leaf.path[: len(way.prefix)] == way.prefix]
        for step in (self._by_shape, self._misshapen, self._last_state):
            free = _outside(found, step(found, free, as_before))
        return found

    def _loss(self, found: Found, free: list[Leaf], _: Any) -> list[Leaf]:
        for output, value in self.operation.outputs.items():
            scalar = _scalar(free, self.depth) if not value.axes else None
            if scalar is not None:
                found[output] = [Taken(scalar.path, ())]
                free = [leaf for leaf in free if leaf is not scalar]
        return free

    def _joined(self, found: Found, free: list[Leaf], _: Any) -> list[Leaf]:
        """Find the gradient of one weight for state and input end to end, and for a one beside them."""
        lying = self.layout.form(("H", self.joined), "W_")
        known = {"H": self.sizes["H"], self.joined: width(self.joined, self.sizes) if self.joined else 0}
        one = [leaf for leaf in free if self.joined and leaf.array.shape == tuple(known[axis] for axis in lying)]
        for part in JOINED[self.joined] if one else ():
            found[self.wanted[part]] = [Taken(one[0].path, lying)]
        return [leaf for leaf in free if leaf not in one[:1]]

    def _by_place(self, found: Found, free: list[Leaf], as_before: Mapping[Path, str]) -> list[Leaf]:
        left = []
        for leaf in free:
            output = as_before.get(leaf.path, "")
            form = self._form(leaf, output)
            if form is not None and output not in found and not gradients_of(leaf.name):
                found[output] = [Taken(leaf.path, form)]
            else:
                left.append(leaf)
        return left

    def _in_order(self, found: Found, free: list[Leaf], _: Any) -> list[Leaf]:
        """Match a list that has as many gradients as there are arguments, or weights, in the order of these."""
        known = [part for part in self.roles.order if self._output(part)]
        weights = [part for part in self.roles.order if part in WEIGHTS]  # of a layer that is not asked for too
        for parent in dict.fromkeys(leaf.path[:-1] for leaf in free):
            ones = [leaf for leaf in free if leaf.path[:-1] == parent and leaf.path and not self._is_state(leaf)]
            without_x, only_weights = [part for part in known if part != "x"], [one for one in known if one[1:2] == "_"]
            for parts in (known, without_x, only_weights, weights):
                forms = [self._form(leaf, self._output(part)) for leaf, part in zip(ones, parts, strict=False)]
                outputs = [self._output(part) for part in parts]
                fit = all(form or not output for form, output in zip(forms, outputs, strict=False))
                alike = len({leaf.name for leaf in ones}) == 1  # they have no names of their own
                if alike and len(ones) == len(parts) > 2 and fit and not set(filter(None, outputs)) & found.keys():
                    for leaf, output, form in zip(ones, outputs, forms, strict=True):
                        if output:
                            found.setdefault(output, []).append(Taken(leaf.path, form))
                    return [leaf for leaf in free if leaf not in ones]
        return free

    def _output(self, part: str) -> str:
        return self.wanted.get("b_h" if part in HALVES else part, "")

    def _by_name(self, found: Found, free: list[Leaf], _: Any) -> list[Leaf]:
        left = []
        for leaf in free:
            part = self._part(leaf)
            output = self._output(part)
            form = self._form(leaf, output)
            fits = form is not None and self._may_be(output, leaf) and not self._is_state(leaf)
            if fits and (output not in found or part in HALVES):
                found.setdefault(output, []).append(Taken(leaf.path, form))
            else:
                left.append(leaf)
        return left

    def _by_shape(self, found: Found, free: list[Leaf], as_before: Mapping[Path, str]) -> list[Leaf]:
        rarest_last = sorted(self.wanted.items(), key=lambda one: one[0] == "h")
        for _, output in rarest_last:
            fitting = [
                leaf for leaf in free
                if (self._form(leaf, output) or (PARTS,))[:1] != (PARTS,)
                and not self._is_state(leaf)
                and as_before.get(leaf.path, output) == output
                and not self._is_named_otherwise(leaf)
                and self._may_be(output, leaf)
            ]  # fmt: skip
            if output not in found and fitting:
                found[output] = [Taken(fitting[0].path, self._form(fitting[0], output))]
                free = [leaf for leaf in free if leaf is not fitting[0]]
        return free

    def _may_be(self, output: str, leaf: Leaf) -> bool:
        """Whether an array may be a gradient by its name: of inputs, beside ``dW``, only what is called one."""
        any_name = not self.named or leaf.name in self.nameless
        return any_name or is_gradient(leaf.name) or output != self.wanted.get("x")

    def _is_named_otherwise(self, leaf: Leaf) -> bool:
        """Whether it is called the gradient of a weight, or of what has this shape (``gradIn`` is of neither)."""
        parts = gradients_of(leaf.name)
        return any(part in WEIGHTS or self._form(leaf, self._output(part)) for part in parts)

    def _misshapen(self, found: Found, free: list[Leaf], _: Any) -> list[Leaf]:
        """Take what is called so and has another shape: it is wrong, not missing.

        One that is turned round is turned as the right one would be, not taken for what the specification wants.
        """
        others = "W_hy" in self.roles.order and "W_hy" not in self.wanted  # what has no name may be its gradient
        for part, output in self.wanted.items():
            ones = [leaf for leaf in free if self._may_be(output, leaf) and not self._is_state(leaf)]
            nameless = [leaf for leaf in ones if not leaf.name and len(leaf.path) == 1 and not others]
            meant = [leaf for leaf in ones if self._part(leaf) == part or leaf in nameless]
            meant = [leaf for leaf in meant if not (part == "h" and self._of_one_start(leaf))]
            if output not in found and meant:
                found[output] = [Taken(meant[0].path, self._turned(meant[0], output))]
                free = [leaf for leaf in free if leaf is not meant[0]]
        return free

    def _turned(self, leaf: Leaf, output: str) -> Form | None:
        """Return how what is due lies, if an array has as many entries and axes; else it is taken as it is."""
        part = next(one for one, name in self.wanted.items() if name == output)
        due = tuple(letter for letter in self.layout.form(self._axes(output), part) if letter != LIST)
        size = math.prod(1 if axis == "1" else self.sizes[axis.rstrip("'")] for axis in due)
        return due if leaf.array.size == size and leaf.array.ndim == len(due) else None

    def _of_one_start(self, leaf: Leaf) -> bool:
        """Whether it is the gradient of one state from which all sequences of a batch start, which is not asked for."""
        return self.layout.rank == "batch" and leaf.array.size == self.sizes["H"]

    def _last_state(self, found: Found, free: list[Leaf], _: Any) -> list[Leaf]:
        last = self.operation.last_state
        axes = ["B", "H"] if self.layout.rank == "batch" else ["H"]
        for leaf in free if last else ():
            state = not leaf.name or bool({"h", "states"} & set(parts_of(leaf.name)))
            state = state and not _is_of_one_step(leaf)
            form = form_of(leaf.array.shape, axes, self.sizes)
            if form is not None and state and last not in found and not leaf.name.startswith("d"):
                found[last] = [Taken(leaf.path, form)]
        return free

    def _part(self, leaf: Leaf) -> str:
        """Return the part whose gradient an array is by its name, empty if that says nothing."""
        own = dict.fromkeys(self.roles.parts(leaf))
        known = own if len(own) == 1 else {part: None for part in own if self._form(leaf, self._output(part))}
        named = sorted(gradients_of(leaf.name), key=lambda part: self._form(leaf, self._output(part)) is None)
        parts = [part for part in (*known, *named) if part in self.wanted or part in HALVES]  # of a letter, what fits
        return parts[0] if parts else ""

    def _is_state(self, leaf: Leaf) -> bool:
        """Whether it is a state, or what an object holds for itself, for all that its name fits."""
        if leaf.path[:1] == INSIDE:
            return not any(is_gradient(str(key)) for _, key in leaf.path[1:])
        if leaf.path[-1:] and leaf.path[-1][0] == "key" and set(self.roles.parts(leaf)) & {*WEIGHTS}:
            return False  # by the key that a weight has: ``grads["hh"]``
        shown = len(leaf.path) == self.depth or _is_of_one_step(leaf)
        called_so = leaf.name[:1] in set("haH") or parts_of(leaf.name)[:1] == ("states",)
        called_so = called_so or plain(leaf.name) in STATES
        return bool(self.operation.last_state) and shown and called_so

    def _form(self, leaf: Leaf, output: str) -> Form | None:
        """Return how an array lies if it has the shape of a gradient: a weight's in the weight's own layout."""
        part = next((one for one, name in self.wanted.items() if name == output), None)
        if part is None:
            return None
        axes = self._axes(output)
        if part not in {"x", "h"} and leaf.array.shape[:1] == (self.sizes.get("T"),):
            of_one = self._form(leaf._replace(array=leaf.array[0]), output)
            return (PARTS, *of_one) if of_one is not None else None
        if part.startswith("W_"):
            lying = self.layout.form(axes, part)
            return lying if leaf.array.shape == tuple(self.sizes[axis.rstrip("'")] for axis in lying) else None
        form = form_of(leaf.array.shape, axes, self.sizes)
        return form if form is None or part not in {"x", "h"} or self._lies(form, part, leaf) else None

    def _axes(self, output: str) -> tuple[str, ...]:
        value, rank = self.operation.outputs[output], self.layout.rank
        axes = [axis for axis in value.axes if not (axis == "B" and axis in value.optional and rank == "single")]
        return distinct(axes)

    def _lies(self, form: Form, part: str, leaf: Leaf) -> bool:
        """Whether a gradient lies as what it is the gradient of; steps may be listed."""
        if "T" not in form or leaf.listed or "TB" in form:
            vectors = (self.layout.state, self.layout.vector) if part == "h" else (self.layout.vector,)
            return lies_alike(without_steps(form), *vectors, without_steps(self.layout.sequence))
        return lies_alike(form, self.layout.sequence)


class OfNumbers(Gradients):
    """Those of a network of one input and one unit, whose weights are numbers."""

    def _form(self, leaf: Leaf, output: str) -> Form | None:
        part = next((one for one, name in self.wanted.items() if name == output), None)
        axes = without_ones(self._axes(output)) if part else ()
        return form_of(leaf.array.shape, axes, self.sizes) if part else None


def _outside(found: Found, free: list[Leaf]) -> list[Leaf]:
    """Return what is no part of what was found: of a matrix in lists, the rows are no gradients of their own."""
    taken = {one.path for ones in found.values() for one in ones}
    return [leaf for leaf in free if not any(leaf.path[:end] in taken for end in range(len(leaf.path)))]


def _is_of_one_step(leaf: Leaf) -> bool:
    """Whether it is an entry of a dict by steps."""
    return leaf.path[-1:] != () and leaf.path[-1][0] == "key" and isinstance(leaf.path[-1][1], int)


def _scalar(every: Sequence[Leaf], depth: int) -> Leaf | None:
    arrays = {leaf.path for leaf in every if leaf.array.size > 1}  # an entry of a list of numbers is no number alone
    ones = [leaf for leaf in every if leaf.array.size == 1 and leaf.path[:1] != INSIDE]
    ones = [leaf for leaf in ones if not any(leaf.path[:end] in arrays for end in range(depth, len(leaf.path)))]
    named = [leaf for leaf in ones if "loss" in leaf.name.lower() or "cost" in leaf.name.lower()]
    return next(iter(named or ones), None)
