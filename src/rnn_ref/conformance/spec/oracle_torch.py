"""PyTorch's answers, stored beside the truth: every function of the suite, asked by name.

Where the built-in target has nothing to offer, because PyTorch sums no arbitrary loss over a sequence, the answer
comes from PyTorch's own counterpart of the loss in question, summed over all rows at once.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F  # noqa: N812

from . import with_torch

LOSSES: dict[str, Any] = {"total_cross_entropy": F.cross_entropy, "total_margin": F.multi_margin_loss}


def ask(function: str, arguments: Mapping[str, Any], options: Mapping[str, Any]) -> Any:
    """Return what PyTorch answers; callables among the arguments go by their names in ``callables.py``."""
    if function == "rnn_sequence_loss":
        logits_seq, targets_seq, name = arguments.values()
        return _sequence_loss(logits_seq, targets_seq, name)[0].item()
    if function == "rnn_sequence_loss_backward":
        dloss, logits_seq, targets_seq, name = arguments.values()
        loss, logits = _sequence_loss(logits_seq, targets_seq, name.removesuffix("_backward"))
        (dloss * loss).backward()
        return logits.grad.numpy()
    return getattr(with_torch, function)(*arguments.values(), **options)


def _sequence_loss(logits_seq: Any, targets_seq: Any, name: str) -> tuple[Any, Any]:
    logits = torch.tensor(logits_seq, requires_grad=True)
    rows, targets = logits.reshape(-1, logits.shape[-1]), torch.tensor(np.ravel(targets_seq))
    return LOSSES[name](rows, targets, reduction="sum"), logits
