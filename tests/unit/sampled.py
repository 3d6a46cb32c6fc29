"""Which of many cases are tried each time: some of every kind; all of them with ``pytest -m ''``."""

from collections.abc import Iterable
from typing import Any

import pytest

SELDOM = 5  # times as seldom as a test says: else CI takes more than 15 minutes on the slowest machine it has met


def some(values: Iterable[Any], every: int) -> list[Any]:
    """Return cases for ``parametrize``, of which all but every so many are marked as slow, so that they wait."""
    return [
        one if i % (SELDOM * every) == 0 else pytest.param(*_each(one), marks=pytest.mark.slow)
        for i, one in enumerate(values)
    ]


def _each(one: Any) -> tuple[Any, ...]:
    return tuple(one) if isinstance(one, tuple) and not hasattr(one, "_fields") else (one,)
