"""PyTorch's cross-entropy under the specification's signatures, the way back by autograd.

PyTorch sums no arbitrary loss over a sequence. What it answers there, for the vectors, are its own counterparts of the
losses in question, summed over all rows at once, or over the averages of all steps.
"""

from typing import Any

import numpy as np
import torch
from torch.nn import functional as F  # noqa: N812

from ...._shapes import Array
from ..frameworks.with_torch import leaf_of, numpy_of, tensor_of

SUMMED: dict[str, Any] = {
    "total_cross_entropy": F.cross_entropy,
    "total_margin": F.multi_margin_loss,
}


def cross_entropy(
    logits: Array,
    targets: Any,
    *,
    weight: Array | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """``F.cross_entropy``, with the classes moved from the last axis to PyTorch's second."""
    return numpy_of(loss_of(tensor_of(logits), targets, weight, ignore_index, reduction, label_smoothing))[()]


def cross_entropy_backward(
    dloss: Any,
    logits: Array,
    targets: Any,
    *,
    weight: Array | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Array:
    """Autograd through ``F.cross_entropy``."""
    z = leaf_of(logits)
    loss = loss_of(z, targets, weight, ignore_index, reduction, label_smoothing)
    loss.backward(torch.tensor(dloss, dtype=loss.dtype))
    return numpy_of(z.grad)


def loss_of(
    z: Any, targets: Any, weight: Array | None, ignore_index: int, reduction: str, label_smoothing: float
) -> Any:
    """``F.cross_entropy``, as a tensor."""
    targets = np.asarray(targets)
    if targets.dtype.kind == "f":
        y = tensor_of(targets)
        y = y.movedim(-1, 1) if y.ndim > 2 else y
    else:
        y = torch.as_tensor(targets.astype(np.int64))
    w = None if weight is None else tensor_of(weight)
    z = z.movedim(-1, 1) if z.ndim > 2 else z
    return F.cross_entropy(
        z, y, weight=w, ignore_index=ignore_index, reduction=reduction, label_smoothing=label_smoothing
    )


def answer_of_its_own(function: str, arguments: Any) -> Any:
    """Return what PyTorch answers to a loss summed over a sequence, or to its way back."""
    if function == "rnn_sequence_loss":
        logits_seq, targets_seq, name = arguments
        return _summed(logits_seq, targets_seq, name)[0].item()
    dloss, logits_seq, targets_seq, name = arguments
    loss, logits = _summed(logits_seq, targets_seq, name.removesuffix("_backward"))
    (dloss * loss).backward()
    return logits.grad.numpy()


def _summed(logits_seq: Any, targets_seq: Any, name: str) -> tuple[Any, Any]:
    logits = torch.tensor(logits_seq, requires_grad=True)
    rows, targets = logits.reshape(-1, logits.shape[-1]), torch.tensor(np.ravel(targets_seq))
    if name == "average_cross_entropy":
        steps = zip(logits, torch.tensor(targets_seq), strict=True)
        return torch.stack([F.cross_entropy(z, y) for z, y in steps]).sum(), logits
    return SUMMED[name](rows, targets, reduction="sum"), logits
