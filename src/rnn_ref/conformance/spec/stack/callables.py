"""The functions of one layer that checks hand to a candidate: so that one which ignores its ``run`` is found out."""

import importlib
from collections.abc import Callable
from typing import Any

from .. import OPERATIONS


def layers(twin: bool = False) -> tuple[str, ...]:
    """Return the names of the forwards of one layer, or of their ways back.

    >>> layers()[0], layers(twin=True)[0]
    ('rnn_forward', 'rnn_backward')
    """
    forwards = {name for name, one in OPERATIONS.items() if one.cell and one.states}
    return tuple(name for name, one in OPERATIONS.items() if (one.twin if twin else name) in forwards)


def named(name: Any) -> Callable[..., Any] | None:
    """Return the library's function of that name, if it is one of a layer."""
    known = isinstance(name, str) and name in (*layers(), *layers(twin=True))
    return getattr(importlib.import_module("rnn_ref"), name) if known else None
