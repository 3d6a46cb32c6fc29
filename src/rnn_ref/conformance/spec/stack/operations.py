"""The records of stacks: layers, directions and lengths of whatever cell they are handed.

A stack takes and returns values that are made of several arrays: states for every kind of them, weights for every
layer. How many there are is not known before the call, so each check has a record of its own, with every array in it.
"""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ...._shapes import Array
from ....stack import Run
from ...nested import head, parts, whole
from ...operation import NOT_THERE, Absent, Check, Family, Operation, Outputs, Suite, by_name

SEVERAL = {"states0", "states_T", "layers"}  # what is a list or a tuple of arrays, and no array over time


class Stack(Operation):
    """A function that is handed the forward or the backward of one layer, and makes a stack of it."""

    def asked_with(
        self, arguments: Mapping[str, Any], options: Mapping[str, Any], known: Mapping[str, Operation]
    ) -> Operation:
        """Return the record of one check, with every array that is in its arguments and answers."""
        layer = known[next(iter(arguments.values()))]
        weights = tuple((name, value.axes) for name, value in layer.arguments.items())
        own = tuple(dict.fromkeys(option for option, _ in layer.cell_if))
        return _record(self.name, tuple(arguments), weights, own, options.get("directions", 1))

    def handed(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return the arguments as the specification has them, put together from single arrays."""
        made = whole(values)
        if isinstance(ran := made.get("run"), dict):
            made["run"] = Run(ran["h_states"], ran["states_T"], ran["inside"])
        return tuple(made.values())

    def unread(self, check: Check) -> dict[str, Array]:
        """Return which steps of what is shown stand behind the ends of their sequences."""
        lengths = check.options.get("lengths")
        if "h_states" not in check.expected or lengths is None:
            return {}
        T, _, KH = check.expected["h_states"].shape
        behind = np.arange(T)[:, np.newaxis] >= np.asarray(lengths)
        return {"h_states": np.repeat(behind[..., np.newaxis], KH, -1)}

    def unpacked(self, returned: Any) -> dict[str, Any]:
        """Take an answer apart, down to single arrays.

        What stands behind what is due is not looked at: what a forward keeps for its own way back. Of one kind of
        state the array may stand where a tuple of it is due, as frameworks have it.
        """
        if isinstance(returned, Outputs):
            return dict(returned)
        found = self._by_head(returned, tuple(dict.fromkeys(map(head, self.outputs))))
        absent = {part: found[name] for part in self.outputs if isinstance(found[name := head(part)], Absent)}
        found = {name: one for name, one in found.items() if not isinstance(one, Absent)}
        if "states_T" in found and not isinstance(found["states_T"], list | tuple):
            found["states_T"] = (found["states_T"],)
        return absent | {part: one for name, value in found.items() for part, one in _parts(name, value)}

    def _by_head(self, returned: Any, names: tuple[str, ...]) -> dict[str, Any]:
        """Return what is due by name, as it came: gradients that come as one value are taken out of it."""
        if self.packed:
            loss, *gradients, last = names
            if type(returned) in {tuple, list} and len(returned) == 2:
                returned = (*returned, Absent(f"{NOT_THERE}: returned 2 values, expected 3: {loss}, grads, {last}"))
            found = by_name(returned, (loss, self.packed[0], last))
            return {loss: found[loss]} | by_name(found[self.packed[0]], gradients) | {last: found[last]}
        more = type(returned) in {tuple, list} and len(returned) > len(names)
        return by_name(returned[: len(names)] if more else returned, names)


def _parts(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the arrays in one value; a list of what was shown at every step is one array."""
    yield from parts(name, value) if name in SEVERAL else [(name, value)]


@functools.cache
def _record(
    function: str,
    names: tuple[str, ...],
    weights: tuple[tuple[str, tuple[str, ...]], ...],
    own: tuple[str, ...],
    directions: int,
) -> Operation:
    """Return the record of a call with these arrays, given the axes of the weights of one layer, and its options."""

    def axes_of(name: str) -> str:
        if head(name) == "layers":
            place, word = int(name.partition("[")[2].partition("]")[0]), name.rpartition(".")[2]
            return " ".join("KH" if one == "D" and place >= directions else one for one in dict(weights)[word])
        return AXES[name.removeprefix("run.").partition("[")[0]]

    general = next(one for one in STACK.operations if one.name == function)
    kinds = [name.removeprefix("states0") for name in names if head(name) == "states0"]
    made = {"h_states": ["h_states"], "loss": ["loss"], "states_T": [f"states_T{place}" for place in kinds]}
    due = [one for name in general.outputs for one in made.get(name) or [part for part in names if head(part) == name]]
    takes, returns = ([f"{name}: {axes_of(name)}" for name in every] for every in (names, due))
    terms = {name: TERMS[head(name)] for name in names if head(name) in TERMS}
    return replace(general, takes=", ".join(takes), returns=", ".join(returns), handed_on=own, terms=terms)


AXES = {
    "run": "function",
    "run_back": "function",
    "targets_seq": "T [B] classes",
    "loss": "",
    "W_hy": "V KH",
    "b_y": "V",
    "X_seq": "T [B] D",
    "h_states": "T [B] KH",
    "dh_states": "T [B] KH",
    "inside": "T [B] H",
    "states0": "LK [B] H",
    "states_T": "LK [B] H",
    "dstates_T": "LK [B] H",
}
TERMS = {"states0": "initial states", "dstates_T": "what reaches the last states"}
GIVEN = f"X_seq: {AXES['X_seq']}, states0: {AXES['states0']} parts, layers: parts"
OUTPUT = f"W_hy: {AXES['W_hy']}, b_y: {AXES['b_y']}"
STACK = Family(
    "stack",
    "stack-1",
    __package__,
    (
        Stack(
            "stack_forward",
            f"run: function, {GIVEN}",
            f"h_states: {AXES['h_states']}, states_T: {AXES['states_T']} parts",
        ),
        Stack(
            "stack_backward",
            f"run_back: function, dh_states: {AXES['dh_states']}, dstates_T: {AXES['dstates_T']} parts, run: parts, "
            f"{GIVEN}",
            GIVEN,
            twin="stack_forward",
            from_the_end=True,
        ),
        Stack(
            "stack_bptt",
            f"run: function, run_back: function, X_seq: {AXES['X_seq']}, targets_seq: {AXES['targets_seq']}, "
            f"states0: {AXES['states0']} parts, layers: parts, {OUTPUT}",
            f"loss:, {GIVEN}, {OUTPUT}, states_T: {AXES['states_T']} parts",
            packed=("grads", 1, 6),
            from_the_end=True,
            implied={"ignores": "ignore_index"},
        ),
    ),
    (Suite("stack-bptt-1", f"{__package__}.network_probes", functions=("stack_bptt",)),),
)
