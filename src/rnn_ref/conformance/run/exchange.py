"""What parent and child say to each other through two pipes: messages of JSON, the numbers of arrays behind. No pickle.

The parent's first message is the job (target, layout, memory, where to import from), then come numbered requests. The
child says which call begins (or notes it on a board), which is known even of a child that is ended in it; what it found
in the target; and answers by number. Expected values are never among it. There is no file: what a target does to the
folders of temporary files, and whether those are full, is no matter.
"""

import json
import mmap
import os
import struct
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import IO, Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from ..._shapes import Array
from ..cases.stored import as_entry, from_entry
from ..foreign_text import cleaned, is_clean
from ..targets.artefacts.held import Held, Mark, marked
from ..targets.convention import Convention
from ..targets.raised import Raised
from .call import Outcome
from .session import Request

MOST = 2**30  # bytes of a message; more is no answer
ENVIRONMENT = 2**18  # bytes of the variables that a fork is given
ALIGNED = 16  # bytes at whose multiples an array begins
KINDS = "fiubc"  # of dtypes that are numbers


class Call(NamedTuple):
    """A call of the target: the number of the request, the place of the check in it, and 0 or 1 for which call."""

    request: int
    check: int
    again: int


NO_CALL = Call(-1, -1, -1)
BOARD = struct.Struct("@qqqdd")
AS_FIRST = (0, 1)  # stand for a call that led to the same bits as the first one: in new arrays, in others
MAY_DIFFER = {"answers", "rewritten", "overwritten"}
UNTOLD = vars(Outcome())  # the fields of a call of which nothing is to be said
KNOWN: list[Request] = []  # what a stem was told, for all that are forked from it
_ASKED: WeakKeyDictionary[Request, tuple[dict[str, Any], bytes]] = WeakKeyDictionary()


class Noted(NamedTuple):
    """The call that began last, when that was, and how long the longest one before it took, in seconds."""

    call: Call = NO_CALL
    began: float = 0.0
    longest: float = 0.0


