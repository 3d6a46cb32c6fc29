"""What a target does not offer, and what is asked of it instead: the same checks, with that much less in them."""

import functools
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..._shapes import Array
from ..misspelt import nearest, question
from ..nested import head
from ..operation import Check, Operation, Value
from . import OPERATIONS, family_of, loss_claims
from .loss_claims import IGNORED
from .tolerance import allowed_errors
from .truth import ask_in_pairs

NO_STATE, NO_BIAS, NO_OUTPUT_BIAS = "h0 = 0", "no b_h", "no b_y"
INDICES, SHARED = "class indices for inputs", "inputs and outputs are the same classes"
FLOAT32 = "float32 only"
NO_MEMORY, NO_UPSTREAM, ONE_BIAS = "c0 = 0", "dc = 0", "b_hh = 0"
NO_LAST = "dstates_T = 0"  # of a stack: nothing reaches the last states but through what is shown
NO_OUTPUT_UP = "dlogits = 0"  # of a step back that goes through the output layer too
OPTION_ONLY = "{}={} only"  # an option that it has by no other value
LAST = "the last state only"
ONE_INPUT, ONE_UNIT = "one input only", "one unit only"
LAST_OUTPUT = "the last output only"  # what comes from above reaches the last step alone
SQUARED, CROSS = "its own loss, a squared error", "its own loss, a cross-entropy"
LAYERS_ONLY = "{} layers only"  # of a stack whose layers have names of their own
BOTH_ONLY = "both directions only"
STACKS_OF = "stacks of {} only"  # one function of a layer, whatever is handed over
FULL_ONLY = "full lengths only"  # of a batch whose sequences may be of several lengths
SINGLE_ONLY = "one sequence only"
ONLY = {"batches only": "batch", SINGLE_ONLY: "single"}
SHORT = {  # as users write them
    "no h0": (NO_STATE,),
    "h0 = 0": (NO_STATE,),
    "no bias": (NO_BIAS, NO_OUTPUT_BIAS),
    "no b_h": (NO_BIAS,),
    "no b_y": (NO_OUTPUT_BIAS,),
    "class indices": (INDICES,),
    "last only": (LAST,),
    "no dX": ("no dX_seq", "no dx_t"),
    "no dh0": ("no dh0", "no dh_prev", "no dstates0"),
    "no loss": ("no loss",),
    "no h_T": ("no h_T", "no states_T"),
}
MAKE_LESS = {
    *(NO_STATE, NO_MEMORY, NO_UPSTREAM, NO_LAST, NO_BIAS, ONE_BIAS, NO_OUTPUT_BIAS, INDICES, SHARED, LAST_OUTPUT),
    *(ONE_INPUT, ONE_UNIT),
}
OF_TARGETS, OF_INPUTS, PADDING = "target ", "input ", " is padding"
KEPT = 2**10  # narrowed checks: of a few targets with claims of their own
WITHOUT = "no "  # an output follows, a gradient with a d in front


def declared(text: str) -> tuple[str, ...]:
    """Return the claims that a user writes, by commas. Raises ValueError for what is none.

    >>> declared("no dX, clip 5")
    ('no dX_seq', 'no dx_t', 'clip 5')
    """
    found: list[str] = []
    for one in filter(None, (part.strip() for part in text.split(","))):
        word, _, rest = one.partition(" ")
        if one in SHORT:
            found += SHORT[one]
        elif word == "clip" and _is_bound(rest):
            found.append(one)
        else:
            known, what = ", ".join(SHORT), {short.removeprefix(WITHOUT): short for short in SHORT}
            close = question([what[short] for short in nearest(one.removeprefix(WITHOUT), what)])
            raise ValueError(f"check: claims has {one!r}, expected some of {known}, or clip and a bound{close}")
    return tuple(found)


def _is_bound(text: str) -> bool:
    try:
        return 0 < float(text) < np.inf
    except ValueError:
        return False


