"""Which layer and direction a parameter of a stack belongs to, by numbers or words in its name."""

import re
from collections.abc import Collection, Mapping
from typing import Any

SECOND = r"_?(reversed?|backwards?|bwd|rev|bw(?![a-z])|r2l)"
OTHERS = {
    "backward": "forward",
    "bwd": "fwd",
    "bw": "fw",
    "r2l": "l2r",
    "rev": "fwd",
    "Backward": "Forward",
}  # of two words
Placed = tuple[tuple[int, int], list[str]]


def by_word(name: str, directions: int) -> Placed:
    """Return layer and direction of a parameter, the latter by a word in its name; and its names in the first layer."""
    place, word = re.search(r"\d+", name), re.search(SECOND, name)
    known = re.sub(r"\d+", "0", name, count=1)
    others = [known.replace(one, other) for one, other in OTHERS.items() if one in known]
    return (int(place[0]) if place else 0, int(bool(word))), [re.sub(SECOND, "", known), *others] if word else [known]


def by_numbers(name: str, directions: int) -> Placed:
    """Return the same by its first two numbers."""
    layer, direction, *_ = [*map(int, re.findall(r"\d+", name)), 0, 0]
    return (layer, direction), [re.sub(r"\d+", "0", name, count=2)]


def by_one_number(name: str, directions: int) -> Placed:
    """Return the same by one number, which counts the directions of all layers."""
    place = int((re.findall(r"\d+", name) or ["0"])[0])
    return divmod(place, directions), [re.sub(r"\d+", "0", name, count=1)]


def by_layers(
    named: Mapping[str, Any], alone: Collection[str], layers: int, directions: int
) -> list[dict[str, Any]] | None:
    """Return the parameters of every layer and direction, by their names ``alone``, in a module of one; else None."""
    for place_of in (by_word, by_numbers, by_one_number):
        found: dict[tuple[int, int], dict[str, Any]] = {}
        for name, one in named.items():
            key, variants = place_of(name, directions)
            found.setdefault(key, {})[next((known for known in variants if known in alone), name)] = one
        if len(found) == layers * directions and all({*one} == {*alone} for one in found.values()):
            return [found[key] for key in sorted(found)]
    return None
