"""The same network in PyTorch, with the gradient of every state kept."""

from typing import Any

from .._shapes import Array
from ..interop import to_torch
from .stages import Network


def intermediates(net: Network) -> dict[str, Array]:
    """Return PyTorch's value of every intermediate, by the names that ``stages`` gives them."""
    import torch  # noqa: PLC0415

    (V, H), D = net.W_hy.shape, net.X_seq.shape[-1]
    dtype = getattr(torch, str(net.X_seq.dtype))
    cell, output = torch.nn.RNNCell(D, H, dtype=dtype), torch.nn.Linear(H, V, dtype=dtype)
    to_torch(net.cell, cell)
    to_torch({"W_hy": net.W_hy, "b_y": net.b_y}, output)
    X_seq, h0 = (torch.tensor(array, requires_grad=True) for array in (net.X_seq, net.h0))
    kept: dict[str, Any] = {}
    found: dict[str, Any] = {"h_0": h0}
    losses, h_t = [], h0
    for t, (x_t, target) in enumerate(zip(X_seq, torch.tensor(net.targets_seq), strict=True), 1):
        h_t = found[f"h_{t}"] = cell(x_t, h_t)
        logits = found[f"logits_{t}"] = output(h_t)
        losses.append(torch.nn.functional.cross_entropy(logits, target, reduction="sum"))
        found[f"loss_{t}"] = losses[-1]
    for name, tensor in found.items():
        if not name.startswith("loss"):
            tensor.retain_grad()
            kept[f"d{name}"] = tensor
    sum(losses).backward()
    gradients = {name: tensor.grad for name, tensor in kept.items()} | {
        "dX_seq": X_seq.grad, "dW_xh": cell.weight_ih.grad, "dW_hh": cell.weight_hh.grad, "db_h": cell.bias_ih.grad,
        "dW_hy": output.weight.grad, "db_y": output.bias.grad,
    }  # fmt: skip
    return {name: tensor.detach().numpy() for name, tensor in (found | gradients).items()}


def state_gradients(X_seq: Array, h0: Array, dh_T: Array, weights: dict[str, Array]) -> list[Array]:
    """Return autograd's dL/dh_t for t = 0 … T, where L looks at the last state only and dL/dh_T is given."""
    import torch  # noqa: PLC0415

    cell = to_torch(weights, torch.nn.RNNCell(X_seq.shape[-1], h0.shape[-1], dtype=getattr(torch, str(h0.dtype))))
    states = [torch.tensor(h0, requires_grad=True)]
    for x_t in torch.tensor(X_seq):
        states.append(cell(x_t, states[-1]))
    gradients = torch.autograd.grad(states[-1], states, torch.tensor(dh_T))
    return [gradient.numpy() for gradient in gradients]
