"""The parent's side: a target in a process of its own, with limits on time and memory.

The child has its own session and no standard input, what it prints goes nowhere, and only an answer that it says is
complete counts: a target that exits, crashes, hangs or fills the memory costs the function in which it does so, and
what is asked next is asked in a new child. This guards against accidents. It is no protection against an attacker: the
child may read and write what its user may.
"""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

from ..differences.ask import unread
from ..errors import NothingFoundError, TargetError
from ..targets.artefacts.held import Held
from ..targets.builtins import FRAMEWORKS, forked_with
from ..targets.foreign_code import farewell
from ..targets.from_text.by_text import divided
from ..targets.loading import BACK_LEFT, CALLED_THERE, LENT, How
from ..targets.program.command import is_program
from ..targets.program.first_line import EXPECTED
from . import exchange
from .call import Outcome
from .forks import FORKS, Process
from .guard import GUARD
from .patience import Patience
from .session import Found, Request
from .tail import Tail
from .watch import end_group

ANYHOW = "whatever is read"
GONE = "the process is not there"
TIMEOUT = "timeout"  # how a sentence begins that says so
PATIENCE = 5.0  # seconds in which an import must end, or begin to import another module, before it is taken apart
POLL = 0.05  # seconds after which to look whether a child lives whose end cannot be heard
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NPROC")  # NPROC is JAX's; each takes memory
ONE_THREAD = dict.fromkeys(THREADS, "1")
NO_WINDOWS = {"MPLBACKEND": "agg"}  # a file that plots as it is imported waits for nobody
Heard = tuple[Any, bytes] | None  # a message and the numbers behind it; None: there are no more

_RUNNING: weakref.WeakSet["ChildSession"] = weakref.WeakSet()


def close_all() -> None:
    """End every child: whoever waits for one gets an error in place of its answers."""
    for session in list(_RUNNING):
        session.close()


