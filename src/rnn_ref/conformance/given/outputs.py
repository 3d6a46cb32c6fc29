"""What a kernel returned, by output: as the function returns it, or a dict with some of the outputs."""

from collections.abc import Mapping
from typing import Any

from ..._shapes import Array
from ..misspelt import did_you_mean
from ..operation import Operation, UnusableError
from .arrays import taken

Got = dict[str, Array | str]  # a sentence where it is not an array of numbers


def outputs_of(operation: Operation, got: Any) -> Got:
    """Return every output that is there. Raises ValueError where none can be told from another.

    A dict may leave outputs out, which are not judged then, and may name a gradient with a d before its name.
    """
    names = list(operation.outputs) + [operation.last_state] * bool(operation.states)
    try:
        found = _by_name(operation, got, names) if isinstance(got, Mapping) else operation.unpacked(got)
    except UnusableError as error:
        raise ValueError(f"{operation.name}: got {error}") from error
    return {name: _array(value) for name, value in found.items()}


def _by_name(operation: Operation, got: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in got.items():
        if operation.packed and name == operation.packed[0]:
            _, start, stop = operation.packed
            packed = names[start:stop]
            flat |= value if isinstance(value, Mapping) else dict(zip(packed, value, strict=True))
        else:
            flat[name] = value
    flat = {name if name in names else str(name).removeprefix("d"): value for name, value in flat.items()}
    unknown = [str(name) for name in flat if name not in names]
    if unknown or not flat:
        told = f"has {', '.join(unknown)}" if unknown else "is empty"
        raise UnusableError(f"{told}, expected some of {', '.join(names)}{did_you_mean(''.join(unknown[:1]), names)}")
    return flat


def _array(value: Any) -> Array | str:
    try:
        return taken(value).array.astype(float)
    except UnusableError as error:
        return str(error)
