"""The JSON Schema of the JSON report, read only where somebody asks for it."""

import json
from importlib.resources import files
from typing import Any

VERSION = 1
FILE = files("rnn_ref.conformance") / "schema" / f"report-{VERSION}.json"  # which may be in a zip file


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the JSON report: of one target, or of several under one roof.

    Returns
    -------
    dict
        For any validator; this package needs none.

    Examples
    --------
    >>> import rnn_ref
    >>> rnn_ref.conformance.schema()["$defs"]["report"]["properties"]["schema"]
    {'const': 1}
    """
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found
