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
