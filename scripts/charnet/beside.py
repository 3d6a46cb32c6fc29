"""Two trainings in one picture: the loss of every update, PyTorch's on ours, and below how far they are apart."""

from functools import partial
from typing import Any

import numpy as np

from rnn_ref.lesson import Picture

RINGS = 20  # PyTorch's on the curve


def losses_beside(ours: list[float], theirs: list[float], name: str) -> Picture:
    """Return the picture of losses in bits per character, one for each update of both."""
    apart = np.abs(np.subtract(ours, theirs))
    same = int(np.sum(apart == 0))
    text = f"{len(apart)} updates: losses at most {apart.max():.0e} bits apart, {same} of them equal to the last bit"
    return Picture(text, partial(draw, ours=ours, theirs=theirs, name=name), height=4.4)


def draw(figure: Any, ours: list[float], theirs: list[float], name: str) -> None:
    """Fill a figure: losses above, their difference on a logarithmic axis below."""
    above, below = figure.subplots(2, sharex=True, height_ratios=(3, 2))
    updates, apart = np.arange(1, len(ours) + 1), np.abs(np.subtract(ours, theirs))
    above.plot(updates, ours, "-", color="0", linewidth=1, label="rnn_ref (NumPy)")
    above.plot(updates, theirs, "o", color="0.35", markerfacecolor="none", markersize=5, label="PyTorch",
               markevery=max(1, len(theirs) // RINGS))  # fmt: skip
    above.set(ylabel="bits per character", title=f"Learning {name}, in lockstep")
    above.legend(frameon=False, loc="upper right")
    below.plot(updates, np.where(apart > 0, apart, np.nan), ".", color="0", markersize=3)
    below.set(xlabel="update", ylabel="apart (bits)", yscale="log")
    if not apart.any():
        below.text(0.5, 0.5, "equal to the last bit", transform=below.transAxes, ha="center")
    elif not apart.all():
        below.set_title(f"{np.sum(apart == 0)} of {len(apart)} are equal to the last bit and not shown", fontsize=8)
    for axes in (above, below):
        axes.grid(axis="y", color="0.9")
