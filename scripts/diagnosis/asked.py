"""Ask the instrument about what was written, and weigh what it says."""

import sys
import types
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import rnn_ref

from .blind import Blind
from .expected import BY_CHANCE, FROZEN_TOO, SAYS_ALL, names
from .written import Outside, PassedOn, Written, Written2

Rank = Literal["step", "single", "batch", "both"]


class Asked(NamedTuple):
    """On which random cases, and in which precision."""

    seed: int
    dtype: Literal["float32", "float64"]


class Said(NamedTuple):
    """What came of one check of one function."""

    function: str
    told: str  # which mistake, in which style
    outcome: str
    said: str  # what the report says
    seed: int
    dtype: str


def report_on(
    target: Any, function: str, asked: Asked, *, slugs: tuple[str, ...] = (), rank: Rank | None = None
) -> Any:
    """Return the report on one function, on the cases of one seed; and on the frozen ones where only they can tell."""
    only = f"{function}/*" if FROZEN_TOO & {*slugs} else f"{function}/seed{asked.seed}-*"
    report = rnn_ref.check(target, seed=asked.seed, dtype=asked.dtype, rank=rank, only=only)
    return report.functions[function]


def of_single(one: Written, asked: Asked) -> Iterator[Said]:
    """Say whether one mistake got its name."""
    if asked.dtype not in one.dtypes:
        return
    found = report_on({one.function: one.candidate}, one.function, asked, slugs=(one.slug,), rank=one.rank)
    yield Said(one.function, f"{one.slug} ({one.style})", _weighed(one.function, one.slug, found), said(found), *asked)


def _weighed(function: str, slug: str, found: Any) -> str:
    if found.verdict == "conforms":
        return "conforms"
    if found.mistake is None:
        return "right" if SAYS_ALL.get(slug) == found.verdict else "null"
    if found.mistake not in names(function, slug):
        return "wrong name"
    only = found.only_mistake if slug not in BY_CHANCE else not found.only_mistake
    return "right" if only and len(found.mistakes) == 1 else "wrong only_mistake"


def of_pair(one: Written2, asked: Asked) -> Iterator[Said]:
    """Say whether two mistakes got their names."""
    found = report_on({one.function: one.candidate}, one.function, asked, slugs=one.slugs)
    right = [names(one.function, slug) for slug in one.slugs]
    named = found.mistakes or ([] if found.mistake is None else [found.mistake])
    known = all(any(name in these for these in right) for name in named)
    if found.verdict == "conforms":
        outcome = "conforms"
    elif not named:
        outcome = "null"
    elif len(named) == 1 and found.only_mistake:
        outcome = "one, the only"  # whatever the name: there are two
    elif not known:
        outcome = "wrong name"
    else:
        outcome = "both" if all(these & {*named} for these in right) else "one, not the only"
    yield Said(one.function, f"{' + '.join(one.slugs)} ({one.style})", outcome, said(found), *asked)


def of_blind(one: Blind, asked: Asked) -> Iterator[Said]:
    """Say whether all that is wrong with a program got its name, on all frozen vectors: as whoever wrote it would ask.

    Where one of two is called the only one, that is a wrong name.
    """
    if asked.dtype != "float64":
        return  # once is enough
    report = rnn_ref.check({one.function: one.candidate}, only=f"{one.function}/*")
    found = report.functions[one.function]
    named = {*found.mistakes} or ({found.mistake} if found.mistake else set())
    wrong = not named <= {*one.slugs} or (len(one.slugs) > 1 and found.only_mistake)
    outcome = "right" if named == {*one.slugs} else "wrong name" if named and wrong else "null"
    outcome = "conforms" if found.verdict == "conforms" else outcome
    yield Said(one.function, f"{' + '.join(one.slugs)} ({one.style})", outcome, said(found), *asked)


def of_outside(one: Outside, asked: Asked) -> Iterator[Said]:
    """Say whether a mistake without a name was given one, and one with a constant its own."""
    found = report_on({one.function: one.candidate}, one.function, asked)
    outcome = "null" if found.mistake is None else f"named, {'' if found.only_mistake else 'not '}the only"
    outcome = "right" if one.slugs and found.mistake in one.slugs and found.only_mistake else outcome
    outcome = "conforms" if found.verdict == "conforms" else outcome
    yield Said(one.function, one.name, outcome, said(found), *asked)


def blamed(one: PassedOn, asked: Asked) -> Iterator[Said]:
    """Say who was named: the guilty function, and those that only call it."""
    only = None if one.slug in FROZEN_TOO else f"/seed{asked.seed}-"
    report = rnn_ref.check(loaded(one), seed=asked.seed, dtype=asked.dtype, only=only)
    for function in (one.guilty, *one.passing):
        found = report.functions[function]
        told = f"{one.slug} of {one.guilty} ({one.name})"
        if function == one.guilty:
            outcome = _weighed(function, one.slug, found)
        elif found.verdict == "conforms":
            outcome = "conforms"
        else:  # right is to say whose mistake it is, and no mistake of its own
            whose = found.verdict == "passes-on" and found.passes_on == [one.guilty]
            outcome = "passed on" if whose else "blamed" if found.mistake else "null"
        yield Said(function, told, outcome, said(found), *asked)


def loaded(one: PassedOn) -> Any:
    """Return the module of this text, or the class in it."""
    module = types.ModuleType(f"passed_on_{one.name.replace(' ', '_')}")
    sys.modules[module.__name__] = module
    exec(compile(one.text, module.__name__, "exec"), module.__dict__)
    return getattr(module, one.place) if one.place else module


def said(found: Any) -> str:
    """Return what a report says of a function, in short."""
    if found.mistake is None:
        return str(found.verdict)
    only = "the only one" if found.only_mistake else "not the only one"
    return f"{found.verdict}, {' + '.join(found.mistakes or [found.mistake])}, {only}"
