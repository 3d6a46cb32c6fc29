"""Call a candidate once. What comes out is plain data, so that judging can happen elsewhere, and later."""

import contextlib
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..._shapes import Array
from ..errors import LostError
from ..foreign_text import line
from ..operation import Check, UnusableError, as_array
from ..spec.losses.callables import CALLABLES
from ..spec.losses.remembered import remembering
from ..targets.convention import Convention
from ..targets.foreign_code import quiet
from ..targets.raised import Raised
from .forms import handing

LARGEST = 10**6  # entries of an answer that are kept; the right ones have some hundreds, or as many as what was given
LONGEST = 1000  # characters of a sentence on an answer
PLAIN = Convention()


@dataclass
class Outcome:
    """What one call led to: answers by name, or a sentence in their place, or an exception."""

    answers: dict[str, Array | str] = field(default_factory=dict)  # a sentence where it is not an array of numbers
    unusable: str | None = None  # what came back is not the right kind of thing at all
    error: str | None = None  # the exception, or how the process ended
    raised: Raised | None = None  # the exception, with its place
    mutated: tuple[str, ...] = ()  # the arguments that were written to
    single_precision: bool = False  # an answer came back as float32 or less
    lost: bool = False  # the error is that no answer came back
    ended: bool = False  # because the process was ended in this very call
    timeout: bool = False  # because it took too long
    calls: list[Any] = field(default_factory=list)  # of the function it was handed: the shapes of the logits it gave it
    overwritten: bool = False  # the answer changed when the function was called again later
    rewritten: bool = False  # the call was made with arrays that held other numbers at a call before
    relied_on: tuple[str, ...] = ()  # the neighbours that gave it a wrong answer, where those are righted
    edit: tuple[str, ...] = ()  # function, line, what stood there, what stands there now, and the whole statement


def perform(
    candidate: Callable[..., Any],
    check: Check,
    convention: Convention = PLAIN,
    *,
    ours: bool = False,
    held: Callable[[], None] | None = None,
    returned: dict[str, Any] | None = None,
    rewritten: bool = False,
) -> Outcome:
    """Call the candidate with writable copies of the inputs, and compare those with the originals afterwards.

    What is foreign may print; the output of the whole process is then held back, which several threads cannot do at
    once. Where it is ``held`` back already, that is done anew. What is ``ours`` prints nothing. In ``returned`` what
    came back is kept, by output. ``rewritten``: it has been called with the very same arrays before, and other numbers
    in them.
    """
    ready = handing(check, convention)
    handed = ready.handed()
    options = {name: handed[name] for name in check.keywords}
    outcome = Outcome(rewritten=rewritten)
    for name in ready.functions:
        handed[name] = _counted(handed[name], outcome.calls)
        if name in options:
            options[name] = handed[name]
    if held:
        held()
    with np.errstate(all="ignore") if ours else contextlib.nullcontext() if held else quiet():
        call = functools.partial(
            candidate, *check.operation.handed({name: handed[name] for name in check.arguments}), **options
        )
        try:
            if rewritten:
                _called_with_other_numbers(call, [one for one in handed.values() if isinstance(one, np.ndarray)])
            answer = call()
            named = convention.outputs(check.operation, answer)
            outcome.answers = {name: _converted(value, check, name, convention) for name, value in named.items()}
            if returned is not None:  # what is no array of numbers may be large
                returned |= {name: named[name] for name, one in outcome.answers.items() if isinstance(one, np.ndarray)}
            outcome.single_precision = any(_is_narrow(value) for value in named.values())
        except UnusableError as error:
            outcome.unusable = line(error, LONGEST)
        except (KeyboardInterrupt, LostError):
            raise
        except BaseException as error:
            outcome.raised = Raised.of(error)
            outcome.error = str(outcome.raised)
    outcome.mutated = ready.changed(handed)
    return outcome


def _called_with_other_numbers(call: Callable[[], Any], arrays: Sequence[Array]) -> None:
    """Make the call with the numbers of every array the other way round, and put them back.

    Weights are trained in place. Who keeps something for an array, by its identity or by its place in memory, and not
    for the numbers in it, is found out by the call that comes after.
    """
    numbers = [one.copy() for one in arrays]
    for one in arrays:
        one[...] = np.flip(one).copy() if one.dtype.kind == "f" else one
    with contextlib.suppress(Exception):  # of other numbers nothing was promised
        call()
    for one, own in zip(arrays, numbers, strict=True):
        one[...] = own


def _counted(name: str, calls: list[Any]) -> Callable[..., Any]:
    """Return the callable of that name, noting the shape of the logits (its last argument but one) at every call."""
    function = remembering(name)

    @functools.wraps(CALLABLES[name])
    def counted(*arguments: Any) -> Any:
        calls.append(list(np.shape(arguments[-2])))
        return function(*arguments)

    return counted


def changed_since(outcome: Outcome, returned: Mapping[str, Any], check: Check, convention: Convention) -> bool:
    """Whether what a call returned is not any more what it was then: a later call has written into it."""
    now = {name: _converted(value, check, name, convention) for name, value in returned.items()}
    return any(
        isinstance(then, np.ndarray) and not np.array_equal(then, now[name], equal_nan=True)
        for name, then in outcome.answers.items()
    )


def _converted(value: Any, check: Check, name: str, convention: Convention) -> Array | str:
    try:
        if isinstance(value, np.ndarray) and _is_far_more(value, check):
            return f"has shape {value.shape}, far more than any answer"
        array = convention.back(check, name, as_array(value))
        return f"has shape {array.shape}, far more than any answer" if _is_far_more(array, check) else array
    except UnusableError as error:
        return line(error, LONGEST)


def _is_far_more(array: Array, check: Check) -> bool:
    given = (one.size for one in check.arguments.values() if isinstance(one, np.ndarray))
    return array.size > LARGEST and array.size > sum(given)


def _is_narrow(value: Any) -> bool:
    dtype = getattr(value[0] if isinstance(value, list | tuple) and value else value, "dtype", None)
    if isinstance(dtype, np.dtype) and dtype.kind in "fiubc":
        return dtype.kind == "f" and dtype.itemsize < 8
    return str(dtype).removeprefix("torch.") in {"float32", "float16", "bfloat16"}
