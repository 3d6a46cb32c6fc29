"""Classes as callables: objects made with sizes or with weights, weights set by the names of attributes."""

import copy
import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from .names import WEIGHTS, parts_of, plain, size_of, weights_of
from .tensors import converter
from .ways import RATES, Place, Way

RETURNED, AFTER = "returned", "self"  # what a method returned, and what the object holds then
SIZES = {"D": 5, "H": 7, "V": 11, "T": 3, "B": 6, "vocabulary": 5}
RATE = 0.01
KEPT = ("d", "grad", "cache", "mem", "m_", "v_", "velocity", "momentum")  # how attributes begin that are no weights
CLEARING = {"zerograd", "zerograds", "resetgrads", "resetgradients", "cleargrads", "cleargradients", "cleargrad"}
HELD = ("attribute", "parameter")


class Maker:
    """A class, and how objects of it are made: with sizes, or with the weights themselves."""

    def __init__(self, kind: type) -> None:
        self.kind = kind
        self.sizes: dict[str, str] = {}
        self.weights: dict[str, tuple[str, ...]] = {}
        parameters = {
            name: one for name, one in inspect.signature(kind).parameters.items()
            if one.kind not in {one.VAR_POSITIONAL, one.VAR_KEYWORD}
        }  # fmt: skip
        found = {name: weights_of(name) for name in parameters if set(parts_of(name)) & set(WEIGHTS)}
        takes_weights = sum(parts[0].startswith("W_") for parts in found.values()) >= 2
        for name, parameter in parameters.items():
            required = parameter.default is parameter.empty
            size = size_of(name) or ("rate" if plain(name) in RATES else None)
            if size in {"B", "T"} and len(plain(name)) <= 2:
                size = "unknown"  # a letter says little of a constructor's
            if takes_weights and name in found:
                self.weights[name] = found[name]
            elif size and (required or type(parameter.default) is int):
                self.sizes[name] = size
            elif required:
                self.sizes[name] = "unknown"
        self.sizes = _in_order(self.sizes)
        self._made: dict[Any, Any] = {}
        self.example = self._example()

    def _example(self) -> Any:
        """Return an object, made with weights that lie one way or the other if it wants them."""
        try:
            return self.made(SIZES, self._some_weights(left=True))
        except Exception:
            if not self.weights:
                raise
            return self.made(SIZES, self._some_weights(left=False))

    def _some_weights(self, *, left: bool) -> dict[str, Any]:
        shapes = {"W_xh": (7, 5), "W_hh": (7, 7), "W_hy": (11, 7), "b_y": (11,)}
        made = {name: np.zeros(shapes.get(parts[0], (7,))) for name, parts in self.weights.items()}
        return made if left else {name: one.T.copy() for name, one in made.items()}

    def made(self, sizes: Mapping[str, int], weights: Mapping[str, Any] | None = None) -> Any:
        """Return an object of these sizes, the same one as before for the same sizes if it takes no weights."""
        known = {"rate": RATE, "unknown": 1, **sizes}
        wanted = tuple(int(known.get(axis, 0)) for axis in SIZES)
        if self.weights or wanted not in self._made:
            arguments = {name: known.get(size, 1) for name, size in self.sizes.items()}
            state = np.random.get_state()  # noqa: NPY002 - what foreign code draws from
            try:
                self._made[wanted] = self.kind(**arguments, **(weights or {}))
            finally:
                np.random.set_state(state)  # noqa: NPY002
        return self._made[wanted]

    def held(self) -> Iterator[Place]:
        """Yield the places of weights in an object, with their shapes in ``shapes``."""
        for name, key, value in self._arrays():
            parts = ("h",) if "h" in parts_of(key or name)[:1] else weights_of(key or name)
            by_shape = SHAPES.get(tuple(sorted(size for size in np.shape(value) if size != 1)))
            told = not parts or len(by_shape or ()) > 1 or by_shape == ("b_y",)  # a matrix is what its name says
            if told and parts[:1] != ("h",) and by_shape and not set(parts) & set(by_shape):
                parts = by_shape
            if parts and not any(name.lower().strip("_").startswith(one) for one in KEPT):
                yield Place("attribute", name, key, parts, needed="h" not in parts)
        for name, _ in self._parameters():
            owner, _, last = name.rpartition(".")
            parts = _of_layer(owner.rpartition(".")[2], last) or weights_of(last)
            if parts:
                yield Place("parameter", name, "", parts)

    def shapes(self) -> dict[tuple[str, str], tuple[int, ...]]:
        """Return the shapes of what an object holds."""
        found = {(name, key): np.shape(value) for name, key, value in self._arrays()}
        return found | {(name, ""): tuple(value.shape) for name, value in self._parameters()}

    def _arrays(self) -> Iterator[tuple[str, str, Any]]:
        for name, value in vars(self.example).items():
            if name.startswith("_") and isinstance(value, Mapping):
                continue  # what a framework keeps
            if isinstance(value, Mapping):
                for key, one in value.items():
                    if isinstance(key, str) and np.ndim(one) and hasattr(one, "shape"):
                        yield name, key, one
            elif not isinstance(value, list | tuple | str) and getattr(value, "shape", None):
                yield name, "", value

    def _parameters(self) -> list[tuple[str, Any]]:
        named = getattr(self.example, "named_parameters", None)
        return list(named()) if callable(named) else []


