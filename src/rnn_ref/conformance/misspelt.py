"""A name that nobody knows: the known ones that resemble it."""

import difflib
from collections.abc import Iterable

LEAST, APART = 0.6, 0.08  # of a resemblance from 0 to 1: what is told, and how far behind the nearest


def nearest(name: str, names: Iterable[str]) -> list[str]:
    """Return the names that resemble one most, capitals aside, the nearest first; none if none does.

    >>> nearest("rnn_foward", ["rnn_forward", "rnn_backward", "cross_entropy"])
    ['rnn_forward']
    """
    plain = {one.lower(): one for one in names}
    close = difflib.get_close_matches(name.lower(), plain, n=3, cutoff=LEAST)
    likeness = [difflib.SequenceMatcher(None, one, name.lower()).ratio() for one in close]
    return [plain[one] for one, like in zip(close, likeness, strict=True) if like >= likeness[0] - APART]


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return a question to put behind an error, empty if nothing resembles the name.

    >>> did_you_mean("torhc", ["torch", "jax"]), did_you_mean("qqqq", ["torch", "jax"])
    (', did you mean torch?', '')
    """
    close = nearest(name, names)
    return f", did you mean {' or '.join(close)}?" if close else ""


def expected(name: str, names: Iterable[str]) -> str:
    """Return the same question, or all names where none resembles it.

    >>> expected("torhc", ["torch", "jax"]), expected("qqqq", ["torch", "jax"])
    (', did you mean torch?', ', expected one of torch, jax')
    """
    known = list(names)
    return did_you_mean(name, known) or f", expected one of {', '.join(known)}"
