"""A character model on real text: the source code of Python's own standard library, one character at a time.

Truncated backpropagation through time over chunks of 25 characters, the last state of a chunk carried into the next,
gradients clipped at norm 5. The loss of a chunk is the *mean* over its characters: at the rates of ``RUNS`` that
training is stable, so two correct programs stay together. With the sum the norm, some 25 times larger, is clipped at
every step, and Nesterov's SGD comes close to the edge of stability.
"""

import sysconfig
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from parity_torch import Trainer as TorchTrainer

import rnn_ref

H, T, UPDATES, MAX_NORM = 64, 25, 1_000, 5.0
FILES = ("textwrap.py", "heapq.py", "argparse.py")
RUNS: dict[str, tuple[str, dict[str, Any]]] = {
    "Adam": ("Adam", {"lr": 1e-3}),
    "Nesterov SGD": ("SGD", {"lr": 1e-2, "momentum": 0.9, "nesterov": True}),
    "Adagrad": ("Adagrad", {"lr": 1e-2}),
}


@cache
def corpus() -> tuple[Any, int]:
    """Return the text as class indices, and the size of its vocabulary: the characters that occur, sorted."""
    library = Path(sysconfig.get_paths()["stdlib"])
    text = "".join((library / name).read_text(encoding="utf-8") for name in FILES)[: UPDATES * T + 1]
    vocabulary = {character: index for index, character in enumerate(sorted(set(text)))}
    return np.array([vocabulary[character] for character in text]), len(vocabulary)


def chunk(k: int) -> tuple[Any, Any]:
    """Return the k-th chunk: T one-hot characters, and the characters that came next."""
    text, V = corpus()
    return np.eye(V)[text[k * T : (k + 1) * T]], text[k * T + 1 : (k + 1) * T + 1]


def first_weights() -> dict[str, Any]:
    """Draw the weights to start from, ~ 1/√fan-in."""
    rng, V = np.random.default_rng(0), corpus()[1]
    shapes = {"W_xh": (H, V), "W_hh": (H, H), "b_h": (H,), "W_hy": (V, H), "b_y": (V,)}
    return {name: rng.normal(size=shape) / np.sqrt(H) for name, shape in shapes.items()}


def first_gated(gates: int) -> dict[str, Any]:
    """Draw the weights of a cell with so many gates to start from, and those of the output layer."""
    rng, V = np.random.default_rng(gates), corpus()[1]
    biases = ("b_xh", "b_hh") if gates == 3 else ("b_h",)
    shapes = {"W_xh": (gates * H, V), "W_hh": (gates * H, H), **dict.fromkeys(biases, (gates * H,))}
    shapes |= {"W_hy": (V, H), "b_y": (V,)}
    return {name: rng.normal(size=shape) / np.sqrt(H) for name, shape in shapes.items()}


class GatedTrainer:
    """A GRU or an LSTM in the same loop: a stack of one layer, by ``stack_bptt``."""

    def __init__(self, cell: str, kind: str, params: dict[str, Any], max_norm: float, **settings: Any) -> None:
        self.run, self.run_back = (getattr(rnn_ref, f"{cell.lower()}_{way}") for way in ("forward", "backward"))
        self.params, self.max_norm, self.clipped = params, max_norm, 0
        self.states = tuple(np.zeros((1, H)) for _ in range(2 if cell == "LSTM" else 1))
        self.optimiser = getattr(rnn_ref, kind)(**settings)
        self.state = self.optimiser.init(params)

    def update(self, X_seq: Any, targets_seq: Any) -> float:
        """Run one chunk forward and back, clip, step, carry the states; return the mean loss before the step."""
        layer = {name: one for name, one in self.params.items() if name not in {"W_hy", "b_y"}}
        output = [self.params[name] for name in ("W_hy", "b_y")]
        loss, grads, self.states = rnn_ref.stack_bptt(
            self.run, self.run_back, X_seq, targets_seq, self.states, [layer], *output, reduction="mean"
        )
        every = {**grads.layers[0], "W_hy": grads.W_hy, "b_y": grads.b_y}
        clipped, norm = rnn_ref.clip_grad_norm(every, self.max_norm)
        self.params, self.state = self.optimiser.step(self.params, clipped, self.state)
        self.clipped += norm > self.max_norm
        return float(loss)


class Trainer:
    """The reference in the loop that ``parity_torch.Trainer`` writes with PyTorch."""

    def __init__(self, kind: str, params: dict[str, Any], max_norm: float, **settings: Any) -> None:
        self.params, self.max_norm, self.h = params, max_norm, np.zeros(H)
        self.optimiser = getattr(rnn_ref, kind)(**settings)
        self.state = self.optimiser.init(params)
        self.clipped = 0

    def update(self, X_seq: Any, targets_seq: Any) -> float:
        loss, grads, self.h = rnn_ref.rnn_bptt(X_seq, targets_seq, self.h, **self.params, reduction="mean")
        clipped, norm = rnn_ref.clip_grad_norm(grads.parameters, self.max_norm)
        self.params, self.state = self.optimiser.step(self.params, clipped, self.state)
        self.clipped += norm > self.max_norm
        return float(loss)


def pair(name: str, faster: float = 1.0) -> tuple[Trainer, TorchTrainer]:
    """Return our trainer and PyTorch's, with the same weights and ``faster`` times the stable rate."""
    kind, settings = RUNS[name]
    settings = settings | {"lr": settings["lr"] * faster}
    return (
        Trainer(kind, first_weights(), MAX_NORM, **settings),
        TorchTrainer(kind, first_weights(), MAX_NORM, **settings),
    )


class Run(NamedTuple):
    """Two programs trained side by side, each from its own state."""

    losses: Any  # (updates, 2) ours, PyTorch's
    ours: Trainer
    theirs: TorchTrainer

    @property
    def apart(self) -> Any:
        """How far the losses are apart at each update, relative to PyTorch's."""
        return np.abs(self.losses[:, 0] / self.losses[:, 1] - 1)


@cache
def run(name: str, faster: float = 1.0) -> Run:
    """Train both through the whole text."""
    ours, theirs = pair(name, faster)
    losses = [(ours.update(*chunk(k)), theirs.update(*chunk(k))) for k in range(UPDATES)]
    return Run(np.array(losses), ours, theirs)


def weights_apart(ours: dict[str, Any], theirs: dict[str, Any]) -> float:
    """Return the largest difference of two sets of weights, relative to the largest entry of its array."""
    return max(float(np.max(abs(ours[name] - w)) / np.max(abs(w))) for name, w in theirs.items())
