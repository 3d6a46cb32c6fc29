"""``rnn-ref lesson [DIR]``: the notebooks to fill in."""

import argparse
import errno
from pathlib import Path

from ..lesson.notebooks import write


def add(one: argparse.ArgumentParser) -> None:
    """Add what the command takes to its parser."""
    one.description = (
        "Write three notebooks: 09 builds the recurrent network from scratch, 10 goes back through time, 11 is about "
        "gates. Their cells check what you fill in, and say which mistake it is. What is there already is never "
        "overwritten."
    )
    one.add_argument("folder", nargs="?", default=".", metavar="DIR", help="where to (default: here); made if need be")
    one.add_argument("--solved", action="store_true", help="filled in, with the answers to the questions")
    one.set_defaults(run=_lesson)


def _lesson(options: argparse.Namespace) -> int:
    if not options.folder or (Path(options.folder).exists() and not Path(options.folder).is_dir()):
        raise NotADirectoryError(errno.ENOTDIR, "is no folder, expected one to write the notebooks to", options.folder)
    paths = write(options.folder, solved=options.solved)
    for path in paths:
        print(f"{path}: written")
    print(f"Open the first in Jupyter (pip install notebook, then: jupyter notebook {paths[0]}),")
    print(f"or check it from here: rnn-ref check {paths[0]}")
    return 0
