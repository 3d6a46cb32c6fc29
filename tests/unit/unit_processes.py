"""Waiting for what processes do."""

import time
from collections.abc import Callable

import pytest


def until(true: Callable[[], object]) -> None:
    """Wait until something is true; fail if it has not come true within ten seconds."""
    for _ in range(500):
        if true():
            return
        time.sleep(0.02)
    pytest.fail("it did not come true within ten seconds")
