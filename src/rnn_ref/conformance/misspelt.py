"""A name that nobody knows: the known ones that resemble it."""

import difflib
import re
from collections.abc import Iterable, Sequence

LEAST, APART = 0.6, 0.08  # of a resemblance from 0 to 1: what is told, and how far behind the nearest


def nearest(name: str, names: Iterable[str]) -> list[str]:
    """Return the names that resemble one most, capitals aside, the nearest first; none if none does.

    Who writes other digits has not misspelt a name: he means another one.

    >>> nearest("rnn_foward", ["rnn_forward", "rnn_backward", "cross_entropy"])
    ['rnn_forward']
    >>> nearest("float16", ["float32", "float64"])
    []
    """
    plain = {one.lower(): one for one in names if one.lower() == name.lower() or _letters(one) != _letters(name)}
    close = difflib.get_close_matches(name.lower(), plain, n=3, cutoff=LEAST)
    likeness = [difflib.SequenceMatcher(None, one, name.lower()).ratio() for one in close]
    return [plain[one] for one, like in zip(close, likeness, strict=True) if like >= likeness[0] - APART]


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return a question to put behind an error, empty if nothing resembles the name.

    >>> did_you_mean("torhc", ["torch", "jax"]), did_you_mean("qqqq", ["torch", "jax"])
    (', did you mean torch?', '')
    """
    return question(nearest(name, names))


def question(close: Sequence[str]) -> str:
    """Return the same of names that are known to resemble it."""
    return f", did you mean {' or '.join(close)}?" if close else ""


def _letters(name: str) -> str:
    return re.sub(r"\d", "", name.lower())


def expected(name: str, names: Iterable[str]) -> str:
    """Return the same question, or all names where none resembles it.

    >>> expected("torhc", ["torch", "jax"]), expected("qqqq", ["torch", "jax"])
    (', did you mean torch?', ', expected one of torch, jax')
    """
    known = list(names)
    return did_you_mean(name, known) or f", expected one of {', '.join(known)}"
