"""The command line: ``rnn-ref check [TARGET]``."""

import argparse
import contextlib
import io
import os
import signal
import sys
import textwrap
import traceback
from collections.abc import Sequence
from typing import Any

from . import __version__
from ._writing import destination, write
from .conformance import TargetError, VectorsError, check, kill_matrix, vectors
from .conformance.plan import CLAIMS, selected
from .conformance.sandbox import MEMORY, TIMEOUT
from .conformance.suite import FUNCTIONS
from .conformance.table import render

EPILOG = """\
TARGET is a module (pkg.module), an object in one (pkg.module:object: a module, class, instance or dict), a Python
file, a notebook, or the built-in torch. Without TARGET the reference checks itself. The functions are found by their
names:
{names}.

A .py file or a module is imported whole; of a notebook, only the functions and what they reach. The target runs in
a process of its own, with limits on time and memory. That guards against accidents, not against an attacker: check
what you would run anyway.

exit code: 0 every function found conforms; 1 at least one does not, or a required one is missing; 2 it could not be
checked
"""


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
    _add_check(commands)
    kill = commands.add_parser(
        "kill-matrix",
        help="show by how many vectors each mistake of the catalogue is caught",
        description="Run every mistake of the catalogue against the vectors; margins are errors over allowed errors.",
    )
    kill.add_argument("--wide", action="store_true", help="a line for every mistake and check")
    kill.set_defaults(run=_kill_matrix)
    return parser


def _add_check(commands: Any) -> None:
    one = commands.add_parser(
        "check",
        help="check an implementation against the reference",
        description="Check an implementation of the recurrent network, function by function.",
        epilog=EPILOG.format(names=textwrap.fill(", ".join(FUNCTIONS), 112)),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    one.add_argument("target", nargs="?", metavar="TARGET", help="what to check (default: the reference itself)")
    one.add_argument("--only", metavar="PATTERN", help="only checks whose id contains this, or matches it as files do")
    one.add_argument("--list", action="store_true", help="print the suite's checks (--only narrows them) and stop")
    one.add_argument("--require", metavar="NAMES", type=_names, default=(), help="functions that must be there: a,b,c")
    one.add_argument("--dtype", choices=("float32", "float64", "both"), help="the precision the target claims")
    one.add_argument("--rank", choices=tuple(CLAIMS), help="what it takes (default: found out by trying)")
    one.add_argument(
        "--timeout",
        metavar="S",
        type=float,
        default=TIMEOUT,
        help=f"seconds for loading and each function (default {TIMEOUT:g})",
    )
    one.add_argument(
        "--memory",
        metavar="MIB",
        type=int,
        default=MEMORY,
        help=f"address space of the target's process (default {MEMORY})",
    )
    one.add_argument("--json", metavar="FILE", help="write the JSON report; - is standard output, without the table")
    one.set_defaults(run=_check)


def _check(options: argparse.Namespace) -> int:
    if options.list:
        return _list(options.only)
    file = None if options.json in {None, "-"} else destination(options.json)
    report = check(
        options.target,
        only=options.only,
        require=options.require,
        dtype=options.dtype,
        rank=options.rank,
        timeout=options.timeout,
        memory=options.memory,
    )
    if options.json == "-":
        sys.stdout.write(report.to_json())
    else:
        sys.stdout.write(render(report))
        if file:
            write(file, report.to_json())
    return 0 if report.ok else 1


def _list(only: str | None) -> int:
    checks = selected(vectors.load()[0], only)
    for one in checks:
        shapes = [str(value.shape) for value in one.arguments.values() if hasattr(value, "shape")]
        options = "".join(f" {name}" for name in one.options)
        print(f"{one.id:<52} {one.rank:<6} {shapes[0]}{options}")
    print(f"{len(checks)} checks")
    return 0 if checks else _fail(f"no check matches {only!r}")


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


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    unknown = [name for name in names if name not in FUNCTIONS]
    if unknown:
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}; known: {', '.join(FUNCTIONS)}")
    return names


def _fail(text: str) -> int:
    print(f"rnn-ref: {text}", file=sys.stderr)
    return 2
