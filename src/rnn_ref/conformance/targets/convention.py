"""How a target speaks, as far as it departs from the specification: its layout, and what its rnn_forward returns."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..._shapes import Array
from ..operation import Check, Operation, Outputs, UnusableError
from . import layouts

RETURNS = ("last", "pair")
Candidate = Callable[..., Any]
Adapter = Callable[[str, Candidate], Candidate]


@dataclass(frozen=True)
class Convention:
    """A layout (its name, or the user's own), and ``last`` or ``pair``.

    The user's own, a function or ``module:function``, is called with the name of a function and the candidate, and
    returns what is to be called in the candidate's place, with the specification's arguments and results.
    """

    layout: str | Adapter | None = None
    returns: str | None = None
    righted: tuple[str, ...] = ()  # the neighbours in whose places right functions stand
    unasked: tuple[str, ...] = ()  # those of them that are not called beside: they would end the process, or never end

    @property
    def known_layout(self) -> str | None:
        """The layout, if it is one of ours."""
        return self.layout if isinstance(self.layout, str) and self.layout in layouts.LAYOUTS else None

    def there(self, check: Check, name: str, value: Array) -> Array:
        """Return an argument as the target takes it."""
        return layouts.there(self.known_layout, check, name, value) if self.known_layout else value

    def back(self, check: Check, name: str, answer: Array) -> Array:
        """Return an answer as the specification has it."""
        return layouts.back(self.known_layout, check, name, answer) if self.known_layout else answer

    def outputs(self, operation: Operation, returned: Any) -> dict[str, Any]:
        """Take apart what came back, by output name."""
        states, last = operation.states, operation.last_state
        if not states or returned is None or isinstance(returned, Outputs):
            return operation.unpacked(returned)
        if self.returns == "last":
            return {last: returned}
        pair = isinstance(returned, tuple) and len(returned) == 2
        if self.returns == "pair" and not (pair or (isinstance(returned, list) and len(returned) == 2)):
            raise UnusableError(f"returned a {type(returned).__name__}, declared was a pair: all states, and the last")
        if self.returns == "pair" or (pair and self.known_layout in layouts.PAIRS):
            return dict(zip((states, last), returned, strict=True))
        return operation.unpacked(returned)
