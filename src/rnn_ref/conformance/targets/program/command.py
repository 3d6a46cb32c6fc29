"""How a program is named: ``exec:`` and its command line, whose first word is a path, or is found as a shell does."""

import os
import shlex
from pathlib import Path
from typing import Any

from ...errors import TargetError

PREFIX = "exec:"


def is_program(target: Any) -> bool:
    """Whether a target is a program.

    >>> is_program("exec:./my_rnn"), is_program("my_rnn.py")
    (True, False)
    """
    return isinstance(target, str) and target.startswith(PREFIX)


def words_of(target: str) -> list[str]:
    """Return the program and its arguments, taken apart as a shell would; nothing else of a shell is there.

    Raises TargetError where there are none, or a quotation is not closed.

    >>> words_of("exec:node 'my rnn.js'")
    ['node', 'my rnn.js']
    """
    try:
        words = shlex.split(target.removeprefix(PREFIX))
    except ValueError as error:
        raise TargetError(f"{target}: cannot be read as a command line: {error}") from error
    if not words or not words[0]:
        raise TargetError(f"{target}: names no program, expected {PREFIX}./my_rnn, or {PREFIX} and a command line")
    return words


def as_target(path: Path) -> str:
    """Return the target that a program's file is.

    >>> as_target(Path("my rnn"))
    "exec:'./my rnn'"
    """
    return PREFIX + shlex.quote(str(path) if is_file_name(str(path)) else f"./{path}")


def is_file_name(word: str) -> bool:
    """Whether a program is named by its path, and so not looked for in the folders of programs."""
    return "/" in word or os.sep in word


def seen_elsewhere(target: str, start: Path, end: Path) -> str:
    """Return the same command line for another folder: words that are paths of files are seen from there.

    A path that is given in full stays so, unless it leads into that folder. Links are not followed: where a program
    is called by one, the name can matter to it.

    >>> seen_elsewhere("exec:node --stack-size=900 x.js", Path("a"), Path("b"))  # no such file
    'exec:node --stack-size=900 x.js'
    """
    first, *others = words_of(target)
    first = as_target(Path(_seen(first, start, end))) if is_file_name(first) else PREFIX + shlex.quote(first)
    return " ".join([first, *(shlex.quote(_seen(word, start, end)) for word in others)])


def _seen(word: str, start: Path, end: Path) -> str:
    file = start / word
    if not word or not file.is_file() or (Path(word).is_absolute() and not Path(word).is_relative_to(end)):
        return word
    return Path(os.path.relpath(file, end)).as_posix()
