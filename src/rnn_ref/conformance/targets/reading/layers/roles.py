"""Which argument of a function of several layers is which: by its name, and by whether its text goes through it."""

import ast
import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any, NamedTuple

from ..gated.names import state_of
from ..names import parts_of
from ..syntax.expressions import name_of
from ..syntax.source import Source
from .directed import directed, directed_in, groups_of
from .packed import Packed, as_pytorch, counted_in, numbered_in, packed_in, without_number

WEIGHTS = ("W_xh", "W_hh", "b_h", "b_xh", "b_hh")
COUNT = r"(num|n|no|nb)?_?(of_?)?layers|depth|l"
NUMBERED = r"(.*[a-zA-Z])_?l?(\d)"


class Roles(NamedTuple):
    """The names of the input, of the states, and of every weight: of a list of it, or of one for each layer."""

    x: str
    states: tuple[str, ...]  # those that it takes, the shown one first
    weights: Mapping[str, tuple[str, ...]]
    layers: int  # how many there are, 0 for any number
    packed: Packed | None = None  # how one argument holds the weights of all layers
    apart: bool = False  # whether the states of the layers have an argument each
    both: bool = False  # whether it is one layer in two directions
    number: str = ""  # the argument that says how many layers there are

    def told(self) -> str:
        """Write how many layers it takes."""
        if self.packed is not None:
            if self.both:
                return f"a {self.packed.kind} of weights for both directions"
            return f"a {self.packed.kind} of weights for {self.layers or 'every'} layer{'s' * bool(self.layers)}"
        if self.both:
            return "both directions"
        return f"{self.layers} layers" if self.layers else "a list of weights for every layer"


def roles_of(function: Any, source: Source) -> Iterator[Roles]:
    """Yield what the arguments of a function may be, the likeliest first; nothing if it has no layers."""
    names = [name for name, one in inspect.signature(function).parameters.items() if one.default is one.empty]
    every = list(inspect.signature(function).parameters)
    ways = (packed_in, numbered_in, counted_in, as_pytorch, directed_in)
    for packed in (one for way in ways for one in way(source, every)):
        yield from _of_packed(packed, names, every)
    both = groups_of(every)
    numbered = both or _numbered(every)
    listed = {name: (name,) for name in every if name in _gone_through(source) and _weights(name)}
    groups = numbered or listed
    layers = len(next(iter(numbered.values()))) if numbered else 0
    taken = {one for ones in groups.values() for one in ones}
    apart = _states_apart([name for name in every if name not in taken], 2) if both else ()
    x = next((name for name in every if name not in taken and parts_of(name)[:1] == ("x",)), None)
    free = [name for name in every if name not in taken and name != x]
    states = {state: name for state in "hc" for name in free if _state_of(name) == state}
    known = apart or states.values()
    if x is None or len(groups) < 2 or any(name in names and name not in known for name in free):
        return
    for parts in _kinds_of(groups):
        shown = apart or tuple(states[one] for one in "hc" if one in states)
        weights = dict(zip(parts, groups.values(), strict=True))
        yield Roles(x, shown, weights, layers, apart=bool(apart), both=bool(both))


def _of_packed(packed: Packed, needed: list[str], every: list[str]) -> Iterator[Roles]:
    """Yield what the arguments may be beside the one that holds the weights of all layers."""
    free = [name for name in every if name != packed.argument]
    x = next((name for name in free if parts_of(name)[:1] == ("x",)), None)
    states = {state: name for state in "hc" for name in free if name != x and _state_of(name) == state}
    numbered = _states_apart(free, packed.layers)
    apart = bool(numbered)
    known = numbered if apart else states.values()
    count = next((name for name in free if re.fullmatch(COUNT, name.lower())), "")
    if x is None or any(name in needed and name not in {x, count, *known} for name in free):
        return
    for parts in _kinds_of(packed.names):
        shown = numbered if apart else tuple(states[one] for one in "hc" if one in states)
        weights = {part: (name,) for part, name in zip(parts, packed.names, strict=True)}
        yield Roles(x, shown, weights, packed.layers, packed, apart, bool(packed.words), count)


def _states_apart(names: list[str], layers: int) -> tuple[str, ...]:
    """Return the states that are an argument for each layer, or each direction; none if there are not so many."""
    numbered = tuple(sorted(name for name in names if re.fullmatch(r"[ahs]_?(prev_?)?\d", name)))
    for words, templates in directed(names) if len(numbered) != layers else ():
        states = [one for one in templates if parts_of(one.format("").strip("_"))[:1] == ("h",)]
        numbered = tuple(map(states[0].format, words)) if len(states) == 1 else numbered
    return numbered if layers and len(numbered) == layers else ()


def _state_of(name: str) -> str:
    """Return which state of all layers something of this name is, in the plural too."""
    return state_of(name, 2) or state_of(name.removesuffix("s"), 2)


def _kinds_of(names: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Yield which weights these may be, two of them never the same.

    A bias alone is that of both sides, and beside that of the input b_h is the state's.

    >>> list(_kinds_of(["Wx", "Wh", "bx", "bh"]))
    [('W_xh', 'W_hh', 'b_xh', 'b_hh')]
    """
    for parts in product(*(_weights(name) for name in names)):
        if len({*parts}) == len(parts) and {"W_xh", "W_hh"} <= {*parts}:
            biases = [part for part in parts if part.startswith("b_")]
            two = "b_xh" in parts and "b_hh" not in parts
            alone = {biases[0]: "b_h"} if len(biases) == 1 else {"b_h": "b_hh" if two else "b_xh"}
            yield tuple(alone.get(part, part) for part in parts)


def _weights(name: str) -> list[str]:
    """Return which weights something of this name may be: a list of it may be called by the plural."""
    name = without_number(name).strip("_")
    ones = [one for word in (name, name.removesuffix("s"), re.sub(r"_?(list|all|layers)$", "", name))
            for one in parts_of(word) if one in WEIGHTS]  # fmt: skip
    ones += ["b_hh"] if name == "c" else []  # the letter behind b
    return list(dict.fromkeys(ones))


def _numbered(names: list[str]) -> dict[str, tuple[str, ...]]:
    """Return the weights of which there is one for every layer, by their names without the number.

    >>> _numbered(["x", "h0", "Wx1", "Wh1", "Wx2", "Wh2"])
    {'Wx': ('Wx1', 'Wx2'), 'Wh': ('Wh1', 'Wh2')}
    """
    found: dict[str, dict[int, str]] = {}
    for name in names:
        if (one := re.fullmatch(NUMBERED, name)) and _weights(one[1]):
            found.setdefault(one[1], {})[int(one[2])] = name
    counts = {len(ones) for ones in found.values()}
    if len(counts) != 1 or counts <= {0, 1}:
        return {}
    return {base: tuple(ones[number] for number in sorted(ones)) for base, ones in found.items()}


def _gone_through(source: Source) -> set[str]:
    """Return the names of what a loop goes through, or what is looked up by the place in a loop."""
    found: set[str] = set()
    for node in source.nodes(ast.For):
        found |= {name_of(one) for one in ast.walk(node.iter) if isinstance(one, ast.Name)}
    for node in source.nodes(ast.Subscript):
        if isinstance(node.value, ast.Name) and isinstance(node.slice, ast.Name):
            found.add(node.value.id)
    return found
