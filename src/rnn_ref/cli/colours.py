"""Colours for people: on a terminal, unless NO_COLOR is set; never where the output goes to a file or a pipe."""

import os
import re
import sys

from ..conformance.judge.verdict import VERDICTS
from ..conformance.reports.findings import AS_DECLARED, UNEXPECTED

GREEN, RED, YELLOW, BOLD, DIM = "32", "31;1", "33", "1", "2"
GOOD = {"conforms", AS_DECLARED}
NUANCED = {"right-but", "passes-on", "low-precision", "not-asked", "not-implemented"}
_RULES = (  # what is coloured, a group at a time
    (re.compile(r"^(ok)(?=:)", re.MULTILINE), GREEN),
    (re.compile(r"^(NOT OK)(?=:)", re.MULTILINE), RED),
    (re.compile(r"^(function  .*|target  .*)$", re.MULTILINE), DIM),
    (re.compile(r"^(\w+)(?=: [a-z-]+( \(.*\))?$)", re.MULTILINE), BOLD),
    (re.compile(r"(?<=^  )(look:|why:|again:|known:)", re.MULTILINE), BOLD),
)
_VERDICT = re.compile(
    rf"(?<=[a-z_] )( *)({'|'.join([*VERDICTS, AS_DECLARED, UNEXPECTED])})\b(?= +\d|$| \(|[,;])", re.MULTILINE
)


def wanted() -> bool:
    """Whether standard output is a terminal that shows colours and nobody has asked for none."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def painted(text: str) -> str:
    """Return a report with the verdicts in colour, if that is wanted."""
    return coloured(text) if wanted() else text


def coloured(text: str) -> str:
    """Return a report with the verdicts in colour; without them it is the same text.

    >>> coloured("NOT OK: 1 wrong")
    '\\x1b[31;1mNOT OK\\x1b[0m: 1 wrong'
    """
    for pattern, code in _RULES:
        text = pattern.sub(rf"\033[{code}m\1\033[0m", text)
    return _VERDICT.sub(lambda found: f"{found[1]}\033[{_colour(found[2])}m{found[2]}\033[0m", text)


def _colour(verdict: str) -> str:
    return GREEN if verdict in GOOD else YELLOW if verdict in NUANCED else RED
