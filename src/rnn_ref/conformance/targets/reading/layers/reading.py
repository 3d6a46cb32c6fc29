"""A function of several layers as a stack: how its arrays lie is found by shapes, its cell and its gates by values."""

import functools
import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

import numpy as np

from ....._shapes import Array
from .....interop.gates import GATED_KINDS, reordered
from .....stack import stack_forward
from ....operation import Operation, Outputs
from ....spec import OPERATIONS
from ....spec.bases import right
from ....spec.claims import (
    BOTH_ONLY,
    FLOAT32,
    LAYERS_ONLY,
    NO_BIAS,
    NO_STATE,
    ONE_BIAS,
    OPTION_ONLY,
    SINGLE_ONLY,
    STACKS_OF,
)
from ....spec.stack.callables import told as told_of
from ..calling.compiled import as_python
from ..calling.way import Way, shown
from ..equation import says
from ..gated.nearness import NEAR
from ..gated.order_said import order_said
from ..gated.reading import UPDATE, gates_of
from ..leaves import as_numbers
from ..reading import halves
from .packed import PYTORCH
from .roles import Roles, roles_of

T, B, D, H = 5, 3, 4, 6
EACH, ALL = "of each layer", "of all layers"
FEW = 2  # layers with which it is tried
DOUBT = 2  # so much nearer another equation must be
FORMS = {  # how sequences lie: by name the order of (T, B, n), and whether there is one sequence alone
    "T, B, n": ((0, 1, 2), False),
    "B, T, n": ((1, 0, 2), False),
    "T, n, B": ((0, 2, 1), False),
    "n, B, T": ((2, 1, 0), False),
    "T, n": ((0, 1, 2), True),
    "T, n, 1": ((0, 2, 1), True),
}


