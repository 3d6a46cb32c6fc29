"""How far a gradient reaches back: ‖dL/dh_t‖ for several spectral radii, by our BPTT and by PyTorch's autograd.

    python scripts/gradient_flow.py                          a table
    python scripts/gradient_flow.py --save flow.png          and a picture (png or svg; needs matplotlib)

The loss is v · h_T with a random v of length 1: it looks at the last state only. ρ is the spectral radius of W_hh, σ
its largest singular value, and the bound is the product of the norms of the Jacobians diag(1 − h²) W_hh on the way.
"""

import argparse
import importlib.util
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import rnn_ref
from rnn_ref._writing import destination
from rnn_ref.interop import to_torch

RADII = (0.5, 0.9, 1.2, 2.0)
DASHES = ("-", "--", "-.", ":")
PICTURES = (".png", ".svg")


class Flow(NamedTuple):
    """One network: its ρ and σ, and by number of steps back (0 … T) the gradient's norms and the bound."""

    radius: float
    sigma: float
    ours: Any  # (T + 1,)
    pytorch: Any  # (T + 1,), None where PyTorch is not installed
    bound: Any  # (T + 1,)


def flow(radius: float, T: int, H: int, seed: int) -> Flow:
    """Draw a network with this spectral radius and send a gradient back through it."""
    rng = np.random.default_rng(seed)
    W_hh = rng.standard_normal((H, H))
    W_hh *= radius / np.abs(np.linalg.eigvals(W_hh)).max()
    W_xh, X_seq, b_h, h0 = rng.standard_normal((H, 1)) / 4, rng.standard_normal((T, 1)), np.zeros(H), np.zeros(H)
    v = rng.standard_normal(H)
    v /= np.linalg.norm(v)
    h_states = rnn_ref.rnn_forward(X_seq, h0, W_xh, W_hh, b_h)
    dh, ours, bound = v, [1.0], [1.0]
    for t in reversed(range(T)):
        h_prev = h_states[t - 1] if t else h0
        dh = rnn_ref.rnn_cell_backward(dh, h_states[t], X_seq[t], h_prev, W_xh, W_hh, b_h).h_prev
        ours.append(float(np.linalg.norm(dh)))
        bound.append(bound[-1] * float(np.linalg.norm((1 - h_states[t] ** 2)[:, None] * W_hh, 2)))
    theirs = None
    if importlib.util.find_spec("torch") is not None:
        theirs = autograd(X_seq, h0, {"W_xh": W_xh, "W_hh": W_hh, "b_h": b_h}, v)
    return Flow(radius, float(np.linalg.norm(W_hh, 2)), np.array(ours), theirs, np.array(bound))


def autograd(X_seq: Any, h0: Any, weights: dict[str, Any], v: Any) -> Any:
    """Return the same norms from ``nn.RNNCell``, every state's gradient kept."""
    import torch  # noqa: PLC0415 - the table is printed without it, too

    cell = torch.nn.RNNCell(1, len(h0), dtype=torch.float64)
    to_torch(weights, cell)
    h_states = [torch.tensor(h0, requires_grad=True)]
    for x_t in torch.tensor(X_seq):
        h_states.append(cell(x_t, h_states[-1]))
        h_states[-1].retain_grad()
    (torch.tensor(v) @ h_states[-1]).backward()
    return np.array([float(h_t.grad.norm()) for h_t in reversed(h_states)])


def table(flows: list[Flow]) -> str:
    """Return the table, 80 columns wide."""
    line = "{:>5} {:>6} {:>7} {:>15} {:>15} {:>8} {:>9}".format
    T = len(flows[0].ours) - 1
    rows = [line("ρ", "σ", "steps", "BPTT", "autograd", "apart", "bound")]
    for one in flows:
        for back in sorted({min(10, T), T}):
            ours, theirs, apart = one.ours[back], "–", "–"
            if one.pytorch is not None:
                worst = np.abs(one.ours[: back + 1] / one.pytorch[: back + 1] - 1).max()
                theirs, apart = f"{one.pytorch[back]:.8e}", f"{worst:.0e}"
            told = f"{one.radius:.2f}", f"{one.sigma:.2f}", back, f"{ours:.8e}", theirs, apart
            rows.append(line(*told, f"{one.bound[back]:.1e}"))
    return "\n".join(rows)


def draw(flows: list[Flow], path: Path) -> None:
    """Draw the norms over steps back: ours as lines, autograd's as rings on them, the bounds thin and grey."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - needed only here

    figure = Figure(figsize=(6.4, 4.0), layout="constrained")
    axes = figure.subplots()
    for one, dash in zip(flows, DASHES * len(flows), strict=False):
        back = np.arange(len(one.ours))
        axes.plot(back, one.ours, dash, color="0", label=f"ρ = {one.radius:g}, σ = {one.sigma:.2f}")
        axes.plot(back, one.bound, dash, color="0.7", linewidth=0.8)
        if one.pytorch is not None:
            every = slice(None, None, max(1, len(back) // 12))
            axes.plot(back[every], one.pytorch[every], "o", color="0", markerfacecolor="none", markersize=5)
    axes.plot([], [], "o", color="0", markerfacecolor="none", label="PyTorch's autograd")
    axes.plot([], [], color="0.7", linewidth=0.8, label="product of Jacobian norms")
    axes.set(xlabel="steps back from the loss", ylabel="‖dL/dh‖", yscale="log", title="How far a gradient reaches back")
    axes.grid(axis="y", color="0.9")
    axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    options: dict[str, Any] = {"metadata": {"Date": None}} if path.suffix == ".svg" else {}
    figure.savefig(path, dpi=100, **options)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--radii", type=float, nargs="+", default=RADII, metavar="R", help="default: 0.5 0.9 1.2 2")
    parser.add_argument("--steps", type=int, default=50, metavar="T", help="of the sequence (default 50)")
    parser.add_argument("--hidden", type=int, default=64, metavar="H", help="units (default 64)")
    parser.add_argument("--seed", type=int, default=1, help="other seeds draw other networks")
    parser.add_argument("--save", metavar="FILE", help="draw the picture: .png or .svg")
    asked = parser.parse_args()
    for name, value in (("radii", min(asked.radii)), ("steps", asked.steps), ("hidden", asked.hidden)):
        if not value > 0:
            parser.error(f"--{name} is {value}, expected a number above 0")
    if asked.seed < 0:
        parser.error(f"--seed is {asked.seed}, expected 0 or above")
    if asked.save:
        if Path(asked.save).suffix not in PICTURES:
            parser.error(f"--save is {asked.save}, expected a name that ends in .png or .svg")
        if importlib.util.find_spec("matplotlib") is None:
            parser.error('--save needs matplotlib: pip install "rnn_ref[plot]"')
        try:
            asked.save = destination(asked.save)
        except OSError as error:
            parser.error(f"--save {error.filename}: {error.strerror}")
    flows = [flow(radius, asked.steps, asked.hidden, asked.seed) for radius in asked.radii]
    print(table(flows))
    if flows[0].pytorch is None:
        print('PyTorch is not installed, so nothing stands beside ours: pip install "rnn_ref[torch]"')
    if asked.save:
        draw(flows, asked.save)
    return 0


if __name__ == "__main__":
    sys.exit(main())
