"""The picture: bars for every workload, and time against T; told apart in grey as well."""

import statistics
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

from .tables import ratio, select
from .workloads import WORKLOADS

mpl.use("Agg")
from matplotlib import pyplot as plt

# label: grey, hatch, marker
LOOKS = {
    "rnn_ref": ("0.1", "", "o"),
    "floor": ("0.45", "", "v"),
    "naive": ("0.65", "//", "s"),
    "RNNCell": ("0.8", "..", "D"),
    "JAX jit": ("0.95", "xx", "^"),
}
DASHES = {"rnn_ref": "-", "PyTorch": "--", "naive": ":"}


def save(runs: list[Any], path: Path) -> None:
    """Draw what was measured on one thread."""
    figure, axes = plt.subplots(1, 3, figsize=(15, 4.6), layout="constrained", width_ratios=(3, 3, 2))
    for ax, dtype in zip(axes, ("float32", "float64"), strict=False):
        _bars(ax, runs, dtype)
    _lines(axes[2], [row for run in runs for row in run["growth"]])
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _bars(ax: Any, runs: list[Any], dtype: str) -> None:
    """Draw the time of the full gradient beside PyTorch's, on a logarithmic axis whose middle is 1."""
    names = [name for name in WORKLOADS if select(runs, workload=name, threads=1)]
    width = 0.85 / len(LOOKS)
    for i, (label, (grey, hatch, _)) in enumerate(LOOKS.items()):
        rows = [select(runs, workload=name, kind="gradient", dtype=dtype, threads=1) for name in names]
        heights = [ratio(here, label) or np.nan for here in rows]
        if not np.all(np.isnan(heights)):
            where = np.arange(len(names)) + (i - (len(LOOKS) - 1) / 2) * width
            bars = ax.bar(where, heights, width, label=label, color=grey, hatch=hatch, edgecolor="0")
            if label == "rnn_ref":
                ax.bar_label(bars, fmt="%.2f", fontsize=8, padding=2, bbox={"color": "1", "pad": 0.5})
    ax.axhline(1, color="0", linestyle="--", linewidth=1)
    ax.set(title=f"full gradient, {dtype}, one thread", yscale="log", ylabel="time / time of torch.nn.RNN")
    ax.set_xticks(range(len(names)), names)
    ax.set_ylim(0.03, 10)
    ax.set_yticks(ticks := [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10], [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    ax.legend(fontsize=8, ncols=3, loc="upper center", bbox_to_anchor=(0.5, -0.08), frameon=False)


def _lines(ax: Any, grown: list[Any]) -> None:
    for label in dict.fromkeys(row["contender"] for row in grown):
        lengths = sorted({row["T"] for row in grown})
        of_label = [[r["seconds"] for r in grown if (r["T"], r["contender"]) == (T, label)] for T in lengths]
        grey, _, marker = LOOKS.get(label, ("0.5", "", "x"))
        took = [statistics.median(one) for one in of_label]
        ax.plot(lengths, took, DASHES[label], marker=marker, color=grey, label=label)
    ax.set(title="full gradient against T, H = 64, float32", xscale="log", yscale="log", xlabel="T", ylabel="seconds")
    ax.legend(fontsize=8, frameon=False)
