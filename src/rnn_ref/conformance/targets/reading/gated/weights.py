"""Which place takes which weights of a cell with gates: by the names of gates, else as one matrix for all of them.

A gate may have a matrix of its own (``W_xi``, ``U_z``, ``Wf``), or all share one (``Wx``, ``kernel``). Input and state
have a matrix each, or one for both, joined. Names never tell gates apart that share a matrix: values do.
"""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from .....interop.gates import GATED_KINDS
from ..calling.place import Place
from ..names import parts_of, plain, words_of
from ..syntax.source import Source

WORDS = {  # how the gates are called, by how many there are
    3: {"reset": "r", "update": "z", "candidate": "n", "cand": "n", "new": "n", "hidden": "n"},
    4: {"forget": "f", "input": "i", "output": "o", "candidate": "g", "cand": "g", "cell": "g", "update": "i"},
}
LETTERS = {
    3: {"r": "r", "z": "z", "u": "z", "n": "n", "h": "n", "c": "n", "g": "n"},
    4: {**dict(zip("ifgo", "ifgo", strict=True)), "c": "g", "a": "g", "u": "i"},
}
STEM = r"(w|u|v|r|b|weights?|bias|kernel)"
SIDES = {"x": "x", "i": "x", "h": "h", "a": "h", "s": "h"}
BY_STEM = {"w": "x", "u": "h", "r": "h", "v": "h"}  # of a pair without sides, the school of most


class Weights(NamedTuple):
    """The places of all weights: of every gate one, or one for all; joined, input and state share each of them."""

    x: tuple[Place, ...]
    h: tuple[Place, ...]  # empty where they are joined
    biases: tuple[tuple[Place, ...], ...]  # none, one, or one for each side
    joined: str = ""  # xh or hx, the order in which they are, with a 1 where the bias is a row or a column of it
    stacked: Place | None = None  # a bias that holds both as its two rows
    letters: str = ""  # the gates that have a matrix of their own, in the order here
    blocks: tuple[int, ...] = ()  # how many gates each place holds, where two share one and one has its own
    gate_axis: int | None = None  # which axis is that of the gates, where they have one of their own

    @property
    def count_of_biases(self) -> int:
        """How many biases there are, wherever they stand."""
        return 2 if self.stacked else 1 if "1" in self.joined else len(self.biases)

    @property
    def places(self) -> set[Place]:
        """All places."""
        held = {*self.x, *self.h, *(place for one in self.biases for place in one)}
        return held | ({self.stacked} if self.stacked else set())


def weights_of(places: Sequence[Place], gates: int, source: Source) -> Iterator[Weights]:
    """Yield what the places of a function may be, the likeliest first."""
    found = list(_by_gate(places, gates, source)) or list(_shared(places, source))
    yield from found
    yield from _in_two(places, gates, source)
    for one in found if _has_gate_axis(source) else ():
        if len(one.x) == 1:
            yield from (one._replace(gate_axis=axis) for axis in (0, 1))


def _has_gate_axis(source: Source) -> bool:
    """Whether a text goes along axes by their letters, or takes arrays apart along one."""
    return bool(source.calls() & {"einsum", "tensordot", "moveaxis", "swapaxes"})


def _in_two(places: Sequence[Place], gates: int, source: Source) -> Iterator[Weights]:
    """Yield the weights where the two gates of a GRU share a matrix, and the candidate has its own."""
    joined = list(dict.fromkeys(_joined(source)))
    named = [place for place in places if len(plain(place.called)) > 1 and "W_hy" not in parts_of(place.called)[:1]]
    matrices = [place for place in named if plain(place.called)[0] == "w"]
    biases = [place for place in named if plain(place.called)[0] == "b" and "b_y" not in parts_of(place.called)[:1]]
    if gates == len(WORDS) + 1 and len(matrices) == 2 and len(biases) in {0, 2}:
        for order in joined:
            for turn in (1, -1):
                held = (tuple(biases[::turn]),) if biases else ()
                yield Weights(tuple(matrices[::turn]), (), held, order, blocks=(2, 1))


def _by_gate(places: Sequence[Place], gates: int, source: Source) -> Iterator[Weights]:
    """Yield the weights where every gate has its own."""
    letters = GATED_KINDS[gates].here
    groups: dict[tuple[str, str], dict[str, Place]] = {}
    for place in places:
        for stem, side, gate in _parsed(place.called, gates):
            groups.setdefault((stem, side), {}).setdefault(gate, place)
    whole = {key: tuple(ones[gate] for gate in letters) for key, ones in groups.items() if len(ones) == gates}
    used: set[Place] = set()
    kept: dict[tuple[str, str], tuple[Place, ...]] = {}
    for key in sorted(whole, key=lambda key: not key[1]):  # those that name a side say more
        if not used & {*whole[key]}:
            kept[key] = whole[key]
            used |= {*whole[key]}
    biases = tuple(ones for key, ones in sorted(kept.items(), key=lambda one: one[0][1] == "h") if key[0] == "b")
    matrices = {key: ones for key, ones in kept.items() if key[0] != "b"}
    if len(matrices) == 1 and len(biases) <= 1:
        (ones,) = matrices.values()
        orders = list(dict.fromkeys(_joined(source)))
        yield from (Weights(ones, (), biases, order, letters=letters) for order in orders or ["hx", "xh"])
    elif len(matrices) == 2 and len(biases) <= 2:
        first, second = sorted(matrices, key=lambda key: (SIDES.get(key[1]) or BY_STEM.get(key[0], "x")) == "h")
        yield Weights(matrices[first], matrices[second], biases, letters=letters)
        yield Weights(matrices[second], matrices[first], biases, letters=letters)


