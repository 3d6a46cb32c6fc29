"""The same network in PyTorch, with the gradient of every state kept."""

from collections.abc import Mapping
from typing import Any

from .._shapes import Array
from ..interop import to_torch
from . import gates
from .networks import Network


def intermediates(net: Network) -> dict[str, Array]:
    """Return PyTorch's value of every intermediate, by the names that ``stages`` gives them."""
    import torch  # noqa: PLC0415

    (V, H), D = net.output["W_hy"].shape, net.X_seq.shape[-1]
    dtype = getattr(torch, str(net.X_seq.dtype))
    cell, output = _cell(net.cell, D, H, net.weights, dtype), torch.nn.Linear(H, V, dtype=dtype)
    to_torch(net.output, output)
    X_seq = torch.tensor(net.X_seq, requires_grad=True)
    found: dict[str, Any] = {f"{one}_0": torch.tensor(net.states0[f"{one}0"], requires_grad=True) for one in net.states}
    losses, states = [], list(found.values())
    for t, (x_t, target) in enumerate(zip(X_seq, torch.tensor(net.targets_seq), strict=True), 1):
        found |= {f"{name}_{t}": gate for name, gate in _gates(net.cell, cell, x_t, states[0]).items()}
        made = _stepped(cell, x_t, states)
        # a memory is handed on as a copy, whose gradient is what reaches it from later steps alone
        states = [made[0], *(one.clone() for one in made[1:])]
        found |= {f"{one}_{t}": state for one, state in zip(net.states, states, strict=True)}
        logits = found[f"logits_{t}"] = output(states[0])
        losses.append(torch.nn.functional.cross_entropy(logits, target, reduction="sum"))
        found[f"loss_{t}"] = losses[-1]
    letters = {*net.states, "logits"}
    kept = {f"d{name}": tensor for name, tensor in found.items() if name.partition("_")[0] in letters}
    for tensor in kept.values():
        tensor.retain_grad()
    sum(losses).backward()
    gradients = {name: tensor.grad for name, tensor in kept.items() if tensor.grad is not None}
    gradients |= {"dX_seq": X_seq.grad, "dW_xh": cell.weight_ih.grad, "dW_hh": cell.weight_hh.grad}
    gradients |= {"db_h": cell.bias_ih.grad, "db_xh": cell.bias_ih.grad, "db_hh": cell.bias_hh.grad}
    gradients |= {"dW_hy": output.weight.grad, "db_y": output.bias.grad}
    return {name: tensor.detach().numpy() for name, tensor in (found | gradients).items()}


def state_gradients(
    cell: str, X_seq: Array, states0: list[Array], d_T: list[Array], weights: Mapping[str, Array]
) -> list[list[Array]]:
    """Return autograd's gradients of all states for t = 0 … T, where the loss looks at the last states only."""
    import torch  # noqa: PLC0415

    H = states0[0].shape[-1]
    module = _cell(cell, X_seq.shape[-1], H, weights, getattr(torch, str(X_seq.dtype)))
    every = [[torch.tensor(one, requires_grad=True) for one in states0]]
    for x_t in torch.tensor(X_seq):
        every.append([one.clone() for one in _stepped(module, x_t, every[-1])])
    asked = [state for states in every for state in states]
    found = torch.autograd.grad(every[-1], asked, [torch.tensor(one) for one in d_T])
    count = len(states0)
    return [[one.numpy() for one in found[k : k + count]] for k in range(0, len(found), count)]


def _cell(name: str, D: int, H: int, weights: Mapping[str, Array], dtype: Any) -> Any:
    import torch  # noqa: PLC0415

    kinds = {"rnn": torch.nn.RNNCell, "gru": torch.nn.GRUCell, "lstm": torch.nn.LSTMCell}
    return to_torch(weights, kinds[name](D, H, dtype=dtype))


def _stepped(cell: Any, x_t: Any, states: list[Any]) -> list[Any]:
    """Return the states after one step."""
    if len(states) > 1:
        return list(cell(x_t, tuple(states)))
    return [cell(x_t, states[0])]


def _gates(name: str, cell: Any, x_t: Any, h_prev: Any) -> dict[str, Any]:
    """Return the gates, which PyTorch's cells keep to themselves, from its own operations on its own weights."""
    import torch  # noqa: PLC0415

    if not gates.CELLS[name].gates:
        return {}
    of_x = torch.nn.functional.linear(x_t, cell.weight_ih, cell.bias_ih)
    of_h = torch.nn.functional.linear(h_prev, cell.weight_hh, cell.bias_hh)
    if name == "lstm":
        i, f, g, o = (of_x + of_h).chunk(4, -1)
        return {"i": i.sigmoid(), "f": f.sigmoid(), "g": g.tanh(), "o": o.sigmoid()}
    (x_r, x_z, x_n), (h_r, h_z, h_n) = of_x.chunk(3, -1), of_h.chunk(3, -1)
    r = (x_r + h_r).sigmoid()
    return {"r": r, "z": (x_z + h_z).sigmoid(), "n": (x_n + r * h_n).tanh()}