def _in_order(sizes: dict[str, str]) -> dict[str, str]:
    """Return the sizes with those that are not known in the order in which they are usual: inputs, units, outputs."""
    if "H" not in sizes.values() and "V" in sizes.values():  # a layer, whose outputs are its states
        sizes = {name: "H" if size == "V" else size for name, size in sizes.items()}
    have = set(sizes.values()) | ({"D"} if "vocabulary" in sizes.values() else set())
    missing = iter([axis for axis in ("D", "H", "V") if axis not in have])
    return {name: next(missing, "unknown") if size == "unknown" else size for name, size in sizes.items()}


SHAPES = {  # what an array can only be, by its sizes
    (5, 7): ("W_xh",),
    (7, 7): ("W_hh",),
    (7, 11): ("W_hy",),
    (7,): ("b_h", "b_xh", "b_hh"),
    (11,): ("b_y",),
}
LAYERS = {"W_xh": "b_xh", "W_hh": "b_hh", "W_hy": "b_y"}


def _of_layer(layer: str, last: str) -> tuple[str, ...]:
    """Return what the weight or the bias of a layer is, by the layer's name."""
    parts = weights_of(layer) if last in {"weight", "bias"} else ()
    found = next((part for part in parts if part in LAYERS), None)
    if found is None and last in {"weight", "bias"}:
        return tuple(LAYERS) if last == "weight" else ("b_h", *LAYERS.values())
    return () if found is None else (found,) if last == "weight" else (LAYERS[found],)


class MethodWay(Way):
    """A method of objects that are made for every size; weights stand in their attributes, which are set anew.

    What goes on where another method has just been called (``after``) has them already.
    """

    prefix = (("key", RETURNED),)

    def __init__(self, maker: Maker, method: str, *, after: bool = False) -> None:
        self.maker, self.method, self.after = maker, method, after
        super().__init__(getattr(maker.example, method), f"{maker.kind.__name__}.{method}")
        self.global_sizes = {}
        mine = {part for place in self.places for part in place.parts[:1]}
        if after:
            return
        self._shapes = maker.shapes()
        self.places += [Place("constructor", name, parts=parts) for name, parts in maker.weights.items()]
        if not maker.weights:
            self.places += [one for one in maker.held() if not ("h" in one.parts and "h" in mine)]

    def fits(self, values: Mapping[Place, Any]) -> bool:
        """Whether weights lie as those that an object was made with; an empty one is that of a state not begun."""
        return all(
            np.shape(value) == self._shapes[place.name, place.entry]
            for place, value in values.items()
            if self.fitting and place.kind in HELD and set(place.parts) & {"W_xh", "W_hh", "b_h"}
        )

    def call(self, values: Mapping[Place, Any], sizes: Mapping[str, int]) -> Any:
        """Call the method with values in their places; what it returned, and what the object holds then."""
        shared = sizes.get("vocabulary") if "V" not in sizes else sizes["V"]
        weights = {place.name: value for place, value in values.items() if place.kind == "constructor"}
        known = {**sizes, "V": shared or sizes["H"]}
        target = self.maker.made(known, weights) if not self.after or not self.maker.weights else self._last(known)
        for place, value in values.items():
            if place.kind == "attribute" and place.entry:
                getattr(target, place.name)[place.entry] = copy.copy(value)
            elif place.kind == "attribute":
                setattr(target, place.name, copy.copy(value))
            elif place.kind == "parameter":
                _set_parameter(target, place.name, value)
        for name in dir(type(target)) if self.after else ():
            if plain(name) in CLEARING:
                getattr(target, name)()
        self.function = getattr(target, self.method)
        rest = {place: value for place, value in values.items() if place.kind not in {*HELD, "constructor"}}
        returned = super().call(rest, sizes)
        return {RETURNED: returned, AFTER: dict(vars(target))}

    def _last(self, sizes: Mapping[str, int]) -> Any:
        known = {"rate": RATE, "unknown": 1, **sizes}
        return self.maker._made[tuple(int(known.get(axis, 0)) for axis in SIZES)]


def _set_parameter(target: Any, name: str, value: Any) -> None:
    """Give a parameter of a PyTorch module another value, of that value's own precision."""
    *owners, last = name.split(".")
    for owner in owners:
        target = getattr(target, owner)
    tensor = value if hasattr(value, "detach") else converter("torch")(np.asarray(value))
    getattr(target, last).data = tensor.detach().clone()


def methods_of(kind: type) -> list[str]:
    """Return the methods that a class has itself, and ``__call__``."""
    found = []
    for name in dir(kind):
        value = inspect.getattr_static(kind, name)
        own = inspect.isfunction(value) and value.__module__ == kind.__module__
        if own and (not name.startswith("_") or name == "__call__"):
            found.append(name)
    return found
