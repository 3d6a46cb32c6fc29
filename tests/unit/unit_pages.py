"""The blocks of a page that are files to be checked, with the verdicts that they get."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
_FILE = re.compile(r"<!-- (\w+\.py) (.*?) -->\n```python\n(.*?)```", re.DOTALL)


def files_on(page):
    """Return name, verdicts by function, and text of every file on a page."""
    found = []
    for name, verdicts, text in _FILE.findall((DOCS / page).read_text("utf-8")):
        told = dict(one.split() for one in verdicts.split(", "))
        found.append((name, told, text))
    return found