class Board:
    """Memory that a child shares with its parent, by a descriptor: there it notes which call begins, and says nothing.

    A message for each of some hundred calls would cost as much as they do. The clock is the same for all processes.
    """

    def __init__(self, descriptor: int) -> None:
        self._memory = mmap.mmap(descriptor, BOARD.size)
        self._request, self._began, self._longest = NO_CALL.request, 0.0, 0.0

    @classmethod
    def new(cls) -> tuple["Board", int]:
        """Return an empty one and its descriptor, which is to be closed. Raises OSError."""
        descriptor = os.memfd_create("rnn-ref board", os.MFD_CLOEXEC)
        try:
            os.ftruncate(descriptor, BOARD.size)
            made = cls(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        BOARD.pack_into(made._memory, 0, *NO_CALL, 0.0, 0.0)
        return made, descriptor

    def begins(self, request: int, check: int, again: int) -> None:
        """Note that a call begins."""
        now = time.monotonic()
        if self._request == request:
            self._longest = max(self._longest, now - self._began)
        self._request, self._began = request, now
        BOARD.pack_into(self._memory, 0, request, check, again, now, self._longest)

    def read(self) -> Noted:
        """Return what was noted last."""
        request, check, again, began, longest = BOARD.unpack_from(self._memory)
        return Noted(Call(request, check, again), began, longest)


class Numbers:
    """Arrays laid end to end behind a message."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def store(self, array: Array) -> dict[str, Any]:
        """Append an array, and return what stands for it in the message."""
        if array.dtype.kind not in KINDS:
            raise ValueError(f"exchange: an array has dtype {array.dtype}, expected numbers")
        part = array.tobytes()
        stands = {"array": [array.dtype.str, self._size, list(array.shape)]}
        self._parts.append(part + bytes(-len(part) % ALIGNED))
        self._size += len(self._parts[-1])
        return stands

    def stored(self, arrays: Mapping[str, Any]) -> dict[str, Any]:
        """Return the same mapping with what stands for its arrays; other values are what they are."""
        return {name: self.store(one) if isinstance(one, np.ndarray) else one for name, one in arrays.items()}

    def whole(self) -> bytes:
        """Return all of it."""
        return b"".join(self._parts)


def found_in(numbers: bytes) -> Callable[[Any], Any]:
    """Return what finds arrays, read-only, by what stands for them; other values are what they are.

    >>> numbers = Numbers()
    >>> stands = numbers.store(np.arange(3.0))
    >>> found_in(numbers.whole())(stands)
    array([0., 1., 2.])
    """

    def found(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        dtype, start, shape = value["array"]
        array: Array = np.ndarray(shape, np.dtype(dtype), numbers, start)
        return array

    return found


def say(pipe: IO[bytes], value: Any, numbers: bytes = b"") -> None:
    """Write one message. Raises OSError if nobody reads any more."""
    text = json.dumps(value).encode("ascii")
    pipe.write(b"%d %d\n%b%b" % (len(text), len(numbers), text, numbers))
    pipe.flush()


def hear(pipe: IO[bytes], *, foreign: bool = False) -> tuple[Any, bytes] | None:
    """Return the next message and the numbers behind it; None where there is none, or what comes is no message.

    Of what is ``foreign`` all texts are made fit to be shown.
    """
    try:
        sizes = [int(one) for one in pipe.readline(80).split()]
        if len(sizes) != 2 or min(sizes) < 0 or sum(sizes) > MOST:
            return None
        text, numbers = pipe.read(sizes[0]), pipe.read(sizes[1])
        said = json.loads(text)
        said = cleaned(said) if foreign and not is_clean(text) else said
        return (said, numbers) if len(numbers) == sizes[1] else None
    except (OSError, ValueError, RecursionError, MemoryError):
        return None


def asked(request: Request) -> tuple[dict[str, Any], bytes]:
    """Return what hands over the inputs of checks, without their answers; it is worked out once."""
    if request not in _ASKED:
        numbers = Numbers()
        checks = [as_entry(check, numbers.store) for check in request.checks]
        told = {
            "function": request.function,
            "part": request.part,
            "claims": request.claims,
            "convention": vars(request.convention),
            "checks": checks,
            "edits": [request.edits.start, request.edits.stop],
            "wrong": request.wrong,
            "once": request.once,
        }
        _ASKED[request] = told, numbers.whole()
    return _ASKED[request]


def request_of(told: dict[str, Any], numbers: bytes) -> Request:
    """Return the request that was handed over, or one that was known before: checks that have no answers."""
    if "known" in told:
        number: int = told["known"]
        return KNOWN[number]
    checks = [from_entry(question, found_in(numbers)) for question in told["checks"]]
    convention = Convention(**told["convention"])
    more = {"edits": range(*told["edits"]), "wrong": told["wrong"], "once": told["once"]}
    return Request(told["function"], checks, convention, told["part"], told["claims"], **more)


def as_held(held: Sequence[Held], numbers: Numbers) -> list[dict[str, Any]]:
    """Return what is to be said of the networks that an artefact holds; their weights lie among the numbers."""
    return [
        {
            **vars(one),
            "calls": {name: vars(mark) for name, mark in one.marks.items()},
            "weights": numbers.stored(one.weights),
            "shares": numbers.stored(one.shares),
        }
        for one in held
    ]


def held_of(told: Sequence[dict[str, Any]], numbers: bytes) -> list[Held]:
    """Return what ``as_held`` tells: networks whose calls are made elsewhere, and bear their marks alone."""
    find = found_in(numbers)
    return [
        Held(
            **{
                **one,
                "calls": {name: marked(_elsewhere, Mark(**mark)) for name, mark in one["calls"].items()},
                "weights": {name: find(array) for name, array in one["weights"].items()},
                "shares": {name: find(array) for name, array in one["shares"].items()},
                "suspected": tuple(one["suspected"]),
                "notes": tuple(one["notes"]),
                "shows": tuple(one["shows"]),
                "lacks": tuple(one["lacks"]),
            }
        )
        for one in told
    ]


def _elsewhere(*_: Any) -> Any:
    raise RuntimeError("the call is made in the process that has the target")


def as_outcomes(outcomes: Sequence[Sequence[Outcome]]) -> tuple[list[list[Any]], bytes]:
    """Return what answers one request. A call that led to the same bits as the first is said to have done so."""
    numbers = Numbers()
    told = []
    for first, *more in outcomes:
        again = [AS_FIRST[one.rewritten] if _alike(one, first) else _said(one, numbers) for one in more]
        told.append([_said(first, numbers), *again])
    return told, numbers.whole()


def outcomes_of(told: Sequence[Sequence[Any]], numbers: bytes) -> list[list[Outcome]]:
    """Return what ``as_outcomes`` tells.

    >>> there = Outcome({"h": np.ones(3)})
    >>> told, numbers = as_outcomes([[there, replace(there, rewritten=True)]])
    >>> [(one.answers["h"].tolist(), one.rewritten) for one in outcomes_of(told, numbers)[0]]
    [([1.0, 1.0, 1.0], False), ([1.0, 1.0, 1.0], True)]
    """
    found, outcomes = found_in(numbers), []
    for said, *more in told:
        first = _outcome(said, found)
        again = [_again(first, one) if one in AS_FIRST else _outcome(one, found) for one in more]
        outcomes.append([first, *again])
    return outcomes


def _again(first: Outcome, said: int) -> Outcome:
    rewritten = said == AS_FIRST[True]
    return replace(first, overwritten=False, rewritten=rewritten) if rewritten or first.overwritten else first


def _alike(outcome: Outcome, first: Outcome) -> bool:
    """Whether a call led to numbers, and to the same bits as the first one; that was overwritten alone, if any was."""
    if outcome.answers.keys() != first.answers.keys() or outcome.overwritten:
        return False
    before = vars(first)
    same = all(one == before[name] for name, one in vars(outcome).items() if name not in MAY_DIFFER)
    return same and all(_same_bits(answer, first.answers[name]) for name, answer in outcome.answers.items())


def _same_bits(a: Any, b: Any) -> bool:
    return isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and a.shape == b.shape and a.tobytes() == b.tobytes()


def _said(outcome: Outcome, numbers: Numbers) -> dict[str, Any]:
    """Return what there is to say of a call: fields that are what they are of any call are left out."""
    said = {name: value for name, value in vars(outcome).items() if name != "answers" and value != UNTOLD[name]}
    said["answers"] = numbers.stored(outcome.answers)
    return said | ({"raised": vars(outcome.raised)} if outcome.raised else {})


def _outcome(said: dict[str, Any], found: Callable[[Any], Any]) -> Outcome:
    outcome = Outcome(**said)
    outcome.answers = {name: found(one) for name, one in outcome.answers.items()}
    outcome.mutated, outcome.relied_on, outcome.edit = map(tuple, (outcome.mutated, outcome.relied_on, outcome.edit))
    outcome.raised = Raised(**said["raised"]) if outcome.raised else None
    return outcome
