"""A reading of a loss: a foreign callable in the place of one of the specification's losses, or of a way back."""

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from ....operation import Operation, Outputs, Rank
from ....spec.loss_claims import IGNORED, REDUCTIONS
from .. import axes as forms
from ..axes import LIST, Form
from ..calling.way import shown
from ..leaves import Path, as_numbers, at
from ..leaves import told as place
from ..reading import RankNotReadError
from ..tensors import converter
from ..text import KIND
from .roles import FUNCTION, LOGITS, MASK, OPTIONS, TARGETS, UP, LossWay

AXES: Mapping[int, tuple[Rank, tuple[str, ...]]] = {
    1: ("step", ("V",)),
    2: ("single", ("T", "V")),
    3: ("batch", ("T", "B", "V")),
}
ROWS = "rows"  # an answer with a loss for every row
LISTS = "lists"  # of Python's own numbers, in the place of arrays


class Lay(NamedTuple):
    """How logits lie in one rank, and what of the answer is meant, with its form."""

    logits: Form
    path: Path
    answer: Form | str  # of a loss: () for a number, ``ROWS``; of a gradient its form

    @property
    def targets(self) -> Form:
        """How class indices lie beside the logits; an axis of one in front of the classes is that of a batch."""
        rows = self.logits[: self.logits.index("V")] if self.logits[-1] == "V" else ()
        return rows or tuple(letter for letter in self.logits if letter not in {"V", "1"})


