"""The process of one contender: reads what to time from standard input, a JSON object a line, and answers so.

One process each, because NumPy's and PyTorch's libraries spoil each other's threads where they share one.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from . import contenders
from .workloads import WARM_UP, Workload, draw

prepared = lru_cache(maxsize=1)(lambda label, workload, dtype: contenders.calls(label, draw(workload, dtype)))


def seconds(call: Callable[[], object], budget: float) -> float:
    """Return the median time of a call, after one that does not count."""
    call()
    times: list[float] = []
    while not times or sum(times) < budget:
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def extra_memory(call: Callable[[], object]) -> int | None:
    """Return by how many bytes the process grows during a call, at its peak; None where the system does not tell."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # from here on, the peak is counted anew
    except OSError:
        return None
    before = _kib("VmRSS")
    call()
    return (_kib("VmHWM") - before) * 1024


def _kib(field: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field))


def answer(label: str, workload: list[Any], kind: str, dtype: str, budget: float | None) -> float | int | None:
    """Time one kind of work, or without a budget weigh its first call after that of a small network."""
    if budget is None:
        prepared(label, WARM_UP, dtype)[kind]()
    call = prepared(label, Workload(*workload), dtype)[kind]
    return extra_memory(call) if budget is None else seconds(call, budget)


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(answer(sys.argv[1], **json.loads(line))), flush=True)
