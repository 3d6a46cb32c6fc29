"""How near the reference is to PyTorch: the tables of docs/why/parity.md, measured on the problems of tests/parity.

grid       for every function and dtype, the largest error over the whole grid
confident  the loss of sure predictions in float32, beside the truth (60 digits)
parting    training ten times too fast, where two correct programs part
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from rnn_ref import cross_entropy, cross_entropy_backward
from rnn_ref.conformance.targets.builtins import load_builtin

TESTS = Path(__file__).resolve().parents[1] / "tests"
MARGINS = (10, 15, 18, 20, 25, 30, 40, 80)
CLASSES = 32_000


def grid() -> Iterator[str]:
    """Compare every function on every problem."""
    measure = import_module("parity_compare")
    worst: dict[tuple[str, str], Any] = defaultdict(lambda: np.zeros(3))
    count: dict[tuple[str, str], int] = defaultdict(int)
    for function, dtype, cancels, pair in _pairs():
        of_largest = (0, 0) if cancels else (measure.of_largest(pair), measure.in_ulp(pair))
        worst[function, dtype] = np.maximum(worst[function, dtype], (measure.of_terms(pair), *of_largest))
        count[function, dtype] += 1
    yield "Largest error against PyTorch: relative to Σ|terms| of the entry and, for H > 1,"
    yield "to the array's largest entry, also in ulp of that. n: arrays compared."
    yield from _table(
        ("function", "dtype", "of Σ", "of largest", "ulp", "n"),
        [
            (f"`{key[0]}`", key[1], f"{terms:.1e}", f"{largest:.1e}", f"{ulp:.1f}", f"{count[key]:,}")
            for key, (terms, largest, ulp) in sorted(worst.items(), key=lambda item: item[0][1])
        ],
    )


def _pairs() -> Iterator[tuple[str, str, bool, Any]]:
    """Yield what the tests compare: the function, the dtype, whether entries may cancel, and the two arrays."""
    plan, options = import_module("parity_cases"), import_module("parity_options")
    for function in plan.FUNCTIONS:
        _hint(function)
        for _, case in plan.cases(function):
            yield from ((function, case.spec.dtype, case.spec.H == 1, pair) for pair in case.compare())
    _hint("cross_entropy with every combination of options")
    for _, asked in options.questions():
        if not asked.refused:
            yield from ((pair.what, asked.dtype, False, pair) for pair in asked.compare())


def confident() -> Iterator[str]:
    """Show the loss and its gradient at the target, which leads by a margin."""
    truth, rows = import_module("test_cross_entropy_accuracy").truth, []
    for margin in MARGINS:
        _hint(f"margin {margin}")
        logits = np.zeros(CLASSES, np.float32)
        logits[0] = margin
        loss, (gradient,), _ = truth(logits, 0, entries=[0])
        answers = cross_entropy(logits, 0), load_builtin("torch").cross_entropy(logits, 0)
        rows.append(("loss", *_beside(margin, loss, answers)))
        answers = (
            cross_entropy_backward(1.0, logits, 0)[0],
            load_builtin("torch").cross_entropy_backward(1.0, logits, 0)[0],
        )
        rows.append(("dlogits[y]", *_beside(margin, gradient, answers)))
    yield f"float32, the target's logit z above those of {CLASSES - 1:,} other classes:"
    yield from _table(
        ("of", "z", "truth", "rnn_ref", "off by", "PyTorch", "off by"), sorted(rows, key=lambda r: r[0] != "loss")
    )


def _beside(margin: int, truth: Any, answers: Iterable[Any]) -> Iterator[str]:
    yield from (str(margin), f"{float(truth):.3e}")
    for answer in map(float, answers):
        yield from (f"{answer:.3e}" if answer else "0", f"{float(abs((answer - truth) / truth)):.0e}")


def parting() -> Iterator[str]:
    """Train both side by side, at the rates of the tests and ten times as fast."""
    training, rows = import_module("parity_training"), []
    for name, (_, settings) in training.RUNS.items():
        for faster in (1, 10):
            _hint(f"{name} at {faster} × {settings['lr']}")
            run = training.run(name, float(faster))
            first = [next(chain(np.flatnonzero(run.apart > limit), ["never"])) for limit in (1e-9, 1e-6, 1e-2)]
            rows.append((name, f"{faster * settings['lr']:g}", *map(str, first), f"{run.apart.max():.0e}"))
    yield f"{training.UPDATES:,} updates in float64: the first at which the two losses are relatively"
    yield "apart by more than this, and the farthest they get:"
    yield from _table(("optimiser", "rate", "1e-9", "1e-6", "1e-2", "farthest"), rows)


def _hint(doing: str) -> None:
    print(f"{doing} …", file=sys.stderr, flush=True)


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    """Write a Markdown table, the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    rule = [f":{'-' * (width - 1)}" if i == 0 else f"{'-' * (width - 1)}:" for i, width in enumerate(widths)]
    yield ""
    for first, *others in (head, rule, *rows):
        cells = [first.ljust(widths[0]), *map(str.rjust, others, widths[1:])]
        yield f"| {' | '.join(cells)} |"


TABLES = {"grid": grid, "confident": confident, "parting": parting}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=TABLES, help="print one table (default: all three)")
    only = parser.parse_args().only
    sys.path[:0] = [str(TESTS / "parity"), str(TESTS / "unit")]
    for name in [only] if only else TABLES:
        print("\n".join(TABLES[name]()), end="\n\n", flush=True)


if __name__ == "__main__":
    main()