def _clipped(check: Check, bound: float) -> Check:
    """Return the check with gradients clipped."""
    names = [name for name in check.expected if name.removeprefix("d") in check.operation.arguments]
    cut = {name: np.clip(check.expected[name], -bound, bound) for name in names}
    kept = {name: np.where(cut[name] == check.expected[name], check.remainder[name], 0.0) for name in names}
    return replace(
        check,
        allowed=allowed_errors(check),
        expected={**check.expected, **cut},
        remainder={**check.remainder, **kept},
        pytorch={},
    )


def padded(number: int, *, of_inputs: bool = False) -> str:
    """Return the claim that one class of the targets, or of the inputs, stands for none.

    >>> padded(0)
    'target 0 is padding'
    """
    return f"{OF_INPUTS if of_inputs else OF_TARGETS}{number}{PADDING}"


def _without_padding(operation: Operation, made: Mapping[str, Any], claims: Iterable[str]) -> dict[str, Any] | None:
    """Return the arguments with no target of the class that stands for none; None if there is no other class."""
    found = dict(made)
    if not any(value.kind == "classes" for value in operation.arguments.values()):
        return found
    for claim in [one for one in claims if one.startswith(OF_TARGETS) and one.endswith(PADDING)]:
        of_padding = int(claim.removeprefix(OF_TARGETS).removesuffix(PADDING))
        V = next(np.shape(made[name])[value.axes.index("V") - len(value.axes)]
                 for name, value in operation.arguments.items() if "V" in value.axes)  # fmt: skip
        for name, value in operation.arguments.items():
            given = np.asarray(made[name])
            if value.kind == "classes" and V == 1:
                return None
            if value.kind == "classes" and given.dtype.kind in "iu":
                found[name] = np.where(given == of_padding, (of_padding + 1) % V, given).astype(given.dtype)
    return found


def narrowed(check: Check, claims: Iterable[str]) -> Check | str:
    """Return what is asked of a target with these claims, or why this check is not asked of it at all.

    Of targets with the same claims it is the same object, with all that is known of what wrong ones answer to it.
    """
    return _narrowed(check, tuple(claims))


@functools.lru_cache(KEPT)
def _narrowed(check: Check, claims: tuple[str, ...]) -> Check | str:
    if why := out_of(check, claims):
        return why
    own = loss_claims.narrowed(check, claims)
    if isinstance(own, str):
        return own
    asked = _with_less(own, claims)
    if asked is None:
        return "not asked with " + ", ".join(claims)
    for claim in claims:
        if claim.startswith("clip ") and asked.operation.gives_gradients:
            asked = _clipped(asked, float(claim.removeprefix("clip ")))
    operation = asked.operation
    without = {claim.removeprefix(WITHOUT).removeprefix("d") for claim in claims if claim.startswith(WITHOUT)}
    without |= {claim.removeprefix(WITHOUT) for claim in claims if claim.startswith(WITHOUT)}
    kept = [name for name in asked.expected if not {name, head(name)} & without]
    if not kept:
        return ", ".join(claim for claim in claims if claim.startswith(WITHOUT))
    if len(kept) < len(asked.expected):
        asked = replace(asked, allowed=allowed_errors(asked))  # while all that it rests on is there
    if LAST in claims and operation.states:
        asked = asked.returning([operation.last_state])
        kept = list(asked.expected)
    return asked.only(kept)


