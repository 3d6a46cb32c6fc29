"""PyTorch: ``nn.RNN`` and a loop over ``nn.RNNCell``, with autograd to every input that rnn_bptt goes back to."""

from collections.abc import Callable
from typing import Any

import torch

from rnn_ref.interop import to_torch

from .workloads import GATED, Problem, gated


def _made(
    problem: Problem, recurrent: Any, states_of: Callable[[Any, Any, Any], Any], weights: Any = None
) -> dict[str, Callable[[], Any]]:
    """Return the three calls for a recurrent module and how it is run; ``weights`` are its own, if they are others."""
    H, D = problem.W_xh.shape
    options = {"dtype": getattr(torch, str(problem.W_xh.dtype))}
    net, output = recurrent(D, H, **options), torch.nn.Linear(H, len(problem.b_y), **options)
    to_torch(weights or {name: getattr(problem, name) for name in ("W_xh", "W_hh", "b_h")}, net)
    to_torch({name: getattr(problem, name) for name in ("W_hy", "b_y")}, output)
    X_seq, h0 = (torch.from_numpy(array).requires_grad_() for array in (problem.X_seq, problem.h0))
    targets = torch.from_numpy(problem.targets_seq).reshape(-1)
    leaves = [X_seq, h0, *net.parameters(), *output.parameters()]

    def nats() -> Any:
        logits = output(states_of(net, X_seq, h0)).reshape(len(targets), -1)
        return torch.nn.functional.cross_entropy(logits, targets, reduction="sum")

    return {
        "forward": torch.no_grad()(lambda: states_of(net, X_seq, h0)),
        "loss": torch.no_grad()(nats),
        "gradient": lambda: torch.autograd.grad(nats(), leaves),
    }


def _at_once(net: Any, X_seq: Any, h0: Any) -> Any:
    return net(X_seq, h0[None])[0]


def _with_memory(net: Any, X_seq: Any, h0: Any) -> Any:
    return net(X_seq, (h0[None], h0[None]))[0]


def _step_by_step(cell: Any, X_seq: Any, h_t: Any) -> Any:
    h_states = []
    for x_t in X_seq:
        h_t = cell(x_t, h_t)
        h_states.append(h_t)
    return torch.stack(h_states)


def calls(problem: Problem) -> Any:
    """``nn.RNN``, and of those with gates the gradient."""
    found = _made(problem, torch.nn.RNN, _at_once)
    for kind, gates in GATED.items():
        run = _at_once if kind == "gru" else _with_memory
        found[kind] = _made(problem, getattr(torch.nn, kind.upper()), run, gated(problem, gates))["gradient"]
    return found


def cell_loop(problem: Problem) -> Any:
    """Loop over ``nn.RNNCell``."""
    return _made(problem, torch.nn.RNNCell, _step_by_step)
