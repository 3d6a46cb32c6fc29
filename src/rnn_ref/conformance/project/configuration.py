"""``[tool.rnn_ref]`` in pyproject.toml: options of ``rnn_ref.check`` for the project's targets, and targets by name."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin

from ..errors import ProjectError
from ..misspelt import did_you_mean
from ..options import Options, options_of, over
from .place import seen_from_here, shown

SECTION = "tool.rnn_ref"


class Kind(NamedTuple):
    """What a value has to be, in words, and whether it is that."""

    words: str
    holds: Callable[[Any], bool]


TEXT = Kind("a text", lambda value: isinstance(value, str))
TEXTS = Kind("a list of texts", lambda value: isinstance(value, list) and all(map(TEXT.holds, value)))
TABLE = Kind("a table", lambda value: isinstance(value, dict))
TABLE_OF_TEXTS = Kind("a table of texts", lambda value: TABLE.holds(value) and all(map(TEXT.holds, value.values())))
SWITCH = Kind("true or false", lambda value: isinstance(value, bool))
WHOLE = Kind("a whole number", lambda value: isinstance(value, int) and not isinstance(value, bool))
NUMBER = Kind("a number", lambda value: isinstance(value, float) or WHOLE.holds(value))
KINDS = {str: TEXT, tuple: TEXTS, Mapping: TABLE_OF_TEXTS, bool: SWITCH, int: WHOLE, float: NUMBER}


def kind_of(annotation: Any) -> Kind:
    """Return what an option has to be in TOML, by its annotation in ``Options``.

    >>> kind_of(str | None).words, kind_of(tuple[str, ...]).words
    ('a text', 'a list of texts')
    """
    types = get_args(annotation) if get_origin(annotation) in {Union, UnionType} else (annotation,)
    return next(KINDS[plain] for one in types if (plain := get_origin(one) or one) in KINDS)


OURS = {"name", "recorded"}  # which no user sets
OPTIONS = {one.name: kind_of(one.type) for one in fields(Options) if one.name not in OURS}


@dataclass(frozen=True)
class Configured:
    """A target of the configuration, as seen from the current folder, and its options."""

    target: str
    options: Mapping[str, Any]


def read_configuration(file: Path) -> dict[str, Configured]:
    """Return the targets by name, none where there is no such file or section. Raises ProjectError."""
    if not file.is_file():
        return {}
    try:
        whole = tomllib.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:  # of TOML, and of UTF-8
        raise ProjectError(f"{shown(file)}: cannot be read as TOML: {error}") from error
    tool = whole.get("tool", {})
    section = _vetted(file, SECTION, tool.get("rnn_ref", {}) if TABLE.holds(tool) else {}, {"targets": TABLE})
    named = section.pop("targets", {})
    return {name: _configured(file, name, table, section) for name, table in named.items()}


def _configured(file: Path, name: str, table: Any, common: Mapping[str, Any]) -> Configured:
    where = f"{SECTION}.targets.{name}"
    own = _vetted(file, where, table, {"target": TEXT})
    target = own.pop("target", "")
    if not target.strip():
        raise ProjectError(f"{shown(file)}: {where}.target is not there or empty, expected a target: 'my_rnn.py', say")
    return Configured(seen_from_here(target, file.parent), over(common, own))


def _vetted(file: Path, where: str, table: Any, others: Mapping[str, Kind]) -> dict[str, Any]:
    """Return a table in which every key is known and every value is what is expected there."""
    known = {**OPTIONS, **others}
    if not TABLE.holds(table):
        raise ProjectError(f"{shown(file)}: {where} is {table!r}, expected {TABLE.words}")
    for key, value in table.items():
        if key not in known:
            close = did_you_mean(key, known)
            raise ProjectError(f"{shown(file)}: {where}.{key} is unknown, expected one of {', '.join(known)}{close}")
        if not known[key].holds(value):
            raise ProjectError(f"{shown(file)}: {where}.{key} is {value!r}, expected {known[key].words}")
    options = {key: value for key, value in table.items() if key in OPTIONS}
    try:
        options_of(options)
    except ValueError as error:
        raise ProjectError(f"{shown(file)}: {where}.{str(error).removeprefix('check: ')}") from error
    layout = options.get("layout", "")
    return {**table, **({"layout": seen_from_here(layout, file.parent)} if ":" in layout else {})}
