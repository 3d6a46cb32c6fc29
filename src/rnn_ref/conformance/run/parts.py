"""One network of an artefact, asked as if it were the whole target."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..errors import TargetError
from ..targets.artefacts.held import Held
from ..targets.from_text.by_text import parted
from ..targets.program.command import is_program
from .call import Outcome
from .session import Found, Request, Session


class PartSession:
    """A session of which one network alone is asked, under the functions' names."""

    held: Sequence[Held] = ()
    refused: Sequence[str] = ()
    sources: Sequence[Held] = ()
    notes: Sequence[str] = ()
    was_taken_apart = has_text = False
    holds_weights = True
    differences: Mapping[str, Any] | None = None

    def __init__(self, session: Session, held: Held) -> None:
        self._session, self._held = session, held
        self._known: dict[Request, Request] = {}
        self.name = session.name
        self.found: Mapping[str, Found] = {
            function: Found(False, None, reading=mark.reading, dtype=mark.dtype, derives=mark.derives)
            for function, mark in held.marks.items()
        }

    def load(self, ahead: Iterable[Request] = ()) -> None:
        """Do nothing: it is loaded."""

    def run(self, request: Request) -> list[list[Outcome]]:
        """Return the outcomes of all calls of every check."""
        if request not in self._known:
            self._known[request] = Request(request.function, request.checks, request.convention, self._held.part)
        return self._session.run(self._known[request])

    def read_anew(self, doubtful: Sequence[str]) -> None:
        """Do nothing: it is read already."""

    def look_at_differences(self) -> None:
        """Do nothing: a network is asked alone."""

    def renew(self) -> None:
        """Begin anew."""
        self._session.renew()

    def close(self) -> None:
        """Leave it to the whole session."""


def part_named(target: Any) -> str:
    """Return the network of an artefact that a target names behind ``#``, empty if it names none."""
    return parted(target)[1] if isinstance(target, str) and not is_program(target) else ""


def parts_asked(session: Session, target: Any) -> Sequence[Held]:
    """Return the networks that a target means: ``TARGET#NAME`` one, else all. Raises TargetError."""
    name = part_named(target)
    found = [one for one in session.held if name in {"", one.part}]
    if not found:
        names = ", ".join(one.part for one in session.held)
        expected = f"expected one of {names}" if names else "expected MODULE:NAME for what is no part of an artefact"
        raise TargetError(f"{target}: holds no network {name!r}, {expected}")
    return found


def sole_part(session: Session, target: Any) -> Held:
    """Return the one network that a target means. Raises TargetError if it holds several."""
    found = parts_asked(session, target)
    if len(found) > 1:
        names = ", ".join(f"{target}#{one.part}" for one in found)
        raise TargetError(f"{session.name}: holds {len(found)} networks, expected one of them: {names}")
    return found[0]
