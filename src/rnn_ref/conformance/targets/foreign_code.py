"""Running somebody else's code: what it prints is held back; and how a process of it ended."""

import contextlib
import io
import signal
import warnings
from typing import Any


@contextlib.contextmanager
def quiet() -> Any:
    """Keep what foreign code prints, and its warnings, out of the report."""
    nowhere = io.StringIO()
    with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def farewell(code: int, who: str = "process") -> str:
    """Say how a process ended before it had answered, by its exit code.

    >>> farewell(3), farewell(-9, "program")
    ('the process ended with exit code 3 before it had answered', 'the program was ended by SIGKILL')
    """
    if code < 0:
        known = -code in set(signal.Signals)
        return f"the {who} was ended by {signal.Signals(-code).name if known else f'signal {-code}'}"
    return f"the {who} ended with exit code {code} before it had answered"
