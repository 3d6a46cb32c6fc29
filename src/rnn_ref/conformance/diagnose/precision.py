"""Right, in lower precision than the inputs': which precision it was.

Arithmetic of 16 bits is far coarser than many mistakes are small. So its name takes more than errors of the size that
it could explain: the answers themselves must be numbers of that format, and the truth not.
"""

from collections.abc import Iterable

import numpy as np

from ..._shapes import Array
from ..judge.compare import compared
from ..numbers.bounded import unit
from ..operation import Check
from ..run.call import Outcome

DECIMALS = range(1, 9)
FORMATS = {"float16": 2.0**-11, "bfloat16": 2.0**-8}  # and their unit roundoffs


def sixteen_bits(asked: Iterable[tuple[Check, Outcome]]) -> str | None:
    """Return the format of 16 bits in which all answers were computed, None if that is not what they look like."""
    known = [(check.returning(outcome.answers), outcome) for check, outcome in asked]
    for name, u in FORMATS.items():
        telling = [(check, outcome) for check, outcome in known if not _all_of(name, check.expected.values())]
        if telling and all(_computed_in(name, u, check, outcome) for check, outcome in telling):
            return name
    return None


def _computed_in(name: str, u: float, check: Check, outcome: Outcome) -> bool:
    numbers = [answer for answer in outcome.answers.values() if isinstance(answer, np.ndarray)]
    if len(numbers) < len(check.expected) or not all(_is_of(name, answer) for answer in numbers):
        return False
    coarser = u / unit(check.dtype)
    return all(
        not one.problem and bool(np.all(one.errors <= coarser * one.allowed + u))
        for one in compared(check, outcome.answers)
    )


def _all_of(name: str, arrays: Iterable[Array]) -> bool:
    return all(_is_of(name, array) for array in arrays)


def _is_of(name: str, array: Array) -> bool:
    """Whether every entry is a number of the format."""
    with np.errstate(over="ignore"):
        single = array.astype(np.float32)
        if name == "float16":
            return np.array_equal(single.astype(np.float16).astype(np.float64), array, equal_nan=True)
    kept = (single.view(np.uint32) & np.uint32(0xFFFF0000)).view(np.float32) if single.ndim else single
    return np.array_equal(np.asarray(kept, np.float64), array, equal_nan=True)


def decimals(answered: Iterable[tuple[Check, Outcome]]) -> int | None:
    """Return the number of decimals to which everything is rounded that is answered, None if it is not, or is wrong."""
    every: list[tuple[Array, Array, float]] = []
    for check, outcome in answered:
        for name, due in check.returning(outcome.answers).expected.items():
            answer = outcome.answers.get(name)
            if not isinstance(answer, np.ndarray) or answer.shape != np.shape(due):
                return None
            every.append((answer, np.asarray(due), 4 * unit(check.dtype)))
    for places in DECIMALS if every else ():
        off = 0.5 * 10.0**-places
        if all(_is_rounded(one, due, places, off + u, u) for one, due, u in every):
            return places
    return None


def _is_rounded(answer: Array, due: Array, places: int, off: float, u: float) -> bool:
    """Whether every entry has so many decimals, and is off by no more than they explain."""
    same = np.isnan(answer) & np.isnan(due)
    size = np.maximum(np.abs(answer), 1)
    has = np.abs(np.round(answer, places) - answer) <= u * size
    return bool(np.all(same | (has & (np.abs(answer - due) <= off * size))))
