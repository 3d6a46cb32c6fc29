"""``rnn-ref mistakes [SLUG]``: the catalogue of mistakes, explained."""

import argparse
import errno
from pathlib import Path

from .._files import destination, write
from ..conformance.cases.asked import all_questions
from ..conformance.mistakes.explain import everything, listing
from ..conformance.mistakes.find import command, known, module


def add(one: argparse.ArgumentParser) -> None:
    """Add what the command takes to its parser."""
    one.description = (
        "List the mistakes that have a name; or say of one what it is, why it matters, where to look, the "
        "formula right and wrong, and by how many of the frozen vectors it is caught."
    )
    one.add_argument("slug", nargs="?", default="", metavar="SLUG", help="the mistake's name, such as h0-every-step")
    one.add_argument("--function", default="", metavar="NAME", help="the mistakes of one function only")
    one.add_argument("--form", default="", metavar="TEXT", help="one of the forms that are listed under a mistake")
    one.add_argument(
        "--make",
        metavar="FILE.py",
        help="write a module with the mistake in it, for rnn-ref check to find; an existing file is left as it is",
    )
    one.set_defaults(run=_mistakes)


def _mistakes(options: argparse.Namespace) -> int:
    known(options.function)
    if not options.slug and (options.make is not None or options.form):
        raise ValueError("mistakes: --make and --form are of one mistake, expected a SLUG before them")
    if options.make is not None:
        return _make(options)
    if options.slug:
        lines = everything(options.slug, all_questions(None, "vectors"), options.function, options.form)
    else:
        lines = listing(options.function)
    for line in lines:
        print(line)
    return 0


def _make(options: argparse.Namespace) -> int:
    text = module(options.slug, options.function, options.form)
    if not options.make.endswith(".py"):
        raise ValueError(f"mistakes: --make is {options.make!r}, expected a file that ends in .py")
    path = destination(options.make)
    if path.exists() or Path(options.make).is_symlink():
        raise FileExistsError(errno.EEXIST, "exists, expected a new file", options.make)
    write(path, text)
    print(f"{options.make}: written; see the verdict with: {command(options.make)}")
    return 0
