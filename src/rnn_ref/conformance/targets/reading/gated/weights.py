"""Which place takes which weights of a cell with gates: by the names of gates, else as one matrix for all of them.

Input and state have a matrix each, or one for both, joined; a bias may be the last row of it. Where shapes are known,
as of what an object holds, they say what an array multiplies and along which axis gates lie. Names never tell gates
apart that share a matrix: values do.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

from .....interop.gates import GATED_KINDS
from ..calling.place import Place
from ..names import parts_of, plain, size_of
from ..syntax.source import Source
from .names import BY_STEM, MEMORIES, SIDES, is_of_gates, parsed, state_of
from .slots import LEFT, Slot, of_shape

Shapes = Mapping[Place, tuple[int, ...]]
BIASES_OF_STATES = {"bh", "biash", "brecurrent", "brec", "biashh", "bhh", "rb"}
INSIDE = {"bn", "bhn", "bhhn", "bnh", "biasn", "biashn"}  # the bias of the new state that the reset gate multiplies
OUTPUTS = {"W_hy", "b_y"}
S_BESIDE_H = r"s|s0|sprev|prevs|sold|slast|st1"  # the memory, where the state is h


class Weights(NamedTuple):
    """The slots of all weights, as one way to understand them."""

    slots: tuple[Slot, ...]

    @property
    def places(self) -> set[Place]:
        """All places."""
        return {slot.place for slot in self.slots}

    @property
    def biases(self) -> int:
        """How many biases each gate has: none, one, or one for each side."""
        sides = {slot.side for slot in self.slots if slot.is_bias}
        return (
            2
            if sides & {"both", "rest"} or {"x", "h"} <= sides
            else int(bool(sides) or any("1" in s.rows for s in self.slots))
        )

    @property
    def joined(self) -> str:
        """In which order input and state share a matrix, empty if they do not."""
        return next((slot.rows for slot in self.slots if {"x", "h"} <= {*slot.rows}), "")

    @property
    def unordered(self) -> int:
        """How many gates share an array, so that only values tell which is which."""
        return max((slot.start + slot.many for slot in self.slots if not slot.letters), default=0)

    @property
    def left(self) -> set[bool]:
        """On which sides weights stand, as far as shapes say."""
        return {LEFT[slot.axes] for slot in self.slots if slot.axes in LEFT and not _is_square(slot)}


def _is_square(slot: Slot) -> bool:
    """Whether a matrix has as many rows as columns, whichever way it lies."""
    return slot.rows == "h" and slot.many == 1


def weights_of(
    places: Sequence[Place], gates: int, source: Source, shapes: Shapes, sizes: Mapping[str, int]
) -> Iterator[Weights]:
    """Yield what the places of a function may be, the likeliest first."""
    seen = set()
    for slots in (
        *_by_gate(places, gates, source),
        *_by_shape(places, gates, source, shapes, sizes),
        *_shared(places, gates, source),
    ):
        for one in _lying(slots, shapes, gates, sizes):
            if one not in seen and _is_whole(one, gates):
                seen.add(one)
                yield Weights(one)


def _lying(slots: Sequence[Slot], shapes: Shapes, gates: int, sizes: Mapping[str, int]) -> Iterator[tuple[Slot, ...]]:
    """Yield the slots with the axes that their shapes have, where these are known; nothing if a shape is another."""
    every = []
    for slot in slots:
        if slot.place not in shapes:
            every.append([slot])
            continue
        every.append([])
        for rows, many, axes in of_shape(shapes[slot.place], gates, sizes["D"], sizes["H"]):
            if many == slot.many and sorted(rows) == sorted(slot.rows):
                side = "both" if "S" in axes else slot.side
                every[-1].append(slot._replace(axes=() if _is_square(slot) else axes, side=side))
    for one in product(*every):
        yield tuple(dict.fromkeys(one))


def _is_whole(slots: Sequence[Slot], gates: int) -> bool:
    """Whether every gate has its weights of the input and of the state once, and biases all or none."""
    counted = {row: sum(slot.many for slot in slots if row in slot.rows) for row in "xh"}
    biases = [slot for slot in slots if "1" in slot.rows]
    sides = {slot.side for slot in biases}
    total = sum(slot.many for slot in biases if "rest" not in sides or slot.side == "rest")
    return (
        set(counted.values()) == {gates}
        and total == gates * len(sides - {"h"} if "rest" in sides else sides)
        and len({slot.place for slot in slots}) == len(slots)
    )


def _by_gate(places: Sequence[Place], gates: int, source: Source) -> Iterator[tuple[Slot, ...]]:
    """Yield the slots where gates have their own arrays, or two of three share one."""
    groups: dict[tuple[str, str], dict[str, list[Place]]] = {}
    for place in places:
        for stem, side, gate in parsed(place.called, gates):
            groups.setdefault((stem, side), {}).setdefault(gate, []).append(place)
    letters = GATED_KINDS[gates].here
    whole = {key: _one_each(ones, letters) for key, ones in groups.items() if {*letters} <= ones.keys()}
    for key, ones in groups.items():
        rest = [place for place in ones.get("n", []) if place not in ones.get("?", [])]
        if key not in whole and "?" in ones and rest:
            whole[key] = (ones["?"][0], rest[0])
    used: set[Place] = set()
    kept: dict[tuple[str, str], tuple[Place, ...]] = {}
    for key in sorted(whole, key=lambda key: not key[1]):  # those that name a side say more
        if not used & {*whole[key]} and len({*whole[key]}) == len(whole[key]):
            kept[key] = whole[key]
            used |= {*whole[key]}
    biases = [(key, ones) for key, ones in kept.items() if key[0] == "b"]
    matrices = {key: ones for key, ones in kept.items() if key[0] != "b"}
    if not matrices or len(matrices) > 2 or len(biases) > 2:
        return
    biases.sort(key=lambda one: SIDES.get(one[0][1], "") == "h")
    sides = ("",) if len(biases) == 1 else ("x", "h")
    inside = [found["n"][0] for key, found in groups.items() if key[0] == "b" and found.keys() == {"n"}]
    if gates == 3 and len(biases) == 1 and len(inside) == 1 and not used & {*inside}:
        sides = ("rest",)
        biases.append((("b", "h"), (inside[0],)))
    of_biases = [
        slot for side, (_, ones) in zip(sides, biases, strict=False) for slot in _slots(ones, "1", gates, side)
    ]
    of_biases += [Slot(inside[0], "1", "n", side="h")] if sides == ("rest",) else []
    if len(matrices) == 1:
        (alone,) = matrices.values()
        for rows in _orders(source, bias=bool(biases)):
            yield (*_slots(alone, rows, gates), *of_biases)
    else:
        first, second = sorted(matrices, key=lambda key: (SIDES.get(key[1]) or BY_STEM.get(key[0], "x")) == "h")
        for x, h in ((first, second), (second, first)):
            yield (*_slots(matrices[x], "x", gates), *_slots(matrices[h], "h", gates), *of_biases)


def _one_each(ones: Mapping[str, Sequence[Place]], letters: str) -> tuple[Place, ...]:
    """Return a place for each gate, no place twice if that can be: ``W_rh`` is that of r, where ``W_nh`` is there."""
    every = product(*(ones[gate] for gate in letters))
    return next((one for one in every if len({*one}) == len(letters)), tuple(ones[gate][0] for gate in letters))


def _slots(ones: Sequence[Place], rows: str, gates: int, side: str = "") -> list[Slot]:
    """Return the slots of arrays of one kind: of one gate each, or of two and one."""
    if len(ones) == gates:
        return [
            Slot(place, rows, letter, side=side) for place, letter in zip(ones, GATED_KINDS[gates].here, strict=True)
        ]
    if len(ones) == 1:
        return [Slot(ones[0], rows, many=gates, side=side)]
    return [Slot(ones[0], rows, many=2, side=side), Slot(ones[1], rows, "n", side=side)]


def _by_shape(
    places: Sequence[Place], gates: int, source: Source, shapes: Shapes, sizes: Mapping[str, int]
) -> Iterator[tuple[Slot, ...]]:
    """Yield the slots where shapes are known, and names do not tell: arrays of one gate stand in the order of all."""
    known = {place: {(rows, count) for rows, count, _ in of_shape(shapes[place], gates, sizes["D"], sizes["H"])}
             for place in places if place in shapes}  # fmt: skip
    known = {place: kinds for place, kinds in known.items() if kinds and not set(parts_of(place.called)[:1]) & OUTPUTS}
    groups: dict[tuple[str, int], list[Place]] = {}
    for place, kinds in known.items():
        rows, count = min(kinds, key=lambda kind: (len(kind[0]), kind))
        groups.setdefault((rows, count), []).append(place)
    joined = [key for key in groups if {"x", "h"} <= {*key[0]}]
    owners = {place.path[:-1]: (rows, number) for (rows, _), ones in groups.items() if rows in {"x", "h"}
              for number, place in enumerate(ones) if place.path[:-1]}  # fmt: skip
    slots: list[Slot] = []
    for (rows, count), ones in groups.items():
        if (
            any(plain(place.called) in INSIDE for place in ones)
            or (joined and rows in "xh")
            or (rows != "1" and count * len(ones) != gates)
            or count * len(ones) > 2 * gates
        ):
            return
        double = rows == "1" and count * len(ones) == 2 * gates
        beside = double and all(place.path[:-1] in owners for place in ones)
        for number, place in enumerate(ones):
            side = ("x" if number < len(ones) / 2 else "h") if double else ""
            within = number % max(gates // count, 1)
            if beside:  # each is in a layer with its matrix
                side, within = owners[place.path[:-1]]
            slots.append(Slot(place, rows, "", within * count, count, side=side))
    for key in joined:
        for rows in _orders(source, bias="1" not in key[0]):
            if sorted(rows) == sorted(key[0]):
                yield tuple(slot._replace(rows=rows) if slot.rows == key[0] else slot for slot in slots)
    if not joined:
        yield tuple(slots)


def _shared(places: Sequence[Place], gates: int, source: Source) -> Iterator[tuple[Slot, ...]]:
    """Yield the slots where all gates share one array."""
    known = {
        place: [part for part in (place.parts or parts_of(place.called)) if part[:2] in {"W_", "b_"}]
        for place in places
    }
    head = any(parts[:1] == ["W_hy"] for parts in known.values())  # then c is its bias
    known = {
        place: parts
        for place, parts in known.items()
        if parts and (parts[0] not in OUTPUTS or (not head and _is_next(place, gates)))
    }
    matrices = [place for place, parts in known.items() if parts[0].startswith("W_")]
    vectors = [place for place, parts in known.items() if parts[0].startswith("b_")]
    if len(matrices) == 3 and not vectors:  # a capital B beside two matrices
        vectors = [place for place in matrices if plain(place.called) == "b"]
        matrices = [place for place in matrices if place not in vectors]
    vectors.sort(key=lambda place: "b_hh" in known[place] or plain(place.called) in BIASES_OF_STATES | {"c"})
    if len(vectors) > 2:
        return
    inside = [place for place in places if plain(place.called) in INSIDE]
    if gates == 3 and len(vectors) - len({*vectors} & {*inside}) == len(inside) == 1:
        (whole,) = (place for place in vectors if place not in inside)
        yield from _with_inside(places, whole, inside[0], source)
        return
    single = [place for place in vectors if place.kind != "position"]
    split = next((place for place in single if _is_end_to_end(place.name, source, gates)), None)
    stacked = split or next((place for place in single if len(source.unpacked(place.name)) == 2), None)
    end_to_end = ("SGH",) if split else ()
    sides = ("both",) if stacked else ("",) if len(vectors) == 1 else ("x", "h")
    vectors = [stacked] if stacked else vectors
    of_two = len(vectors) == 1 and not stacked
    of_two = of_two and (vectors[0].kind.startswith("constructor") or source.takes_one_of([vectors[0].called]))
    alternatives = [sides, ("both",)] if of_two else [sides]
    for one in alternatives:
        biases = [Slot(place, "1", many=gates, axes=end_to_end, side=side)
                  for place, side in zip(vectors, one, strict=False)]  # fmt: skip
        if len(matrices) == 2:
            matrices.sort(key=lambda place: known[place][0] == "W_hh")
            for first, second in (matrices, matrices[::-1]):
                yield (Slot(first, "x", many=gates), Slot(second, "h", many=gates), *biases)
        elif len(matrices) == 1:
            for rows in _orders(source, bias=bool(biases)):
                yield (Slot(matrices[0], rows, many=gates), *biases)
    if gates == 3 and len(vectors) == 2 and plain(vectors[1].called) in BIASES_OF_STATES:  # or inside, as flax has it
        yield from _with_inside(places, vectors[0], vectors[1], source)


def _is_end_to_end(name: str, source: Source, gates: int) -> bool:
    """Whether what is called so is two biases behind each other, as ONNX has them, by how its text takes it apart."""
    return source.split_into(name) == 2 * gates or source.cut_in_two(name) == gates


def _with_inside(places: Sequence[Place], whole: Place, inside: Place, source: Source) -> Iterator[tuple[Slot, ...]]:
    """Yield the slots with a bias of all three gates, and one of the new state alone, inside the reset."""
    for slots in _shared([place for place in places if place != inside], 3, source):
        rest = (slot._replace(side="rest") if slot.place == whole else slot for slot in slots)
        yield (*rest, Slot(inside, "1", "n", side="h"))


def _is_next(place: Place, gates: int) -> bool:
    """Whether a place is the letter behind b, and no memory: a second bias, as in ``W, U, b, c``."""
    return place.called == "c" and (gates == 3 or place.kind in {"key", "deep"})


def _orders(source: Source, *, bias: bool) -> list[str]:
    """Return in which orders input and state may be joined, as the text has it; with a one, if there is no bias."""
    found = []
    for names in source.joined():
        known = [["h" if part == "states" else part for part in parts_of(name)] for name in names]
        parts = [next((part for part in one if part in {"x", "h"}), "") for one in known]
        found += ["".join(parts[:2])] if sorted(parts[:2]) == ["h", "x"] else []
    orders = list(dict.fromkeys(found)) or ["hx", "xh"]
    return orders if bias else [*orders, *(f"{one}1" for one in orders), *(f"1{one}" for one in orders)]


def states_and_input(places: Sequence[Place], count: int) -> Mapping[Place, str] | None:
    """Return which places are the input (x) and the states (h, c); None if one is needed that is none of them.

    What has a memory is no cell without one. Beside a state h, one called s is the memory.
    """
    found: dict[Place, str] = {}
    unknown: list[Place] = []
    has_h = any(state_of(place.called, count) == "h" and "h" in plain(place.called) for place in places)
    for place in places:
        if count == 1 and re.fullmatch(MEMORIES, plain(place.called)) and state_of(place.called, 2) == "c":
            return None
        part = part_of(place.called, count)
        if count > 1 and part == "h" and has_h and re.fullmatch(S_BESIDE_H, plain(place.called)):
            part = "c"
        if part and part not in found.values():
            found[place] = part
        elif not part and place.needed and place.kind == "argument" and not is_of_gates(place.called):
            unknown.append(place)
        elif place.needed or part:
            return None
    states = [part for part in found.values() if part in "hc"]
    if len(unknown) == 1 and "x" not in found.values() and len(states) in {0, count}:
        return {unknown[0]: "x", **found}  # all else is known
    return found if "x" in found.values() and not unknown else None


def without_sizes(way: Any, free: Sequence[Place], count: int) -> list[Place]:
    """Return places without the arguments of one letter that are sizes, beside all the weights: d, h, T.

    So is an h if the state is another, and a d, which may be an output layer's bias, if that layer has no weight. An
    s is the memory where there has to be one and none is: then the state is h.
    """
    parts = {place: part_of(place.called, 2) for place in free if place.kind == "argument"}
    if count > 1 and "c" not in parts.values():
        parts |= {place: "c" for place in parts if re.fullmatch(S_BESIDE_H, plain(place.called))}
    kept = []
    for place in free:
        others = {part for one, part in parts.items() if one is not place}
        known = parts.get(place, "-")
        alone = known == "" or (known == "h" and "h" in others) or (known == "b_y" and "W_hy" not in others)
        size = size_of(place.called) if alone and len(place.called) == 1 else None
        if size:
            way.given[place.name] = size
        kept += [] if size else [place]
    return kept


def part_of(name: str, count: int) -> str:
    """Return what is not a weight: x, h or c, an output layer's weights; empty if it is none.

    >>> part_of("c_prev", 2), part_of("H", 2), part_of("inputs", 1)
    ('c', 'h', 'x')
    """
    known = (part for part in parts_of(name) if part in {"x", "h", "W_hy", "b_y"})
    return state_of(name, count) or next(known, "")
