"""PyTorch beside the run: the same weights at the start, the same chunks, its own optimiser and its own clipping."""

import math
from typing import Any

import numpy as np

from rnn_ref.interop import from_torch, to_torch

from .run import Run


class Lockstep:
    """``nn.RNN``, ``nn.Linear``, ``torch.optim.Adam``: a step whenever the run takes one."""

    def __init__(self, run: Run) -> None:
        import torch  # noqa: PLC0415 - needed only here

        self._torch = torch
        H, V = run.params["W_xh"].shape
        self._net, self._output = torch.nn.RNN(V, H), torch.nn.Linear(H, V)
        to_torch({name: run.params[name] for name in ("W_xh", "W_hh", "b_h")}, self._net)
        to_torch({name: run.params[name] for name in ("W_hy", "b_y")}, self._output)
        self._net.bias_hh_l0.requires_grad_(False)  # zero, and stays so: the network specified here has one bias
        self._moved = [p for p in (*self._net.parameters(), *self._output.parameters()) if p.requires_grad]
        self._optimiser = torch.optim.Adam(self._moved, lr=run.options.rate)
        self._clip, self._h = run.options.clip, None
        self.losses: list[tuple[float, float]] = []  # of every update in bits per character: the run's, PyTorch's

    def learn(self, batch: tuple[Any, Any, Any], bits: float) -> None:
        """Take the step that the run has taken, and note its loss beside the run's."""
        torch = self._torch
        X_seq, targets_seq, h0 = batch
        h = torch.zeros(h0.shape) if self._h is None or not h0.any() else self._h
        states, h_T = self._net(torch.from_numpy(X_seq), h[None])
        loss = torch.nn.functional.cross_entropy(
            self._output(states).flatten(0, 1), torch.tensor(targets_seq).flatten()
        )
        self._optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._moved, self._clip)
        self._optimiser.step()
        self._h = h_T[0].detach()
        self.losses.append((bits, loss.item() / math.log(2)))

    @property
    def params(self) -> dict[str, Any]:
        """Its weights under our names."""
        return {**from_torch(self._net), **from_torch(self._output)}

    def apart(self, run: Run) -> float:
        """Return the largest difference of a weight, relative to the largest weight of its array."""
        return max(
            float(np.abs(run.params[name] - theirs).max() / np.abs(theirs).max())
            for name, theirs in self.params.items()
        )
