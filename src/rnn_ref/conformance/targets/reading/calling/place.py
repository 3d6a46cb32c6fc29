"""Where the parts of a network go, and the ways in which they may be given to these places."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from ..names import WEIGHTS, is_gradient, plain
from .masks import MASK

SUM = "sum"  # what goes into the activation, in a step back whose cache holds it
OUTPUT_UP = "up_y"  # the gradient of the outputs, in a step back that goes through the output layer too
HALVES = {"b_xh", "b_hh"}  # of a bias
ALONE = {"argument", "position"}
NO_ENTRIES = {"targets", "cache"}  # which nothing else is, in a dict or outside, whose name does not say so


class Place(NamedTuple):
    """Where one part goes: an argument, an entry of one (by key, or by position), a global, or an attribute."""

    kind: str  # argument, key, position, dot, global, attribute
    name: str  # of the argument, the global, the attribute
    entry: str = ""  # the key or the attribute in it, or what its entry is called where it is unpacked
    parts: tuple[str, ...] = ()  # what it may be, by its name; none: anything
    needed: bool = True  # whether a call without it raises
    path: tuple[Any, ...] = ()  # of what an object holds: the way there

    @property
    def called(self) -> str:
        """The name that tells what it is."""
        return self.entry or self.name


def assignments(places: Sequence[Place], parts: Sequence[str], most: int = 24) -> list[dict[Place, str]]:
    """Return the ways in which parts may be given to places, the likeliest first; a place needed gets one of them.

    >>> two = [Place("argument", "W", parts=("W_hh", "W_xh")), Place("argument", "U", parts=("W_xh", "W_hh"))]
    >>> [list(one.values()) for one in assignments(two, ["W_xh", "W_hh"])]
    [['W_hh', 'W_xh'], ['W_xh', 'W_hh']]
    """
    found: list[dict[Place, str]] = []
    left = [sum(place.needed for place in places[at:]) for at in range(len(places) + 1)]  # that want one each

    def go(at: int, given: dict[Place, str]) -> None:
        if len(found) >= most or left[at] > len(parts) - len(given):
            return
        if at == len(places):
            found.append(dict(given))
            return
        place = places[at]
        free = [part for part in (place.parts or parts) if part in parts and part not in given.values()]
        if not place.parts:  # what a known name claims elsewhere is not for one that says nothing
            claimed = {other.parts[0] for other in places if other.parts and other.parts[0] in parts}
            claimed |= HALVES if "b_h" in claimed else set()
            free = [part for part in free if part not in claimed] or free
            if is_gradient(place.name) and place.name[:1] != "g":  # no state, no input, and no weight
                free = [part for part in free if part not in {"x", "h", "states", *WEIGHTS}]
            else:
                free = [part for part in free if part != OUTPUT_UP]
            free = [part for part in free if part != MASK and (part not in NO_ENTRIES or place.kind in ALONE)]
        for part in free:
            go(at + 1, {**given, place: part})
        if not free and not place.needed:
            go(at + 1, given)

    go(0, {})
    return found


def beside_u(places: Sequence[Place]) -> list[Place]:
    """Return places of which W_h may be the input's where U_h is another: ``W_h x + U_h h_prev + b_h``.

    >>> [one.parts for one in beside_u([Place("argument", one, parts=("W_hh",)) for one in ("W_h", "U_h")])]
    [('W_hh', 'W_xh'), ('W_hh',)]
    """
    short = [plain(re.split(r"\W", place.called)[-1]) for place in places]
    either = "uh" in short
    return [
        one._replace(parts=("W_hh", "W_xh")) if either and name == "wh" else one
        for one, name in zip(places, short, strict=True)
    ]
