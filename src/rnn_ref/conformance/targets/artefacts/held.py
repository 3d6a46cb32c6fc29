"""A recurrent network that an artefact holds: its weights, its sizes, and its calls under the functions' names.

Such calls take the weights as well and leave them aside, for the artefact has its own: so what is asked, judged and
named is the same as of any function, and mistakes of the catalogue can be made with the same weights.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from ...._shapes import Array
from ...operation import Operation, Outputs
from ...spec import OPERATIONS
from ...spec.claims import OPTION_ONLY

OPTIONS_TOLD = {("activation", "relu"): "relu", ("reset_after", False): "reset gate before the product"}
WRONG = "wrong: "  # with which a sentence begins on what holds networks, and deals with them wrongly
SUM = "b_h"  # the bias that may be the sum of several
States = tuple[Array, ...]  # the state that is shown, and those beside it
Run = Callable[[Array, States | None], tuple[Array | None, States]]  # X_seq, those before -> all shown, the last ones


@dataclass(frozen=True)
class Held:
    """One network of an artefact."""

    part: str  # its name in the artefact, empty if there is no other
    weights: Mapping[str, Array]
    options: Mapping[str, Any] = field(default_factory=dict)
    reading: str = ""
    reverse: bool = False  # whether it goes through the sequence from its end
    takes_state: bool = True
    batch: int | None = None  # the only size that it takes
    calls: Mapping[str, Any] = field(default_factory=dict)  # by function; in the process that judges, their names alone
    shares: Mapping[str, Array] = field(default_factory=dict)  # the biases of which the one here is the sum
    suspected: tuple[str, ...] = ()  # those of them that seem to be left out
    notes: tuple[str, ...] = ()  # sentences on what became of it since its source, if it is compared with that
    lacks: tuple[str, ...] = ()  # weights that stand for nothing in it, and have no gradients: zeros for a bias
    run: str = ""  # the function of one layer, of what is judged as a stack: its weights bear their places
    shows: tuple[str, ...] = ()  # the outputs of a stack that it answers with
    lengths: bool = False  # whether a stack takes them

    @property
    def dtype(self) -> str:
        """The precision of the weights, in which it is asked."""
        return str(next(iter(self.weights.values())).dtype)

    @property
    def marks(self) -> dict[str, "Mark"]:
        """What is noted on its calls, by function."""
        return {name: mark_of(call) for name, call in self.calls.items()}

    def without(self, share: str) -> dict[str, Array]:
        """Return the weights if one of the biases is left out of the sum."""
        return {name: array - self.shares[share] if name == SUM else array for name, array in self.weights.items()}


class Holding(NamedTuple):
    """What an artefact holds, and a sentence on everything in it that cannot be judged."""

    networks: list[Held]
    refused: list[str]


def beside(refused: str) -> str:
    """Write what became of what is not judged as a network: that it is not, or what is wrong with it.

    >>> beside("Net itself, how it joins what is in it"), beside("wrong: Net itself: it raises")
    ('not judged: Net itself, how it joins what is in it', 'wrong: Net itself: it raises')
    """
    return refused if refused.startswith(WRONG) else f"not judged: {refused}"


class Forms(NamedTuple):
    """The functions of one equation: a step and the way through time, each with its way back where there is one."""

    step: Operation
    sequence: Operation
    step_back: Operation | None
    sequence_back: Operation | None


def forms(weights: Mapping[str, Array]) -> Forms:
    """Return the functions that take these weights: as many blocks of rows as there are gates tell two cells apart.

    >>> forms({"W_xh": np.ones((20, 3)), "W_hh": np.ones((20, 5)), "b_h": np.ones(20)}).sequence.name
    'lstm_forward'
    """
    rows, H = weights["W_hh"].shape
    return forms_named(weights, rows // H)


def forms_named(weights: Iterable[str], gates: int) -> Forms:
    """Return the functions that take weights of these names, with so many gates.

    >>> forms_named(["W_xh", "W_hh", "b_h"], 1).sequence.name
    'rnn_forward'
    """
    ones = [one for one in OPERATIONS.values() if one.cell and one.cell.states and set(one.cell.weights) == {*weights}]
    rows = f"{gates if gates > 1 else ''}H"
    ones = [one for one in ones if one.arguments["W_hh"].axes[0] == rows]
    step = next(one for one in ones if not one.twin and not one.states)
    sequence = next(one for one in ones if not one.twin and one.states)
    back = {one.twin: one for one in ones}
    return Forms(step, sequence, back.get(step.name), back.get(sequence.name))


@dataclass(frozen=True)
class Mark:
    """What is noted on a call that was read: how, its only precision, and what it differentiates."""

    reading: str
    dtype: str | None = None
    derives: str = ""  # the function of which it is the derivative, by the framework's own differentiation
    leaves_out: bool = False  # whether states before that are all zeros are left out, as None


def marked(
    call: Callable[..., Any], mark: Mark, *, options: Mapping[str, Any] | None = None, only: bool = True
) -> Callable[..., Any]:
    """Return a call with a mark on it, that declares any option; or those alone that are told, by these values only."""

    def noted(*arguments: Any, **given: Any) -> Any:
        return call(*arguments, **given)

    found: Any = noted
    if options is not None:
        kinds = inspect.Parameter
        own = [kinds(name, kinds.KEYWORD_ONLY, default=value) for name, value in options.items()]
        found.__signature__ = inspect.Signature([kinds("arguments", kinds.VAR_POSITIONAL), *own])
        found.__claims__ = tuple(OPTION_ONLY.format(*one) for one in options.items()) if only else ()
    found.__mark__, found.__reading__ = mark, mark.reading
    return found  # type: ignore[no-any-return]


def mark_of(call: Callable[..., Any]) -> Mark:
    """Return the mark of a call; one that has none may bear its reading as ``__reading__``."""
    found = getattr(call, "__mark__", None)
    return found if isinstance(found, Mark) else Mark(str(getattr(call, "__reading__", "")))


def through_time(run: Run, reading: str, sequence: Operation, *, reverse: bool = False) -> Callable[..., Any]:
    """Return the call of a network that goes through a sequence; states that are all zeros are left out, as None."""
    ends = sequence.ends

    def forward(X_seq: Array, *others: Array, **__: Any) -> Outputs:
        before = others[: len(ends)]
        states, last = run(flipped(X_seq, reverse=reverse), before if any(map(np.any, before)) else None)
        shown = {} if states is None else {sequence.states: flipped(states, reverse=reverse)}
        return Outputs(shown, **dict(zip(ends.values(), last, strict=False)))

    return marked(forward, Mark(reading))


def options_told(options: Mapping[str, Any]) -> list[str]:
    """Write which equation is meant, where it is not that of most.

    >>> options_told({"activation": "relu"}), options_told({"reset_after": False}), options_told({})
    (['relu'], ['reset gate before the product'], [])
    """
    return [OPTIONS_TOLD.get(one, f"{one[0]}={one[1]}") for one in options.items()]


def flipped(array: Array, *, reverse: bool = True) -> Array:
    """Return a sequence from its end, if it is to be."""
    return array[::-1].copy() if reverse else array


def told(kind: str, weights: Mapping[str, Array], *more: str) -> str:
    """Write how an artefact was read: what it is, its sizes, and what is particular.

    >>> told("nn.RNN", {"W_xh": np.ones((5, 3)), "W_hh": np.ones((5, 5))}, "", "batch first")
    'nn.RNN, D = 3, H = 5, batch first'
    """
    sizes = f"D = {weights['W_xh'].shape[1]}, H = {weights['W_hh'].shape[1]}"
    return ", ".join([kind, sizes, *filter(None, more)])