def out_of(check: Check, claims: tuple[str, ...]) -> str:
    """Return the claim by which a check is out of question, empty if there is none."""
    if FLOAT32 in claims and check.dtype != "float32":
        return FLOAT32
    layers = sum(name.endswith(".W_hh") for name in check.arguments)  # of a stack
    for claim in claims:
        option, is_option, value = claim.removesuffix(" only").partition("=")
        other = bool(is_option) and option in _options_of(check.operation) and str(check.options.get(option)) != value
        other = other or (layers > 0 and claim.endswith(" layers only") and claim != LAYERS_ONLY.format(layers))
        other = other or (layers > 0 and claim == BOTH_ONLY and check.options.get("directions") != 2)
        of_another = claim.startswith(STACKS_OF.partition("{")[0]) and claim != STACKS_OF.format(_layer_of(check))
        other = other or (layers > 0 and of_another)
        if other or (claim in ONLY and check.rank not in {ONLY[claim], "step"}):
            return claim
    own = next((claim for claim in claims if claim in {SQUARED, CROSS}), "")
    return own if _has_no_gradient(check, last=LAST_OUTPUT in claims) else ""


def _layer_of(check: Check) -> str:
    """Return the forward of the layer that a check of a stack hands over, or whose way back it does."""
    handed = next(iter(check.arguments.values()))
    return OPERATIONS[handed].twin or str(handed)


def _has_no_gradient(check: Check, *, last: bool) -> bool:
    """Whether nothing comes from above in some places, or to the ``last`` step: a loss of its own is only near 0."""
    every = [np.asarray(check.arguments[name]) for name in _upstream(check.operation)]
    timed = [check.operation.arguments[name].axes[:1] == ("T",) for name in _upstream(check.operation)]
    every = [one[-1:] if last and in_time else one for one, in_time in zip(every, timed, strict=True)]
    return any(bool(np.any(one == 0)) for one in every)


def with_zeros(check: Check, claims: Iterable[str]) -> dict[str, Any]:
    """Return the arguments with zeros where the target takes nothing: states, biases, what comes from above."""
    operation, made = check.operation, dict(check.arguments)
    states = [
        name for name, value in operation.arguments.items() if _is_state(value) and not _from_above(operation, name)
    ]
    biases = [name for name, value in operation.arguments.items() if _is_bias(value)]
    layers = [name.rpartition(".")[0] for name in biases]  # of a stack; empty for all of one cell
    seconds = {name for k, name in enumerate(biases) if layers[k] in layers[:k]}
    for name, value in operation.arguments.items():
        gone = (
            (NO_STATE in claims and name in states)
            or (NO_MEMORY in claims and name in states[1:])
            or (NO_BIAS in claims and name in biases)
            or (ONE_BIAS in claims and name in seconds)
            or (NO_OUTPUT_BIAS in claims and value.axes == ("V",))
        )
        if NO_LAST in claims and name.startswith("dstates_T"):
            made[name] = np.zeros_like(made[name])
        if NO_UPSTREAM in claims and name in _upstream(operation)[1:]:
            made[name] = np.zeros_like(made[name])
        if gone and not _from_above(operation, name):
            made[name] = np.zeros_like(made[name])
    return made | (_of_the_last_step(check, made) if LAST_OUTPUT in claims else {})


def _with_less(check: Check, claims: tuple[str, ...]) -> Check | None:
    """Return the check with zeros, class indices or as many classes as inputs in it, and the truth of that."""
    if not MAKE_LESS & set(claims) and not any(claim.endswith(PADDING) for claim in claims):
        return check
    operation, made = check.operation, with_zeros(check, claims)
    for name, value in operation.arguments.items():
        if INDICES in claims and value.axes[-1:] == ("D",) and value.optional:
            rows = _one_hot(made[name], claims)
            if rows is None:
                return None
            made[name] = rows
        for place, axis in enumerate(value.axes[len(value.axes) - np.ndim(made[name]) :]):
            if (ONE_INPUT in claims and axis == "D") or (ONE_UNIT in claims and axis == "H"):
                made[name] = np.take(made[name], [0], place)
    if SHARED in claims:
        made = _with_shared_classes(operation, made)
    others = _without_padding(operation, made, claims)
    if others is None:
        return None
    made = others
    if "large" in check.flags and any(value.kind == "classes" for value in operation.arguments.values()):
        return None  # so steep a loss is asked of the inputs that were made for it
    made = _with_states_anew(check, made)
    signed = {name: form for name, form in check.forms.items() if form == "list" or not _is_ignoring(made[name])}
    asked = check.asking(made, pytorch={}, forms=signed)
    return asked.answered(ask_in_pairs(operation.name, made, check.options))


