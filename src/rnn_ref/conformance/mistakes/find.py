"""Mistakes by name: the entries under a slug, the nearest names to an unknown one, a module that makes one."""

import shlex
from collections.abc import Sequence

from ..misspelt import did_you_mean
from ..spec import OPERATIONS, catalogue
from ..spec.mistake import Mistake
from .make import source

Made = tuple[Mistake, str]  # a mistake in one function


def slugs() -> tuple[str, ...]:
    """Return every slug once: those of the mistakes, then those of the conventions."""
    made = (mistake.slug for mistake in catalogue.MISTAKES)
    return tuple(dict.fromkeys([*made, *(key.partition(":")[0] for key in catalogue.WORDS)]))


def find(slug: str, function: str = "", form: str = "") -> list[Made]:
    """Return the mistakes under a slug with the functions in which they can be made, narrowed if asked to.

    A slug of ``right-but`` that names a convention has none.

    Raises
    ------
    ValueError
        No such slug, no such function, or none of them together; it says what there is.
    """
    if slug not in slugs():
        close = did_you_mean(slug, slugs())
        raise ValueError(f"mistakes: no mistake is called {slug!r}{close} (rnn-ref mistakes lists all)")
    known(function)
    every = [(mistake, name) for mistake in catalogue.MISTAKES if mistake.slug == slug for name in mistake.functions]
    found = [made for made in every if function in {"", made[1]}]
    if function and not found:
        raise ValueError(f"mistakes: {slug} is not made in {function}, expected one of {functions(every) or 'none'}")
    narrowed = [made for made in found if form in {"", made[0].variant}]
    if form and not narrowed:
        forms = ", ".join(dict.fromkeys(repr(made[0].variant) for made in found if made[0].variant))
        raise ValueError(f"mistakes: {slug} has no form {form!r}, expected one of {forms or 'none'}")
    return narrowed


def known(function: str) -> None:
    """Refuse a function that is not of the suite; the empty name stands for all."""
    if function and function not in OPERATIONS:
        raise ValueError(f"mistakes: no function is called {function!r}{did_you_mean(function, OPERATIONS)}")


def functions(made: Sequence[Made]) -> str:
    """Return in which functions, in words that stay short if it is nearly all of them."""
    names = {function for _, function in made}
    absent = [name for name in OPERATIONS if name not in names]
    if len(absent) > 3:
        return ", ".join(name for name in OPERATIONS if name in names)
    return f"every function{' but ' if absent else ''}{', '.join(absent)}"


def module(slug: str, function: str = "", form: str = "") -> str:
    """Return the text of a module that makes the mistake in every function in which it can be made, or in one.

    Of several forms in one function it is the first, if none is asked for.
    """
    chosen: dict[str, Mistake] = {}
    for mistake, name in find(slug, function, form):
        chosen.setdefault(name, mistake)
    if not chosen:
        raise ValueError(f"mistakes: {slug} names a convention, no function is written that has it")
    told = list(dict.fromkeys(catalogue.of(slug, name).found for name in chosen))
    lines = [f'"""Wrong on purpose: {slug}.', "", *(f"{one[0].upper()}{one[1:]}." for one in told), '"""']
    texts = [_headed(mistake, name) for name, mistake in chosen.items()]
    kept = ["", "KEPT = {}  # what stays between the calls"] if any("KEPT" in text for text in texts) else []
    return "\n".join([*lines, "", "import numpy as np", *kept]) + "\n\n\n" + "\n\n\n".join(texts)


def command(path: str) -> str:
    """Return the command that shows the verdict on a module with the mistake in it."""
    return f"rnn-ref check {shlex.quote(path)}"


def _headed(mistake: Mistake, function: str) -> str:
    text = source((mistake,), function)
    return f"# form: {mistake.variant}\n{text}".rstrip("\n") + "\n" if mistake.variant else text.rstrip("\n") + "\n"
