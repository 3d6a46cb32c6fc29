"""The command line: ``rnn-ref check [TARGET]``."""

import argparse
import errno
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path

from . import __version__
from .conformance import TargetError, VectorsError, check, vectors
from .conformance.plan import CLAIMS, selected
from .conformance.sandbox import MEMORY, TIMEOUT
from .conformance.suite import FUNCTIONS
from .conformance.table import render

EPILOG = """\
TARGET is a module (pkg.module), an object in one (pkg.module:object: a module, class, instance or dict), a Python
file, a notebook, or the built-in torch. Without TARGET the reference checks itself. The functions are found by their
names: {names}.

A .py file or a module is imported whole; of a notebook, only the functions and what they reach. The target runs in
a process of its own, with limits on time and memory. That guards against accidents, not against an attacker: check
what you would run anyway.

exit code: 0 every function found conforms; 1 at least one does not; 2 it could not be checked
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        return _list(options.only) if options.list else _check(options)
    except (TargetError, VectorsError, ValueError) as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(f"{error.filename}: {error.strerror}")
    except Exception:  # a fault of ours must not look like a verdict on the target, which is what 1 means
        traceback.print_exc()
        return _fail("an error in rnn_ref itself, shown above; no verdict")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="rnn-ref", description="Check implementations of the recurrent network.")
    parser.add_argument("--version", action="version", version=f"rnn-ref {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    one = commands.add_parser(
        "check",
        help="check an implementation against the reference",
        description="Check an implementation of the recurrent network, function by function.",
        epilog=EPILOG.format(names=", ".join(FUNCTIONS)),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    one.add_argument("target", nargs="?", metavar="TARGET", help="what to check (default: the reference itself)")
    one.add_argument("--only", metavar="PATTERN", help="only the checks whose id contains or matches this")
    one.add_argument("--list", action="store_true", help="print the checks, a line each, and stop")
    one.add_argument("--require", metavar="NAMES", type=_names, default=(), help="functions that must be there: a,b,c")
    one.add_argument("--dtype", choices=("float32", "float64", "both"), help="the precision the target claims")
    one.add_argument("--rank", choices=tuple(CLAIMS), help="claim one sequence, batches or both (default: found out)")
    one.add_argument(
        "--timeout", metavar="S", type=float, default=TIMEOUT, help="seconds for loading and each function"
    )
    one.add_argument("--memory", metavar="MIB", type=int, default=MEMORY, help="address space of the target's process")
    one.add_argument("--json", metavar="FILE", help="write the JSON report; - is standard output, without the table")
    return parser


def _check(options: argparse.Namespace) -> int:
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
        if options.json:
            _write(Path(options.json), report.to_json())
    return 0 if report.ok else 1


def _list(only: str | None) -> int:
    checks = selected(vectors.load()[0], only)
    for one in checks:
        shapes = [str(value.shape) for value in one.arguments.values() if hasattr(value, "shape")]
        options = "".join(f" {name}" for name in one.options)
        print(f"{one.id:<52} {one.rank:<6} {shapes[0]}{options}")
    print(f"{len(checks)} checks")
    return 0 if checks else _fail(f"no check matches {only!r}")


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    unknown = [name for name in names if name not in FUNCTIONS]
    if unknown:
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}; known: {', '.join(FUNCTIONS)}")
    return names


def _write(path: Path, text: str) -> None:
    """Write a file that is complete or not there."""
    if not path.parent.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "cannot be written, its folder does not exist", str(path))
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
        file.write(text)
    Path(file.name).chmod(0o666 & ~_umask())
    os.replace(file.name, path)  # noqa: PTH105


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _fail(text: str) -> int:
    print(f"rnn-ref: {text}", file=sys.stderr)
    return 2
