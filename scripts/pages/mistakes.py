"""The mistakes as pages: a list, and a page for each with its words, its formulas and a picture."""

import re
from collections.abc import Iterator

from rnn_ref.conformance.mistakes.find import find, functions, slugs
from rnn_ref.conformance.reports.block import sentence
from rnn_ref.conformance.spec import FAMILIES, family_of
from rnn_ref.conformance.spec.catalogue import of
from rnn_ref.conformance.spec.mistake import Words

from .drawing import KEY, drawn

TITLES = {"rnn": "The tanh network", "output": "The output layer", "losses": "The losses", "gru": "The gated network"}
CONVENTIONS = "Conventions: right, and declared with an option"


def listing() -> str:
    """Return the page that lists all of them, by the family in which each is made first."""
    lines = [
        "# The mistakes",
        "",
        f"`rnn-ref check` has a name for each of these {len(slugs())}. It gives a name if the answers of your code are",
        "those of the mistake on every probe. `rnn-ref mistakes NAME` says the same in a terminal, and with",
        "`--make wrong.py` writes a file that makes the mistake.",
    ]
    grouped: dict[str, list[str]] = {}
    for slug in slugs():
        made = find(slug)
        family = family_of(made[0][1]).name if made else CONVENTIONS
        grouped.setdefault(family, []).append(slug)
    for family in [*FAMILIES, CONVENTIONS]:
        if family in grouped:
            lines += ["", f"## {TITLES.get(family, family)}", "", "| name | what it is | in |", "|---|---|---|"]
            lines += [_row(slug) for slug in grouped[family]]
    return "\n".join(lines) + "\n"


def page(slug: str) -> str:
    """Return the page of one mistake."""
    lines = [f"# {slug}", ""]
    for words, names in _words(slug):
        lines += [f"## {', '.join(names)}", ""] if names else []
        lines += [f"{_plain(sentence(words.found))}.", "", f"**Why it matters.** {_plain(words.matters)}", ""]
        lines += [f"**Where to look.** {_plain(words.look)}", ""]
        lines += ["```text", f"right   {words.right}", f"wrong   {words.wrong}", "```", ""]
        lines += [*_picture(slug, names[0]), ""] if names else []
    if find(slug):
        lines += [
            "To see it:",
            "",
            "```sh",
            f"rnn-ref mistakes {slug} --make wrong.py",
            "rnn-ref check wrong.py",
            "```",
        ]
    else:
        lines += ["This is no mistake but a convention: the numbers are right, so there is nothing to draw."]
    return "\n".join([*lines, "", "[All mistakes](index.md) · [reading a report](../report.md)"]) + "\n"


def _row(slug: str) -> str:
    return f"| [{slug}]({slug}.md) | {_plain(of(slug, '').found)} | {_plain(functions(find(slug))) or 'a convention'} |"


def _words(slug: str) -> Iterator[tuple[Words, list[str]]]:
    """Yield the words with the functions that they are said of."""
    grouped: dict[Words, list[str]] = {}
    for _, name in find(slug):
        names = grouped.setdefault(of(slug, name), [])
        names += [] if name in names else [name]
    yield from grouped.items() if grouped else [(of(slug, ""), [])]


def _picture(slug: str, function: str) -> Iterator[str]:
    found = drawn([mistake for mistake, name in find(slug) if name == function], function)
    if found.svg:
        yield f"<figure>{found.svg}<figcaption>{found.told}. {KEY}</figcaption></figure>"
    else:
        yield _plain(found.told)


def _plain(text: str) -> str:
    """Return text of which Markdown makes nothing else, but for what stands between backticks."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(one if one[:1] == "`" else re.sub(r"([\\*_\[\]<>|#])", r"\\\1", one) for one in parts)
