"""Arguments that are records: a NamedTuple or a dataclass of the foreign file, whose fields are the parts."""

import dataclasses
import inspect
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from ..names import weights_of

Path = tuple[tuple[str, str], ...]


def record_of(function: Callable[..., Any], name: str, attributes: Sequence[str]) -> type | None:
    """Return the kind of record that an argument is: as it says, else the one that has all that is taken off it."""
    held: Mapping[str, Any] = getattr(inspect.unwrap(function), "__globals__", {})
    said = inspect.signature(function).parameters[name].annotation
    said = held.get(said) if isinstance(said, str) else said
    if fields_of(said):
        return said if any(map(weights_of, fields_of(said))) else None
    alike = [one for one in held.values() if attributes and set(attributes) <= set(fields_of(one))]
    return alike[0] if alike else None


def fields_of(kind: Any) -> list[str]:
    """Return the fields of a kind of record, none of anything else.

    >>> from typing import NamedTuple
    >>> fields_of(NamedTuple("Params", [("W", float), ("b", float)])), fields_of(int)
    (['W', 'b'], [])
    """
    if not isinstance(kind, type):
        return []
    if dataclasses.is_dataclass(kind):
        return [one.name for one in dataclasses.fields(kind) if one.init]
    return list(getattr(kind, "_fields", ())) if issubclass(kind, tuple) else []


def with_all_fields(paths: Sequence[Path], kinds: Sequence[Any]) -> list[Path]:
    """Return ways to weights, with the fields of records that are not used: a bias there may have been forgotten."""
    found = list(paths)
    for before in dict.fromkeys(path[:-1] for path in paths if path[-1][0] == "dot"):
        used = {path[-1][1] for path in paths if path[:-1] == before}
        alike = [fields_of(one) for one in kinds if used <= set(fields_of(one))]
        smallest = min(alike, key=len, default=[])
        found += [(*before, ("dot", name)) for name in smallest if name not in used]
    return found


def nested(values: Mapping[tuple[Any, ...], Any], kinds: Sequence[Any]) -> Any:
    """Return dicts, and records of these kinds, in which values stand at the ends of their ways.

    >>> nested({(("key", "cell"), ("dot", "W")): 1, (("key", "cell"), ("dot", "b")): 2}, [])
    {'cell': namespace(W=1, b=2)}
    """
    if () in values:
        return values[()]
    first = next(iter(values))[0][0]
    inner: dict[str, dict[tuple[Any, ...], Any]] = {}
    for path, value in values.items():
        inner.setdefault(path[0][1], {})[path[1:]] = value
    whole = {key: nested(more, kinds) for key, more in inner.items()}
    if first == "key":
        return whole
    return made(next((one for one in kinds if set(fields_of(one)) == set(whole)), SimpleNamespace), whole)


def made(kind: type, values: Mapping[str, Any]) -> Any:
    """Return a record with these values; a field that has none is None, or what it is by default."""
    if not fields_of(kind):
        return kind(**values)
    known = inspect.signature(kind).parameters
    empty: dict[str, Any] = {name: None for name in fields_of(kind) if known[name].default is inspect.Parameter.empty}
    return kind(**{**empty, **values})
