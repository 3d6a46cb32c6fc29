"""Gradient flow: ‖dL/dh_t‖ over the steps back from the loss, ours and autograd's, for radii and for cells."""

import math
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from ...conformance.errors import install
from ...conformance.misspelt import did_you_mean
from ..flow import Flow, measure
from ..gates import CELLS
from .picture import Picture

RADII = (0.5, 0.9, 1.2, 2.0)
DASHES = ("-", "--", "-.", ":")
RINGS = 12  # autograd's on a line
LEAST = 1e-300  # what is below has no room on a logarithmic axis
NO_TORCH = f"PyTorch is not installed, so nothing stands beside ours: {install('torch')}"


def gradient_flow(
    radii: Sequence[float] = RADII,
    *,
    cells: Sequence[str] = ("rnn",),
    keep: float = 0.95,
    steps: int = 50,
    hidden: int = 64,
    seed: int = 1,
) -> Picture:
    """Follow a gradient of length 1 back through time in networks of several spectral radii, and draw what is left.

    Parameters
    ----------
    radii : sequence of float
        Of W_hh, in a gated cell of the block of every gate: the largest magnitude of an eigenvalue, above 0.
    cells : sequence of str
        Some of ``"rnn"``, ``"gru"``, ``"lstm"``, each drawn beside the others.
    keep : float
        Where a bias sets the gate on the straight path, z of a GRU and f of an LSTM: between 0 and 1.
    steps, hidden, seed : int
        The length of the sequence, the number of units, and which network is drawn.

    Returns
    -------
    Picture
        ‖dL/dh_t‖ (of an LSTM ‖dL/dc_t‖) measured by backpropagation here, by PyTorch's autograd if it is installed, and
        the product of the norms of the Jacobians, which bounds both. Of gated cells also what is left on the straight
        path, where a gradient meets nothing but dh ∘ z at every step, or dc ∘ f.

    Raises
    ------
    ValueError
        No radius, one that is not above 0, a size that is not, or a cell that does not exist.

    Examples
    --------
    >>> print(gradient_flow([0.5], steps=5).text.splitlines()[0].split()[:3])
    ['ρ', 'σ', 'steps']
    """
    if not len(radii):
        raise ValueError("gradient_flow: radii is empty, expected one number or more")
    for name, value in (*(("radii", radius) for radius in radii), ("steps", steps), ("hidden", hidden)):
        if not 0 < value < math.inf:
            raise ValueError(f"gradient_flow: {name} is {value}, expected a number above 0")
    if seed < 0:
        raise ValueError(f"gradient_flow: seed is {seed}, expected 0 or above")
    if not 0 < keep < 1:
        raise ValueError(f"gradient_flow: keep is {keep}, expected a number between 0 and 1")
    for cell in cells or ("",):
        if cell not in CELLS:
            raise ValueError(f"gradient_flow: cells has {cell!r}, expected some of {', '.join(CELLS)}"
                             f"{did_you_mean(cell, CELLS)}")  # fmt: skip
    flows = [measure(radius, steps, hidden, seed, cell, keep) for cell in cells for radius in radii]
    return Picture("\n".join(_table(flows)), partial(draw, flows=flows), height=4.2)


def _table(flows: list[Flow]) -> Iterator[str]:
    line, T = "{:>5} {:>6} {:>7} {:>15} {:>15} {:>8} {:>9}".format, len(flows[0].ours) - 1
    several = len({one.cell for one in flows}) > 1
    for cell in dict.fromkeys(one.cell for one in flows):
        yield from [CELLS[cell].title] if several else []
        path = f" {'straight':>9}" if CELLS[cell].keeps else ""
        yield line("ρ", "σ", "steps", "BPTT", "autograd", "apart", "bound") + path
        for one in (one for one in flows if one.cell == cell):
            for back in sorted({min(10, T), T}):
                apart = one.apart(back)
                told = ("–", "–") if one.pytorch is None else (f"{one.pytorch[back]:.8e}", f"{apart:.0e}")
                path = "" if one.straight is None else f" {one.straight[back]:>9.1e}"
                yield line(f"{one.radius:.2f}", f"{one.sigma:.2f}", back, f"{one.ours[back]:.8e}", *told,
                           f"{one.bound[back]:.1e}") + path  # fmt: skip
    if flows[0].pytorch is None:
        yield NO_TORCH


def draw(figure: Any, flows: list[Flow]) -> None:
    """Fill a figure, beside each other the cells: ours as lines, autograd's as rings on them, bounds thin and grey."""
    cells = list(dict.fromkeys(one.cell for one in flows))
    panels = figure.subplots(1, len(cells), sharey=True, squeeze=False)[0]
    for axes, cell in zip(panels, cells, strict=True):
        mine = [one for one in flows if one.cell == cell]
        for dash, one in zip(DASHES * len(mine), mine, strict=False):
            _line(axes, one, dash)
        axes.set(xlabel="steps back from the loss", yscale="log")
        axes.grid(axis="y", color="0.9")
        axes.set_title("How far a gradient reaches back" if len(cells) == 1 else CELLS[cell].title, fontsize=10)
    kinds = {(CELLS[one.cell].title, one.letter) for one in flows}
    first, *others = sorted({letter for _, letter in kinds}, reverse=True)
    whose = [f", of the {title} ‖dL/d{letter}$_t$‖" for title, letter in sorted(kinds) if letter in others]
    panels[0].set_ylabel("".join([f"‖dL/d{first}$_t$‖", *whose]))
    _key(figure, flows)


def _line(axes: Any, one: Flow, dash: str) -> None:
    back = np.arange(len(one.ours))
    axes.plot(back, _seen(one.bound), dash, color="0.6", linewidth=1)
    axes.plot(back, _seen(one.ours), dash, color="0")
    if one.pytorch is not None:
        axes.plot(back, _seen(one.pytorch), "o", color="0", markerfacecolor="none", markersize=5,
                  markevery=max(1, len(back) // RINGS))  # fmt: skip
    if one.straight is not None:
        axes.plot(back, _seen(one.straight), dash, color="0.45", linewidth=1, marker="x", markersize=5,
                  markevery=(3, max(1, len(back) // RINGS)))  # fmt: skip


def _key(figure: Any, flows: list[Flow]) -> None:
    """Say below the panels what the lines are."""
    from matplotlib.lines import Line2D  # noqa: PLC0415

    first = [one for one in flows if one.cell == flows[0].cell]
    sigma = len({one.cell for one in flows}) == 1  # of several cells each has its own
    handles = [
        Line2D([], [], color="0", linestyle=dash,
               label=f"ρ = {one.radius:g}{f', σ = {one.sigma:.2f}' if sigma else ', by BPTT'}")
        for dash, one in zip(DASHES * len(first), first, strict=False)
    ]  # fmt: skip
    if flows[0].pytorch is not None:
        handles.append(Line2D([], [], marker="o", linestyle="", color="0", markerfacecolor="none",
                              label="PyTorch's autograd"))  # fmt: skip
    handles.append(Line2D([], [], color="0.6", linewidth=1, label="product of Jacobian norms"))
    if any(one.straight is not None for one in flows):
        handles.append(Line2D([], [], color="0.45", linewidth=1, marker="x", label="straight path: dh ∘ z, dc ∘ f"))
    figure.legend(handles=handles, loc="outside lower center", ncols=3 if sigma else 2, frameon=False, fontsize=8)


def _seen(values: Any) -> Any:
    return np.where((values > LEAST) & np.isfinite(values), values, np.nan)
