"""Which axis of a sequence is which, and what a mask marks, by what its author says in a comment."""

import inspect
import re
from collections.abc import Callable
from typing import Any

BATCH = r"(?:batch(?:_?size)?|bs|[BN]|n_?samples|samples|examples)"
TIME = r"(?:seq(?:uence)?(?:_?len(?:gth)?)?|[TL]|time(?:_?steps)?|(?:num_|n_)?steps|length|lookback|window)"
BETWEEN = r"\s*(?:,|x|×)\s*"
TRUE, FALSE = (r"1(?:\.0)?s?", "ones?", "[Tt]rue"), (r"0(?:\.0)?s?", "zeros?", "[Ff]alse")
MEANS = r"(?:(?:for|on|at|in|where|if|is|are|means?|marks?|the|a|an|all|every|step|steps|it|token|tokens)\W+){0,4}"
PAD, REAL = r"pad", r"(?:real|valid|actual|true|live|present|observed|not pad|non-?pad)"  # how a mark is meant
QUOTED = re.compile(r"#[^\n]*|\"\"\".*?\"\"\"|\'\'\'.*?\'\'\'", re.DOTALL)


def batch_first_in(text: str, name: str) -> bool | None:
    """Return whether comments have batches first of an input of a name; None if they do not say, or say both.

    >>> batch_first_in("# x: (batch, seq_len, dim)", "x"), batch_first_in("# xs (T, B, D) -> (B, T, H)", "xs")
    (True, False)
    >>> batch_first_in("# x is a batch -> out (batch, seq_len, units)", "x") is None
    True
    """
    comments = "\n".join(QUOTED.findall(text))
    of_input = rf"\b(?:{re.escape(name)}|[Ii]nputs?)\b[^\n()\[\]>]{{0,25}}[(\[]\s*"
    said = {
        first
        for first, (one, other) in {True: (BATCH, TIME), False: (TIME, BATCH)}.items()
        if re.search(f"{of_input}{one}{BETWEEN}{other}{BETWEEN}", comments)
    }
    return said.pop() if len(said) == 1 else None


def is_batch_first(thing: Callable[..., Any], name: str) -> bool | None:
    """Return what the text of a function or a class says of an input of a name, None if it has none or says nothing."""
    return batch_first_in(_text_of(thing), name)


def padding_in(text: str, name: str) -> bool | None:
    """Return whether comments have a mask of a name mark what is padding; None if they do not say, or say both.

    >>> padding_in("# mask: (batch, time), 1 for real tokens", "mask"), padding_in("# mask (T, B), True = pad", "mask")
    (False, True)
    >>> padding_in("# mask is 0 on padded steps", "mask"), padding_in("# a mask of ones", "mask")
    (False, None)
    """
    comments = "\n".join(QUOTED.findall(text))
    of_mask = rf"\b{re.escape(name)}\b[^\n]{{0,60}}?\b"
    said = {
        (mark in TRUE) == (kind == PAD)
        for mark in (*TRUE, *FALSE)
        for kind in (PAD, REAL)
        if re.search(rf"{of_mask}{mark}\b\W*{MEANS}\W*{kind}", comments)
    }
    return said.pop() if len(said) == 1 else None


def marks_padding(thing: Callable[..., Any], name: str) -> bool | None:
    """Return what the text of a function says of a mask, None if it has none or says nothing."""
    return padding_in(_text_of(thing), name)


def _text_of(thing: Callable[..., Any]) -> str:
    try:
        return inspect.getsource(inspect.unwrap(thing))
    except (OSError, TypeError, ValueError):
        return ""


def said(thing: Callable[..., Any], name: str) -> list[str]:
    """Return in words how sequences lie by what their author says: as the names of a shape."""
    first = is_batch_first(thing, name)
    return [] if first is None else ["shape batch steps n" if first else "shape steps batch n"]
