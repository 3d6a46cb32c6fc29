"""Gradient flow: ‖dL/dh_t‖ over the steps back from the loss, ours and autograd's, for several spectral radii."""

import math
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from ...conformance.errors import install
from ..flow import Flow, measure
from .picture import Picture

RADII = (0.5, 0.9, 1.2, 2.0)
DASHES = ("-", "--", "-.", ":")
RINGS = 12  # autograd's on a line
LEAST = 1e-300  # what is below has no room on a logarithmic axis
NO_TORCH = f"PyTorch is not installed, so nothing stands beside ours: {install('torch')}"


def gradient_flow(radii: Sequence[float] = RADII, *, steps: int = 50, hidden: int = 64, seed: int = 1) -> Picture:
    """Follow a gradient of length 1 back through time in networks of several spectral radii, and draw what is left.

    Parameters
    ----------
    radii : sequence of float
        Of W_hh: the largest magnitude of an eigenvalue, above 0.
    steps, hidden, seed : int
        The length of the sequence, the number of units, and which network is drawn.

    Returns
    -------
    Picture
        ‖dL/dh_t‖ measured by backpropagation here, by PyTorch's autograd if it is installed, and the product of the
        norms of the Jacobians, which bounds both.

    Raises
    ------
    ValueError
        No radius, one that is not above 0, or a size that is not.

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
    flows = [measure(radius, steps, hidden, seed) for radius in radii]
    return Picture("\n".join(_table(flows)), partial(draw, flows=flows), height=4.2)


def _table(flows: list[Flow]) -> Iterator[str]:
    line, T = "{:>5} {:>6} {:>7} {:>15} {:>15} {:>8} {:>9}".format, len(flows[0].ours) - 1
    yield line("ρ", "σ", "steps", "BPTT", "autograd", "apart", "bound")
    for one in flows:
        for back in sorted({min(10, T), T}):
            apart = one.apart(back)
            told = ("–", "–") if one.pytorch is None else (f"{one.pytorch[back]:.8e}", f"{apart:.0e}")
            yield line(f"{one.radius:.2f}", f"{one.sigma:.2f}", back, f"{one.ours[back]:.8e}", *told,
                       f"{one.bound[back]:.1e}")  # fmt: skip
    if flows[0].pytorch is None:
        yield NO_TORCH


def draw(figure: Any, flows: list[Flow]) -> None:
    """Fill a figure: ours as lines, autograd's as rings on them, the bounds thin and grey in the same dashes."""
    axes = figure.add_subplot()
    for i, one in enumerate(flows):
        back, dash = np.arange(len(one.ours)), DASHES[i % len(DASHES)]
        label = f"ρ = {one.radius:g}, σ = {one.sigma:.2f}"
        axes.plot(back, _seen(one.bound), dash, color="0.6", linewidth=1)
        axes.plot(back, _seen(one.ours), dash, color="0", label=label)
        if one.pytorch is not None:
            axes.plot(back, _seen(one.pytorch), "o", color="0", markerfacecolor="none", markersize=5,
                      markevery=max(1, len(back) // RINGS))  # fmt: skip
    if flows[0].pytorch is not None:
        axes.plot([], [], "o", color="0", markerfacecolor="none", label="PyTorch's autograd")
    axes.plot([], [], color="0.6", linewidth=1, label="product of Jacobian norms")
    axes.set(xlabel="steps back from the loss", ylabel="‖dL/dh$_t$‖", yscale="log")
    axes.set_title("How far a gradient reaches back")
    axes.grid(axis="y", color="0.9")
    figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize=8)


def _seen(values: Any) -> Any:
    return np.where((values > LEAST) & np.isfinite(values), values, np.nan)
