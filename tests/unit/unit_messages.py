"""Messages word by word: a table of calls that are refused, and what the person who made them reads."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from unit_calls import calls


def refuses(error: type[Exception], message: str) -> AbstractContextManager[Any]:
    """Expect this error with exactly this message."""
    return pytest.raises(error, match=f"^{re.escape(message)}$")


def spoilt(name: str, B: int | None = 3, **changed: Any) -> Callable[[], Any]:
    """Return a call of unit_calls with some arguments changed; T=5, D=4, H=6, V=7."""
    return lambda: calls(B=B)[name](**changed)


def table(cases: dict[str, tuple[Callable[[], Any], str]]) -> Any:
    """Make a test case of every entry: message -> its parameters, under the entry's label."""
    return pytest.mark.parametrize(("call", "message"), list(cases.values()), ids=list(cases))
