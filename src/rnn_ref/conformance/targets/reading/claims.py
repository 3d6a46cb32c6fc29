"""What a foreign function does not offer: read off its signature and the shapes of what it returns."""

import functools
from collections.abc import Callable
from typing import Any

from ...spec.claims import (
    CROSS,
    FLOAT32,
    FULL_ONLY,
    INDICES,
    LAST,
    LAST_OUTPUT,
    NO_BIAS,
    NO_OUTPUT_BIAS,
    NO_OUTPUT_UP,
    NO_STATE,
    ONE_INPUT,
    ONE_UNIT,
    ONLY,
    OPTION_ONLY,
    SHARED,
    SQUARED,
    padded,
)
from .calling.flags import named
from .calling.masks import MASK, told_by
from .calling.place import OUTPUT_UP
from .fitting.numbers import NumbersReading
from .objects.methods import MethodWay
from .own_loss import OwnLossReading
from .parts import JOINED, outputs_by_part, parts_of_arguments
from .reading import Reading
from .syntax.padding import padded_inputs, padding_of

WORDS = {"b_h": NO_BIAS, "b_y": NO_OUTPUT_BIAS}
RANKS = {rank: claim for claim, rank in ONLY.items()}


def _is_told_the_ends(reading: Reading) -> bool:
    """Whether a way through time takes lengths or a mask, which need not be there."""
    taken = told_by(reading.way.signature.parameters) if reading.operation.last_state else ""
    return bool(taken) and "drop" not in taken.lower() and reading.way.given.get(taken) is None


def narrow(candidate: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function as it is, which claims float32 only."""

    @functools.wraps(candidate)
    def told(*arguments: Any, **options: Any) -> Any:
        return candidate(*arguments, **options)

    told.__claims__ = (*getattr(candidate, "__claims__", ()), FLOAT32)  # type: ignore[attr-defined]
    return told


def claims_of(reading: Reading) -> tuple[str, ...]:
    """Return what a reading leaves out, in words that the plan understands."""
    given = [*reading.given.values(), *(reading.before.given.values() if reading.before is not None else ())]
    have = {"b_h" if one in {"b_xh", "b_hh"} else one for part in given for one in JOINED.get(part, [part])}
    found = [*reading.claims, *(reading.way.maker.claims if isinstance(reading.way, MethodWay) else [])]
    parts = set(parts_of_arguments(reading.operation).values())
    if "h" in parts and "h" not in have:
        found.append(NO_STATE)
    given_states = "states" in parts and reading.before is None  # to which no bias has to be added
    found += [word for part, word in WORDS.items() if part in parts - have and not given_states]
    if OUTPUT_UP in have:
        found.append(NO_OUTPUT_UP)
    if any(layout.indices for layout in reading.layouts.values()):
        found += [INDICES, *padded_inputs(reading.way, reading.given)]
    ways = [one.way for one in (reading, reading.before) if one is not None]
    found += [OPTION_ONLY.format(*one) for way in ways for one in named(way.switches).items()]
    masks = any(place.parts == (MASK,) for way in ways for place in way.places)
    if masks or any("lengths" in way.given.values() for way in ways) or _is_told_the_ends(reading):
        found.append(FULL_ONLY)
    found += [ONE_INPUT, ONE_UNIT] if isinstance(reading, NumbersReading) else []
    if reading.precision:
        found.append(FLOAT32)
    if reading.shared:
        found.append(SHARED)
    found += padding_claims(reading)
    if any(layout.last for layout in reading.layouts.values()):
        found.append(LAST_OUTPUT)
    if isinstance(reading, OwnLossReading):
        found.append(CROSS if reading.loss.startswith("cross-entropy") else SQUARED)
    if len(reading.layouts) == 1:
        found.append(RANKS[next(iter(reading.layouts))])
    outputs = {name for every in reading.outputs.values() for name in every}
    operation = reading.operation
    if operation.states and operation.states not in outputs and reading.fits:
        found.append(LAST)
    if operation.gives_gradients and reading.fits:
        missing = [name for name in operation.outputs if name not in outputs]
        missing = [name for name in missing if not _implied(name, reading, found)]
        found += [f"no {_called(name, reading)}" for name in missing]
    return tuple(found)


def padding_claims(reading: Reading) -> list[str]:
    """Return that a class of the targets stands for none, where the text compares them with it."""
    ways = [reading.way, *([reading.before.way] if reading.before is not None else [])]
    places = [(way, place) for way in ways for place in way.places if place.parts[:1] == ("targets",)]
    found = [padding_of(way.source, place.called, way.function) for way, place in places]
    return [padded(one) for one in found if one is not None][:1]


def _called(output: str, reading: Reading) -> str:
    return f"d{output}" if output in outputs_by_part(reading.operation).values() else output


def _implied(output: str, reading: Reading, claims: list[str]) -> bool:
    part = {name: part for part, name in outputs_by_part(reading.operation).items()}.get(output)
    return part in WORDS and WORDS[part] in claims