def _parsed(name: str, gates: int) -> Iterator[tuple[str, str, str]]:
    """Yield what a name may mean: w, u, v, r or b, the side where it tells, and the gate.

    >>> list(_parsed("W_xi", 4)), list(_parsed("b_forget", 4)), list(_parsed("lr", 4))
    ([('w', 'x', 'i')], [('b', '', 'f')], [])
    """
    short = plain(name)
    for word in sorted(WORDS[gates], key=len, reverse=True):
        short = short.replace(word, WORDS[gates][word])
    found = re.fullmatch(f"{STEM}(.{{1,2}})", short.removesuffix("gate"))
    if found is None:
        return
    stem, rest = found[1][0], found[2]
    for side, letter in ((rest[:-1], rest[-1]), *(((rest[1], rest[0]),) if len(rest) > 1 else ())):
        if letter in LETTERS[gates] and (not side or side in SIDES):
            yield "w" if stem == "k" else stem, SIDES.get(side, ""), LETTERS[gates][letter]


def _shared(places: Sequence[Place], source: Source) -> Iterator[Weights]:
    """Yield the weights where all gates share one."""
    known = {
        place: [part for part in (place.parts or parts_of(place.called)) if part[:2] in {"W_", "b_"}]
        for place in places
    }
    known = {place: parts for place, parts in known.items() if parts and parts[0] not in {"W_hy", "b_y"}}
    matrices = [place for place, parts in known.items() if parts[0].startswith("W_")]
    if len(matrices) > 2:  # a letter that may be a bias too is that
        known |= {one: [part for part in known[one] if part[0] == "b"] or known[one] for one in matrices}
        matrices = [place for place in matrices if known[place][0].startswith("W_")]
    vectors = [place for place, parts in known.items() if parts[0].startswith("b_")]
    vectors.sort(key=lambda place: "b_hh" in known[place] or plain(place.called) in {"bh", "biash", "brecurrent"})
    whole = [place for place in vectors if place.kind != "position"]
    stacked = next((place for place in whole if len(source.unpacked(place.name)) == 2), None)
    biases: tuple[tuple[Place, ...], ...] = () if stacked else tuple((place,) for place in vectors)
    if len(matrices) == 2 and len(biases) <= 2:
        matrices.sort(key=lambda place: known[place][0] == "W_hh")
        both = [(biases, stacked)] if stacked or len(biases) != 1 else [((), vectors[0]), (biases, None)]
        for (own, rows), (first, second) in itertools.product(both, (matrices, matrices[::-1])):
            yield Weights((first,), (second,), own, stacked=rows)
    elif len(matrices) == 1 and len(biases) <= 1:
        for order in dict.fromkeys(_joined(source)):
            yield Weights((matrices[0],), (), biases, order)
        for order in ("xh1", "1xh", "hx1", "1hx") if not biases and "ones" in source.calls() else ():
            yield Weights((matrices[0],), (), (), order)


def _joined(source: Source) -> Iterator[str]:
    """Yield in which order input and state are joined, as the text has it."""
    for names in source.joined():
        parts = [next((part for part in parts_of(name) if part in {"x", "h"}), "") for name in names]
        if sorted(parts) == ["h", "x"]:
            yield "".join(parts)


def states_and_input(places: Sequence[Place], count: int) -> Mapping[Place, str] | None:
    """Return which places are the input (x) and the states (h, c); None if one is needed that is none of them.

    What has a memory is no cell without one.
    """
    found: dict[Place, str] = {}
    states = [place for place in places if state_of(place.called, count) == "h"]
    memories = [place for place in states if re.fullmatch(r"(prev|old|init)?s\w*", plain(place.called))]
    memories = memories if count > 1 and len(states) == 2 and len(memories) == 1 else []  # s beside an h
    for place in places:
        if count == 1 and state_of(place.called, 2) == "c":
            return None
        part = "c" if place in memories else part_of(place.called, count)
        if part and part not in found.values():
            found[place] = part
        elif place.needed or part:
            return None
    return found if "x" in found.values() else None


def part_of(name: str, count: int) -> str:
    """Return what is not a weight: x, h or c, an output layer's weights; empty if it is none.

    >>> part_of("c_prev", 2), part_of("H", 2), part_of("inputs", 1)
    ('c', 'h', 'x')
    """
    known = (part for part in parts_of(name) if part in {"x", "h", "W_hy", "b_y"})
    return state_of(name, count) or next(known, "")


def state_of(name: str, count: int) -> str:
    """Return which state something of a name is, h or c, empty if none.

    >>> state_of("prev_c", 2), state_of("a_next", 2), state_of("Wx", 2)
    ('c', 'h', '')
    """
    memory = (
        r"c|c[0tsx]|c?(prev|next|init|old|last)c?|initialc|ct1|ctm1|ctminus1|cm1|cell|(prev)?cellstate|prevcell|memory"
    )
    if count > 1 and re.fullmatch(memory, plain(name)) and "c" in plain(name):
        return "c"
    if re.fullmatch(r"h(tm1|t|old)|hiddens?|htilde|[ha]next|next[ha]", plain(name)):
        return "h"
    return "h" if parts_of(name)[:1] in {("h",), ("states",)} else ""


def is_back(name: str) -> bool:
    """Whether a function goes back, by its name."""
    return bool({"backward", "back", "backprop", "grad", "bwd"} & {*words_of(name.rpartition(".")[2])})
