"""Running somebody else's code: what it prints is held back; and how a process of it ended."""

import contextlib
import io
import signal
import sys
import warnings
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def quiet() -> Iterator[Callable[[], None]]:
    """Keep what foreign code prints, and its warnings, out of the report.

    Yield what does so anew between two calls, of which the first may have let something out.
    """
    nowhere = io.StringIO()
    with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        filters = list(warnings.filters)

        def anew() -> None:
            sys.stdout = sys.stderr = io.StringIO()
            if warnings.filters != filters:
                warnings.resetwarnings()
                warnings.filters[:] = filters  # type: ignore[index]

        yield anew


def farewell(code: int, who: str = "process") -> str:
    """Say how a process ended before it had answered, by its exit code.

    >>> farewell(3), farewell(-9, "program")
    ('the process ended with exit code 3 before it had answered', 'the program was ended by SIGKILL')
    """
    if code < 0:
        known = -code in set(signal.Signals)
        return f"the {who} was ended by {signal.Signals(-code).name if known else f'signal {-code}'}"
    return f"the {who} ended with exit code {code} before it had answered"
