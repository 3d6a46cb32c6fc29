"""A recurrent network that an artefact holds: its weights, its sizes, and its calls under the functions' names.

Such calls take the weights as well and leave them aside, for the artefact has its own: so what is asked, judged and
named is the same as of any function, and mistakes of the catalogue can be made with the same weights.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from ...._shapes import Array
from ...operation import Operation
from ...spec import OPERATIONS

JUDGED = (1, 3)  # gates, a block of rows each, of the networks that are asked
SUM = "b_h"  # the bias that may be the sum of several
Run = Callable[[Array, Array | None], tuple[Array | None, Array | None]]  # X_seq, h0 -> all states, the last one


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


def unjudged(kind: str, *, gates: int) -> str:
    """Return why a network of so many gates is not asked, empty if it is: the weights' names do not tell four from one.

    >>> unjudged("LSTM", gates=4)
    'LSTM is not specified here'
    """
    return "" if gates in JUDGED else f"{kind} is not specified here"


class Forms(NamedTuple):
    """The functions of one equation: a step and the way through time, each with its way back where there is one."""

    step: Operation
    sequence: Operation
    step_back: Operation | None
    sequence_back: Operation | None


def forms(weights: Iterable[str]) -> Forms:
    """Return the functions that take these weights.

    >>> forms(["W_xh", "W_hh", "b_h"]).sequence.name
    'rnn_forward'
    """
    ones = [one for one in OPERATIONS.values() if one.cell and one.cell.states and set(one.cell.weights) == {*weights}]
    step = next(one for one in ones if not one.twin and not one.states)
    sequence = next(one for one in ones if not one.twin and one.states)
    back = {one.twin: one for one in ones}
    return Forms(step, sequence, back.get(step.name), back.get(sequence.name))


@dataclass(frozen=True)
class Mark:
    """What is noted on a call that was read: how, what it returns, its only precision, and what it differentiates."""

    reading: str
    returns: str | None = None  # last, pair
    dtype: str | None = None
    derives: str = ""  # the function of which it is the derivative, by the framework's own differentiation


def marked(call: Callable[..., Any], mark: Mark, *, options: bool = True) -> Callable[..., Any]:
    """Return a call with a mark on it, that declares any option or none."""

    def noted(*arguments: Any) -> Any:
        return call(*arguments)

    def with_options(*arguments: Any, **given: Any) -> Any:
        return call(*arguments, **given)

    found = with_options if options else noted
    found.__mark__, found.__reading__ = mark, mark.reading  # type: ignore[attr-defined]
    return found


def mark_of(call: Callable[..., Any]) -> Mark:
    """Return the mark of a call; one that has none may bear its reading as ``__reading__``."""
    found = getattr(call, "__mark__", None)
    return found if isinstance(found, Mark) else Mark(str(getattr(call, "__reading__", "")))


def through_time(run: Run, reading: str, returns: str | None, *, reverse: bool = False) -> Callable[..., Any]:
    """Return the call of a network that goes through a sequence; a state of zeros is left out, as None."""

    def forward(X_seq: Array, h0: Array, *_: Array, **__: Any) -> Any:
        states, last = run(flipped(X_seq, reverse=reverse), h0 if np.any(h0) else None)
        if states is None:
            return last
        states = flipped(states, reverse=reverse)
        return states if last is None else (states, last)

    return marked(forward, Mark(reading, returns))


def flipped(array: Array, *, reverse: bool = True) -> Array:
    """Return a sequence from its end, if it is to be."""
    return array[::-1].copy() if reverse else array


def returns(*, states: bool, last: bool) -> str | None:
    """Return what a call is declared to return."""
    return "pair" if states and last else None if states else "last"


def told(kind: str, weights: Mapping[str, Array], *more: str) -> str:
    """Write how an artefact was read: what it is, its sizes, and what is particular.

    >>> told("nn.RNN", {"W_xh": np.ones((5, 3)), "W_hh": np.ones((5, 5))}, "", "batch first")
    'nn.RNN, D = 3, H = 5, batch first'
    """
    sizes = f"D = {weights['W_xh'].shape[1]}, H = {weights['W_hh'].shape[1]}"
    return ", ".join([kind, sizes, *filter(None, more)])
