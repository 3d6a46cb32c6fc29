"""PyTorch's weights under the glossary's names, and back. The only file in which PyTorch's parameter names occur.

PyTorch gives the recurrence two biases. Only their sum enters the equation, and their gradients are equal, so one is
enough: b_h = bias_ih + bias_hh; on the way back b_h goes into the first and zero into the second.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ._shapes import DTYPES, Array, check

Weights = dict[str, Array]


def torch_names(module: Any, function: str = "torch_names") -> dict[str, str]:
    """Return our name -> PyTorch's parameter name (two joined by +), or refuse the module with the reason.

    >>> import torch
    >>> torch_names(torch.nn.RNNCell(3, 5))
    {'W_xh': 'weight_ih', 'W_hh': 'weight_hh', 'b_h': 'bias_ih+bias_hh'}
    """
    import torch  # noqa: PLC0415

    def refuse(reason: str) -> NotImplementedError:
        return NotImplementedError(f"{function}: module is {_class_of(module)}, {reason}")

    if isinstance(module, torch.nn.Linear):
        return {"W_hy": "weight", "b_y": "bias"}
    if not isinstance(module, torch.nn.RNNCell | torch.nn.RNN):
        raise refuse("expected RNNCell, RNN or Linear; gated cells and other layers are not specified here")
    if module.nonlinearity != "tanh":
        raise refuse(f"with nonlinearity {module.nonlinearity!r}, expected 'tanh'; the cell specified here is tanh's")
    if isinstance(module, torch.nn.RNNCell):
        return {"W_xh": "weight_ih", "W_hh": "weight_hh", "b_h": "bias_ih+bias_hh"}
    if module.num_layers != 1:
        raise refuse(f"with num_layers={module.num_layers}, expected 1; copy a stack layer by layer")
    if module.bidirectional:
        raise refuse("with bidirectional=True, expected False; the two directions are two networks")
    return {"W_xh": "weight_ih_l0", "W_hh": "weight_hh_l0", "b_h": "bias_ih_l0+bias_hh_l0"}


def from_torch(module: Any) -> Weights:
    """Copy the weights of an ``nn.RNNCell``, ``nn.RNN`` or ``nn.Linear``, to be splatted into the functions here.

    Parameters
    ----------
    module : torch.nn.RNNCell, torch.nn.RNN or torch.nn.Linear
        float32 or float64, on any device. A module without bias gives a bias of zeros. ``batch_first`` is a matter of
        the data, not of the weights, and is not recorded.

    Returns
    -------
    dict
        ``{"W_xh", "W_hh", "b_h"}``, or ``{"W_hy", "b_y"}`` for a Linear; copies that share no memory with the module.

    Raises
    ------
    NotImplementedError
        Another kind of module, several layers, two directions, ReLU, a projection, or another dtype: with the reason.

    Examples
    --------
    >>> import torch
    >>> weights = from_torch(torch.nn.RNN(3, 5))
    >>> {name: array.shape for name, array in weights.items()}
    {'W_xh': (5, 3), 'W_hh': (5, 5), 'b_h': (5,)}
    """
    names = torch_names(module, "from_torch")
    weights = {ours: _copy(module, theirs) for ours, theirs in names.items() if ours[0] == "W"}
    for ours, theirs in names.items():
        if ours[0] == "b":
            biases = [_copy(module, name) for name in theirs.split("+")] if _has_bias(module) else []
            first = next(iter(weights.values()))
            weights[ours] = sum(biases, start=np.zeros(len(first), first.dtype))
    return weights


def to_torch(weights: Mapping[str, Array], module: Any) -> Any:
    """Copy weights into an ``nn.RNNCell``, ``nn.RNN`` or ``nn.Linear``, and return that module.

    ``weights`` goes by the glossary's names; what the module does not use is left alone, so that one dict can fill a
    recurrent and a linear module. Everything is checked before anything is written. Raises NotImplementedError as
    :func:`from_torch` does, ValueError where a name is missing, a shape differs, or a bias other than zero meets a
    module without one, and TypeError where the dtype differs.

    >>> import torch
    >>> linear = to_torch({"W_hy": np.ones((2, 3), np.float32), "b_y": np.zeros(2, np.float32)}, torch.nn.Linear(3, 2))
    >>> linear(torch.ones(3)).tolist()
    [3.0, 3.0]
    """
    import torch  # noqa: PLC0415

    names = torch_names(module, "to_torch")
    missing = [name for name in names if name not in weights]
    if missing:
        raise ValueError(
            f"to_torch: weights has {sorted(weights)}, expected also {missing}; {_class_of(module)} uses them"
        )
    layout = "W_hh: H H, W_xh: H D, b_h: H" if "W_hh" in names else "W_hy: V H, b_y: V"
    check("to_torch", layout, **{name: weights[name] for name in names})
    plan = {}
    for ours, theirs in names.items():
        if ours[0] == "b" and not _has_bias(module):
            if np.any(weights[ours]):
                raise ValueError(f"to_torch: {ours} is not zero, expected zeros; {_class_of(module)} has no bias")
            continue
        first, *others = theirs.split("+")
        plan[first] = (ours, weights[ours])
        plan.update({other: (ours, np.zeros_like(weights[ours])) for other in others})
    for theirs, (ours, array) in plan.items():
        _check_fits(ours, array, getattr(module, theirs), module)
    with torch.no_grad():
        for theirs, (_, array) in plan.items():
            getattr(module, theirs).copy_(torch.from_numpy(array.copy()))
    return module


def _has_bias(module: Any) -> bool:
    return module.bias is not None and module.bias is not False


def _class_of(module: Any) -> str:
    return type(module).__name__


def _copy(module: Any, name: str) -> Array:
    tensor = getattr(module, name).detach().cpu()
    if str(tensor.dtype).removeprefix("torch.") not in {str(dtype) for dtype in DTYPES[:2]}:
        raise NotImplementedError(
            f"from_torch: {name} has dtype {tensor.dtype}, expected torch.float32 or torch.float64; "
            "module.float() or module.double() converts"
        )
    array: Array = tensor.numpy().copy()
    return array


def _check_fits(ours: str, array: Array, parameter: Any, module: Any) -> None:
    if array.shape != tuple(parameter.shape):
        raise ValueError(
            f"to_torch: {ours} has shape {array.shape}, expected {tuple(parameter.shape)}; from {_class_of(module)}"
        )
    if f"torch.{array.dtype}" != str(parameter.dtype):
        raise TypeError(
            f"to_torch: {ours} has dtype {array.dtype}, expected {str(parameter.dtype).removeprefix('torch.')}; "
            f"from {_class_of(module)}"
        )
