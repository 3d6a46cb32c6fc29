"""Where the statements of a source begin, and its pieces, found without parsing it: some of it may be no Python."""

import re
from collections.abc import Iterator

_TOKEN = re.compile(
    r"#[^\n]*|(\"{3}|'{3})(?:\\.|[^\\])*?\1|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|[(\[{]|[)\]}]|\\\n|\n", re.DOTALL
)
_SURELY = re.compile(  # even where a bracket or a text is never closed
    r"^(?:(?:async[ \t]+)?(?:def|class|import)[ \t]|@\w|from[ \t][\w. \t]+import[ \t(*])", re.MULTILINE
)
_GOES_ON = re.compile(r"(?:else|elif|except|finally)\b|[)\]}]")
_MARGIN = re.compile(r"[^\s#]")
_CLASS = re.compile(r"(?:@.*\n)*class[ \t]+\w[^\n]*:[ \t]*(?:#.*)?\n")
_FIRST = re.compile(r"^([ \t]+)[^\s#]", re.MULTILINE)


def beginnings(text: str, skipped: re.Pattern[str] | None = None) -> list[int]:
    r"""Return where the lines begin that do not go on with the line before: not in brackets, texts, or behind a ``\``.

    A bracket that is never closed ends where a definition or an import begins at the margin. What matches ``skipped``
    at such a beginning is not looked into.

    >>> beginnings("f(1,\n  2)\ny = '''\n'''\nz")
    [0, 10, 22]
    """
    found, inside, depth, at = [0], list[int](), 0, 0
    while at < len(text):
        if at == found[-1] and skipped and (whole := skipped.match(text, at)) and whole[0].strip():
            at = whole.end()
        token = _TOKEN.search(text, at)
        if token is None:
            break
        at = token.end()
        if token[0] in "([{":
            depth += 1
        elif token[0] in ")]}":
            depth = max(depth - 1, 0)
        elif token[0] == "\n" and (not depth or _SURELY.match(text, at)):
            found += [*(inside if depth else ()), at]
            inside, depth = [], 0
        elif token[0] == "\n":
            inside.append(at)
    return [*found, *(inside if depth else ())]


def members(text: str) -> list[tuple[int, str]]:
    r"""Return what is in a class, each as text with the number of lines before it, behind the head; [] of no class.

    >>> members("class A:\n  x = 1\n  def f(self):\n    print 'x'\n")
    [(0, 'class A:\n'), (1, '  x = 1\n'), (2, "  def f(self):\n    print 'x'\n")]
    """
    head = _CLASS.match(text)
    first = head and _FIRST.search(text, head.end())
    if not head or not first:
        return []
    body = [(before + head[0].count("\n"), one) for before, one in pieces(text[head.end() :], first[1])]
    return [(0, head[0]), *body]


def pieces(text: str, indent: str = "") -> Iterator[tuple[int, str]]:
    r"""Yield the statements at the margin, or at another indent, each as text with the number of lines before it.

    Where three quotes are never closed, definitions and imports at the margin are no part of any text.

    >>> list(pieces("@f\ndef g(): return (1,\n2)\nprint 'x'\n"))
    [(0, '@f\ndef g(): return (1,\n2)\n'), (3, "print 'x'\n")]
    """
    places, decorated = [0], False
    parts = [0, *(one.start() for one in _SURELY.finditer(text))] if _is_open(text) else [0]
    bounds = zip(parts, [*parts[1:], len(text)], strict=True)
    for at in dict.fromkeys(begin + at for begin, end in bounds for at in beginnings(text[begin:end])):
        first = at + len(indent)
        if text[at:first] != indent or not _MARGIN.match(text, first) or _GOES_ON.match(text, first):
            continue
        if at and not decorated:
            places.append(at)
        decorated = text[first] == "@"
    for begin, end in zip(places, [*places[1:], len(text)], strict=True):
        yield text.count("\n", 0, begin), text[begin:end]


def _is_open(text: str) -> bool:
    """Whether three quotes are never closed: two of them are an empty text then, and the third one is left."""
    return any(one[0] in {'""', "''"} and text.startswith(one[0][0], one.end()) for one in _TOKEN.finditer(text))
