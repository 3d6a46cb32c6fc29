"""What is said where none of the functions is in a target: what is there, what was looked for, and where to read on."""

import inspect
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..misspelt import did_you_mean
from ..spec import OPERATIONS
from .artefacts.recognise import artefacts_of

WIDTH, MOST = 80, 8
NONE = "none of the functions is in it"
UNREADABLE = "none of its functions can be read"


def nothing_in(name: str, holder: Any, unread: Sequence[str], *, tried: bool) -> str:
    """Return the text of the error: a line, and below it what helps.

    ``unread`` says of functions that were found why they cannot be read; if some were ``tried``, the first line does.
    """
    lines = [f"{name}: {NONE}"]
    if tried:
        why, *unread = unread or ["what was tried raises, or answers in other shapes"]
        lines = [f"{name}: {UNREADABLE}: {why}"]
    found = [*_found(holder)]
    more = f" and {len(found) - MOST} more" if found[MOST:] else ""
    lines += _filled(f"found: {', '.join(found[:MOST])}{more}" if found else "found: no function and no class")
    lines += [line for one in unread for line in _filled(f"not read: {one}")]
    classes = _classes(holder)
    lines += _filled(f"a class in it is checked as {name}:{classes[0]}") if classes else []
    lines += ["  looked for these, and for others that take and return the same:"]
    lines += [line for one in OPERATIONS.values() for line in _filled(f"{one.name}({', '.join(one.arguments)})", 4)]
    lines += _filled("--as rnn_forward=ITS_NAME says which is which; docs/do/your-code.md has every way of writing")
    return "\n".join(lines)


def _found(holder: Any) -> Iterator[str]:
    """Yield the functions and classes of a target's own, with their arguments, and the name that may be meant."""
    own = getattr(holder, "__name__", None)
    names = holder if isinstance(holder, Mapping) else getattr(holder, "__dict__", {})
    for name, value in names.items():
        if not (inspect.isfunction(value) or inspect.isclass(value)) or str(name).startswith("__"):
            continue
        if inspect.ismodule(holder) and value.__module__ not in {own, None}:
            continue
        close = did_you_mean(str(name), OPERATIONS).removeprefix(", ") if name not in OPERATIONS else ""
        told = f"{name}{inspect.signature(value)}" if inspect.isfunction(value) else f"class {name}"
        yield f"{told} ({close})" if close else told


def _classes(holder: Any) -> list[str]:
    """Return the names of classes that have the functions as methods, or are a framework's."""
    members = getattr(holder, "__dict__", {}).items()
    classes = [one for one, value in members if inspect.isclass(value) and set(dir(value)) & set(OPERATIONS)]
    return classes or (artefacts_of(holder) if inspect.ismodule(holder) else [])


def _filled(text: str, indent: int = 2) -> list[str]:
    blank = " " * indent
    return textwrap.wrap(text, WIDTH, initial_indent=blank, subsequent_indent=f"{blank}  ", break_on_hyphens=False)
