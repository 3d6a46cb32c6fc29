"""One training run: what is fixed, what moves, and a step of truncated backpropagation through time."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

import rnn_ref

from .text import Text

HELD_STREAMS, HELD_MOST = 32, 100_000  # how the held-out text is read


class Options(NamedTuple):
    """What a run is: the same options, text and seed give the same weights, bit for bit."""

    hidden: int = 256
    steps_back: int = 40
    batch: int = 32
    rate: float = 2e-3
    clip: float = 1.0
    seed: int = 0


@dataclass
class Run:
    """The state of a run: all of it is in a checkpoint."""

    options: Options
    params: dict[str, Any]
    optimiser: dict[str, Any]
    h: Any  # the state carried from chunk to chunk (B, H)
    position: int = 0  # in each of the B streams
    step: int = 0
    seconds: float = 0.0  # of training, over all sittings
    log: list[dict[str, float]] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)  # of the updates since the last whole report


def begin(options: Options, classes: int) -> Run:
    """Draw the weights."""
    V, H, rng = classes, options.hidden, np.random.default_rng(options.seed)
    shapes = {"W_xh": (H, V), "W_hh": (H, H), "b_h": (H,), "W_hy": (V, H), "b_y": (V,)}
    scales = {"W_xh": 1.0, "W_hh": H**-0.5, "b_h": 0.0, "W_hy": H**-0.5, "b_y": 0.0}
    params = {name: (scales[name] * rng.standard_normal(shape)).astype(np.float32) for name, shape in shapes.items()}
    params["W_xh"] *= np.float32(0.3)  # a one-hot input picks one column
    return Run(options, params, rnn_ref.Adam(lr=options.rate).init(params), np.zeros((options.batch, H), np.float32))


def chunk(run: Run, text: Text) -> tuple[Any, Any, Any]:
    """Return the next inputs (T, B, V), targets (T, B), and the state to start from."""
    T, B = run.options.steps_back, run.options.batch
    streams = text.training[: len(text.training) // B * B].reshape(B, -1)
    start, h0 = run.position, run.h
    if start + T + 1 > streams.shape[1]:  # all was read: from the start again, with nothing in mind
        start, h0 = 0, np.zeros_like(run.h)
    run.position = start + T
    piece = streams[:, start : start + T + 1].T
    return np.eye(len(text.alphabet), dtype=np.float32)[piece[:-1]], piece[1:], h0


def learn(run: Run, batch: tuple[Any, Any, Any]) -> None:
    """Take one step, and note the loss of the chunk in bits per character."""
    X_seq, targets_seq, h0 = batch
    loss, grads, run.h = rnn_ref.rnn_bptt(X_seq, targets_seq, h0, **run.params, reduction="mean")
    clipped, _ = rnn_ref.clip_grad_norm(grads.parameters, run.options.clip)
    run.params, run.optimiser = rnn_ref.Adam(lr=run.options.rate).step(run.params, clipped, run.optimiser)
    run.step += 1
    run.losses.append(float(loss) / math.log(2))


def held_out_bits(params: Mapping[str, Any], text: Text) -> float:
    """Return the loss on the held-out text in bits per character, read in streams, the state carried along."""
    held = text.held_out[:HELD_MOST]
    B = max(1, min(HELD_STREAMS, len(held) // 100))
    streams = held[: len(held) // B * B].reshape(B, -1).T
    one_hot, h, nats = np.eye(len(text.alphabet), dtype=np.float32), np.zeros((B, len(params["W_hh"])), np.float32), 0.0
    for start in range(0, len(streams) - 1, 100):
        piece = streams[start : start + 101]
        h_states = rnn_ref.rnn_forward(one_hot[piece[:-1]], h, params["W_xh"], params["W_hh"], params["b_h"])
        logits_seq = rnn_ref.rnn_output_layer(h_states, params["W_hy"], params["b_y"])
        nats += float(rnn_ref.cross_entropy(logits_seq, piece[1:], reduction="sum"))
        h = h_states[-1]
    return nats / ((len(streams) - 1) * B) / math.log(2)


def sample(run: Run, text: Text, length: int, temperature: float) -> str:
    """Let the network write: each character drawn from its own prediction. The same at the same step of a run."""
    rng, H = np.random.default_rng([run.options.seed, run.step]), run.options.hidden
    one_hot, h = np.eye(len(text.alphabet), dtype=np.float32), np.zeros(H, np.float32)
    written = [int(text.training[0])]
    for _ in range(length):
        h = rnn_ref.rnn_cell_step(one_hot[written[-1]], h, *(run.params[name] for name in ("W_xh", "W_hh", "b_h")))
        logits = rnn_ref.rnn_output_layer([h], run.params["W_hy"], run.params["b_y"])[0].astype(float) / temperature
        shares = np.exp(logits - logits.max())
        shares[-1] = 0  # what is rare has no letter of its own
        written.append(int(rng.choice(len(shares), p=shares / shares.sum())))
    return text.characters(written[1:])
