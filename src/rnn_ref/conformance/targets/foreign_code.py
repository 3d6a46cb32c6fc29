"""Running somebody else's code: what it prints is held back."""

import contextlib
import io
import warnings
from typing import Any


@contextlib.contextmanager
def quiet() -> Any:
    """Keep what foreign code prints, and its warnings, out of the report."""
    nowhere = io.StringIO()
    with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
