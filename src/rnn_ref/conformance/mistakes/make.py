"""From a mistake to a function that makes it."""

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from ..spec.bases import right
from ..spec.mistake import Mistake


def wrong(mistake: Mistake | tuple[Mistake, ...], function: str) -> Callable[..., Any]:
    """Return the function with a mistake, or two, in it, fresh: what it may keep between calls begins empty."""
    way = mistake if isinstance(mistake, tuple) and not isinstance(mistake, Mistake) else (mistake,)
    numbers = {f"NUMBER_{place}": one.value for place, one in enumerate(way) if one.sought}
    namespace: dict[str, Any] = {"np": np, "KEPT": {}, **numbers}
    exec(_edited(tuple(one._replace(number=None) for one in way), function), namespace)
    candidate: Callable[..., Any] = namespace[function]
    return candidate


@functools.cache
def _edited(way: tuple[Mistake, ...], function: str) -> Any:
    """Compile the text once, whatever the numbers in it. Two edits of one line may leave what is no Python."""
    text = _text(way, function, [f"NUMBER_{place}" for place in range(len(way))])
    told = " and ".join(one.slug for one in way)
    try:
        return compile(text, f"<{told}>", "exec")
    except SyntaxError as error:
        raise ValueError(f"{told}: cannot be made together in {function}") from error


@functools.cache
def source(way: tuple[Mistake, ...], function: str) -> str:
    """Return the text of the function with the mistakes in it, one after the other; it may use ``np`` and ``KEPT``.

    Raises
    ------
    ValueError
        An edit fits nowhere, or in several places. A second mistake may fit in several, where the first has repeated
        a part of the text; it is then made in all of them.
    """
    return _text(way, function, [f"{one.value:.15g}" if one.sought else "" for one in way])


def _text(way: tuple[Mistake, ...], function: str, numbers: list[str]) -> str:
    text = _source(function)
    for place, (mistake, number) in enumerate(zip(way, numbers, strict=True)):
        for old, new in mistake.edits:
            places = text.count(old)
            if not places:
                raise ValueError(f"{mistake.slug}: {function} of the base does not contain {old!r}")
            if places > 1 and place == 0:
                raise ValueError(f"{mistake.slug}: {function} of the base contains {old!r} {places} times, expected 1")
            text = text.replace(old, new.replace("NUMBER", number) if mistake.sought else new)
    return text


@functools.cache
def _source(function: str) -> str:
    return inspect.getsource(right(function))
