"""What holds the weights of a cell with gates: an object, a dict, a list or a record, and arrays at the ends of ways.

Lists of numbers are arrays too. What holds the weights is made anew for every size; its arrays are then set.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ......interop.gates import GATED_KINDS
from ...leaves import Path, as_numbers, attributes_of
from ...names import is_gradient, of_what, plain
from ...objects.made_by import SIZES
from ..names import LETTERS, called_with_owner, parsed

DEEPEST = 5
MOST = 24  # entries of a list that are looked at
GRADIENTS = {"d", "dv", "g", "grad", "grads", "gradient", "gradients", "diff", "diffs", "deltas", "_grads", "dparams"}
MEMORIES = {"m", "mem", "momentum", "cache"}  # beside the value that they are of
KEPT = ("grad", "cache", "mem_", "m_", "v_", "velocity", "momentum", "adagrad", "adam", "rms", "last", "saved", "tape")
OF_TORCH = {"_parameters", "_modules", "_buffers"}  # dicts in which a module holds what is its own
OF_FORWARD = ("last", "saved", "tape", "cache")


class Held(NamedTuple):
    """An array in something, with the way there."""

    path: Path
    called: str
    array: Any
    gradient: bool  # whether it is a gradient, or what an optimiser keeps

    @property
    def in_lists(self) -> bool:
        """Whether it is a list of numbers."""
        return isinstance(self.array, list)


def held_in(thing: Any) -> Iterator[Held]:
    """Yield the arrays that something holds, the outermost of lists.

    >>> [(one.called, one.gradient) for one in held_in({"W_z": np.ones(2), "b": [0.0], "dW_z": np.ones(2)})]
    [('W_z', False), ('b', False), ('W_z', True)]
    """
    every = list(_ends(thing, (), (), ()))
    known = {path[:end] for path, _, _ in every for end in range(1, len(path) + 1)}
    for path, names, value in every:
        short = [plain(name) for name in names]
        beside = (*path[:-1], ("attribute", "f")) in known  # f of i, f, g and o
        single = (path[-1][0] == "key" or beside) and len(short[-1]) == 1  # a gate's letter
        gates = {key for end, (kind, key) in enumerate(path) if (*path[:end], (kind, "f")) in known}
        kept = any(
            name in GRADIENTS - gates and (number or len(names) > 1)
            for number, name in enumerate(short[: len(short) - single])
        )
        kept = kept or any(_is_kept(name) for name in names) or (len(short) > 1 and short[-1] in MEMORIES)
        silent = [kept and plain(name) in GRADIENTS and not (single and name == names[-1]) for name in names]
        called = [
            of_what(_without(name)) if kept and len(name) > 1 else name
            for name, is_silent in zip(names, silent, strict=True)
            if not is_silent
        ]
        yield Held(path, called_with_owner(called), value, kept)


def _without(name: str) -> str:
    return name.removesuffix("_diff").removesuffix("_delta")


def _is_kept(name: str) -> bool:
    """Whether an array of this name is no weight, but a gradient, or what is kept for one."""
    short = name.lower().strip("_")
    own = len(short) > 1 and short[0] == "d" and (name[1:2].isupper() or short[1] in "bwuv_") and is_gradient(name)
    return own or short.startswith(KEPT) or short.endswith(("_grad", "_diff", "_delta", "_g_", "_cache"))


def _ends(
    thing: Any, path: Path, names: tuple[str, ...], above: tuple[int, ...]
) -> Iterator[tuple[Path, tuple[str, ...], Any]]:
    if len(path) > DEEPEST or id(thing) in above:
        return
    of_a_gate = (
        bool(names)
        and isinstance(thing, list | tuple)
        and any(any(parsed(f"W_{names[-1]}", gates)) for gates in LETTERS)
    )
    told = _by_shape(thing) if of_a_gate else {}
    for step, named, one in _entries(thing):
        name = named or told.get(step[1], "")
        below, called = (*path, step), (*names, name) if name and name not in OF_TORCH else names
        if _is_array(one):
            yield below, called, one
        elif isinstance(one, Mapping | list | tuple) or (_is_foreign(one) and not isinstance(one, type)):
            yield from _ends(one, below, called, (*above, id(thing)))


def _is_numbers(value: list[Any]) -> bool:
    """Whether a list holds numbers, or lists of them, and nothing else."""
    inner = value
    while isinstance(inner, list) and inner:
        inner = inner[0]
    return isinstance(inner, int | float) and not isinstance(inner, bool) and as_numbers(value) is not None


def _entries(thing: Any) -> Iterator[tuple[Any, str, Any]]:
    if isinstance(thing, Mapping):
        yield from ((("key", key), str(key), one) for key, one in thing.items())
    elif isinstance(thing, list | tuple):
        fields = getattr(thing, "_fields", [""] * len(thing))
        yield from ((("item", i), name, one) for i, (name, one) in enumerate(zip(fields, thing[:MOST], strict=False)))
    else:
        yield from ((("attribute", name), name, one) for name, one in attributes_of(thing).items())


def _by_shape(every: Sequence[Any]) -> dict[int, str]:
    """Return what the arrays of one gate in a tuple or list are called that have no names, by their places there.

    >>> _by_shape([np.ones((2, 3)), np.ones((2, 2)), [0.0, 0.0]]), _by_shape([[0.0], [1.0]])
    ({0: 'W_x', 1: 'W_h', 2: 'b'}, {})
    """
    shapes = [tuple(size for size in np.shape(one) if size != 1) if _is_array(one) else () for one in every]
    matrices = [place for place, shape in enumerate(shapes) if len(shape) == 2]
    vectors = [place for place, shape in enumerate(shapes) if len(shape) == 1]
    if not (1 <= len(matrices) <= 2 and len(vectors) <= 2 and len(matrices) + len(vectors) == len(every) > 1):
        return {}
    matrices.sort(key=lambda place: len({*shapes[place]}) == 1)  # a square one is of the state
    sides = [f"_{side}" for side in "xh"]
    return {place: f"W{sides[number] if len(matrices) > 1 else ''}" for number, place in enumerate(matrices)} | {
        place: f"b{sides[number] if len(vectors) > 1 else ''}" for number, place in enumerate(vectors)
    }


def _is_array(one: Any) -> bool:
    return bool(getattr(one, "shape", None)) or (isinstance(one, list) and _is_numbers(one))


def _is_foreign(one: Any) -> bool:
    """Whether something is an object that may hold arrays, of no library."""
    root = type(one).__module__.partition(".")[0]
    return (
        bool(attributes_of(one))
        and root not in {"numpy", "builtins", "random", "functools"}
        and not callable(getattr(one, "__code__", None))
    )


def replaced(thing: Any, path: Path, value: Any) -> Any:
    """Return something with another value at the end of a way: itself, but for tuples, which are made anew."""
    if not path:
        return value
    (kind, key), rest = path[0], path[1:]
    if kind == "attribute":
        setattr(thing, key, replaced(getattr(thing, key), rest, value))
    elif isinstance(thing, tuple):
        entries = [replaced(one, rest, value) if i == key else one for i, one in enumerate(thing)]
        return type(thing)(*entries) if hasattr(thing, "_fields") else type(thing)(entries)
    else:
        thing[key] = replaced(thing[key], rest, value)
    return thing


def gradients_in(thing: Any) -> dict[str, Any]:
    """Return the gradients that something holds, by what they are of with a d in front.

    What is kept of a way forward is none: ``self.last = (h, c)``, ``self.caches``.
    """
    every = [one for one in held_in(thing) if one.gradient and one.called]
    return {f"d{one.called}": one.array for one in every if not one.called.lower().strip("_").startswith(OF_FORWARD)}


def emptied(thing: Any, shapes: Mapping[str, tuple[int, ...]]) -> Any:
    """Return something whose gradients are zero, in the shapes of what they are of."""
    for one in list(held_in(thing)):
        if one.gradient and one.called in shapes and not one.in_lists:
            thing = replaced(thing, one.path, np.zeros(shapes[one.called], getattr(one.array, "dtype", float)))
    return thing


class Holder:
    """How something is made that holds weights; of an example the names and shapes of its arrays are known."""

    def __init__(self, make: Any, sizes: Mapping[str, int]) -> None:
        self.make = make
        self.example = make(sizes)
        self.everywhere: dict[Path, list[Path]] = {}
        self.arrays: dict[Path, Held] = {}
        known: dict[int, Path] = {}
        for one in held_in(self.example):
            if not one.gradient and one.called:
                first = known.setdefault(id(one.array), one.path)
                self.everywhere.setdefault(first, []).append(one.path)
                self.arrays.setdefault(first, one)

    def made(self, sizes: Mapping[str, int]) -> Any:
        """Return something that holds weights of these sizes; JAX's arrays, which take long to draw, are of zeros."""
        slow = any(type(one.array).__module__.startswith("jax") for one in self.arrays.values())
        if not slow or not isinstance(self.example, Mapping | list | tuple):
            return self.make(sizes)
        dims = {size: sizes.get(axis, size) for axis, size in SIZES.items() if axis in {"D", "H", "V"}}
        dims |= {gates * SIZES["H"]: gates * sizes["H"] for gates in GATED_KINDS}
        return _zeros(self.example, dims)

    def filled(self, thing: Any, values: Mapping[Path, Any]) -> Any:
        """Return something with arrays at the ends of ways, and at all others where the same array stands."""
        shapes = {}
        for path, value in values.items():
            held = self.arrays[path]
            for one in self.everywhere[path]:
                thing = replaced(thing, one, np.asarray(value).tolist() if held.in_lists else _copied(value))
            shapes[held.called] = np.shape(value)
        return emptied(thing, shapes)


def _zeros(thing: Any, dims: Mapping[int, int]) -> Any:
    """Return dicts, lists and tuples of arrays anew, with zeros and with other sizes."""
    if isinstance(thing, Mapping):
        return {key: _zeros(one, dims) for key, one in thing.items()}
    if isinstance(thing, list | tuple):
        entries = [_zeros(one, dims) for one in thing]
        return type(thing)(*entries) if hasattr(thing, "_fields") else type(thing)(entries)
    if isinstance(thing, int):
        return dims.get(thing, thing)
    return np.zeros([dims.get(size, size) for size in thing.shape], thing.dtype) if hasattr(thing, "shape") else thing


def _copied(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value
