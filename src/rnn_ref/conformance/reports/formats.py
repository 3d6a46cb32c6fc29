"""The formats of a report: a file for each, and a line here, from which the command line's options follow."""

import importlib
from collections.abc import Iterator
from typing import NamedTuple

from .findings import Findings, Several


class Format(NamedTuple):
    """A format: what the help says of it, and the module whose ``pieces`` writes it."""

    says: str
    module: str


FORMATS = {
    "json": Format("write the JSON report; - is standard output, without the table (one report can be -)", "as_json"),
    "junit": Format("write the report as JUnit XML; - as above", "junit"),
    "markdown": Format("write it as Markdown; - as above", "markdown"),
    "html": Format("write it as one page that needs nothing beside it; - as above", "html.page"),
}


def rendered(found: Findings | Several, name: str) -> str:
    """Return a report in a format."""
    return "".join(pieces(found, name))


def pieces(found: Findings | Several, name: str) -> Iterator[str]:
    """Yield a report in a format, in pieces that are joined as they are: in one, if its module has none.

    The module is loaded when it is needed.
    """
    module = importlib.import_module(f".{FORMATS[name].module}", __package__)
    yield from module.pieces(found) if hasattr(module, "pieces") else [module.rendered(found)]