def _of_the_last_step(check: Check, made: Mapping[str, Any]) -> dict[str, Any]:
    """Return what comes from above, and the targets, of the last step alone: others are zeros, or ignored."""
    found: dict[str, Any] = {}
    operation, ignored = check.operation, check.options.get("ignore_index", IGNORED)
    for name, value in operation.arguments.items():
        if value.axes[:1] == ("T",) and (value.kind == "classes" or name in _upstream(operation)):
            found[name] = np.array(made[name])
            found[name][:-1] = ignored if value.kind == "classes" else 0
    return found


def _is_ignoring(value: Any) -> bool:
    """Whether there are classes that are none: no unsigned integers hold them."""
    return isinstance(value, np.ndarray) and value.dtype.kind == "i" and bool(np.any(value < 0))


def _options_of(operation: Operation) -> set[str]:
    """Return the options by which another equation is chosen."""
    return {*operation.handed_on, *(option for option, _ in operation.cell_if)}


def _upstream(operation: Operation) -> list[str]:
    """Return the gradients from above, of a way back."""
    return list(operation.arguments)[: len(OPERATIONS[operation.twin].outputs)] if operation.twin else []


def _is_state(value: Value) -> bool:
    return "T" not in value.axes and value.axes[-1:] == ("H",) and bool(value.optional)


def _is_bias(value: Value) -> bool:
    return len(value.axes) == 1 and value.axes[0].endswith("H") and not value.optional


def _from_above(operation: Operation, name: str) -> bool:
    """Whether an argument is a gradient from above, or states that were computed."""
    known = (
        {head(one) for one in OPERATIONS[operation.twin].arguments if one != "run"} if operation.twin else {head(name)}
    )
    return head(name) not in known


def _one_hot(x: Array, claims: Iterable[str]) -> Array | None:
    """Return rows with a one where the largest entry stands, or behind it, if that is padding; None if all is."""
    made, classes = np.zeros_like(x), x.argmax(-1)[..., np.newaxis]
    for claim in claims:
        if claim.startswith(OF_INPUTS) and claim.endswith(PADDING):
            none = int(claim.removeprefix(OF_INPUTS).removesuffix(PADDING))
            if x.shape[-1] == 1:
                return None
            classes = np.where(classes == none, (none + 1) % x.shape[-1], classes)
    np.put_along_axis(made, classes, 1, -1)
    return made


def _with_shared_classes(operation: Operation, made: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments with as many outputs as there are inputs."""
    D = next(np.shape(made[name])[-1] for name, value in operation.arguments.items() if value.axes[-1:] == ("D",))
    for name, value in operation.arguments.items():
        if value.axes[:1] == ("V",):
            made[name] = np.resize(made[name], (D, *made[name].shape[1:]))
        elif value.kind == "classes":
            made[name] = np.where(made[name] < 0, made[name], made[name] % D)
    return made


def _with_states_anew(check: Check, made: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments with the states that follow from the others, where a way back is given them."""
    operation = check.operation
    if any(head(name) == "run" for name in operation.twin and made):
        return {**made, **family_of(operation.name).part("probes").run_anew(made, check.options, check.dtype)}
    forward = OPERATIONS.get(operation.twin)
    if forward is None or forward.cell is None or not forward.cell.states:
        return dict(made)
    own = {name: made[name] for name in forward.arguments}
    options = {name: value for name, value in check.options.items() if name in _options_of(forward)}
    anew = {
        name: nearest.astype(check.dtype) for name, (nearest, _) in ask_in_pairs(forward.name, own, options).items()
    }
    return {**made, **{name: states for name, states in anew.items() if name in made}}
