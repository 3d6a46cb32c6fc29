"""The measuring: every contender in a process of its own, all visited in every round, in shuffled order.

What else the machine does changes from second to second, and falls on neighbours alike. So times are compared within
a round, and the median is taken of the ratios.
"""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rnn_ref.cli import progress

from .workloads import DTYPES, GROWTH, KINDS, WORKLOADS

SCRIPTS = Path(__file__).resolve().parents[1]
BUDGET = 0.1  # seconds of calls at every visit, at least one
WEIGHED = ("rnn_ref", "PyTorch")


class Process:
    """A contender at work, with so many threads."""

    def __init__(self, label: str, threads: int) -> None:
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        flags = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1" if threads == 1 else ""
        path = os.pathsep.join(filter(None, [str(SCRIPTS), os.environ.get("PYTHONPATH")]))
        environment = os.environ | dict.fromkeys(names, str(threads)) | {"XLA_FLAGS": flags, "PYTHONPATH": path}
        command = [sys.executable, "-m", "speed.worker", label]
        self.label, self.popen = label, subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )  # fmt: skip

    def ask(self, **what: Any) -> Any:
        """Have one thing timed or weighed, and wait for it."""
        to, back = self.popen.stdin, self.popen.stdout
        answer = ""
        if to and back:
            print(json.dumps(what), file=to, flush=True)
            answer = back.readline()
        if not answer:
            raise SystemExit(f"benchmark: the process of {self.label} ended while it was asked for {what}")
        return json.loads(answer)

    def end(self) -> None:
        """Let the process end, and wait for it."""
        self.popen.communicate()


@contextmanager
def processes(labels: Sequence[str], threads: int) -> Iterator[list[Process]]:
    """Start the contenders, and end them afterwards."""
    started = [Process(label, threads) for label in labels]
    try:
        yield started
    finally:
        for process in started:
            process.end()


def times(
    labels: Sequence[str],
    workloads: Sequence[str],
    threads: Sequence[int],
    rounds: int,
    kinds: Sequence[str] = KINDS,
) -> list[Any]:
    """Time every contender at every workload, kind of work and dtype: seconds for each round."""
    rows: list[Any] = []
    total = len(threads) * len(workloads) * len(DTYPES) * len(kinds)
    for count in threads:
        with processes(labels, count) as started:
            for name, dtype, kind in ((w, d, k) for w in workloads for d in DTYPES for k in kinds):
                progress.show(len(rows), total, f"{name} {dtype} {kind}, {count} thread{'s'[: count > 1]}")
                row: Any = {"workload": name, "kind": kind, "dtype": dtype, "threads": count}
                row["seconds"] = {label: [] for label in labels}
                for _ in range(rounds):
                    for process in random.sample(started, len(started)):
                        asked = {"workload": WORKLOADS[name], "kind": kind, "dtype": dtype, "budget": BUDGET}
                        row["seconds"][process.label].append(process.ask(**asked))
                rows.append(row)
    progress.show(total, total, "")
    return rows


def memory(labels: Sequence[str], workloads: Sequence[str]) -> list[Any]:
    """Weigh the full gradient: peak bytes beside the inputs, each in a fresh process."""
    rows: list[Any] = []
    for name, dtype, label in ((w, d, k) for w in workloads for d in DTYPES for k in WEIGHED if k in labels):
        with processes([label], 1) as (process,):
            asked = {"workload": WORKLOADS[name], "kind": "gradient", "dtype": dtype, "budget": None}
            rows.append({"workload": name, "dtype": dtype, "contender": label, "bytes": process.ask(**asked)})
    return rows


def growth(labels: Sequence[str], longest: int) -> list[Any]:
    """Time the full gradient against T, in float32 on one thread."""
    rows: list[Any] = []
    labels = [label for label in labels if label in {"rnn_ref", "PyTorch", "naive"}]
    with processes(labels, 1) as started:
        for workload in (one for one in GROWTH.values() if longest >= one.T):
            for process in started:
                progress.show(len(rows), len(labels) * len(GROWTH), f"T={workload.T}")
                took = process.ask(workload=workload, kind="gradient", dtype="float32", budget=BUDGET)
                rows.append({"T": workload.T, "contender": process.label, "seconds": took})
    progress.show(1, 1, "")
    return rows
