"""How fast the reference is beside PyTorch: five workloads, forward, with the loss, and the full gradient.

    python scripts/benchmark.py                      everything, half an hour
    python scripts/benchmark.py --quick              one thread and three rounds
    python scripts/benchmark.py --gated              a GRU and an LSTM beside PyTorch and JAX
    python scripts/benchmark.py --json a.json        keep what was measured
    python scripts/benchmark.py --from a.json b.json c.json     show it, the median of several runs

Every contender has a process of its own, and all are visited in every round, in shuffled order; times are compared
within the round, and the median is taken. Contenders: rnn_ref; nn.RNN and a loop over nn.RNNCell with autograd; JAX
under jit; naive, a call of rnn_cell_step for every step; floor, the matrix products and tanh alone in NumPy. Below 1
is faster than nn.RNN. Those whose framework is not installed are left out, and that is said.
"""

import argparse
import importlib
import importlib.util
import json
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from rnn_ref import _files
from speed import contenders, rounds, tables
from speed.workloads import BESIDE, GATED, WORKLOADS


def measure(options: argparse.Namespace) -> Any:
    """Run what was asked for and return it, ready for JSON."""
    gone = contenders.absent()
    if gone:
        print(f"benchmark: not installed, and left out: {', '.join(gone)}", file=sys.stderr)
    labels = [label for label in options.contenders or contenders.LABELS if label not in gone]
    if options.gated:
        labels = [label for label in labels if label in {"rnn_ref", "PyTorch", "JAX jit"}]
        own = [name for name in options.workloads if name in BESIDE]
        rows = rounds.times(labels, own, [1], options.rounds, list(GATED))
        return {"environment": environment(), "rows": rows, "memory": [], "growth": []}
    times = rounds.times(labels, options.workloads, options.threads, options.rounds)
    weighed = rounds.memory(labels, options.workloads)
    grown = rounds.growth(labels, 10_000 if options.quick else 100_000)
    return {"environment": environment(), "rows": times, "memory": weighed, "growth": grown}


def environment() -> dict[str, str]:
    """Return what the numbers depend on."""
    found = {"python": platform.python_version(), "machine": platform.machine()}
    for package in ("numpy", "torch", "jax"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def parsed() -> tuple[argparse.ArgumentParser, argparse.Namespace]:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one thread, three rounds, T up to 10,000")
    parser.add_argument("--rounds", type=int, help="how often all contenders are visited (default 7)")
    parser.add_argument("--threads", type=int, nargs="+", help="numbers of threads (default 1 2)")
    parser.add_argument(
        "--workloads", nargs="+", choices=WORKLOADS, default=list(WORKLOADS), metavar="W1", help="some of W1 to W5"
    )
    parser.add_argument(
        "--contenders",
        nargs="+",
        choices=contenders.LABELS,
        metavar="NAME",
        help=f"some of {', '.join(contenders.LABELS)}",
    )
    parser.add_argument(
        "--gated", action="store_true", help="the full gradient of a GRU and of an LSTM, on one thread, and no more"
    )
    parser.add_argument(
        "--from", nargs="+", type=Path, dest="files", metavar="FILE", help="measure nothing, show what --json kept"
    )
    parser.add_argument(
        "--json", metavar="FILE", help="write what was measured; - is standard output, in place of the tables"
    )
    parser.add_argument("--markdown", action="store_true", help="print the first table of docs/why/speed.md only")
    parser.add_argument("--save", metavar="FILE", help="draw the picture (needs matplotlib)")
    options = parser.parse_args()
    options.threads = options.threads or ([1] if options.quick else [1, 2])
    options.rounds = options.rounds or (3 if options.quick else 7)
    if options.rounds < 1 or min(options.threads) < 1:
        parser.error("--rounds and --threads are at least 1")
    if options.files and options.json:
        parser.error("--json keeps what is measured; with --from nothing is")
    return parser, options


def looked_at(parser: argparse.ArgumentParser, options: argparse.Namespace) -> list[Any]:
    """Return the runs to be shown; what cannot be read, written or drawn is refused before half an hour is spent."""
    try:
        for name in ("json", "save"):
            if getattr(options, name) not in {None, "-"}:
                setattr(options, name, _files.destination(getattr(options, name)))
        runs = [json.loads(file.read_text(encoding="utf-8")) for file in options.files or ()]
    except (OSError, ValueError) as error:
        parser.error(str(error))
    if options.save and importlib.util.find_spec("matplotlib") is None:
        parser.error('--save needs matplotlib: pip install "rnn_ref[plot]"')
    return runs


def _table(options: argparse.Namespace) -> Any:
    return tables.gated if options.gated else tables.short if options.markdown else tables.full


def main() -> None:
    parser, options = parsed()
    runs = looked_at(parser, options)
    if not options.files:
        runs = [measure(options)]
        kept = json.dumps(runs[0], indent=1)
        if options.json == "-":
            print(kept)
        elif options.json:
            _files.write(options.json, kept + "\n")
    if options.save:
        importlib.import_module("speed.picture").save(runs, options.save)
    if options.json != "-":
        print("\n".join(_table(options)(runs)))


if __name__ == "__main__":
    main()