class ChildSession:
    """A target given as text, loaded and called in child processes."""

    name: str
    found: Mapping[str, Found]
    notes: Sequence[str] = ()
    differences: Mapping[str, Any] | None = None  # of gradients, where the way back is not read
    holds_weights = False

    def __init__(
        self,
        target: str | None,
        layout: str | None,
        timeout: float,
        memory: int,
        how: How | None = None,
        meant: Mapping[str, str] = MappingProxyType({}),
        against: str | None = None,
        *,
        runs: bool = True,
    ) -> None:
        """Start a child; ``layout`` is one of the user's own, and ``how`` insists on how the target is loaded.

        By function, ``meant`` has the names of the target's own that are meant, where that is declared; ``against`` is
        what the target was exported from. With ``runs`` a program may be run itself, to see its gradients.
        """
        self._meant, self._doubtful = dict(meant), list[str]()
        self._target, self._layout, self._timeout, self._memory = target, layout, timeout, memory
        self.found = {}
        self._runs: bool | str = runs and how != "apart"
        self._how, self._framework = how, forked_with(_text(target), _text(against))
        self._against, self.held, self.refused = against, list[Held](), list[str]()
        self.sources: list[Held] = []
        self._asked: list[Request] = []
        self._answered: dict[int, tuple[Any, bytes]] = {}
        self._call, self._patience = exchange.NO_CALL, Patience(timeout)
        self._child: Process | None = None
        self._board: exchange.Board | None = None
        self._complaints: Tail | None = None
        self._heard = queue.SimpleQueue[Heard]()
        self._to_tell = queue.SimpleQueue[Heard]()
        self._closed, self._edited = False, ""  # the function whose text was edited last
        _RUNNING.add(self)
        try:
            self._start(0)
        except BaseException:
            self.close()
            raise

    def load(self, ahead: Iterable[Request] = ()) -> None:
        """Wait until the target is loaded, and have the child work on the requests ``ahead`` from then on."""
        requests = list(ahead)
        FORKS.share(requests)
        for request in requests:
            self._number(request)
        found = self._loaded_somehow()
        self.differences = found.get("differences")
        if self.differences and "error" in found:
            self.name, self.notes = str(self._target), [unread(found["error"], str(self._target))]
            return
        if "error" in found:
            words = self._last_words() if found.get("ended") or is_program(self._target) else ""
            raise (NothingFoundError if found["nothing"] else TargetError)(found["error"] + words)
        self.name, self.notes = found["name"], found["notes"]
        self.found = {name: Found.told(**one) for name, one in found["found"].items()}
        self.held, self.refused = exchange.held_of(found["held"], found["numbers"]), found["refused"]
        self.sources = exchange.held_of(found["sources"], found["numbers"])

    @property
    def was_taken_apart(self) -> bool:
        """Whether it is a file that was not imported whole."""
        return self._how == "apart" and not self._is_notebook

    @property
    def has_text(self) -> bool:
        """Whether it is a file of Python whose text can be edited; what JAX has compiled would not change with it.

        Nor is it, where the system has no clock that interrupts: an edit may never end.
        """
        path = Path(divided(self._target or "")[0])
        if not hasattr(signal, "setitimer"):
            return False
        return path.suffix in {".py", ".ipynb"} and path.is_file() and "import jax" not in _text(str(path))

    @property
    def _is_notebook(self) -> bool:
        return divided(self._target or "")[0].endswith(".ipynb")

    def _loaded_somehow(self) -> Any:
        """Return what the child says of the target: loaded as is insisted on, or whole, or else taken apart."""
        known = self._target is None or self._target in FRAMEWORKS or is_program(self._target)
        if self._how or known or self._is_notebook:
            return _with_what_was_left(self._loaded(), "--apart asks for that" if self.was_taken_apart else "")
        whole = self._loaded(PATIENCE)
        if not whole.get("why"):
            return whole
        apart = self._loaded_anew("apart")
        if "error" not in apart:
            return _with_what_was_left(apart, whole["why"])
        if whole["late"] and self._timeout > PATIENCE:
            return self._loaded_anew(None)
        self._how = None
        return whole

    def _loaded_anew(self, how: How | None) -> Any:
        self._kill()
        self._how = how
        self._start(0)
        return self._loaded()

    def _loaded(self, patience: float | None = None) -> Any:
        """Wait until the child has loaded the target, and return what it says of it, or why it has said nothing."""
        begin = time.monotonic()
        seconds = min(patience or self._timeout, self._timeout)
        heard, ended = self._next(begin + seconds, seconds, begin + self._timeout)
        if heard is not None:
            return {**heard[0]["found"], "numbers": heard[1], "late": False}
        late = ended.startswith(TIMEOUT)
        why = f"imported whole it had not ended after {seconds:g} s (--whole waits for it)" if late else ended
        error = f"{self._target or 'rnn_ref'}: cannot be loaded: {ended}"
        if late and is_program(self._target):
            error += f"; its first line, before it is asked anything, is to be {EXPECTED}"
        return {"error": error, "nothing": False, "why": why, "late": late, "ended": not late}

    def run(self, request: Request) -> list[list[Outcome]]:
        """Return the outcomes of all calls of every check, or errors if the child did not live to give them."""
        refusal = "" if request.convention.righted else self._patience.refusal(request.function)
        if refusal:
            return list(_lost(request, f"{TIMEOUT}: {refusal} (--timeout allows more)", exchange.NO_CALL, 0))
        if self._edited and self._edited != (request.function if request.edits else ""):
            self._kill()  # what was edited there is not to be asked any more
        self._edited = request.function if request.edits else ""
        number = self._number(request)
        ended = self._loaded_again(number) if self._child is None else ""
        seconds = self._patience.seconds
        deadline = time.monotonic() + seconds
        while not ended and number not in self._answered:
            heard, ended = self._next(deadline, seconds)
            if heard is not None:
                said, numbers = heard
                ended = said.get("lost", "")
                self._answered |= {} if ended else {said["answered"]: (said["outcomes"], numbers)}
        if not ended:
            return exchange.outcomes_of(*self._answered.pop(number))
        words = self._last_words()
        if ended.startswith(TIMEOUT):
            ended += self._patience.because + (words if is_program(self._target) else "")
            self._patience.hung(request.function, seconds)
        else:
            ended += words
        return list(_lost(request, ended, self._call, number))

    def _number(self, request: Request) -> int:
        """Return the request's number, having handed it over."""
        if request not in self._asked:
            self._asked.append(request)
            self._hand_over(len(self._asked) - 1)
        return self._asked.index(request)

    def _hand_over(self, number: int) -> None:
        known = None if self._child is None else FORKS.known(self._child, self._asked[number])
        told, numbers = exchange.asked(self._asked[number]) if known is None else ({"known": known}, b"")
        self._to_tell.put(({**told, "number": number}, numbers))

    def read_anew(self, doubtful: Sequence[str]) -> None:
        """Load the target again, and have some functions read that bear their names; as before if that fails.

        Raises TargetError if they are all others than their names say, and none can be read.
        """
        self._kill()
        self._doubtful = list(doubtful)
        self._start(len(self._asked))
        found = self._loaded()
        if "error" in found and doubtful and not found.get("why") and not found.get("ended"):
            raise (NothingFoundError if found["nothing"] else TargetError)(found["error"])
        if "error" in found and doubtful:
            self.read_anew(())
        elif "error" not in found:
            self.found = {name: Found.told(**one) for name, one in found["found"].items()}
            others = [f" as {name}:" for name in doubtful if name not in self.found]  # they only bear the names
            others += [LENT, CALLED_THERE]
            read = tuple(f"not read: {one.reading.partition('(')[0]}(" for one in self.found.values() if one.reading)
            kept = [
                one
                for one in self.notes
                if not one.startswith((*read, CALLED_THERE)) and (BACK_LEFT not in one or one in found["notes"])
            ]
            self.notes = [*kept, *(one for one in found["notes"] if any(other in one for other in others))]

    def look_at_differences(self) -> None:
        """Have the program's gradients held against differences, whatever is read."""
        if self._runs and not self.differences and not self._meant:
            self._kill()
            self._runs, self._doubtful = ANYHOW, []
            self._start(len(self._asked))
            self.differences = self._loaded().get("differences")
            self._runs = True

    def renew(self) -> None:
        """Begin anew in another process, behind all requests so far."""
        self._kill()  # the next request starts it again

    def close(self) -> None:
        """Leave no process behind."""
        self._closed = True
        self._kill()

    def _start(self, begin: int) -> None:
        """Start a child, and hand over its job and the requests from a number on."""
        self._call = exchange.NO_CALL
        read, write = os.pipe()
        try:
            self._child, self._board = FORKS.start(NO_WINDOWS | os.environ | ONE_THREAD, write, self._framework)
        except OSError as error:
            os.close(read)
            raise TargetError(
                f"{self._target or 'rnn_ref'}: its process cannot be started: {error.strerror}"
            ) from error
        finally:
            os.close(write)
        self._complaints = Tail(read)
        self._heard, self._to_tell = queue.SimpleQueue(), queue.SimpleQueue()
        threading.Thread(target=_listen, args=(self._child.stdout, self._heard.put), daemon=True).start()
        threading.Thread(target=_tell, args=(self._child.stdin, self._to_tell.get), daemon=True).start()
        job: dict[str, Any] = {"target": self._target, "layout": self._layout, "memory": self._memory, "path": sys.path}
        job |= {"how": self._how, "seconds": 0.9 * self._timeout, "against": self._against, "runs": self._runs}
        self._to_tell.put(({**job, "meant": self._meant, "doubtful": self._doubtful}, b""))
        for number in range(begin, len(self._asked)):
            self._hand_over(number)

    def _loaded_again(self, number: int) -> str:
        """Load the target again, which has a time of its own, to go on with a request; say what is in the way."""
        if self._closed:
            return GONE
        try:
            self._start(number)
        except TargetError as error:
            return str(error)
        heard, ended = self._next(time.monotonic() + self._timeout)
        ended = ended or (heard[0]["found"].get("error", "") if heard else "")
        ended += self._last_words() if ended else ""
        return f"the target could not be loaded again: {ended}" if ended else ""

    def _next(
        self, deadline: float, seconds: float | None = None, latest: float = float("inf")
    ) -> tuple[Heard | None, str]:
        """Wait for what the child says next, signs of life aside; without that, say how it ended.

        Every call has the time anew, and every import while it is loaded; that is over at the ``latest`` then.
        """
        seconds = seconds or self._timeout
        hint = "; or was it not flushed?" if is_program(self._target) else ""
        began = time.monotonic()
        while (child := self._child) is not None:
            code = child.poll()
            try:
                heard = self._heard.get(timeout=POLL)
            except queue.Empty:
                deadline = max(deadline, min(self._looked_at() + seconds, latest))
                if code is not None:
                    return None, farewell(code)
                if time.monotonic() > deadline:
                    return None, f"{TIMEOUT}: no answer within {seconds:g} s (--timeout allows more{hint})"
                continue
            if heard is None:
                self._looked_at()
                with contextlib.suppress(subprocess.TimeoutExpired):  # it has closed its end of the pipe
                    return None, farewell(child.wait(POLL))
            elif "call" in heard[0] or "alive" in heard[0]:
                now = time.monotonic()
                if "call" in heard[0]:
                    self._patience.answered(now - began)
                    self._call, began = exchange.Call(*heard[0]["call"]), now
                deadline = min(now + seconds, latest)
            else:
                self._looked_at()
                return heard, ""
        return None, GONE

    def _looked_at(self) -> float:
        """Take in what the child has noted of its calls, and return when the last one began."""
        if self._board is None:
            return 0.0
        noted = self._board.read()
        self._call = noted.call
        self._patience.answered(noted.longest)
        return noted.began

    def _last_words(self) -> str:
        """End the child, and return what was complained of last, to be told behind how it ended."""
        self._kill()
        said = self._complaints.text() if self._complaints else ""
        return f"; its standard error ends: {said}" if said else ""

    def _kill(self) -> None:
        """End the child and what it started, as far as that has not left its process group."""
        child, self._child = self._child, None  # another thread may close the session
        if child is None:
            return
        end_group(child.pid)
        child.kill()
        child.wait()
        GUARD.ended(child.pid)
        self._to_tell.put(None)


