"""A target under test, wherever it runs: what was found in it, and what its functions answer.

``LocalSession`` calls the functions of a Python object right here; ``sandbox.ChildSession`` has the same face and
keeps the target in a process of its own.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from .execute import Outcome, perform
from .stubs import is_stub
from .suite import Check
from .target import load

TWICE = 2  # every call is made twice: what is right only once keeps something between calls


class Found(NamedTuple):
    """What can be said of a function without calling it."""

    stub: bool
    keywords: tuple[str, ...] | None  # the arguments it declares; None: any

    def declares(self, name: str) -> bool:
        """Whether the function takes an argument of this name."""
        return self.keywords is None or name in self.keywords


class Session(Protocol):
    """A target under test."""

    @property
    def name(self) -> str:
        """The target's name in the report."""

    @property
    def found(self) -> Mapping[str, Found]:
        """The functions of the specification that are in it."""

    def run(self, function: str, checks: Sequence[Check]) -> list[list[Outcome]]:
        """Return the outcomes of both calls of every check."""

    def close(self) -> None:
        """Leave nothing running."""


class LocalSession:
    """The functions of an object, called in this process."""

    def __init__(self, target: Any) -> None:
        self.name, self._candidates = load(target)
        self.found: Mapping[str, Found] = {
            function: describe(candidate) for function, candidate in self._candidates.items()
        }

    def run(self, function: str, checks: Sequence[Check]) -> list[list[Outcome]]:
        """Return the outcomes of both calls of every check."""
        return [[perform(self._candidates[function], check) for _ in range(TWICE)] for check in checks]

    def close(self) -> None:
        """Nothing is running."""


def describe(candidate: Callable[..., Any]) -> Found:
    """Look at a function without calling it.

    >>> describe(lambda x, *, weight=None: x)
    Found(stub=False, keywords=('x', 'weight'))
    """
    try:
        parameters = inspect.signature(candidate).parameters
    except (TypeError, ValueError):  # a C function that does not tell
        return Found(is_stub(candidate), None)
    if any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters.values()):
        return Found(is_stub(candidate), None)
    return Found(is_stub(candidate), tuple(parameters))
