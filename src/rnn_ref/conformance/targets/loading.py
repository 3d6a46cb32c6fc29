"""How a target is to be loaded, whole or taken apart, and what is to be said of how it was."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

How = Literal["whole", "apart"]
BACK_LEFT = "the way back is not judged"  # begins a note too
CALLED_THERE = "not judged, though what is judged is called there"  # and this, of what calls that
LOOP_LEFT = "not judged:"  # and so does this, of loops outside of functions
LENT = "ours in place of one that is not there"  # begins the note that tells which


@dataclass
class Loading:
    """What is asked of a loader, and what it answers beside the target."""

    how: How | None = None  # None: a notebook apart, anything else whole
    seconds: float | None = None  # the time for what is taken apart; None: no limit
    every: bool = False  # all functions and classes are taken out, not only those of the specification
    left: str = ""  # the lines of a file that were left alone
    meant: Mapping[str, str] = field(default_factory=dict)  # by function, the target's own, where that is declared
    beside: bool = False  # it is a file that another one imports, which was to be checked
    against: Any = None  # what the target was exported from
    doubtful: Collection[str] = ()  # functions that bear their names, and are to be read all the same
    alive: Callable[[], None] = lambda: None  # is called now and then by what takes long
    notes: list[str] = field(default_factory=list)  # sentences on what could not be run, or parsed