@dataclass(frozen=True)
class Layers:
    """How a function is read as a stack of one kind of cell."""

    way: Way
    roles: Roles
    cell: Operation
    left: bool  # W x, not x W
    form: str  # of sequences, among FORMS
    listed: bool  # states as a list of them, one for each layer
    rows: bool  # biases as rows (1, H), or as columns where vectors are
    order: str = ""  # of the gates, if it is another
    pairs: bool = False  # whether it returns the last states of a layer together, (h, c) for each
    negated: bool = False  # whether the update gate counts the other way round
    options: Mapping[str, Any] = field(default_factory=dict)  # of its cell
    together: str = ""  # how one argument holds both states: a pair for each layer, or a pair of all layers'

    def raw(self, X_seq: Array, states0: Sequence[Array], layers: Sequence[Mapping[str, Array]]) -> Any:
        """Call it; what it returned, with arrays of NumPy in it."""
        return plain_arrays(self.called(self.handed(X_seq, states0, layers)))

    def handed(self, X_seq: Array, states0: Sequence[Array], layers: Sequence[Mapping[str, Array]]) -> dict[str, Any]:
        """Return what it is given, by the names of its arguments."""
        given = self.begun(X_seq, states0)
        every = [self.laid(one) for one in layers]
        given |= {self.roles.number: len(layers) // self.directions} if self.roles.number else {}
        packed = self.roles.packed
        if packed is not None:
            held = [{name: one[part] for part, (name,) in self.roles.weights.items()} for one in every]
            units = layers[0]["W_hh"].shape[-1]
            given[packed.argument] = packed.value(held, (np.eye(units), np.zeros(units)))
            return given
        for part, names in self.roles.weights.items():
            arrays = [one[part] for one in every]
            given |= dict(zip(names, arrays, strict=True)) if self.roles.layers else {names[0]: arrays}
        return given

    def called(self, given: Mapping[str, Any]) -> Any:
        """Call it with arguments by their names; what it returned, as it is."""
        with as_python(self.way.function, fitting=self.way.fitting):
            return self.way.call_with(given)

    def begun(self, X_seq: Array, states0: Sequence[Array]) -> dict[str, Any]:
        """Return inputs and states as it takes them, by the names of its arguments."""
        given: dict[str, Any] = {self.roles.x: self.there(X_seq, FORMS[self.form][0])}
        states0 = [self.there(one, self.of_state) for one in states0]
        if self.roles.apart:
            given |= {name: state.copy() for name, state in zip(self.roles.states, states0[0], strict=True)}
        starts: list[Any] = [self._in_form(state) for state in states0]
        if self.together:
            starts = [list(zip(*starts, strict=True)) if self.together == EACH else tuple(starts)]
        return given | dict(zip(() if self.roles.apart else self.roles.states, starts, strict=False))

    def _in_form(self, state: Array) -> Any:
        return [one.copy() for one in state] if self.listed else state.copy()

    def started(self, state: Array) -> Any:
        """Return a state of all layers as it takes one."""
        return self._in_form(self.there(state, self.of_state))

    @property
    def of_state(self) -> tuple[int, ...]:
        """In which order the axes of a state of all layers lie."""
        return (0, 2, 1) if self._columns else (0, 1, 2)

    @property
    def directions(self) -> int:
        """In how many it reads."""
        return 1 + self.roles.both

    @property
    def single(self) -> bool:
        """Whether it takes one sequence at a time."""
        return FORMS[self.form][1]

    @property
    def _columns(self) -> bool:
        return FORMS[self.form][0] in {(0, 2, 1), (2, 1, 0)}

    def there(self, array: Array, order: tuple[int, ...]) -> Array:
        """Return what is time or layer first as the function has it; of one sequence without the batch."""
        there = array.transpose(order).copy()
        return there[:, 0] if self.single and not self._columns else there

    def back(self, array: Array, order: tuple[int, ...]) -> Array:
        """Return what the function has as the specification does; no array of another number of axes."""
        whole = array[:, None] if self.single and not self._columns else array
        return whole.transpose(np.argsort(order)) if whole.ndim == 3 else whole

    def laid(self, weights: Mapping[str, Array]) -> dict[str, Array]:
        """Return the weights of one layer as it has them."""
        here = GATED_KINDS[gates_of(self.cell)].here if gates_of(self.cell) > 1 else ""
        weights = {name: turned(one) for name, one in weights.items()} if self.negated else weights
        known = {name: reordered(one, here, self.order) if self.order else one for name, one in weights.items()}
        sides = {"b_xh", "b_hh"} & self.roles.weights.keys()
        if "b_h" in known and sides:
            known |= dict(zip(("b_xh", "b_hh"), halves(known["b_h"]), strict=True))
        elif "b_xh" in known and not sides:
            known["b_h"] = known["b_xh"] + known["b_hh"]
        return {
            name: (one if self.left else one.T) if one.ndim == 2 else self._bias(one) if self.rows else one
            for name, one in known.items()
        }

    def _bias(self, bias: Array) -> Array:
        return bias[:, np.newaxis] if self._columns else bias[np.newaxis]

    def answers(self, returned: Any, sizes: tuple[int, int, int], count: int) -> Outputs:
        """Take what is shown, and the last states if they are there, out of what came back."""
        steps, rows, units = sizes
        arrays = list(_arrays(_by_state(returned, count, len(self.cell.ends)) if self.pairs else returned, steps))
        found = Outputs()
        for one in (self.back(array, FORMS[self.form][0]) for array in arrays):
            if one.shape == (steps, rows, units * self.directions) and "h_states" not in found:
                found["h_states"] = one
        if len(arrays) > 1:
            last = [
                one
                for one in (self.back(array, self.of_state) for array in arrays[1:])
                if one.shape == (count, rows, units)
            ]
            found |= {f"states_T[{i}]": one for i, one in enumerate(last[: len(self.cell.ends)])}
        return found

    @property
    def claims(self) -> tuple[str, ...]:
        """What it leaves out."""
        found = [STACKS_OF.format(self.cell.name)]
        found += [LAYERS_ONLY.format(self.roles.layers)] if self.roles.layers else []
        found += [BOTH_ONLY] if self.roles.both else []
        found += [SINGLE_ONLY] if self.single else []
        found += [] if self.roles.states else [NO_STATE]
        biases = {"b_h", "b_xh", "b_hh"} & self.roles.weights.keys()
        found += [] if biases else [NO_BIAS]
        found += [ONE_BIAS] if biases == {"b_h"} and "b_hh" in self.cell.arguments else []
        return (*found, *(OPTION_ONLY.format(*one) for one in self.options.items()))

    @property
    def has_pytorchs_names(self) -> bool:
        """Whether its weights are called as PyTorch's are, which says in which order gates lie."""
        return any(name.startswith(PYTORCH) for names in self.roles.weights.values() for name in names)

    @property
    def told(self) -> str:
        """How it is read, in one line."""
        gates = gates_of(self.cell)
        said = order_said(self.way.source, gates) if gates > 1 and self.has_pytorchs_names else ""
        here = GATED_KINDS[gates].here if said else ""
        words = ["W x" if self.left else "x W", f"sequences ({self.form})"]
        words += [self.roles.told(), f"stacks of {self.cell.name}"]
        words += [f"gates {' '.join(self.order)}"] if self.order else []
        words += ["gate z the other way round"] if self.negated else []
        words += [f"{option}={value}" for option, value in self.options.items()]
        words += (
            [f"gates {' '.join(here)} as PyTorch's names say, {' '.join(said)} in the text"] if said != here else []
        )
        return f"{shown(self.way.function, self.way.name)}: {', '.join(words)}"

    def candidate(self) -> Callable[..., Any]:
        """Return what takes the arguments of a stack and returns its outputs by name."""

        def candidate(run: Any, X_seq: Array, states0: Any, layers: Any, **_: Any) -> Outputs:
            self.takes(run, X_seq)
            single = np.ndim(X_seq) == 2
            X, starts = (X_seq[:, None], [one[:, None] for one in states0]) if single else (X_seq, states0)
            found = self.answers(self.raw(X, starts, layers), (*X.shape[:2], starts[0].shape[-1]), len(layers))
            return Outputs({name: one[:, 0] if single else one for name, one in found.items()})

        given = self.probed()
        narrow = [FLOAT32] if any(one.dtype == np.float32 for one in given.values()) else []
        lacking = [f"no {name}" for name in ("states_T[0]", "states_T[1]")[: len(self.cell.ends)] if name not in given]
        candidate.__name__ = "stack_forward"
        candidate.__signature__ = signature("run, X_seq, states0, layers", self.directions)  # type: ignore[attr-defined]
        candidate.__reading__ = self.told  # type: ignore[attr-defined]
        candidate.__claims__ = (*self.claims, *lacking, *narrow)  # type: ignore[attr-defined]
        return candidate

    def takes(self, run: Any, X_seq: Array) -> None:
        """Raise NotImplementedError of layers, or of a batch, that it does not take."""
        name, options = told_of(run)
        forward = OPERATIONS[name].twin or name if name in OPERATIONS else ""
        if forward != self.cell.name or options != self.options:
            raise NotImplementedError(f"{self.way.name} is a stack of {self.cell.name}")
        if self.single and np.ndim(X_seq) != 2:
            raise NotImplementedError(f"{self.way.name} takes one sequence")

    def probed(self) -> Outputs:
        """Return what it answers on a small network."""
        X_seq, states0, layers = self.small()
        return self.answers(self.raw(X_seq, states0, layers), (T, X_seq.shape[1], H), len(layers))

    def small(self) -> tuple[Array, tuple[Array, ...], list[dict[str, Array]]]:
        """Return a small network with which it is tried."""
        X_seq, states0, layers = self.drawn(self.roles.layers // (1 + self.roles.both) or FEW)
        if ONE_BIAS in self.claims:
            layers = [one | {"b_hh": np.zeros_like(one["b_hh"])} for one in layers]
        return (X_seq[:, :1], tuple(one[:, :1] for one in states0), layers) if self.single else (X_seq, states0, layers)

    def drawn(self, count: int) -> tuple[Array, tuple[Array, ...], list[dict[str, Array]]]:
        """Return the inputs, states and weights of a small network of so many layers."""
        return drawn(self.cell, count, self.directions)

    def off(self) -> tuple[float, float]:
        """Return how far what is shown is from the right stack's, with what it leaves out in zeros; and the rest."""
        offs = (float(np.abs(one - due).mean()) for one, due in self._beside_the_right())
        shown, *rest = (one if np.isfinite(one) else np.inf for one in offs)
        return shown, sum(rest)

    def has_one_right_layer(self) -> bool:
        """Whether the last states of some layer are those of the right stack: this is its equation, come what may."""
        every = [np.abs(one - due) for one, due in self._beside_the_right()][1:2]
        return any(layer.max() < NEAR for one in every for layer in one)

    def _beside_the_right(self) -> list[tuple[Array, Array]]:
        """Return what is shown and every kind of last states, each with what the right stack has."""
        X_seq, states0, layers = self.small()
        states0 = states0 if self.roles.states else tuple(np.zeros_like(one) for one in states0)
        cell = functools.partial(right(self.cell.name), **self.options)
        run = stack_forward(cell, X_seq, states0, layers, directions=self.directions)
        found = self.probed()
        due = {"h_states": run.h_states} | {f"states_T[{i}]": one for i, one in enumerate(run.states_T)}
        return [(one, due[name]) for name, one in found.items()]


def signature(names: str, directions: int) -> inspect.Signature:
    """Return the signature of a stack's function, with an option for both directions if it has them."""
    kinds = inspect.Parameter
    every = [kinds(name, kinds.POSITIONAL_OR_KEYWORD) for name in names.split(", ")]
    every += [kinds("directions", kinds.KEYWORD_ONLY, default=1)] if directions > 1 else []
    return inspect.Signature(every)


def read_layers(way: Way) -> Layers | None:
    """Return the reading of a function as a stack: of what fits its shapes, what it is nearest to."""
    way.fitting = True
    found: list[tuple[tuple[float, float], Layers]] = []
    try:
        for one in _fitting(way):
            found.append((one.off(), one))
            if max(found[-1][0]) < NEAR and not one.single:
                return one
        off, nearest = min(found, key=lambda pair: pair[0], default=((0.0, 0.0), None))
        if nearest is None or off[0] < NEAR:
            return nearest
        others = [replace(one, options=dict([key])) for _, one in found for key in one.cell.cell_if]
        if not nearest.has_one_right_layer() and (sure := [one for one in others if one.has_one_right_layer()]):
            return min(sure, key=lambda one: one.off())
        other = min(others, key=lambda one: one.off(), default=None)
        return other if other and other.off()[0] < max(NEAR, off[0] / _doubt(other)) else nearest
    finally:
        way.fitting = False


def _doubt(one: Layers) -> float:
    """Return how many times nearer another equation has to be than that of most, if its text does not say it."""
    (option,) = one.options.items()
    return 1 if says(one.way.source, option) else DOUBT


def _fitting(way: Way) -> Iterator[Layers]:
    cells = [one for one in OPERATIONS.values() if one.states and one.cell and not one.twin]
    bent = any(re.search("sig|expit|logistic", name.lower()) for name in way.source.calls())
    cells.sort(key=lambda one: (gates_of(one) > 1) != bent)  # those with gates first where there are any
    for roles in roles_of(way.function, way.source):
        for cell, form, lies in product(cells, FORMS, product((True, False), (True, False), (False, True))):
            if roles.apart and len(cell.ends) > 1:
                continue
            if len(roles.states) > len(cell.ends) and not roles.apart:
                continue
            left, listed, rows = lies
            for together in (EACH, ALL) if len(roles.states) == 1 < len(cell.ends) else ("",):
                one = Layers(way, roles, cell, left, form, listed, rows, together=together)
                yield from _possible(one) if answers_at_all(one) else ()


def answers_at_all(one: Layers) -> bool:
    """Whether it answers with all states to what it is handed."""
    try:
        return "h_states" in one.probed()
    except KeyboardInterrupt:
        raise
    except BaseException:  # it takes other shapes
        return False


def _possible(one: Layers) -> Iterator[Layers]:
    """Yield the reading with the orders of gates and of what is returned that only values can tell.

    Weights that have PyTorch's names lie in its order: whoever takes another is wrong.
    """
    gates = gates_of(one.cell)
    orders = [""]
    if gates > 1 and not one.has_pytorchs_names:
        orders = list(dict.fromkeys(["", *GATED_KINDS[gates].others, order_said(one.way.source, gates)]))
    pairs = (False, True) if len(one.cell.ends) > 1 else (False,)
    for paired, order, negated in product(pairs, orders, (False, True) if gates in UPDATE else (False,)):
        yield replace(one, pairs=paired, order=order, negated=negated)


def turned(rows: Array) -> Array:
    """Return the rows of a weight or a bias of three gates, r z n, with those of z negated."""
    r, z, n = np.split(rows, 3)
    return np.concatenate([r, -z, n])


def drawn(cell: Operation, count: int, K: int = 1) -> tuple[Array, tuple[Array, ...], list[dict[str, Array]]]:
    """Return the inputs, states and weights of a small network, on sizes that all differ."""
    rng = np.random.default_rng(3)
    weights = list(cell.arguments)[1 + len(cell.ends) :]

    def size(axis: str, k: int) -> int:
        return H * int(axis[:-1] or 1) if axis.endswith("H") else D if k < K else K * H

    layers = [{name: rng.normal(size=[size(axis, k) for axis in cell.arguments[name].axes]) / 2 for name in weights}
              for k in range(count * K)]  # fmt: skip
    states0 = tuple(np.tanh(rng.normal(size=(count * K, B, H))) for _ in cell.ends)
    return rng.normal(size=(T, B, D)), states0, layers


def plain_arrays(returned: Any) -> Any:
    """Return an answer with arrays of NumPy in it."""
    if isinstance(returned, Mapping):
        return {key: plain_arrays(one) for key, one in returned.items()}
    if isinstance(returned, list | tuple):
        return list(map(plain_arrays, returned))
    return as_numbers(returned) if hasattr(returned, "shape") else returned


def _by_state(returned: Any, count: int, states: int) -> Any:
    """Return an answer with what it has for each of so many layers, all states of it, as a list for each state."""
    if not isinstance(returned, list | tuple):
        return returned

    def is_paired(one: Any) -> bool:
        layers = one if isinstance(one, list | tuple) and len(one) == count else ()
        return bool(layers) and all(isinstance(pair, list | tuple) and len(pair) == states for pair in layers)

    return [list(map(list, zip(*one, strict=True))) if is_paired(one) else one for one in returned]


def _arrays(returned: Any, steps: int) -> Iterator[Array]:
    """Yield the arrays of an answer; a list of as many of one shape is one."""
    if isinstance(returned, np.ndarray):
        yield returned
    elif isinstance(returned, Mapping):
        yield from (array for one in returned.values() for array in _arrays(one, steps))
    elif isinstance(returned, list | tuple):
        same = {np.shape(one) for one in returned if isinstance(one, np.ndarray)}
        if len(same) == 1 and all(isinstance(one, np.ndarray) and one.ndim in {1, 2} for one in returned):
            yield np.stack(returned)
        else:
            yield from (array for one in returned for array in _arrays(one, steps))
