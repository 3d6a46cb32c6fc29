"""``rnn-ref export DIR``: the frozen vectors for other languages."""

import argparse

from ..conformance.export import FORMATS, export


def add(one: argparse.ArgumentParser) -> None:
    """Add what the command takes to its parser."""
    one.description = (
        "Write the frozen vectors of the suite into a new folder: a file for every function, with the "
        "error that is allowed for every entry, index.json, and a README.md that says how to judge an answer."
    )
    one.add_argument("folder", metavar="DIR", help="where to; must be absent or empty")
    one.add_argument(
        "--format",
        choices=tuple(FORMATS),
        default="json",
        help="json: numbers in C99 hexadecimal; npz: NumPy's; text: for fscanf, with an example in C (default json)",
    )
    one.set_defaults(run=_export)


def _export(options: argparse.Namespace) -> int:
    folder = export(options.folder, options.format)
    print(f"{folder}: {len(list(folder.iterdir()))} files; README.md says how to judge by them")
    return 0
