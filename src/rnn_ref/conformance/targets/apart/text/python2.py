"""Python 2 in Python 3's words: print as a statement, ``except E, e``, tabs beside blanks, names that have changed.

The lines stay where they are. What divides whole numbers gives fractions, as in Python 3.
"""

import ast
import functools
import io
import re
import tokenize
from collections.abc import Iterator

from .lines import beginnings

_PRINT = re.compile(r"\A([ \t]*(?:[^#'\"\n]*(?::|;)[ \t]*)?)print(?![\w.=])[ \t]*(.*)", re.DOTALL)
_INTO = re.compile(r">>[ \t]*([\w.]+)[ \t]*,?[ \t]*")
_EXCEPT = re.compile(r"^([ \t]*except[ \t]+(?:[\w.]+|\([^)\n]*\)))[ \t]*,[ \t]*(\w+)[ \t]*:", re.MULTILINE)
_RAISE = re.compile(r"^([ \t]*raise[ \t]+[\w.]+)[ \t]*,[ \t]*([^\n]+)$", re.MULTILINE)
_ITER = re.compile(r"\.iter(items|keys|values)\(")
_PICKLE = re.compile(r"\bimport[ \t]+cPickle\b(?:[ \t]+as[ \t]+(\w+))?")
_FUTURE = re.compile(r"^from[ \t]+__future__[ \t]+import[ \t(]+(?!annotations)", re.MULTILINE)
PYTHON2 = "it is Python 2, read in Python 3's words: a quotient of whole numbers is a fraction"
NAMES = {"xrange": range, "unicode": str, "basestring": str, "long": int, "unichr": chr, "reduce": functools.reduce}
_NAMED = re.compile(rf"\b(?:{'|'.join(NAMES)})\b")


@functools.lru_cache(64)
def in_python3(text: str) -> str | None:
    r"""Return what is no Python 3 as such, if it is Python 2; else None.

    >>> in_python3("for i in xrange(3):\n    print 'loss %d' % i,  # here\n")
    "for i in xrange(3):\n    print('loss %d' % i, end=' ')  # here\n"
    >>> in_python3("try: f()\nexcept ValueError, e: print >>log, e")
    'try: f()\nexcept ValueError as e: print(e, file=log)'
    >>> in_python3("x = 1"), in_python3("print 'a' 'b")
    (None, None)
    """
    if _parses(text):
        return None
    text = re.sub(r"^[ \t]+", lambda blank: blank[0].expandtabs(8), text, flags=re.MULTILINE)
    text = _RAISE.sub(r"\1(\2)", _EXCEPT.sub(r"\1 as \2:", text))
    text = _PICKLE.sub(lambda one: f"import pickle as {one[1] or 'cPickle'}", _ITER.sub(r".\1(", text))
    places = beginnings(text)
    logical = [text[begin:end] for begin, end in zip(places, [*places[1:], len(text)], strict=True)]
    text = "".join(_PRINT.sub(_called, line) if "print" in line else line for line in logical)
    return text if _parses(text) else None


def lent(text: str, *, old: bool = False) -> dict[str, object]:
    r"""Return the functions of Python 2 that a text uses and does not bind, if it is Python 2, or ``old`` says so.

    >>> list(lent("from __future__ import print_function\nfor i in xrange(3): print(i)")), lent("xrange(3)")
    (['xrange'], {})
    """
    if not _NAMED.search(text):
        return {}
    other = in_python3(text)
    if other is None and not old and not _FUTURE.search(text):
        return {}
    try:
        tree = ast.parse(other or text)
    except (SyntaxError, ValueError):
        return {}
    every = [(node.id, isinstance(node.ctx, ast.Load)) for node in ast.walk(tree) if isinstance(node, ast.Name)]
    bound = {name for name, read in every if not read} | set(_imported(tree))
    read = {name for name, read in every if read}
    return {name: one for name, one in NAMES.items() if name in read - bound}


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


def _is_call(text: str) -> bool:
    """Whether a text is a call and nothing more, ``print (a)`` as opposed to ``print (a) % b``."""
    try:
        return isinstance(ast.parse(text, mode="eval").body, ast.Call)
    except (SyntaxError, ValueError):
        return False


def _called(line: re.Match[str]) -> str:
    """Return a statement that prints as a call, with the comment and the ends of lines behind it."""
    before, rest = line.groups()
    said, behind = _without_comment(rest)
    if said.startswith("(") and _is_call(f"print{said}"):
        return line[0]
    into = _INTO.match(said)
    said = said[into.end() :] if into else said
    options = [f"file={into[1]}"] if into else []
    options += ["end=' '"] if said.endswith(",") else []
    return f"{before}print({', '.join([*filter(None, [said.rstrip(',').rstrip()]), *options])}){behind}"


def _without_comment(rest: str) -> tuple[str, str]:
    """Return what is printed, and what stands behind it: blanks, a comment, the end of the line."""
    end = len(rest)
    try:
        for token in tokenize.generate_tokens(io.StringIO(rest).readline):
            if token.type == tokenize.COMMENT and "\n" not in rest[: rest.find(token.string)].rstrip():
                end = rest.find(token.string)
                break
    except (tokenize.TokenError, SyntaxError):
        pass
    said = rest[:end].rstrip()
    return said, rest[len(said) :]
