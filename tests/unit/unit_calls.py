"""One good call of every function, by keyword, to be spoilt one argument at a time."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from unit_problems import network, normal_like, targets_of

import rnn_ref


class Call(NamedTuple):
    """A function and the keyword arguments it is called with."""

    function: Callable[..., Any]
    arguments: dict[str, Any]

    def __call__(self, **changed: Any) -> Any:
        return self.function(**(self.arguments | changed))


def calls(dtype: Any = float, B: int | None = 3) -> dict[str, Call]:
    """Return a call for every function of arrays, with states as one array (lists have tests of their own)."""
    net = network(B=B, dtype=dtype)
    states = np.stack(rnn_ref.rnn_forward(*net.recurrent))
    logits, targets = rnn_ref.rnn_output_layer(states, net.W_hy, net.b_y), targets_of(net)
    weights, output = dict(zip(net._fields[2:5], net.weights, strict=True)), {"W_hy": net.W_hy, "b_y": net.b_y}
    step = {"x_t": net.X_seq[0], "h_prev": net.h0} | weights
    run = {"X_seq": net.X_seq, "h0": net.h0} | weights
    loss = {"logits": logits, "targets": targets, "weight": np.abs(net.b_y).astype(dtype), "label_smoothing": 0.1}
    shares = {"logits": logits, "targets": np.abs(normal_like(logits)).astype(dtype)}
    sequence_loss = {"logits_seq": logits, "targets_seq": targets}
    upstream = {name: normal_like(value).astype(dtype) for name, value in (("h", states), ("z", logits))}
    gates = {f"W_{side}": np.concatenate([weights[f"W_{side}"]] * 3) / 2 for side in ("xh", "hh")}
    gates |= {"b_xh": np.concatenate([net.b_h] * 3), "b_hh": np.concatenate([net.b_h, -net.b_h, net.b_h])}
    each_loss = normal_like(targets).astype(dtype)
    return {
        name: Call(getattr(rnn_ref, name.split()[0]), arguments)
        for name, arguments in {
            "rnn_cell_step": step,
            "rnn_cell_backward": {"dh_t": upstream["h"][0], "h_t": states[0]} | step,
            "rnn_forward": run,
            "rnn_backward": {"dh_states": upstream["h"], "h_states": states} | run,
            "gru_cell_step": {"x_t": net.X_seq[0], "h_prev": net.h0} | gates,
            "gru_forward": {"X_seq": net.X_seq, "h0": net.h0} | gates,
            "gru_forward before": {"X_seq": net.X_seq, "h0": net.h0} | gates | {"reset_after": False},
            "rnn_output_layer": {"h_states": states} | output,
            "rnn_output_backward": {"dlogits_seq": upstream["z"], "h_states": states} | output,
            "cross_entropy": loss,
            "cross_entropy sum": loss | {"reduction": "sum"},
            "cross_entropy none": loss | {"reduction": "none"},
            "cross_entropy shares": shares,
            "cross_entropy_backward": {"dloss": 0.5} | loss,
            "cross_entropy_backward none": {"dloss": each_loss} | loss | {"reduction": "none"},
            "cross_entropy_backward shares": {"dloss": 0.5} | shares,
            "rnn_sequence_loss": sequence_loss | {"loss_fn": rnn_ref.cross_entropy},
            "rnn_sequence_loss_backward": {"dloss": 0.5}
            | sequence_loss
            | {"loss_backward": rnn_ref.cross_entropy_backward},
            "rnn_bptt": {"targets_seq": targets} | run | output,
            "rnn_bptt mean": {"targets_seq": targets, "reduction": "mean"} | run | output,
            "clip_grad_norm": {"grads": weights, "max_norm": 0.5},
        }.items()
    }


NAMES = list(calls())


def data_arguments(call: Call) -> list[str]:
    """Return the names of the floating-point arrays of a call."""
    return [
        name for name, value in call.arguments.items() if isinstance(value, np.ndarray) and value.dtype.kind in "fc"
    ]


def leaves(value: Any) -> list[Any]:
    """Return the arrays and numbers in lists, tuples and dicts of them."""
    if isinstance(value, dict):
        value = list(value.values())
    return [leaf for item in value for leaf in leaves(item)] if isinstance(value, list | tuple) else [value]


def arrays(value: Any) -> list[Any]:
    """Return the arrays in lists, tuples and dicts of them."""
    return [leaf for leaf in leaves(value) if isinstance(leaf, np.ndarray)]
