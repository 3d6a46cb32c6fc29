"""PyTorch's weights under the glossary's names, and back. The only file in which PyTorch's parameter names occur.

PyTorch gives the recurrence two biases. In the tanh network only their sum enters the equation, and their gradients are
equal, so one is enough: b_h = bias_ih + bias_hh; on the way back b_h goes into the first and zero into the second. A
GRU has both, b_xh and b_hh, and its rows lie as here: r z n.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from .._shapes import DTYPES, GATED, RECURRENT, Array, check

Weights = dict[str, Array]
LAYOUTS = {  # by the names of the weights, their axes
    ("W_xh", "W_hh", "b_h"): RECURRENT,
    ("W_xh", "W_hh", "b_xh", "b_hh"): GATED,
    ("W_hy", "b_y"): "W_hy: V H, b_y: V",
}


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
    if not isinstance(module, _cells() + _layers()):
        raise refuse("expected RNNCell, RNN, GRUCell, GRU or Linear; other layers are not specified here")
    gated = isinstance(module, torch.nn.GRUCell | torch.nn.GRU)
    if not gated and module.nonlinearity != "tanh":
        raise refuse(f"with nonlinearity {module.nonlinearity!r}, expected 'tanh'; the cell specified here is tanh's")
    if isinstance(module, _cells()):
        return parameter_names("", gates=3 if gated else 1)
    if module.num_layers != 1:
        raise refuse(f"with num_layers={module.num_layers}, expected 1; copy a stack layer by layer")
    if module.bidirectional:
        raise refuse("with bidirectional=True, expected False; the two directions are two networks")
    return parameter_names("_l0", gates=3 if gated else 1)


def parameter_names(layer: str, *, gates: int) -> dict[str, str]:
    """Return our name -> PyTorch's, of a cell (``layer`` is empty) or of a layer (``_l0``), of 1 or 3 gates.

    >>> parameter_names("_l0", gates=3)["b_hh"]
    'bias_hh_l0'
    """
    weights = {"W_xh": f"weight_ih{layer}", "W_hh": f"weight_hh{layer}"}
    if gates == 3:
        return weights | {"b_xh": f"bias_ih{layer}", "b_hh": f"bias_hh{layer}"}
    return weights | {"b_h": f"bias_ih{layer}+bias_hh{layer}"}


def _cells() -> tuple[Any, ...]:
    import torch  # noqa: PLC0415

    return torch.nn.RNNCell, torch.nn.GRUCell


def _layers() -> tuple[Any, ...]:
    import torch  # noqa: PLC0415

    return torch.nn.RNN, torch.nn.GRU


def is_recurrent(module: Any) -> bool:
    """Whether it is PyTorch's own recurrent layer or cell, of a kind that is specified here or not."""
    import torch  # noqa: PLC0415

    return isinstance(module, torch.nn.RNNBase | torch.nn.RNNCellBase)


class OneLayer(NamedTuple):
    """One layer and direction of a recurrent module, as a module of its own."""

    name: str  # "l0", "l1_reverse"
    module: Any
    reverse: bool


def layers_of(module: Any) -> Iterator[OneLayer]:
    """Yield every layer and direction of an ``nn.RNN`` or ``nn.GRU``, the weights copied; of a cell, itself."""
    import torch  # noqa: PLC0415

    if not isinstance(module, _cells() + _layers()):
        raise NotImplementedError(f"module is {_class_of(module)}, which is not specified here")
    if getattr(module, "nonlinearity", "tanh") != "tanh":
        raise NotImplementedError(f"with nonlinearity {module.nonlinearity!r}, expected 'tanh'")
    if isinstance(module, _cells()):
        yield OneLayer("", module, reverse=False)
        return
    kind = torch.nn.GRU if isinstance(module, torch.nn.GRU) else torch.nn.RNN
    ways = ("", "_reverse") if module.bidirectional else ("",)
    more = {} if kind is torch.nn.GRU else {"nonlinearity": module.nonlinearity}
    for number in range(module.num_layers):
        inputs = len(ways) * module.hidden_size if number else module.input_size
        for way in ways:
            dtype = getattr(module, f"weight_ih_l{number}{way}").dtype
            with torch.random.fork_rng(devices=[]):
                one = kind(inputs, module.hidden_size, bias=module.bias, dtype=dtype, **more)
            with torch.no_grad():
                for name, parameter in one.named_parameters():
                    theirs = f"{name.removesuffix('_l0')}_l{number}{way}"
                    parameter.copy_(getattr(module, theirs))
            yield OneLayer(f"l{number}{way}", one.eval(), reverse=bool(way))


def from_torch(module: Any) -> Weights:
    """Copy the weights of an ``nn.RNNCell``, ``nn.RNN``, their GRU twins or ``nn.Linear``, to be splatted.

    Parameters
    ----------
    module : torch.nn.RNNCell, torch.nn.RNN, torch.nn.GRUCell, torch.nn.GRU or torch.nn.Linear
        float32 or float64, on any device. A module without bias gives a bias of zeros. ``batch_first`` is a matter of
        the data, not of the weights, and is not recorded.

    Returns
    -------
    dict
        ``{"W_xh", "W_hh", "b_h"}`` of shapes (H, D), (H, H), (H,); for a GRU ``{"W_xh", "W_hh", "b_xh", "b_hh"}``,
        (3H, D), (3H, H), (3H,), (3H,), rows r z n as PyTorch's; for a Linear ``{"W_hy", "b_y"}``, (V, H), (V,). Copies
        that share no memory with the module.

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
    """Copy weights into an ``nn.RNNCell``, ``nn.RNN``, a GRU twin or ``nn.Linear``, and return that module.

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
    layout = LAYOUTS[tuple(names)]
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
