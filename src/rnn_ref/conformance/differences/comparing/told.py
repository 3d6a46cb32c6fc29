"""What was found out about gradients: in names, verdicts and numbers that can be sent."""

import re
from typing import Any, NamedTuple

import numpy as np

from ...edits.slip import Slip
from ..arrays import Path
from ..replay import Key
from ..usual import USUAL

LOSS = r"loss|cost|err|nll|[mbc]se|bce|entropy|xent|likelihood|objective|^[JLE]$"  # how it is called


class Gradient(NamedTuple):
    """What was found out about one gradient."""

    name: str
    weight: str
    shape: tuple[int, ...]
    verdict: str  # right, off, or unknown
    factor: float | None = None  # by which it differs from what is due, if by one
    due: float = 0.0  # along the direction in which it is off most
    got: float = 0.0
    where: str = ""  # in which rows or columns alone it is off


class Compared(NamedTuple):
    """The gradients of one call beside the loss whose derivatives most of them are."""

    loss: Key
    factor: float  # of all that are right
    gradients: list[Gradient]
    mend: Slip | None = None  # an edit with which all of them are
    instead: Key | None = None  # the loss that the program has a function for, where they are those of another

    @property
    def worth(self) -> tuple[int, float, float]:
        """How much speaks for that loss: how many are its derivatives, and whether by no factor."""
        right = sum(each.verdict == "right" for each in self.gradients)
        called = is_called(self.loss)
        far = abs(np.log(abs(self.factor))) + (self.factor < 0)
        return right, -round(far, 3), called - len(self.loss) / 100


def is_called(number: Key) -> bool:
    """Whether a number is called like a loss."""
    return number[0] != USUAL and any(re.search(LOSS, str(one), re.IGNORECASE) for one in number)


def shown(path: Path) -> str:
    """Return the way to an array as it is written in Python.

    >>> shown(("called", "dWxh")), shown(("caller's", "params", "Wxh")), shown(("local", "self", "grads", 0))
    ('dWxh', 'params.Wxh', 'self.grads[0]')
    """
    path = path[1:] if path[0] in {"called", "local", "returned", "argument", "caller's", "global"} else path
    return "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in path).removeprefix(".") or "its answer"


def as_told(found: Compared, function: str) -> dict[str, Any]:
    """Return what was found in words and numbers that can be sent."""
    return {
        "function": function,
        "number": list(found.loss),
        "factor": found.factor,
        "mend": found.mend._asdict() if found.mend else None,
        "instead": list(found.instead) if found.instead else None,
        "gradients": [one._asdict() | {"shape": list(one.shape)} for one in found.gradients],
    }
