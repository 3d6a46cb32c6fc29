"""The command line: ``rnn-ref COMMAND``, its errors and exit codes; a file for each command."""

import contextlib
import errno
import importlib
import io
import os
import re
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from .. import __version__
from ..conformance import TargetError, VectorsError
from ..conformance.foreign_text import printable
from ..conformance.misspelt import did_you_mean
from ..conformance.targets.builtins import FRAMEWORKS
from .output import Output
from .parser import Parser

COMMANDS = {  # each with a line; its module in this package bears its name, with an underscore for a hyphen
    "check": "check an implementation, function by function",
    "mistakes": "list the mistakes with a name, explain one, or make one",
    "lesson": "write notebooks to fill in, whose cells check what you write",
    "export": "write the questions and answers for other languages",
    "kill-matrix": "show by how many of the vectors each mistake is caught",
}
TARGET = re.compile(r"^exec:|[/\\*:]|\.(py|ipynb|onnx|keras)\b")  # what a target has and a command has not
NOT_WRITTEN = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)
USAGE = "usage: rnn-ref COMMAND [OPTION ...]; all of them: rnn-ref"
OVERVIEW = """\
rnn-ref checks implementations of the recurrent network, and names mistakes.

{commands}

for example:
  rnn-ref check my_rnn.py            a file, notebook, module, model or program
  rnn-ref mistakes h0-every-step     what that is, why it matters, where to look
  rnn-ref lesson my-lesson           the network from scratch, to be filled in

rnn-ref COMMAND --help tells all about one; rnn-ref --version the version
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    _have_streams()
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # foreign messages on consoles that lack their letters
    with contextlib.redirect_stdout(Output(sys.stdout)):
        return _run(given)


def _obey(given: Sequence[str]) -> int:
    """Do what the words of the command line say, and return the exit code."""
    if not given or given[0] in {"-h", "--help", "--version"}:
        print(f"rnn-ref {__version__}" if "--version" in given else overview(), end="\n" if given else "")
        return 0 if given else 2  # nothing was checked
    if given[0] not in COMMANDS:
        return _fail(_unknown(given))
    options = parser_of(given[0]).parsed(given[1:])
    _end_in_order()
    code: int = options.run(options)
    return code


def _have_streams() -> None:
    """Open standard streams that were closed onto nothing, or the next file that is opened would be in their place."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, "w" if number else "r", encoding="utf-8", closefd=False))  # noqa: SIM115


def _end_in_order() -> None:
    """Have the signals that end a program raise SystemExit, so that nothing is left behind; nohup's wish is heeded."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # there is no SIGHUP on Windows
        with contextlib.suppress(ValueError):  # not in the main thread
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, lambda number, _: sys.exit(128 + number))


def _run(given: Sequence[str]) -> int:
    """Do the same, and tell what goes wrong."""
    try:
        try:
            return _obey(given)
        finally:
            sys.stdout.flush()
    except (TargetError, VectorsError, ValueError) as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        return _fail(f"{error.filename or _culprit(error)}: {error.strerror}")
    except Exception:  # a fault of ours must not look like a verdict on the target, which is what 1 means
        traceback.print_exc()
        return _fail("an error in rnn_ref itself, shown above; no verdict")


def _culprit(error: OSError) -> str:
    """Return what an error of the system is about that names no file."""
    if error.errno not in NOT_WRITTEN:
        return "the system"
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left would fail again at the exit
    return "standard output"


def parser_of(command: str) -> Parser:
    """Return the parser of one command, whose module alone is loaded."""
    parser = Parser(prog=f"rnn-ref {command}")
    importlib.import_module(f".{command.replace('-', '_')}", __package__).add(parser)
    return parser


def overview() -> str:
    """Return what ``rnn-ref`` alone prints: the commands with a line each, and examples."""
    return OVERVIEW.format(commands="\n".join(f"  {name:<14}{line}" for name, line in COMMANDS.items()))


def _unknown(given: Sequence[str]) -> str:
    """Return what is said of a first word that is no command; a target or a mistake there lacks one before it."""
    word = given[0]
    if word.startswith("-"):
        own = ("--help", "--version")
        return f"{word} stands where a command is expected, or {' or '.join(own)}{did_you_mean(word, own)}\n{USAGE}"
    close = did_you_mean(word, [*COMMANDS, "--help", "--version"])
    command = "check" if TARGET.search(word) or Path(word).exists() or word in FRAMEWORKS else ""
    if not command and not close:
        from ..conformance.spec.catalogue import WORDS  # noqa: PLC0415 - loads the catalogue

        command = "mistakes" if word in WORDS else ""
    if command:
        return f"{word} is no command, did you mean rnn-ref {command} {' '.join(given)}?"
    return f"no command is called {word}{close}\n{USAGE}"


def _fail(text: str) -> int:
    own = re.sub(rf"^({'|'.join(COMMANDS)}): ", "", text)  # the command was typed in the line above
    print(f"rnn-ref: {printable(own)}", file=sys.stderr)
    return 2
