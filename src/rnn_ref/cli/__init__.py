"""The command line: ``rnn-ref COMMAND``, its errors and exit codes; a file for each command."""

import argparse
import contextlib
import importlib
import io
import os
import signal
import sys
import traceback
from collections.abc import Sequence

from .. import __version__
from ..conformance import TargetError, VectorsError

COMMANDS = {  # and the modules of this package in which they are
    "check": "check",
    "kill-matrix": "kill_matrix",
    "mistakes": "mistakes",
    "export": "export",
    "lesson": "lesson",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    options = _parser(given[:1]).parse_args(given)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # foreign messages on consoles that lack their letters
    with contextlib.suppress(ValueError):  # not in the main thread
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that nothing is left behind
    try:
        code: int = options.run(options)
        sys.stdout.flush()
        return code
    except (TargetError, VectorsError, ValueError) as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader had enough: nothing is left to be said to it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2
    except OSError as error:
        return _fail(f"{error.filename or 'standard output'}: {error.strerror}")
    except Exception:  # a fault of ours must not look like a verdict on the target, which is what 1 means
        traceback.print_exc()
        return _fail("an error in rnn_ref itself, shown above; no verdict")


def _parser(first: Sequence[str] = ()) -> argparse.ArgumentParser:
    """Return the parser; where the first argument is a command, only that one's module is loaded."""
    parser = argparse.ArgumentParser(prog="rnn-ref", description="Check implementations of the recurrent network.")
    parser.add_argument("--version", action="version", version=f"rnn-ref {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, module in COMMANDS.items():
        if name in first or not set(first) & set(COMMANDS):
            importlib.import_module(f".{module}", __package__).add(commands)
    return parser


def _fail(text: str) -> int:
    print(f"rnn-ref: {text}", file=sys.stderr)
    return 2
