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
    if parts := _classes(holder):
        kind = "a class" if all(inspect.isclass(getattr(holder, one, None)) for one in parts) else "a network"
        lines += _filled(f"{kind} in it is checked as {' or '.join(f'{name}:{one}' for one in parts[:MOST])}")
        return "\n".join(lines)
    lines += ["  looked for these, and for others that take and return the same:"]
    lines += [line for one in OPERATIONS.values() for line in _filled(f"{one.name}({', '.join(one.arguments)})", 4)]
    lines += _filled("--as rnn_forward=ITS_NAME says which is which; docs/do/your-code.md has every way of writing")
    return "\n".join(lines)


def unread_as(function: str, its: str, holder: Any, unread: Sequence[str]) -> str:
    """Return why a function of a target is not read as the one that the user says it is."""
    names = holder if isinstance(holder, Mapping) else getattr(holder, "__dict__", {})
    own = {str(name): value for name, value in names.items() if callable(value)}
    methods = {
        f"{name}.{method}": value
        for name, one in own.items()
        if inspect.isclass(one)
        for method, value in vars(one).items()
        if callable(value)
    }
    known = [name for name in {**own, **methods} if "__" not in name]
    last = its.rpartition(".")[2]
    if its not in known and not any(name.rpartition(".")[2] == last for name in known):
        return f"cannot read {its} as {function}: no function of it is called {its}{did_you_mean(its, known)}"
    due = f"{function}({', '.join(OPERATIONS[function].arguments)})"
    why = [one for one in unread if its in one]
    return f"cannot read {why[0] if why else f'{its} as {function}: what it takes or returns is not that of {due}'}"


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
