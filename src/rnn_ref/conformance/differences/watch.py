"""Watching a program: which of its functions leave gradients, beside which weights, and from where these are used."""

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any, NamedTuple

from ..._shapes import Array
from ..targets.reading.names import is_gradient, plain
from .arrays import Leaf, Path, found_at, is_leaf, leaves_in
from .cut import is_cut
from .pairs import is_state, paired
from .program import Program

OF_ONE, LOOKED_AT = 2, 500  # calls of one function from one frame, and of all, that are looked at
OBJECTS = 4  # entries of a dict or a list that are looked at: they are all alike
WHOLE = 16  # numbers in a vector that may be all weights
FURTHER = 0.6  # seconds in which functions around the first that leaves gradients may return


class Call(NamedTuple):
    """The so many-eth call of a function of the program."""

    function: str
    nth: int


@dataclass
class Candidate:
    """A call that leaves gradients, and the call from which on their weights are used, with the ways to both."""

    call: Call
    begin: Call
    pairs: list[tuple[Path, Path]]  # of the gradient as the function returns, of the weight at the beginning
    depth: int = 0  # how many calls of the program's own it stands in
    cut: bool = False  # whether it goes back some steps only, by its text
    updates: bool = False  # whether it changes the weights itself


@dataclass
class _Frame:
    call: Call
    before: dict[int, int]  # hashes of the numbers of arrays that were there
    parent: int
    place: int  # among the calls from the same frame; -1 if it is none of those looked at


@dataclass
class Watch:
    """Looks at the calls of a program while it runs, and tells which leave gradients, the innermost first."""

    program: Program
    done: Callable[[list[Candidate]], None]  # is told when there is nothing more to be learned
    candidates: list[Candidate] = field(default_factory=list)
    _counts: Counter[str] = field(default_factory=Counter)  # by their names: what is made anew has the same
    _returns: Counter[CodeType] = field(default_factory=Counter)
    _frames: dict[int, _Frame] = field(default_factory=dict)
    _siblings: dict[int, list[tuple[Call, dict[int, Leaf]]]] = field(default_factory=dict)
    _looked: int = 0
    _until: float = 0.0

    def run(self) -> None:
        """Run the program, and tell what was learned at its end, if that is not told before."""
        sys.setprofile(self._seen)
        self.program.run()
        sys.setprofile(None)
        self.done(self.candidates)

    def _seen(self, frame: FrameType, event: str, value: Any) -> None:
        if event not in {"call", "return"} or not is_function(frame, self.program):
            return
        if event == "call":
            self._entered(frame)
        else:
            self._left(frame, value)

    def _entered(self, frame: FrameType) -> None:
        name = frame.f_code.co_qualname
        self._counts[name] += 1
        call = Call(name, self._counts[name])
        if self.candidates and time.monotonic() > self._until:
            self.done(self.candidates)
        parent = parent_of(frame, self.program)
        siblings = self._siblings.setdefault(id(parent), [])
        place, every = -1, dict[int, Leaf]()
        if sum(one.function == call.function for one, _ in siblings) < OF_ONE and self._looked < LOOKED_AT:
            self._looked += 1
            place = len(siblings)
            every = {id(one.value): one for one in around(frame, self.program)}
            siblings.append((call, every))
        before = {key: _hash(one) for key, one in every.items()}
        self._frames[id(frame)] = _Frame(call, before, id(parent), place)

    def _left(self, frame: FrameType, value: Any) -> None:
        known = self._frames.pop(id(frame), None)
        self._siblings.pop(id(frame), None)
        self._returns[frame.f_code] += 1
        if known is None or known.place < 0 or self._returns[frame.f_code] > 1:
            return
        siblings = self._siblings[known.parent][: known.place + 1]
        gradients = gradients_at(frame, value, self.program)
        made = [one for one in gradients if known.before.get(id(one.value)) != _hash(one)]
        pairs = paired(made, list(siblings[-1][1].values()))
        if sum(bool(one.array.any()) for one, _ in pairs) < min(2, len(pairs)):
            return  # cleared, or not begun
        own = [weight for _, weight in pairs if not is_state(weight.path)]
        weights = {id(weight.value) for weight in own}
        is_whole = len(own) == 1 and own[0].array.ndim == 1 and own[0].array.size >= WHOLE
        if not is_whole and (len(weights) < 2 or not any(weight.array.ndim == 2 for weight in own)):
            return
        begin, before = next(
            (call, every) for call, every in siblings if 2 * len(weights & every.keys()) > len(weights)
        )
        found = [(one.path, before[id(weight.value)].path) for one, weight in pairs if id(weight.value) in before]
        self._until = self._until if self.candidates else time.monotonic() + FURTHER
        updates = any(known.before.get(id(one.value)) != _hash(one) for _, one in pairs)
        self.candidates.append(
            Candidate(known.call, begin, found, len(self._frames), is_cut(frame.f_code, self.program), updates)
        )


