"""The input of one check in a file, and the lines of Python that make the same call: for a debugger, or a print."""

import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from .._files import write_bytes
from ..conformance.operation import Check
from ..conformance.spec.losses.callables import CALLABLES
from ..conformance.spec.stack.callables import named

DUE = "due_"  # stands before the names of the right answers


def only_one(checks: Iterable[Check], only: str | None) -> Check:
    """Return the check that ``only`` names: by its id, or the only one that it matches. Raises ValueError."""
    found = list(checks)
    exact = [one for one in found if one.id == only] or found
    if only is None or len(exact) != 1:
        said = f"--only matches {len(exact)}" if only else "there is no --only"
        raise ValueError(f"check: --save-input saves the input of one check, expected --only ID; {said}")
    return exact[0]


def save(check: Check, path: Path) -> None:
    """Write arguments, options and right answers as arrays."""
    given = {**check.arguments, **check.options}
    arrays = {name: np.asarray(value) for name, value in given.items() if not _written_out(value)}
    arrays |= {f"{DUE}{name}": array for name, array in check.expected.items()}
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    write_bytes(path, file.getvalue())


def recipe(check: Check, path: str, target: str | None, reading: str = "") -> Iterator[str]:
    """Yield the lines that make the call again and print what came back beside what is due.

    A function that was found under its own name in a file or module is imported; others are taken as they were read.
    """
    yield "import numpy as np"
    yield _imported(check.function, target, reading)
    for value in filter(_is_callable, check.arguments.values()):
        yield f"from {CALLABLES[value].__module__ if value in CALLABLES else 'rnn_ref'} import {value}"
    handed = check.operation.handed({name: _argument(name, value) for name, value in check.arguments.items()})
    for made in {type(one) for one in handed if hasattr(one, "_fields")}:
        yield f"from {made.__module__} import {made.__name__}"
    yield f"given = np.load({_quoted(path)})"
    words = [_put_together(one) for one in handed]
    words += [f"{name}={_argument(name, value)}" for name, value in check.options.items()]
    yield f"got = {check.function}({', '.join(words)})"
    due = ", ".join(f"given[{_quoted(DUE + name)}]" for name in check.expected)
    yield f'print("got", got, "due", {due}, sep="\\n")'


def notes(check: Check) -> Iterator[str]:
    """Yield what the lines do not say: how the check hands its arrays over."""
    forms = ", ".join(f"{name} ({form})" for name, form in check.forms.items())
    if forms:
        yield f"the check hands some over in another form: {forms}; in this one the call may answer otherwise"


def _written_out(value: Any) -> bool:
    """Whether a value stands in the call itself."""
    return isinstance(value, str | int | float | bool)


def _is_callable(value: Any) -> bool:
    return isinstance(value, str) and (value in CALLABLES or named(value) is not None)


def _argument(name: str, value: Any) -> str:
    if _written_out(value):
        return str(value) if _is_callable(value) else _quoted(value)
    return f"given[{_quoted(name)}]" + ("" if np.ndim(value) else "[()]")


def _put_together(value: Any) -> str:
    """Return the text of an argument that is made of several, given the texts of these."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_quoted(name)}: {_put_together(one)}' for name, one in value.items())}}}"
    every = ", ".join(map(_put_together, value))
    if isinstance(value, list):
        return f"[{every}]"
    return f"{type(value).__name__}({every})" if hasattr(value, "_fields") else f"({every},)"


def _quoted(value: Any) -> str:
    return json.dumps(value) if isinstance(value, str) else repr(value)


def _imported(function: str, target: str | None, reading: str) -> str:
    place = Path(target or "rnn_ref")
    module = place.stem if place.suffix == ".py" and len(place.parts) == 1 else str(target or "rnn_ref")
    plain = not reading and all(part.isidentifier() for part in module.split("."))
    if plain:
        return f"from {module} import {function}"
    found = f"load({_quoted(target)})[1][{_quoted(function)}]"
    return f"from rnn_ref.conformance.targets.find import load; {function} = {found}"
