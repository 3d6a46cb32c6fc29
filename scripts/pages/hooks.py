"""Hooks of MkDocs: the pages that nobody writes by hand, the mistakes and the command line."""

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pages.command_line import page as command_line
from pages.mistakes import listing, page
from rnn_ref.conformance.mistakes.find import slugs


def generated() -> dict[str, str]:
    """Return the text of every page that is made, by its path in docs."""
    made = {"look-up/command-line.md": command_line(), "look-up/mistakes/index.md": listing()}
    return made | {f"look-up/mistakes/{slug}.md": page(slug) for slug in slugs()}


def on_files(files: Any, config: Any) -> Any:
    """Add them to the files of the site, in the place of the page that tells readers of a clone how to come by one."""
    from mkdocs.structure.files import File  # noqa: PLC0415 - tests make the pages without MkDocs

    for path, text in generated().items():
        if (stand_in := files.get_file_from_path(path)) is not None:
            files.remove(stand_in)
        files.append(File.generated(config, path, content=text))
    return files
