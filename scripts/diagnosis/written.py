"""What the pieces of the test bed are, and the register of the styles they are written in.

A style is a factory: given the set of mistakes to make it returns a fresh function. A mistake is a slug, or a slug and
its variant, ``truncated/stops after 2``; which ones a style can make is read off the texts in its code.
"""

from collections.abc import Callable, Iterable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any, Literal, NamedTuple

from rnn_ref.conformance.spec.catalogue import MISTAKES

Candidate = Callable[..., Any]
Factory = Callable[[frozenset[str]], Candidate]
SLUGS = {
    function: {one.slug for one in MISTAKES if function in one.functions}
    for function in dict.fromkeys(name for one in MISTAKES for name in one.functions)
}


class Written(NamedTuple):
    """A function written with one mistake; ``rank`` is what it claims to take, ``dtypes`` where it is wrong."""

    slug: str
    function: str
    style: str
    candidate: Candidate
    rank: Literal["both"] | None = None
    dtypes: tuple[str, ...] = ("float32", "float64")


class Written2(NamedTuple):
    """A function written with two mistakes."""

    slugs: tuple[str, str]
    function: str
    style: str
    candidate: Candidate


class Outside(NamedTuple):
    """A function with a mistake that is in no catalogue; or in it, with a constant that is in none."""

    name: str
    function: str
    candidate: Candidate
    slugs: tuple[str, ...] = ()  # the names that are right, where one is


class PassedOn(NamedTuple):
    """A module, as text, in which one function is wrong, and others are so only because they call it."""

    name: str
    text: str
    place: str  # what in it is checked: the module itself where empty, or a class
    guilty: str
    slug: str
    passing: tuple[str, ...]


class Style(NamedTuple):
    """One way of writing a function, and the mistakes that can be made in it."""

    function: str
    name: str
    factory: Factory
    mistakes: tuple[str, ...]


STYLES: list[Style] = []


def style(function: str, name: str, *, without: Iterable[str] = ()) -> Callable[[Factory], Factory]:
    """Register a factory; ``without`` are the mistakes of its helpers that have no meaning in it."""

    def register(factory: Factory) -> Factory:
        found = {text for text in _texts(factory, set()) if text.partition("/")[0] in SLUGS[function]}
        STYLES.append(Style(function, name, factory, tuple(sorted(found - set(without)))))
        return factory

    return register


def styles(function: str) -> list[Style]:
    """Return the styles of one function."""
    return [one for one in STYLES if one.function == function]


def written(one: Style, mistake: str) -> Written:
    """Return the function, fresh, in this style and with this mistake."""
    slug, _, variant = mistake.partition("/")
    name = f"{one.name}, {variant}" if variant else one.name
    # whoever swaps the axes of a batch is right for one sequence, and raises or gives other shapes for most batches:
    # taken for a function of one sequence, unless it claims both
    rank: Literal["both"] | None = "both" if slug == "batch-time-swapped" else None
    return Written(slug, one.function, name, one.factory(frozenset({mistake})), rank)


def _texts(function: Any, seen: set[Any]) -> Iterator[str]:
    """Yield the texts in a function's code and in that of the helpers it names."""
    if function in seen or not isinstance(function, FunctionType):
        return
    seen.add(function)
    named = function.__globals__
    for code in _codes(function.__code__):
        yield from _flat(code.co_consts)
        for name in code.co_names:
            helper = named.get(name)
            if isinstance(helper, ModuleType):  # forward.vectorised: the attribute's name is in co_names as well
                for attribute in code.co_names:
                    yield from _texts(getattr(helper, attribute, None), seen)
            elif isinstance(helper, tuple | frozenset | set):
                yield from _flat(helper)
            elif getattr(helper, "__module__", "").startswith(__package__):
                yield from _texts(helper, seen)


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _flat(constants: Iterable[Any]) -> Iterator[str]:
    for constant in constants:
        if isinstance(constant, str):
            yield constant
        elif isinstance(constant, tuple | frozenset):
            yield from _flat(constant)
