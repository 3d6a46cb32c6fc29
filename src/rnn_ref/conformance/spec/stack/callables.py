"""The functions of one layer that checks hand to a candidate: so that one which ignores its ``run`` is found out."""

import functools
import importlib
from collections.abc import Callable, Mapping
from typing import Any

from .. import OPERATIONS


def layers(twin: bool = False) -> tuple[str, ...]:
    """Return the names of the forwards of one layer, or of their ways back.

    >>> layers()[0], layers(twin=True)[0]
    ('rnn_forward', 'rnn_backward')
    """
    forwards = {name for name, one in OPERATIONS.items() if one.cell and one.states}
    return tuple(name for name, one in OPERATIONS.items() if (one.twin if twin else name) in forwards)


def named(name: Any, options: Mapping[str, Any] | None = None) -> Callable[..., Any] | None:
    """Return the library's function of that name, with options if it is to have some, if it is one of a layer.

    >>> named("rnn_forward", {"activation": "relu"}).keywords
    {'activation': 'relu'}
    """
    if not isinstance(name, str) or name not in (*layers(), *layers(twin=True)):
        return None
    function = getattr(importlib.import_module("rnn_ref"), name)
    return functools.partial(function, **options) if options else function


def told(run: Any) -> tuple[str, dict[str, Any]]:
    """Return the name of a layer's function and its options, as it is handed over or by its name alone.

    >>> told("rnn_forward"), told(named("rnn_backward", {"activation": "relu"}))
    (('rnn_forward', {}), ('rnn_backward', {'activation': 'relu'}))
    """
    function, options = (run.func, run.keywords) if isinstance(run, functools.partial) else (run, {})
    return function if isinstance(function, str) else getattr(function, "__name__", ""), dict(options)
