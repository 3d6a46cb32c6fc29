"""Running somebody else's code: what it prints is held back, and what it raises becomes one line."""

import contextlib
import io
import traceback
import warnings
from typing import Any

LONGEST = 300  # characters of an exception's text that are told


@contextlib.contextmanager
def quiet() -> Any:
    """Keep what foreign code prints, and its warnings, out of the report."""
    nowhere = io.StringIO()
    with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def in_one_line(error: BaseException) -> str:
    """Write an exception as one line, with the place where it was raised."""
    try:
        text = " ".join(str(error)[: 10 * LONGEST].split())
    except Exception:  # even that may be broken
        text = ""
    text = "".join(one if one.isprintable() else f"\\x{ord(one):02x}" for one in text)
    text = f"{text[:LONGEST]} ..." if len(text) > LONGEST else text
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({frames[-1].filename.rpartition('/')[2]}, line {frames[-1].lineno})" if len(frames) > 1 else ""
    return f"{type(error).__name__}: {text}{place}" if text else f"{type(error).__name__}{place}"
