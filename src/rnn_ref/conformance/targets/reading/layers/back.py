"""The way back through a stack that is read, after its own way forward: ``f(dout, cache)``, ``f(dout, cache, params)``.

A gradient of a weight is known by what stands on the way to it in the answer: the number of its layer and the name of
the weight, in one key (``dW1``, ``weight_ih_l0``) or one after the other (``grads[0]["W"]``).
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ....._shapes import Array
from .....interop.gates import GATED_KINDS, reordered
from ....operation import Outputs
from ....spec.claims import NO_LAST
from ..calling.way import Way, shown
from ..gated.names import is_back, state_of
from ..gated.reading import gates_of
from ..given import relayed
from ..leaves import Path, as_numbers, at
from ..names import is_gradient, of_what, parts_of, plain
from .reading import FORMS, Layers, signature, turned

LAST = re.compile(r"d_?([hcs])s?_?(n|t|T|l|end|last|final)")  # what reaches the last states
Token = str | int


@dataclass(frozen=True)
class StackBack:
    """How a function is read as the way back through a stack that is read already."""

    way: Way
    forward: Layers
    above: str  # the argument for the gradients of what is shown
    last: Mapping[str, int]  # the arguments for what reaches the last states, by which state it is
    relayed: Mapping[str, Path]  # what its way forward returned, by argument
    same: Sequence[str]  # what its way forward was given

    def gradients(
        self, above: Array, last: Sequence[Array], X_seq: Array, states0: Sequence[Array], layers: Sequence[Any]
    ) -> Outputs:
        """Return the gradients by the names of the arguments."""
        one = self.forward
        given = one.handed(X_seq, states0, layers)
        first = one.called(given)
        arguments = {name: given[name] for name in self.same if name in given}
        arguments |= {name: at(first, path) for name, path in self.relayed.items()}
        arguments[self.above] = one.there(above, FORMS[one.form][0])
        arguments |= {name: one.started(last[which]) for name, which in self.last.items()}
        returned = self.way.call_with(arguments)
        return self._found(returned, (X_seq.shape, states0[0].shape), layers)

    def _found(self, returned: Any, shapes: tuple[Any, Any], layers: Sequence[Mapping[str, Array]]) -> Outputs:
        every = list(_arrays(returned, self.way.source.returned_within(), ()))
        found = Outputs()
        for name, shape, order in self._of_layers(shapes):
            back = self.forward.back
            ones = [back(array, order) for tokens, array in every if self._is_called(tokens, name)]
            if self.forward.roles.apart and name == "states0[0]":  # one for each layer
                own = self.forward.roles.states
                each = [[array for tokens, array in every if any(_alike(t, one) for t in tokens[-1:])] for one in own]
                ones = [back(np.stack([one[0] for one in each]), order)] if all(each) else []
            fitting = [array for array in ones if array.shape == shape]
            if name != "X_seq" and not fitting:  # without a name, in their order
                free = [array for tokens, array in every if len(tokens) == 1 and isinstance(tokens[0], int)]
                free = [array for one in free if (array := back(one, order)).shape == shape]
                fitting = free[int(name[-2]) :] if len(free) == len(self.forward.cell.ends) else []
            if not fitting and name == "X_seq":  # what reaches the lowest layer, whatever it is called
                fitting = [array for _, each in every if (array := back(each, order)).shape == shape]
            found |= {name: fitting[0]} if fitting else {}
        for k, weights in enumerate(layers):
            laid = self.forward.laid(weights)
            mine = {part: next((array for tokens, array in every if self._is_weight(tokens, k, part)), None)
                    for part in self.forward.roles.weights}  # fmt: skip
            known = {part: array for part, array in mine.items() if array is not None}
            found |= {f"layers[{k}].{name}": array for name, array in self._unlaid(known, laid, weights)}
        return found

    def _of_layers(self, shapes: tuple[Any, Any]) -> Iterator[tuple[str, Any, tuple[int, ...]]]:
        yield "X_seq", shapes[0], FORMS[self.forward.form][0]
        order = self.forward.of_state
        yield from ((f"states0[{i}]", shapes[1], order) for i in range(len(self.forward.cell.ends)))

    def _is_called(self, tokens: Sequence[Token], name: str) -> bool:
        """Whether an array is called as the gradient of the inputs, or of a state."""
        called = next((of_what(one) for one in reversed(tokens) if isinstance(one, str)), "")
        if name == "X_seq":
            return parts_of(called)[:1] == ("x",)
        own = [one for one in self.forward.roles.states if plain(one) == plain(called)]
        state = state_of(called, 2) or state_of(called.removesuffix("s"), 2)
        return (bool(own) or bool(state)) and state == "hc"[int(name[-2])]

    def _is_weight(self, tokens: Sequence[Token], k: int, part: str) -> bool:
        """Whether an array is the gradient of a weight of a layer, by what stands on the way to it."""
        roles = self.forward.roles
        names, packed = roles.weights[part], roles.packed
        *before, last = tokens or ("",)
        if packed is None and not roles.layers:  # a list of each weight
            return last == k and bool(before) and _alike(before[-1], names[0])
        if packed is None or packed.numbered:
            return _alike(last, names[k] if packed is None else packed.key_of(names[0], k))
        if not (_alike(last, names[0]) or (packed.kind == "tuple" and last == packed.names.index(names[0]))):
            return False
        if packed.words:
            return packed.words[k] in before or any(_alike(one, packed.words[k]) for one in before)
        numbers = [one if isinstance(one, int) else _number(one) for one in before]
        counted = any(isinstance(one, str) and _number(one) for one in before)  # l1, l2
        return k in numbers or (counted and k + 1 in numbers)

    def _unlaid(
        self, found: Mapping[str, Array], laid: Mapping[str, Array], weights: Mapping[str, Array]
    ) -> Iterator[tuple[str, Array]]:
        """Yield the gradients of one layer as the specification has them; one of another shape as it is."""
        one, gates = self.forward, gates_of(self.forward.cell)
        here = GATED_KINDS[gates].here if gates > 1 else ""
        made = {}
        for part, array in found.items():
            made[part] = array
            if array.shape == np.shape(laid[part]):
                rows = (array if one.left else array.T) if part[0] == "W" else array.reshape(-1)
                rows = reordered(rows, one.order, here) if one.order else rows
                made[part] = turned(rows) if one.negated else rows
        sides = [made[part] for part in ("b_xh", "b_hh") if part in made]
        for name in weights:
            if name in made:
                yield name, made[name]
            elif name == "b_h" and sides:
                yield name, np.mean(sides, 0, dtype=sides[0].dtype)  # they are the same
            elif name.startswith("b_") and "b_h" in made:
                yield name, made["b_h"]

    def probed(self) -> Outputs:
        """Return what it answers on a small network."""
        X_seq, states0, layers = self.forward.small()
        rng = np.random.default_rng(4)
        shown_ = rng.normal(size=(*X_seq.shape[:2], states0[0].shape[-1] * self.forward.directions))
        return self.gradients(shown_, [rng.normal(size=one.shape) for one in states0], X_seq, states0, layers)

    def candidate(self) -> Callable[..., Any]:
        """Return what takes the arguments of the way back through a stack and returns its gradients by name."""

        def candidate(
            run_back: Any, dh: Any, dlast: Any, run: Any, X_seq: Array, states0: Any, layers: Any, **_: Any
        ) -> Outputs:
            self.forward.takes(run_back, X_seq)
            single = np.ndim(X_seq) == 2
            X, above, starts, ends = (
                (X_seq[:, None], dh[:, None], [one[:, None] for one in states0], [one[:, None] for one in dlast])
                if single
                else (X_seq, dh, states0, dlast)
            )
            found = self.gradients(above, ends, X, starts, layers)
            batch = {name: name == "X_seq" or name.startswith("states0") for name in found}
            return Outputs({name: one[:, 0] if single and batch[name] else one for name, one in found.items()})

        given = self.probed()
        fixed = self.forward.roles.layers
        due = ["X_seq", *(f"states0[{i}]" for i in range(len(self.forward.cell.ends)))]
        names = list(self.forward.cell.arguments)[1 + len(self.forward.cell.ends) :]
        due += [f"layers[0].{name}" for name in names]
        lacking = [name for name in due if name not in given]
        lacking += [f"layers[{k}].{name[10:]}" for name in lacking if name[0] == "l" for k in range(1, fixed or 4)]
        candidate.__name__ = "stack_backward"
        names_ = "run_back, dh_states, dstates_T, run, X_seq, states0, layers"
        candidate.__signature__ = signature(names_, self.forward.directions)  # type: ignore[attr-defined]
        told = f"after {self.forward.way.name}, its gradients by layer and name"
        candidate.__reading__ = f"{shown(self.way.function, self.way.name)}: {told}"  # type: ignore[attr-defined]
        claims = (*self.forward.claims, *([] if self.last else [NO_LAST]), *(f"no d{name}" for name in lacking))
        candidate.__claims__ = claims  # type: ignore[attr-defined]
        return candidate


def read_stack_back(way: Way, forward: Layers) -> StackBack | None:
    """Return the reading of a way back after its way forward, None if there is none."""
    if not is_back(way.name):
        return None
    handed = {place.name: path for place, path in relayed(way, forward).items()}  # type: ignore[arg-type]
    taken = forward.way.signature.parameters
    above, last, same = "", dict[str, int](), list[str]()
    for name, parameter in way.signature.parameters.items():
        end = LAST.fullmatch(name)
        if end and name not in taken:
            last[name] = "hc".index("h" if end[1] == "s" else end[1])
            handed.pop(name, None)
        elif name in taken:
            same.append(name)
            handed.pop(name, None)
        elif not above and (parts_of(name)[:1] == ("up",) or is_gradient(name)):
            above = name
            handed.pop(name, None)
        elif name not in handed and parameter.default is parameter.empty:
            return None
    if not above or not (handed or same):
        return None
    one = StackBack(way, forward, above, last, handed, same)
    try:
        found = one.probed()
    except KeyboardInterrupt:
        raise
    except BaseException:  # it takes something else
        return None
    weights = {name for name in found if name.startswith("layers")}
    count = forward.roles.layers or 2
    return one if {f"layers[{k}].{part}" for k in range(count) for part in ("W_xh", "W_hh")} <= weights else None


def _arrays(value: Any, names: Sequence[Any], tokens: tuple[Token, ...]) -> Iterator[tuple[tuple[Token, ...], Array]]:
    """Yield the arrays of an answer, each with what stands on the way to it: keys, numbers, and names in the text."""
    array = None if isinstance(value, Mapping) else as_numbers(value)
    if array is not None and array.ndim:
        yield tokens, array
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _arrays(one, (), (*tokens, key if isinstance(key, int) else str(key)))
    elif isinstance(value, list | tuple):
        called = getattr(value, "_fields", names if len(names) == len(value) else range(len(value)))
        for number, (name, one) in enumerate(zip(called, value, strict=True)):
            own, inner = name if isinstance(name, tuple) else (name, ())
            yield from _arrays(one, inner, (*tokens, own if own != "" else number))


def _alike(token: Token, name: str) -> bool:
    """Whether something is called as a weight, or as its gradient."""
    return isinstance(token, str) and plain(name) in {plain(token), plain(of_what(token))}


def _number(word: str) -> int | None:
    """Return the number at the end of a word, None if there is none."""
    found = re.search(r"(\d+)$", word)
    return int(found[1]) if found else None
