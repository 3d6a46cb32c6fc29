"""The command line as a page: what ``--help`` prints, of every command."""

import os
from unittest import mock

from rnn_ref.cli import COMMANDS, parser_of


def page() -> str:
    """Return the page."""
    lines = [
        "# The command line",
        "",
        "`rnn-ref` alone lists the commands; `rnn-ref COMMAND --help` prints what stands here. If a name is misspelt,",
        "the nearest ones are offered. Colours are shown on a terminal, and never where `NO_COLOR` is set.",
    ]
    with mock.patch.dict(os.environ, {"COLUMNS": "90", "NO_COLOR": "1"}):
        for name in COMMANDS:
            lines += ["", f"## rnn-ref {name}", "", "```text", parser_of(name).format_help().rstrip(), "```"]
    return "\n".join(lines) + "\n"