@dataclass(frozen=True)
class LossReading:
    """How a foreign callable is read as a loss, or as the way back through one."""

    operation: Operation
    way: LossWay
    roles: Mapping[str, str]  # by argument
    kind: str
    one_hot: bool
    lays: Mapping[Rank, Lay] = field(default_factory=dict)
    claims: tuple[str, ...] = ()
    told: str = ""  # how it reduces, in words
    before: "LossReading | None" = None  # the way forward that has to be called first
    narrow: bool = False  # whether it answers in float32 whatever it is given
    relayed: Mapping[str, Path] = field(default_factory=dict)  # what goes from its answer into an argument

    def raw(self, named: Mapping[str, Any], lay: Lay, options: Mapping[str, Any]) -> Any:
        """Call the foreign function in a layout; what it returned, as it is."""
        first = self.before.raw(named, lay, options) if self.before is not None else None
        masked = self._masked(named, options)
        values = {name: self._handed(role, masked, lay) for name, role in self.roles.items()}
        values |= {name: at(first, path) for name, path in self.relayed.items()}
        own = {name: value for name, value in options.items() if name in self.way.signature.parameters}
        arguments = {**values, **{name: self._converted(value) for name, value in own.items()}}
        return self.way.called_with(arguments, self.before.way.last if self.before is not None else None)

    def _masked(self, named: Mapping[str, Any], options: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the arguments with a mask, where one is taken, in the place of targets that are ignored."""
        if MASK not in self.roles.values():
            return named
        targets = np.asarray(named[TARGETS])
        mask = targets != options.get("ignore_index", IGNORED)
        return {**named, MASK: mask, TARGETS: named[TARGETS] if np.all(mask) else np.where(mask, targets, 0)}

    def _handed(self, role: str, named: Mapping[str, Any], lay: Lay) -> Any:
        """Return what goes into an argument: the arguments' own memory, so that what is written there shows."""
        axes = AXES[np.ndim(named[LOGITS])][1]
        if role == TARGETS:
            return self._targets(named, axes, lay)
        if role == FUNCTION:
            return _any_order(named[FUNCTION])
        if role == LOGITS:
            return self._converted(forms.there(np.asarray(named[LOGITS]), axes, lay.logits))
        value = named[role]
        return self._converted(forms.there(value, axes[:-1], lay.targets)) if np.ndim(value) else value

    def _targets(self, named: Mapping[str, Any], axes: tuple[str, ...], lay: Lay) -> Any:
        given = named[TARGETS]
        targets = np.asarray(given)
        if self.one_hot:
            logits = np.asarray(named[LOGITS])
            rows = np.eye(logits.shape[-1], dtype=logits.dtype)[targets]
            return self._converted(forms.there(rows, axes, lay.logits))
        own = self.kind in {"numpy", LISTS}
        if not targets.ndim:
            return int(targets) if own else self._converted(targets.astype(np.int64))
        if own and not isinstance(given, np.ndarray) and lay.targets == axes[:-1]:
            return given
        lying = forms.there(targets, axes[:-1], lay.targets)
        if "torch" in self.kind:
            lying = [one.astype(np.int64) for one in lying] if isinstance(lying, list) else lying.astype(np.int64)
        return self._converted(lying)

    def _converted(self, value: Any) -> Any:
        if self.kind == LISTS:
            return _as_lists(value)
        return converter(self.kind)(value)

    def answer(self, named: Mapping[str, Any], returned: Any, lay: Lay) -> Outputs:
        """Take the loss or the gradient out of what came back."""
        [output] = self.operation.outputs
        value = at(returned, lay.path)
        array = as_numbers(value)
        if array is None:
            return Outputs({output: value})
        axes = AXES[np.ndim(named[LOGITS])][1]
        sizes = dict(zip(axes, np.shape(named[LOGITS]), strict=True))
        if lay.answer == ROWS:
            form = tuple(letter for letter in lay.targets if letter != LIST)
            return Outputs({output: forms.back(array, axes[:-1], form, sizes)})
        if lay.answer == ():
            return Outputs({output: array.reshape(())[()] if array.size == 1 and array.ndim <= 2 else array})
        form = tuple(letter for letter in lay.answer if letter != LIST)
        return Outputs({output: forms.back(array, axes, form, sizes)})

    def candidate(self) -> Callable[..., Any]:
        """Return what takes the specification's arguments and returns its outputs by name."""
        names = list(self.operation.arguments)

        def candidate(*arguments: Any, **options: Any) -> Outputs:
            given = dict(zip(names, arguments, strict=True))
            named = named_by_role(self.operation, given)
            rank, _ = AXES[np.ndim(named[LOGITS])]
            if rank not in self.lays:
                raise RankNotReadError(f"{self.way.name} takes {' or '.join(self.lays)} only")
            asked = {"reduction": "mean", **options} if "reduction" in own else options
            returned = self.raw(named, self.lays[rank], asked)
            return self.answer(named, returned, self.lays[rank])

        own = [*self.options]
        reduces = [] if "reduction" in own else ["reduction"] * bool(set(REDUCTIONS) & set(self.claims))
        kinds = inspect.Parameter
        candidate.__name__ = self.operation.name
        candidate.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [kinds(name, kinds.POSITIONAL_OR_KEYWORD) for name in names]
            + [kinds(name, kinds.KEYWORD_ONLY, default=None) for name in [*own, *reduces]]
        )
        candidate.__reading__ = self.line()  # type: ignore[attr-defined]
        candidate.__claims__ = self.claims  # type: ignore[attr-defined]
        return candidate

    @property
    def takes_a_mask(self) -> bool:
        """Whether it, or its way forward, is told which targets take part."""
        return MASK in self.roles.values() or (self.before is not None and self.before.takes_a_mask)

    @property
    def options(self) -> list[str]:
        """The options that it takes, or its way forward; a mask is one."""
        ways = [self.way, *([self.before.way] if self.before is not None else [])]
        found = [name for way in ways for name in way.signature.parameters if name in OPTIONS]
        return list(dict.fromkeys([*found, *(["ignore_index"] if self.takes_a_mask else [])]))

    def line(self) -> str:
        """Return how it is read in one line."""
        returned = self.way.source.returned()
        answer = f" -> ({', '.join(one or '…' for one in returned)})" if returned else ""
        lays = list(dict.fromkeys(_shown(lay.logits) for lay in self.lays.values()))
        paths = list(dict.fromkeys(place(lay.path) for lay in self.lays.values() if lay.path))
        words = ["logits " + " or ".join(lays), "one-hot targets" if self.one_hot else "class indices"]
        words += [self.told] if self.told else []
        words += paths + ([f"after {self.before.way.name}"] if self.before is not None else [])
        kind = ", lists of numbers" if self.kind == LISTS else KIND[self.kind]
        return f"{shown(self.way.function, self.way.name)}{answer}: {', '.join(words)}{kind}"


def _shown(form: Form) -> str:
    return f"{'list of ' if LIST in form else ''}({', '.join(one for one in form if one != LIST)})"


def named_by_role(operation: Operation, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments of the specification by the roles that they play here."""
    found = {}
    for name, value in operation.arguments.items():
        role = {"classes": TARGETS, "function": FUNCTION}.get(value.kind)
        found[role or (LOGITS if value.axes[-1:] == ("V",) else UP)] = given[name]
    return found


def _as_lists(value: Any) -> Any:
    if isinstance(value, list):
        return [_as_lists(one) for one in value]
    return value.tolist() if isinstance(value, np.ndarray) else value


def _any_order(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a loss be called with the targets first, and its way back without what comes from above."""

    @functools.wraps(function)
    def called(*arguments: Any) -> Any:
        *up, first, second = [np.asarray(one) if isinstance(one, list) else one for one in arguments]
        if np.asarray(first).dtype.kind in "iu" and np.asarray(second).dtype.kind == "f":
            first, second = second, first
        takes_up = "dloss" in inspect.signature(function).parameters
        return function(*([1.0] if takes_up and not up else up), first, second)

    return called
