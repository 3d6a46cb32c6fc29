"""What was measured, as Markdown: medians of the ratios of each round, of one run or of several."""

import math
import statistics
from collections.abc import Iterable, Iterator
from typing import Any

from .workloads import BESIDE, DTYPES, GATED, KINDS, WORKLOADS

OTHERS = ("RNNCell", "JAX jit", "naive", "floor")


def ratio(rows: Iterable[Any], label: str, beside: str = "PyTorch") -> float | None:
    """Return the median, over runs, of the median ratio of the rounds; None where one of the two is absent."""
    runs = [
        statistics.median(a / b for a, b in zip(row["seconds"][label], row["seconds"][beside], strict=True))
        for row in rows
        if label in row["seconds"] and beside in row["seconds"]
    ]
    return statistics.median(runs) if runs else None


def _milliseconds(rows: Iterable[Any], label: str) -> str:
    runs = [statistics.median(row["seconds"][label]) for row in rows if label in row["seconds"]]
    took = 1e3 * statistics.median(runs) if runs else None
    return _told(took, ",.0f" if took and took >= 100 else ".3g")


def select(runs: Iterable[Any], **wanted: Any) -> list[Any]:
    """Return the rows of all runs that are about this."""
    return [row for run in runs for row in run["rows"] if all(row[name] == value for name, value in wanted.items())]


def full(runs: list[Any]) -> Iterator[str]:
    """Everything: all contenders, kinds of work, dtypes and numbers of threads."""
    for threads in (1, 2):
        for kind in KINDS:
            if select(runs, kind=kind, threads=threads):
                yield f"\n{kind}, {threads} thread{'s'[: threads > 1]}: ms, then ratios to PyTorch\n"
                yield from _table(
                    ("", "dtype", "rnn_ref", "PyTorch", "ratio", *OTHERS, "of floor"), _rows(runs, kind, threads)
                )
                yield f"\ngeometric mean of the ratios: {_mean(runs, kind, threads)}"
    yield from _memory(runs)
    yield from _growth(runs)


def short(runs: list[Any]) -> Iterator[str]:
    """The first table of docs/why/speed.md: time beside PyTorch's, float32 / float64, on one thread."""
    rows = []
    for name, workload in WORKLOADS.items():
        axes = [("–" if size is None else f"{size:,}") for size in workload]
        if select(runs, workload=name, threads=1):
            of_kinds = (_both(runs, name, kind, "rnn_ref") for kind in KINDS)
            others = (_both(runs, name, "gradient", label) for label in OTHERS)
            rows.append((*axes, *of_kinds, *others))
    yield from _table((*"TBDHV", "forward", "with loss", "gradient", *OTHERS), rows)


def gated(runs: list[Any]) -> Iterator[str]:
    """The full gradient of a GRU and of an LSTM beside PyTorch's, float32 / float64, on one thread."""
    rows = []
    for name in BESIDE:
        if select(runs, workload=name, threads=1):
            axes = [("–" if size is None else f"{size:,}") for size in WORKLOADS[name]]
            ours, jax = ([_both(runs, name, kind, label) for kind in GATED] for label in ("rnn_ref", "JAX jit"))
            rows.append((*axes, *(one for pair in zip(ours, jax, strict=True) for one in pair)))
    yield from _table((*"TBDHV", *(word for kind in GATED for word in (kind.upper(), "JAX jit"))), rows)


def _rows(runs: list[Any], kind: str, threads: int) -> Iterator[tuple[str, ...]]:
    for name in WORKLOADS:
        for dtype in DTYPES:
            if here := select(runs, workload=name, kind=kind, dtype=dtype, threads=threads):
                took = [_milliseconds(here, label) for label in ("rnn_ref", "PyTorch")]
                others = [_told(ratio(here, label)) for label in ("rnn_ref", *OTHERS)]
                yield name, dtype, *took, *others, _told(ratio(here, "rnn_ref", "floor"))


def _mean(runs: list[Any], kind: str, threads: int) -> str:
    shown = [
        ratio(select(runs, workload=w, dtype=d, kind=kind, threads=threads), "rnn_ref")
        for w in WORKLOADS
        for d in DTYPES
    ]
    logs = [math.log(one) for one in shown if one]
    return _told(math.exp(statistics.fmean(logs)) if logs else None)


def _both(runs: list[Any], name: str, kind: str, label: str) -> str:
    here = [select(runs, workload=name, kind=kind, dtype=dtype, threads=1) for dtype in DTYPES]
    return " / ".join(_told(ratio(rows, label)) for rows in here)


def _memory(runs: list[Any]) -> Iterator[str]:
    weighed = [row for run in runs for row in run["memory"] if row["bytes"] is not None]
    by = {(row["workload"], row["dtype"], row["contender"]): row["bytes"] / 1e6 for row in weighed}
    if by:
        yield "\nPeak memory of the full gradient beside its inputs, MB\n"
        who = ("rnn_ref", "PyTorch")
        keys = sorted({key[:2] for key in by})
        rows = [(*key, *(_told(by.get((*key, label)), ".1f") for label in who)) for key in keys]
        yield from _table(("", "dtype", *who), rows)


def _growth(runs: list[Any]) -> Iterator[str]:
    grown = [row for run in runs for row in run["growth"]]
    if grown:
        yield "\nFull gradient against T (D=32, H=64, V=32, one sequence, float32): µs a step\n"
        labels = list(dict.fromkeys(row["contender"] for row in grown))
        rows = []
        for T in sorted({row["T"] for row in grown}):
            took = [[r["seconds"] for r in grown if (r["T"], r["contender"]) == (T, label)] for label in labels]
            rows.append((f"{T:,}", *(_told(1e6 * statistics.median(one) / T, ".2f") for one in took)))
        yield from _table(("T", *labels), rows)


def _told(number: float | None, form: str = ".2f") -> str:
    return "–" if number is None else f"{number:{form}}"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for cells in (head, tuple("-" * (width - 1) + ":" for width in widths), *rows):
        yield f"| {' | '.join(map(str.rjust, cells, widths))} |"
