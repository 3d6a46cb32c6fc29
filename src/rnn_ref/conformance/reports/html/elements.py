"""Text made fit for HTML: nothing in it is markup, and nothing turns the line around it."""

import html
import re
from collections.abc import Iterable, Iterator

from ..clean_text import plain

TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # reorders what stands beside it


def escaped(text: object) -> str:
    """Return the text with nothing in it that a browser would obey.

    >>> escaped('<b>"x"\\u202e&')
    '&lt;b&gt;&quot;x&quot;\\\\u202e&amp;'
    """
    return html.escape(TURNING.sub(lambda match: f"\\u{ord(match[0]):04x}", plain(str(text))))


CODE = re.compile(
    r"`(?P<quoted>[^`]+)`"
    r"|--[a-z][a-z-]*(?: '[^']*')?"  # an option of the command
    r"|\b\w*[A-Za-z]\w*_\w+(?:/[\w-]+)?(?:\[[\w, -]*\])?(?:\.\w+)*"  # a name in code, a check's id, an entry
)


def marked(text: object) -> str:
    """Return a sentence as HTML, what is code in it set as code: names, ids and options, and what backticks enclose.

    >>> marked("Is `h = h0` meant, or W_hh < 1?")
    'Is <code>h = h0</code> meant, or <code>W_hh</code> &lt; 1?'
    """
    sentence, parts, end = str(text), [], 0
    for match in CODE.finditer(sentence):
        parts += [escaped(sentence[end : match.start()]), element("code", escaped(match["quoted"] or match[0]))]
        end = match.end()
    return "".join([*parts, escaped(sentence[end:])])


def command(text: str) -> str:
    """Return a command as code, in which no line is broken within the name of an option.

    >>> command("rnn-ref check a.py --only rnn_forward/*")
    '<code>rnn-ref check a.py <span class="option">--only</span> rnn_forward/*</code>'
    """
    parts = map(escaped, re.split(r"(?<=\s)(--[a-z-]+)", text))
    return element("code", *(element("span", one, class_="option") if i % 2 else one for i, one in enumerate(parts)))


def element(name: str, *content: str, **attributes: object) -> str:
    """Return an element; the content is HTML, the attributes are text. ``class_`` writes ``class``.

    >>> element("code", escaped("a < b"), class_="slug")
    '<code class="slug">a &lt; b</code>'
    """
    given = "".join(f' {key.rstrip("_").replace("_", "-")}="{escaped(value)}"' for key, value in attributes.items())
    return f"<{name}{given}>{''.join(content)}</{name}>"


def table(head: Iterable[str], rows: Iterable[Iterable[str]], caption: str) -> str:
    """Return a table that scrolls by itself where the screen is narrow; all cells are HTML, the first a heading."""
    return "".join(table_in_pieces(head, rows, caption))


def table_in_pieces(head: Iterable[str], rows: Iterable[Iterable[str]], caption: str) -> Iterator[str]:
    """Yield the same line by line."""
    top = element("tr", *(element("th", cell, scope="col") for cell in head))
    yield f'<div class="wide" tabindex="0" role="region" aria-label="{escaped(caption)}"><table>'
    yield f"{element('caption', escaped(caption))}<thead>{top}</thead><tbody>"
    for cells in map(list, rows):
        yield element("tr", element("th", cells[0], scope="row"), *(element("td", cell) for cell in cells[1:]))
    yield "</tbody></table></div>"


def pairs(rows: Iterable[tuple[str, str]], **attributes: object) -> str:
    """Return a list of terms, with what is said of each as HTML; empty without rows."""
    inside = [f"<div>{element('dt', escaped(term))}{element('dd', said)}</div>" for term, said in rows]
    return element("dl", *inside, **attributes) if inside else ""
