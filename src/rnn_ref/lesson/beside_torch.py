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
