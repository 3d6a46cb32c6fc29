"""What IPython adds to Python, put in Python's words or left out: %magic, !shell, ?help, help?, and x = !shell."""

import ast
import re

from .lines import beginnings

_MAGIC = re.compile(r"([ \t]*)((?:[%!?]|[^\n#'\"]*\?{1,2}[ \t]*$|[\w., ]+=[ \t]*[!%])(?:.*\\\n)*.*)$", re.MULTILINE)
_ENVIRONMENT = re.compile(r"%(?:set_)?env[ \t]+(\w+)[ \t]*[= \t][ \t]*(\S.*?)[ \t]*$")
_RUNS = re.compile(r"%(?:time|prun|memit|memray)\b[ \t]*(?:-\w+[ \t]+)*(?![%!?])(\S.*)$")  # the statement behind it
_RUNS_FILE = re.compile(r"%run[ \t]+(?:-\w[ \t]+)*(?:\./)?(\w+(?:/\w+)*)(?:\.py)?[ \t]*$")  # and takes its names
_CELL = re.compile(r"\s*%%(!|\w*)")
_BINDS = {"time", "capture", "prun", "memit", "debug"}  # magics of a whole cell that run it here
_ELSEWHERE = re.compile(  # that run it elsewhere, or not at all
    r"!|bash|sh|script|system|sx|cmd|writefile|file|html|HTML|svg|SVG|markdown|latex|javascript|js|perl|ruby|python[23]?"
    r"|pypy|R|julia|sql|bigquery|timeit"
)


def in_python(source: str) -> str:
    r"""Return a cell with its magics in Python's words: what they do to names and to the environment, else ``pass``.

    >>> in_python("%env JAX_ENABLE_X64=1\n%time W = init()\n!rm W.npy\nx = '''\n%d'''")
    "import os; os.environ['JAX_ENABLE_X64'] = '1'\nW = init()\npass\nx = '''\n%d'''"
    >>> in_python("%%bash\nrm W.npy")
    ''
    """
    magic = _CELL.match(source)
    if magic and magic[1] not in _BINDS and (_ELSEWHERE.fullmatch(magic[1]) or not _is_python(source[magic.end() :])):
        return ""
    found = [(at, line) for at in beginnings(source, _MAGIC) if (line := _MAGIC.match(source, at))]
    for at, line in reversed(found):
        source = source[:at] + _replaced(line) + source[line.end() :]
    return source


def _replaced(line: re.Match[str]) -> str:
    indent, text = line.groups()
    lines = "\n" * text.count("\n")
    if environment := _ENVIRONMENT.match(text):
        name, value = environment.groups()
        return f"{indent}import os; os.environ[{name!r}] = {value!r}{lines}"
    if file := _RUNS_FILE.match(text):
        return f"{indent}from {file[1].replace('/', '.')} import *"
    runs = _RUNS.match(text)
    return f"{indent}{runs[1]}" if runs else f"{indent}pass{lines}"


def _is_python(text: str) -> bool:
    """Whether a cell under a magic that is not known is Python, behind the magic's own line."""
    try:
        ast.parse(text.partition("\n")[2])
    except (SyntaxError, ValueError):
        return False
    return True
