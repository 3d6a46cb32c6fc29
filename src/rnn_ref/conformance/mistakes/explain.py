"""The mistakes in print, 80 columns wide: a line or two for each, or all there is to say about one."""

import shlex
import textwrap
from collections.abc import Iterable, Iterator

from ..operation import Check
from ..spec import OPERATIONS
from ..spec.catalogue import of
from ..spec.mistake import Words
from .find import Made, command, find, functions, slugs
from .kill_matrix import MARGIN, answerable, kills, margins

WIDTH, COLUMN = 80, 28
UNBROKEN = "\N{NO-BREAK SPACE}"  # where a line may not end
CONVENTION = "a convention"


def listing(function: str = "") -> Iterator[str]:
    """Yield every slug with its functions, and below it what is found; or those of one function."""
    for slug in slugs():
        made = find(slug)
        if function and function not in {name for _, name in made}:
            continue
        where = functions(made) or CONVENTION
        yield from _filled(where, f"{slug:<{COLUMN - 1}} ", " " * COLUMN)
        yield from _filled(of(slug, function).found, "  ", "  ")


def everything(slug: str, checks: Iterable[Check], function: str = "", form: str = "") -> Iterator[str]:
    """Yield all there is to say about one mistake, and by how many of the checks it is caught."""
    made = find(slug, function, form)
    yield slug
    for words, where in _words_by_function(slug, made, function):
        yield ""
        yield from _filled(f"{', '.join(where) or CONVENTION}: {words.found}", "", "  ")
        yield from _section("Why it matters", words.matters)
        yield from _section("Where to look", words.look)
        yield from ("Right", f"    {words.right}", "Wrong", f"    {words.wrong}")
    if made:
        yield ""
        yield from _caught(made, list(checks))
        options = f"{f' --function {function}' if function else ''}{f' --form {shlex.quote(form)}' if form else ''}"
        yield from (
            "To see it:",
            f"    rnn-ref mistakes {slug}{options} --make wrong.py",
            f"    {command('wrong.py')}",
        )


def _words_by_function(slug: str, made: list[Made], function: str) -> Iterator[tuple[Words, list[str]]]:
    """Yield the words with the functions that they fit."""
    names = _names(made)
    grouped: dict[Words, list[str]] = {} if names else {of(slug, function): []}
    for name in names:
        grouped.setdefault(of(slug, name), []).append(name)
    yield from grouped.items()


def _caught(made: list[Made], checks: list[Check]) -> Iterator[str]:
    """Yield for every function by how many vectors the mistake is caught, and the forms in which it can be made."""
    yield f"Caught by so many of the vectors, with an error of {MARGIN:g} times what is allowed:"
    for name in _names(made):
        forms = [mistake for mistake, where in made if where == name]
        asked = answerable(name, checks)
        fewest = min(kills(margins(mistake, name, asked)) for mistake in forms)
        least = f" (the form caught least, of {len(forms)})" if len(forms) > 1 else ""
        yield f"    {name:<{COLUMN}}{fewest} of {len(asked)}{least}"
    variants = dict.fromkeys(mistake.variant for mistake, _ in made if mistake.variant)
    if variants:
        whole = "; ".join(variant.replace(" ", UNBROKEN) for variant in variants)
        yield from (line.replace(UNBROKEN, " ") for line in _section("Forms", whole))


def _names(made: list[Made]) -> list[str]:
    """Return the functions, in the suite's order."""
    return sorted({name for _, name in made}, key=list(OPERATIONS).index)


def _section(title: str, text: str) -> Iterator[str]:
    yield title
    yield from _filled(text, "    ", "    ")


def _filled(text: str, first: str, rest: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )
