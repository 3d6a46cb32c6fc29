"""What is checked: the functions by name, what each returns, and what one check consists of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from .._shapes import Array

SUITE = "1"
RANKS = ("step", "single", "batch")  # one prediction (cross_entropy alone), one sequence, a batch of sequences

CELL = ("W_xh", "W_hh", "b_h")
GRADIENTS = ("X_seq", "h0", *CELL, "W_hy", "b_y")


class Function(NamedTuple):
    """What a function of the specification returns: one value, several by name, or rnn_bptt's three."""

    outputs: tuple[str, ...]
    timed: tuple[str, ...] = ()  # the outputs whose first axis is time
    backwards: bool = False  # computed from the last step to the first

    @property
    def several(self) -> bool:
        """Whether the outputs come as a NamedTuple, tuple or dict."""
        return len(self.outputs) > 1


FUNCTIONS: dict[str, Function] = {
    "rnn_cell_step": Function(("h_t",)),
    "rnn_forward": Function(("h_states",), timed=("h_states",)),
    "rnn_output_layer": Function(("logits",), timed=("logits",)),
    "cross_entropy": Function(("loss",)),
    "rnn_sequence_loss": Function(("loss",)),
    "rnn_cell_backward": Function(("x_t", "h_prev", *CELL)),
    "rnn_backward": Function(("X_seq", "h0", *CELL), timed=("X_seq",), backwards=True),
    "rnn_output_backward": Function(("h_states", "W_hy", "b_y"), timed=("h_states",)),
    "cross_entropy_backward": Function(("dlogits",)),
    "rnn_sequence_loss_backward": Function(("dlogits_seq",), timed=("dlogits_seq",)),
    "rnn_bptt": Function(("loss", *GRADIENTS, "h_T"), timed=("X_seq",), backwards=True),
}


@dataclass(frozen=True, eq=False)
class Check:
    """One call with one right answer; equal to itself alone, so that what was worked out for it can be kept."""

    id: str  # function/case-dtype
    rank: str
    dtype: str
    flags: tuple[
        str, ...
    ]  # generic: no null candidate may pass; corner: exempt; square, large, list, confident, probabilities;
    # ignores: the default of ignore_index matters, so it is asked only of functions that have it
    arguments: Mapping[str, Any]  # positional, in order: arrays, scalars, or the name of a callable
    options: Mapping[str, Any]  # by keyword
    expected: Mapping[str, Array] = field(default_factory=dict)  # by output: the float64 nearest to the truth
    remainder: Mapping[str, Array] = field(default_factory=dict)  # what is missing to the truth, in ulp of expected
    pytorch: Mapping[str, Array] = field(default_factory=dict)  # PyTorch's own answers, computed in the dtype
    lists: tuple[str, ...] = ()  # arguments handed over as lists of arrays
    slack: Mapping[str, Array] = field(default_factory=dict)  # how far off expected may be, where it is not the truth

    @property
    def function(self) -> str:
        """The function that is called."""
        return self.id.partition("/")[0]

    def errors(self, output: str, answer: Array) -> Array:
        """Return |answer − truth|: 0 where both are nan or the same infinity, inf where only one is finite."""
        expected = self.expected[output]
        with np.errstate(invalid="ignore", over="ignore"):
            errors = np.abs((answer - expected) - self.remainder[output] * np.spacing(np.abs(expected)))
        same = np.isnan(answer) & np.isnan(expected) | np.isinf(answer) & (answer == expected)
        return np.where(same, 0.0, np.where(np.isnan(errors), np.inf, errors))


def returning(check: Check, answered: Iterable[str]) -> Check:
    """Return the check of rnn_forward for a candidate that answers with h_T, beside the states or in their place."""
    if check.function != "rnn_forward" or "h_T" not in answered:
        return check
    names = [name for name in ("h_states", "h_T") if name in answered]

    def kept(values: Mapping[str, Array]) -> dict[str, Array]:
        both = {"h_states": values["h_states"], "h_T": values["h_states"][-1]} if values else {}
        return {name: both[name] for name in names if name in both}

    return replace(check, expected=kept(check.expected), remainder=kept(check.remainder), pytorch=kept(check.pytorch))


class UnusableError(Exception):
    """A candidate returned something that is not the kind of thing it was asked for; the text says what."""


def outputs(function: str, returned: Any) -> dict[str, Any]:
    """Take apart what a candidate returned, by output name; gradients may be a NamedTuple, a tuple or a dict."""
    names = FUNCTIONS[function].outputs
    if returned is None:
        raise UnusableError("returned None: a forgotten return?")
    if not FUNCTIONS[function].several:
        return {names[0]: returned}
    if function != "rnn_bptt":
        return _named(returned, names)
    parts = _named(returned, ("loss", "grads", "h_T"))
    return {"loss": parts["loss"], **_named(parts["grads"], GRADIENTS), "h_T": parts["h_T"]}


def _named(returned: Any, names: Sequence[str]) -> dict[str, Any]:
    wanted = f"expected {len(names)}: {', '.join(names)}"
    if isinstance(returned, Mapping):
        missing = [name for name in names if name not in returned]
        if missing:
            raise UnusableError(f"returned a dict without {', '.join(missing)}; {wanted}")
        return {name: returned[name] for name in names}
    if not isinstance(returned, list | tuple):
        raise UnusableError(f"returned a {type(returned).__name__}, {wanted}, as a NamedTuple, tuple or dict")
    if set(names) <= set(getattr(returned, "_fields", ())):
        return {name: getattr(returned, name) for name in names}
    if len(returned) != len(names):
        raise UnusableError(f"returned {len(returned)} values, {wanted}")
    return dict(zip(names, returned, strict=True))


def as_array(value: Any) -> Array:
    """Convert one output to a float64 array, or say in words why that cannot be done."""
    if value is None:
        raise UnusableError("is None: a forgotten return?")
    if isinstance(value, list | tuple):
        return _stacked([as_array(item) for item in value])
    try:
        array = np.asarray(_detached(value))
    except Exception as error:
        raise UnusableError(f"is of type {type(value).__name__} and cannot be made an array: {error}") from error
    if array.dtype == object:
        told = "is an array of objects" if isinstance(value, np.ndarray) else f"is of type {type(value).__name__}"
        raise UnusableError(f"{told}, expected an array of numbers or a list of them")
    if array.dtype.kind not in "fiu":
        raise UnusableError(f"has dtype {array.dtype}, expected floating-point numbers")
    return array.astype(np.float64)


def _stacked(items: list[Array]) -> Array:
    shapes = [item.shape for item in items]
    odd = next((i for i, shape in enumerate(shapes) if shape != shapes[0]), None)
    if odd is not None:
        raise UnusableError(f"is a ragged list: item 0 has shape {shapes[0]}, item {odd} has shape {shapes[odd]}")
    return np.stack(items) if items else np.empty(0)


def _detached(value: Any) -> Any:
    """Bring a framework's array to the CPU and out of its graph, by the methods that PyTorch's tensors have."""
    for method in ("detach", "cpu", "resolve_conj", "resolve_neg"):
        value = getattr(value, method)() if hasattr(value, method) else value
    return value.float() if str(getattr(value, "dtype", "")) == "torch.bfloat16" else value
