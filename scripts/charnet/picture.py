"""The curve of a run: bits per character over characters read, with what counting alone achieves."""

from pathlib import Path
from typing import Any

from .baselines import Baselines
from .run import Run


def draw(path: Path, run: Run, counted: Baselines, name: str) -> None:
    """Draw the held-out loss of every report; needs matplotlib."""
    import matplotlib  # noqa: PLC0415 - needed only here

    matplotlib.use("Agg")
    from matplotlib import pyplot  # noqa: PLC0415

    figure, axes = pyplot.subplots(figsize=(7.2, 3.4), layout="constrained")
    each = run.options.batch * run.options.steps_back / 1e6
    read = [each * row["step"] for row in run.log]
    axes.plot(read, [row["held_out"] for row in run.log], "o-", color="black", markersize=3, label="rnn_ref, held out")
    for level, style, label in ((counted.unigram, ":", "unigram"), (counted.bigram, "--", "bigram")):
        axes.axhline(level, color="0.35", linestyle=style, label=f"{label} counts, {level:.2f}")
    axes.set(xlabel="characters read (millions)", ylabel="bits per character", title=f"Learning {name}")
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    axes.grid(axis="y", color="0.9")
    options: Any = {"metadata": {"Date": None}} if path.suffix == ".svg" else {}
    figure.savefig(path, dpi=110, **options)
    pyplot.close(figure)
