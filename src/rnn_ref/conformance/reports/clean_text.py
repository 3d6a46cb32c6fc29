"""Foreign text, such as an exception's message, made fit for where it is shown."""

import re

UNFIT = re.compile(r"[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
MARKUP = re.compile(r"[&<>|`*\[\]\\#~$@]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|:(?=//)|(?<=www)\.")  # _ in a word is none
LINKS = "@#:."  # these GitHub takes for mentions and links even when they are written as references
FENCE = "```"


def plain(text: str) -> str:
    """Remove control characters and halves of surrogate pairs: what neither XML nor a file in UTF-8 can hold.

    >>> plain("a\\x00b\\x1b[31m\\tc\\ud800")
    'ab[31m\\tc'
    """
    return UNFIT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def in_markdown(text: str) -> str:
    """Write a text in one line of Markdown, so that nothing in it is markup: good in a table's cell and in a heading.

    >>> in_markdown("a|b\\n<b>`c`")
    'a&#124;b &#60;b&#62;&#96;c&#96;'
    >>> in_markdown("@all #1")  # a space of no width stands behind what GitHub would make a link of
    '&#64;&#8203;all &#35;&#8203;1'
    """
    return MARKUP.sub(_reference, " ".join(plain(text).split()))


def _reference(match: re.Match[str]) -> str:
    return f"&#{ord(match[0])};{'&#8203;' if match[0] in LINKS else ''}"


def fenced(text: str) -> str:
    """Return a block of code that no run of backticks in the text can close.

    >>> fenced("x = 1")
    '```text\\nx = 1\\n```\\n'
    """
    runs = re.findall(r"`+", text)
    fence = max([FENCE, *(f"{run}`" for run in runs)], key=len)
    return f"{fence}text\n{plain(text)}\n{fence}\n"