def is_function(frame: FrameType, program: Program) -> bool:
    """Whether a frame is that of a function of the program's, or of one of its files."""
    name = frame.f_code.co_name
    return program.is_own(frame.f_code.co_filename) and (name[:1] != "<" or name == "<lambda>")


def parent_of(frame: FrameType, program: Program) -> FrameType | None:
    """Return the frame of the program's own that called another."""
    above = frame.f_back
    while above is not None and not (is_function(above, program) or above.f_code.co_name == "<module>"):
        above = above.f_back
    return above if above is not None and program.is_own(above.f_code.co_filename) else None


def around(frame: FrameType, program: Program) -> Iterator[Leaf]:
    """Yield the arrays that can be reached from where a function is called."""
    parent = parent_of(frame, program)
    roots = {f"argument {name}": one for name, one in frame.f_locals.items()}
    roots |= {f"caller's {name}": one for name, one in (parent.f_locals.items() if parent else ())}
    roots |= {f"global {name}": one for name, one in list(frame.f_globals.items())}
    for leaf in leaves_in(roots, program.modules):
        yield leaf._replace(path=(*str(leaf.path[0]).split(" ", 1), *leaf.path[1:]))


def gradients_at(frame: FrameType, returned: Any, program: Program) -> list[Leaf]:
    """Return what may be gradients as a function returns: what it returns, what is called so, and what objects hold."""
    own = frame.f_locals
    called = {id(one): name for name, one in reversed(own.items())}  # by its first name
    found = [_by_its_name(one, returned, called) for one in leaves_in({"returned": returned}, program.modules)]
    around_it = {**frame.f_globals, **own}
    locals_ = {name: one for name, one in around_it.items() if is_gradient(name) and len(plain(name)) > 1}
    objects = {name: one for name, one in around_it.items() if _is_of(one, program.modules)}
    held = [one for one in leaves_in(objects, program.modules) if any(map(_may_hold, one.path[1:]))]
    for leaf in [*leaves_in(locals_, program.modules), *held]:
        found.append(leaf._replace(path=("local", *leaf.path)))
    return list({id(one.value): one for one in reversed(found)}.values())[::-1]


def _hash(one: Leaf) -> int:
    """Return what tells whether numbers have changed: behind a softmax gradients add up to zero, as before."""
    return hash(one.array.tobytes())


def _is_of(one: Any, modules: frozenset[str]) -> bool:
    """Whether something is an object of the program's own, or a dict or list of such."""
    every = list(one.values()) if isinstance(one, dict) else one if isinstance(one, list | tuple) else [one]
    return any(type(entry).__module__ in modules for entry in every[:OBJECTS])


def _by_its_name(leaf: Leaf, returned: Any, called: Mapping[int, str]) -> Leaf:
    """Return what is returned with the way to it by its own name, or by that of the list that it stands in."""
    if id(leaf.value) in called and of_place(leaf):
        return leaf._replace(path=("called", called[id(leaf.value)]))
    holder = found_at(leaf.path[:-1], {"returned": returned}, frozenset()) if len(leaf.path) > 1 else None
    if of_place(leaf) and isinstance(holder, list) and id(holder) in called:
        return leaf._replace(path=("called", called[id(holder)], leaf.path[-1]))
    return leaf


def left_at(frame: FrameType, returned: Any, own: frozenset[str], wanted: Iterable[Path]) -> dict[Path, Array]:
    """Return what stands as a function returns where gradients were found before."""
    around_it = {**frame.f_globals, **frame.f_locals}
    found = {}
    for path in wanted:
        roots, way = ({"returned": returned}, path) if path[0] == "returned" else (around_it, path[1:])
        if is_leaf(value := found_at(way, roots, own)):
            found[path] = Leaf(path, value).array
    return found


def of_place(leaf: Leaf) -> bool:
    """Whether a returned array has no name but that of its place."""
    return leaf.path == ("returned",) or type(leaf.path[-1]) is int


def _may_hold(name: str | int) -> bool:
    return isinstance(name, str) and (name in {"d", "g"} or (is_gradient(name) and len(plain(name)) > 1))


def scalars_in(value: Any, depth: int = 2) -> Iterator[tuple[Path, float]]:
    """Yield the single real numbers in what is returned, with the way to each."""
    size = getattr(value, "size", None)
    if isinstance(value, float) or (size == 1 and getattr(getattr(value, "dtype", None), "kind", "") == "f"):
        yield (), float(value if isinstance(value, float) else value.reshape(-1)[0])
    elif depth and isinstance(value, Mapping):
        for key, one in list(value.items())[:16]:
            yield from [((str(key), *path), number) for path, number in scalars_in(one, depth - 1)]
    elif depth and isinstance(value, tuple | list) and len(value) <= 16:
        for i, one in enumerate(value):
            yield from [((i, *path), number) for path, number in scalars_in(one, depth - 1)]