def _text(target: str | None) -> str:
    """Return the text of a target: of its file, if it is one of Python, or else its name."""
    path = Path(divided(target or "")[0])
    with contextlib.suppress(OSError, ValueError):
        return path.read_text("latin-1") if path.suffix in {".py", ".ipynb"} and path.is_file() else str(target)
    return ""


def _with_what_was_left(found: Any, because: str) -> Any:
    """Return what a child says of a target, with a note on why it was taken apart, and what of it was left alone."""
    if "error" in found or not because:
        return found
    left = f"{found['left']} {'is' if found['left'].startswith('line ') else 'are'} left alone" if found["left"] else ""
    note = f"taken apart: {left or 'only what the functions reach is run'}, because {because}"
    return {**found, "notes": [note, *found["notes"]]}


def _listen(pipe: IO[bytes], hear: Callable[[Heard], None]) -> None:
    """Hear what a child says, until it has closed its end of the pipe."""
    with pipe:
        while (heard := exchange.hear(pipe, foreign=True)) is not None and isinstance(heard[0], dict):
            hear(heard)
    hear(None)


def _tell(pipe: IO[bytes], next_one: Callable[[], Heard]) -> None:
    """Say one thing after the other to a child, which may be slow to listen, until there is no more or it is gone."""
    with contextlib.suppress(OSError), pipe:
        while (one := next_one()) is not None:
            exchange.say(pipe, *one)


def _lost(request: Request, ended: str, at: exchange.Call, number: int) -> Iterator[list[Outcome]]:
    """Yield an outcome for every check of a request that was not answered: what was called says how that ended."""
    running = at.check if at.request == number else -1
    again = ", when the same call was made again" if at.again else ""
    timeout = ended.startswith(TIMEOUT)
    for i in range(len(request.checks)):
        if i == running or running < 0:
            said = f"{ended}{again}" if i == running else ended
        else:
            said = f"not answered, because of {request.checks[running].id}: {ended}"
        yield [Outcome(error=said, lost=True, ended=i == running, timeout=timeout)]
