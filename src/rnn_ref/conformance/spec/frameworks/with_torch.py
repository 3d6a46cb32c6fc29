"""PyTorch: arrays and tensors, and modules filled with weights."""

from typing import Any

import numpy as np
import torch

from ...._shapes import Array
from ....interop import to_torch, torch_names

Named = dict[str, Array]


def module(kind: Any, inputs: int, outputs: int, dtype: np.dtype[Any]) -> Any:
    """Make a module without moving PyTorch's global random state, from which it draws its first weights."""
    with torch.random.fork_rng(devices=[]):
        return kind(inputs, outputs, dtype=getattr(torch, str(dtype)))


def filled(kind: Any, inputs: int, outputs: int, weights: Named) -> Any:
    """Make a module with these weights, by the glossary's names."""
    return to_torch(weights, module(kind, inputs, outputs, next(iter(weights.values())).dtype))


def gradients(module: Any) -> Named:
    """Read the gradients under the glossary's names; of the two equal bias gradients, the first."""
    names = torch_names(module)
    return {ours: numpy_of(getattr(module, theirs.split("+")[0]).grad) for ours, theirs in names.items()}


def tensor_of(array: Array) -> Any:
    """Return a tensor with memory of its own."""
    return torch.from_numpy(np.array(array))


def leaf_of(array: Array) -> Any:
    """Return a tensor by which autograd differentiates."""
    return tensor_of(array).requires_grad_()


def numpy_of(tensor: Any) -> Array:
    """Return an array with memory of its own."""
    array: Array = tensor.detach().numpy().copy()
    return array
