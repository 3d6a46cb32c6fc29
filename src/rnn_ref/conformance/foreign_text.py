"""Text that somebody else wrote (messages, names, lines of source), made fit to be shown: short, and nothing but text.

Whatever is shown of a target passes through here once, where it comes in: as an exception is looked at, as an answer is
converted, as a child is heard. So neither a terminal nor a reader of reports obeys anything in it.
"""

from typing import Any

LONGEST = 300  # characters of a sentence
MOST = 10_000  # characters of any text


def line(text: object, longest: int = LONGEST) -> str:
    """Return a text of any length as one line that can be printed; of what raises even there, nothing.

    >>> line("a\\x1b[31m\\n  b"), line("x" * 999)[-8:]
    ('a\\\\x1b[31m b', 'xxxx ...')
    """
    try:
        text = str(text)
    except Exception:  # even that may be broken
        return ""
    text = printable(" ".join(text[: 10 * longest].split()))
    return f"{text[:longest]} ..." if len(text) > longest else text


def printable(text: str) -> str:
    """Write what no printer prints (controls, what turns the line around, halves of pairs) as Python does; keep lines.

    >>> printable("a\\u202eb\\n\\ud800\\t\\U000e0041")
    'a\\\\u202eb\\n\\\\ud800\\\\x09\\\\U000e0041'
    """
    text = f"{text[:MOST]} ..." if len(text) > MOST else text
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() or one == "\n" else _escaped(ord(one)) for one in text)


def label(text: str) -> str:
    r"""Return the name of a file, or what else is to stand in a line with others, so that it can be printed.

    >>> print(label("a\nok: b.py"))
    a\nok: b.py
    """
    return printable(text).replace("\n", "\\n")


def _escaped(code: int) -> str:
    return f"\\x{code:02x}" if code < 2**8 else f"\\u{code:04x}" if code < 2**16 else f"\\U{code:08x}"


def is_clean(text: bytes) -> bool:
    r"""Whether ``cleaned`` would leave what JSON tells as it is, as far as that is seen without reading it.

    >>> is_clean(rb'["a", "\"b\""]'), is_clean(rb'["\u202e"]'), is_clean(b'["%b"]' % (b"a" * 10_001))
    (True, False, False)
    """
    if b"\\" in text:  # of what is written with it, two are as good as a letter
        text = text.replace(rb"\\", b"-").replace(rb"\"", b"-")
    if b"\\" in text or not text.isascii() or not text.decode("ascii").isprintable():
        return False
    return len(text) <= MOST or max(map(len, text.split(b'"'))) <= MOST


def cleaned(value: Any) -> Any:
    """Return what JSON told, all texts in it printable.

    >>> cleaned({"a": ["\\x00", 1]})
    {'a': ['\\\\x00', 1]}
    """
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {printable(key): cleaned(one) for key, one in value.items()}
    return [cleaned(one) for one in value] if isinstance(value, list) else value
