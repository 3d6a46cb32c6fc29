"""The command line: ``rnn-ref check [TARGET]``."""

import argparse
import contextlib
import io
import os
import signal
import sys
import traceback
from collections.abc import Sequence

from . import __version__, cli_export, cli_mistakes
from .cli_check import add_check
from .conformance import TargetError, VectorsError, kill_matrix, vectors


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    options = _parser().parse_args(arguments)
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="rnn-ref", description="Check implementations of the recurrent network.")
    parser.add_argument("--version", action="version", version=f"rnn-ref {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    add_check(commands)
    kill = commands.add_parser(
        "kill-matrix",
        help="show by how many vectors each mistake of the catalogue is caught",
        description="Run every mistake of the catalogue against the vectors; margins are errors over allowed errors.",
    )
    kill.add_argument("--wide", action="store_true", help="a line for every mistake and check")
    kill.set_defaults(run=_kill_matrix)
    cli_export.add(commands)
    cli_mistakes.add(commands)
    return parser


def _kill_matrix(options: argparse.Namespace) -> int:
    checks = vectors.load()[0]
    rows = list(kill_matrix.matrix(checks))
    for line in kill_matrix.render(rows, wide=options.wide):
        print(line)
    spared = [mistake.slug for mistake, _, found in rows if kill_matrix.kills(found) < kill_matrix.KILLS]
    slugs = {mistake.slug for mistake, _, _ in rows}
    counted = f"{len(slugs)} mistakes made in {len(rows)} ways, {len(checks)} vectors"
    told = f"all are killed {kill_matrix.KILLS} times or more" if not spared else f"spared: {', '.join(spared)}"
    print(f"{counted}: {told}")
    return 1 if spared else 0


def _fail(text: str) -> int:
    print(f"rnn-ref: {text}", file=sys.stderr)
    return 2
