"""Call a candidate once. What comes out is plain data, so that judging can happen elsewhere, and later."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..._shapes import Array
from ..operation import Check, UnusableError, as_array
from ..spec.losses.callables import CALLABLES
from ..targets.convention import Convention
from ..targets.foreign_code import in_one_line, quiet

LARGEST = 10**6  # entries of an answer that are kept; the right ones have some hundreds
PLAIN = Convention()


@dataclass
class Outcome:
    """What one call led to: answers by name, or a sentence in their place, or an exception."""

    answers: dict[str, Array | str] = field(default_factory=dict)  # a sentence where it is not an array of numbers
    unusable: str | None = None  # what came back is not the right kind of thing at all
    error: str | None = None  # the exception
    mutated: tuple[str, ...] = ()  # the arguments that were written to
    single_precision: bool = False  # an answer came back as float32 or less
    lost: bool = False  # the error is that no answer came back
    timeout: bool = False  # because it took too long
    relied_on: tuple[str, ...] = ()  # the neighbours that gave it a wrong answer, where those are righted


def perform(
    candidate: Callable[..., Any], check: Check, convention: Convention = PLAIN, *, ours: bool = False
) -> Outcome:
    """Call the candidate with writable copies of the inputs, and compare those with the originals afterwards.

    What is foreign may print; the output of the whole process is then held back, which several threads cannot do at
    once. What is ``ours`` prints nothing.
    """
    originals = {name: _spoken(value, check, name, convention) for name, value in check.arguments.items()}
    originals |= {name: _spoken(value, check, name, convention) for name, value in check.options.items()}
    handed = {name: _handed_over(value, name in check.lists) for name, value in originals.items()}
    options = {name: handed[name] for name in check.options}
    outcome = Outcome()
    with np.errstate(all="ignore") if ours else quiet():
        try:
            returned = candidate(*(handed[name] for name in check.arguments), **options)
            named = convention.outputs(check.operation, returned)
            outcome.answers = {name: _converted(value, check, name, convention) for name, value in named.items()}
            outcome.single_precision = any(_is_narrow(value) for value in named.values())
        except UnusableError as error:
            outcome.unusable = str(error)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            outcome.error = in_one_line(error)
    outcome.mutated = tuple(
        name for name, value in handed.items() if _changed(value, originals[name], name in check.lists)
    )
    return outcome


def _spoken(value: Any, check: Check, name: str, convention: Convention) -> Any:
    """Return an argument in the target's layout."""
    return convention.there(check, name, value) if isinstance(value, np.ndarray) else value


def _handed_over(value: Any, as_list: bool) -> Any:
    if isinstance(value, np.ndarray) and not value.ndim:
        return value[()]  # one target is an integer, not an array
    if isinstance(value, np.ndarray):
        return [row.copy() for row in value] if as_list else value.copy()
    return CALLABLES[value] if isinstance(value, str) and value in CALLABLES else value


def _changed(value: Any, original: Any, as_list: bool) -> bool:
    if not isinstance(original, np.ndarray) or not original.ndim:
        return False
    try:
        now = np.array(value) if as_list else value
    except Exception:  # the rows of the list were replaced by whatever it may be
        return True
    return now.shape != original.shape or now.dtype != original.dtype or now.tobytes() != original.tobytes()


def _converted(value: Any, check: Check, name: str, convention: Convention) -> Array | str:
    try:
        array = convention.back(check, name, as_array(value))
        return array if array.size <= LARGEST else f"has shape {array.shape}, far more than any answer"
    except UnusableError as error:
        return str(error)


def _is_narrow(value: Any) -> bool:
    dtype = getattr(value[0] if isinstance(value, list | tuple) and value else value, "dtype", None)
    return str(dtype).removeprefix("torch.") in {"float32", "float16", "bfloat16"}
