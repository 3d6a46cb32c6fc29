"""By which equation a foreign function is read, where the specification has several by an option: tanh or relu.

Names and shapes are the same then, and values tell: it is read as what it is nearest to. Another equation than that of
most is meant where its name alone is in the text, or where it is much nearer: else what is wrong is a mistake in that
of most. A way back is read as its own way forward.
"""

import ast
import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ...spec import OPERATIONS
from ...spec.bases import right
from ...spec.claims import NO_BIAS, NO_STATE, OPTION_ONLY
from .calling.masks import MASK
from .claims import claims_of
from .given import drawn, with_indices
from .leaves import as_numbers
from .parts import parts_of_arguments
from .reading import Reading
from .syntax.documented import marks_padding
from .syntax.source import Source

SIZES = {"T": 5, "B": 3, "D": 4, "H": 6, "V": 7}
DOUBT = 10  # so much nearer another equation must be
OF_MOST = "tanh"  # whoever writes that as well may mean either
TOLD = {("activation", "relu"): r"relu|maximum|fmax|clip|clamp|\bmax\(|> ?0"}  # how the text may say it
Options = Mapping[str, Any]


def options_of(reading: Reading, candidate: Callable[..., Any]) -> dict[str, Any]:
    """Return the options by which the equation is chosen that a reading is nearest to; none is that of most."""
    others = list(reading.operation.cell_if) if reading.fits else []
    if not others:
        return {}
    try:
        offs: list[tuple[float, dict[str, Any]]] = [(_off(reading, candidate, {}), {})]
        for option, value in others:
            off = _off(reading, candidate, {option: value})
            offs.append((off if says(reading.way.source, (option, value)) else DOUBT * off, {option: value}))
    except KeyboardInterrupt:
        raise
    except BaseException:  # whatever foreign code raises: it is judged by that of most
        return {}
    return min(offs, key=lambda one: one[0])[1]


def says(source: Source, option: tuple[str, Any]) -> bool:
    """Whether the text of a foreign function, and of what it calls in its own module, says one equation alone."""
    text = "\n".join(map(ast.unparse, source.trees)).lower()
    return bool(re.search(TOLD.get(option, str(option[1])), text)) and not re.search(OF_MOST, text)


def in_its_sense(reading: Reading) -> Reading:
    """Return a reading with a mask that marks what counts, or what does not: values alone show which."""
    masks = {rank: one.mask for rank, one in reading.layouts.items() if one.mask is not None}
    if not masks or not reading.fits:
        return reading
    layouts = {rank: one._replace(mask=masks[rank]._replace(padding=True)) for rank, one in reading.layouts.items()}
    turned = replace(reading, layouts=layouts)
    name = next((place.called for place, part in reading.given.items() if part == MASK), "")
    if (padding := marks_padding(reading.way.function, name)) is not None:
        return turned if padding else reading
    try:
        return min((reading, turned), key=lambda one: _off(one, one.candidate(), {}))
    except KeyboardInterrupt:
        raise
    except BaseException:  # whatever foreign code raises
        return reading


def with_options(candidate: Callable[..., Any], options: Options) -> None:
    """Have a candidate declare options by one value only, and its reading say so."""
    kinds, made = inspect.Parameter, inspect.signature(candidate)
    own = [kinds(name, kinds.KEYWORD_ONLY, default=value) for name, value in options.items()]
    told = [OPTION_ONLY.format(*one) for one in options.items()]
    candidate.__signature__ = made.replace(parameters=[*made.parameters.values(), *own])  # type: ignore[attr-defined]
    candidate.__claims__ = (*getattr(candidate, "__claims__", ()), *told)  # type: ignore[attr-defined]
    values = ", ".join(map(str, options.values()))
    candidate.__reading__ = f"{getattr(candidate, '__reading__', '')}, {values}"  # type: ignore[attr-defined]


def _off(reading: Reading, candidate: Callable[..., Any], options: Options) -> float:
    """Return how far the answers are from those of an equation, but for a factor in each: 0 to 1."""
    operation, rank = reading.operation, next(iter(reading.layouts))
    named = _given(reading, options)
    due = operation.unpacked(right(operation.name)(*named.values(), **options))
    if operation.last_state and operation.states in due:
        due[operation.last_state] = due[operation.states][-1]  # where that is all that is answered
    got = operation.unpacked(candidate(*(np.array(one) for one in named.values())))
    found = []
    for name in got.keys() & due.keys():
        answer, one = as_numbers(got[name]), np.asarray(due[name], np.float64).ravel()
        if answer is not None and answer.size == one.size > 1 and rank in reading.outputs:
            a = np.asarray(answer, np.float64).ravel()
            found.append(1 - float(a @ one) ** 2 / max(float(a @ a) * float(one @ one), 1e-300))
    return float(np.mean(found)) if found and np.all(np.isfinite(found)) else 1.0


def _given(reading: Reading, options: Options) -> dict[str, Any]:
    """Return arguments drawn at random, with what it leaves out in zeros, and the states that follow from them."""
    operation, rank, claims = reading.operation, next(iter(reading.layouts)), claims_of(reading)
    sizes = {axis: size for axis, size in SIZES.items() if axis != "B" or rank == "batch"}
    parts = parts_of_arguments(operation)
    named = with_indices(drawn(operation, rank, sizes), parts, reading.layouts[rank])
    for name, part in parts.items():
        if (part == "h" and NO_STATE in claims) or (part == "b_h" and NO_BIAS in claims):
            named[name] = np.zeros_like(named[name])
    twin = OPERATIONS.get(operation.twin)
    if twin is not None:
        after = twin.unpacked(right(twin.name)(*(named[name] for name in twin.arguments), **options))
        named |= {name: np.asarray(one) for name, one in after.items() if name in named}
    return named
