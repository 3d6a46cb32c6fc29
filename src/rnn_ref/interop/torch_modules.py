"""PyTorch's weights under the glossary's names, and back. The only file in which PyTorch's parameter names occur.

PyTorch gives every recurrent layer two biases. In the tanh network and the LSTM only their sum enters the equations,
and their gradients are equal, so one is enough: b_h = bias_ih + bias_hh; on the way back b_h goes into the first and
zero into the second. A GRU has both, b_xh and b_hh. Gates lie as here: r z n, and i f g o. An LSTM with ``proj_size``
has W_hr. Layers lie as in ``stack.py``: from below, in each the forward direction, then the other.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from .._shapes import DTYPES, Array
from .gates import GRU, LINEAR, LSTM, PROJECTED_LSTM, TANH, Entry, Kind, entries

Weights = dict[str, Array]
EXPECTED = "expected RNN, GRU, LSTM, one of their cells, or Linear; other layers are not specified here"


class Spoken(NamedTuple):
    """What a module is, and our name -> PyTorch's for each of its layers and directions."""

    kind: Kind
    names: list[dict[str, str]]


def torch_names(module: Any) -> Any:
    """Return our name -> PyTorch's parameter name (two joined by +), or refuse the module with the reason.

    Of a module of several layers or directions a list of such dicts, as :func:`from_torch` returns its weights.

    >>> import torch
    >>> torch_names(torch.nn.RNNCell(3, 5))
    {'W_xh': 'weight_ih', 'W_hh': 'weight_hh', 'b_h': 'bias_ih+bias_hh'}
    >>> [names["W_hh"] for names in torch_names(torch.nn.LSTM(3, 5, bidirectional=True))]
    ['weight_hh_l0', 'weight_hh_l0_reverse']
    """
    return _one_or_all(spoken(module, "torch_names").names)


def spoken(module: Any, function: str) -> Spoken:
    """Return what a module is and what its parameters are called, or refuse it with the reason."""
    import torch  # noqa: PLC0415

    def refuse(reason: str) -> NotImplementedError:
        return NotImplementedError(f"{function}: module is {_class_of(module)}, {reason}")

    if isinstance(module, torch.nn.Linear):
        return Spoken(LINEAR, [{"W_hy": "weight", "b_y": "bias"}])
    kind = _recurrent_kind(module)
    if kind is None:
        raise refuse(EXPECTED)
    suffixes = [""] if isinstance(module, torch.nn.RNNCellBase) else _suffixes(module)
    names = [parameter_names(suffix, gates=len(kind.here)) for suffix in suffixes]
    if kind is PROJECTED_LSTM:
        names = [one | {"W_hr": f"weight_hr{suffix}"} for one, suffix in zip(names, suffixes, strict=True)]
    return Spoken(kind, names)


def parameter_names(layer: str, *, gates: int) -> dict[str, str]:
    """Return our name -> PyTorch's, of a cell (``layer`` is empty) or of a layer (``_l0``), of 1, 3 or 4 gates.

    >>> parameter_names("_l0", gates=3)["b_hh"]
    'bias_hh_l0'
    """
    weights = {"W_xh": f"weight_ih{layer}", "W_hh": f"weight_hh{layer}"}
    if gates == 3:
        return weights | {"b_xh": f"bias_ih{layer}", "b_hh": f"bias_hh{layer}"}
    return weights | {"b_h": f"bias_ih{layer}+bias_hh{layer}"}


def _recurrent_kind(module: Any) -> Kind | None:
    """Return which of the cells it is made of, None if none."""
    import torch  # noqa: PLC0415

    kinds = {
        TANH: (torch.nn.RNNCell, torch.nn.RNN),
        GRU: (torch.nn.GRUCell, torch.nn.GRU),
        LSTM: (torch.nn.LSTMCell, torch.nn.LSTM),
    }
    kind = next((kind for kind, classes in kinds.items() if isinstance(module, classes)), None)
    return PROJECTED_LSTM if getattr(module, "proj_size", 0) else kind


def _suffixes(module: Any) -> list[str]:
    """Return what stands behind the parameters' names, for each layer and direction."""
    ways = ("", "_reverse") if module.bidirectional else ("",)
    return [f"_l{number}{way}" for number in range(module.num_layers) for way in ways]


def _one_or_all(found: Sequence[Any]) -> Any:
    return found[0] if len(found) == 1 else list(found)


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
    """Yield every layer and direction of a recurrent module, the weights copied; of a cell, itself.

    Raises NotImplementedError for what is not specified here, and for a projection, which is not judged yet.
    """
    import torch  # noqa: PLC0415

    if spoken(module, "layers_of").kind is PROJECTED_LSTM:
        told = f"with proj_size={module.proj_size}, expected 0; a projection is not judged yet"
        raise NotImplementedError(f"layers_of: module is {_class_of(module)}, {told}")
    if isinstance(module, torch.nn.RNNCellBase):
        yield OneLayer("", module, reverse=False)
        return
    kind = next(one for one in (torch.nn.GRU, torch.nn.LSTM, torch.nn.RNN) if isinstance(module, one))
    more = {"nonlinearity": module.nonlinearity} if kind is torch.nn.RNN else {}
    for suffix in _suffixes(module):
        weight = getattr(module, f"weight_ih{suffix}")
        with torch.random.fork_rng(devices=[]):
            one = kind(weight.shape[1], module.hidden_size, bias=module.bias, dtype=weight.dtype, **more)
        with torch.no_grad():
            for name, parameter in one.named_parameters():
                parameter.copy_(getattr(module, f"{name.removesuffix('_l0')}{suffix}"))
        yield OneLayer(suffix[1:], one.eval(), reverse=suffix.endswith("_reverse"))


def from_torch(module: Any) -> Any:
    """Copy the weights of an ``nn.RNN``, ``nn.GRU``, ``nn.LSTM``, one of their cells or ``nn.Linear``.

    Parameters
    ----------
    module : torch.nn.RNN, GRU, LSTM, RNNCell, GRUCell, LSTMCell or Linear
        float32 or float64, on any device. A module without bias gives a bias of zeros. ``batch_first`` and ``dropout``
        are not matters of the weights and are not recorded. Of ``nonlinearity="relu"`` pass ``activation="relu"`` on to
        the functions: it is another cell.

    Returns
    -------
    dict or list of dict
        To be splatted: ``{"W_xh", "W_hh", "b_h"}``, of shapes (H, D), (H, H), (H,), of an LSTM (4H, D), (4H, H),
        (4H,), rows i f g o; for a GRU ``{"W_xh", "W_hh", "b_xh", "b_hh"}``, (3H, D), (3H, H), (3H,), (3H,), rows
        r z n; for a Linear ``{"W_hy", "b_y"}``, (V, H), (V,). Of an LSTM with ``proj_size`` P there is also ``W_hr``
        (P, H), and W_hh is (4H, P). Of several layers, or two directions, the list ``layers`` that
        :func:`stack_forward` takes: from below, in each the forward direction, then the other. Copies that share no
        memory with the module.

    Raises
    ------
    NotImplementedError
        Another kind of module, or another dtype: with the reason.

    Examples
    --------
    >>> import torch
    >>> weights = from_torch(torch.nn.RNN(3, 5))
    >>> {name: array.shape for name, array in weights.items()}
    {'W_xh': (5, 3), 'W_hh': (5, 5), 'b_h': (5,)}
    >>> [weights["W_xh"].shape for weights in from_torch(torch.nn.LSTM(3, 5, num_layers=2))]
    [(20, 3), (20, 5)]
    >>> {name: array.shape for name, array in from_torch(torch.nn.LSTM(3, 5, proj_size=2)).items()}
    {'W_xh': (20, 3), 'W_hh': (20, 2), 'W_hr': (2, 5), 'b_h': (20,)}
    """
    return _one_or_all([_read(module, names) for names in spoken(module, "from_torch").names])


def to_torch(weights: Mapping[str, Array] | Sequence[Mapping[str, Array]], module: Any) -> Any:
    """Copy weights into an ``nn.RNN``, ``nn.GRU``, ``nn.LSTM``, one of their cells or ``nn.Linear``, and return that.

    ``weights`` is what :func:`from_torch` returns: a dict by the glossary's names, of which what the module does not
    use is left alone, so that one dict can fill a recurrent and a linear module; or the list ``layers``, which may have
    one entry. Everything is checked before anything is written. Raises NotImplementedError as :func:`from_torch` does;
    ValueError where a name or a layer is missing, a shape differs, or a bias other than zero meets a module without
    one; and TypeError where the dtype differs, or where a dict is given for several layers.

    >>> import torch
    >>> linear = to_torch({"W_hy": np.ones((2, 3), np.float32), "b_y": np.zeros(2, np.float32)}, torch.nn.Linear(3, 2))
    >>> linear(torch.ones(3)).tolist()
    [3.0, 3.0]
    """
    import torch  # noqa: PLC0415

    kind, every = spoken(module, "to_torch")
    plan: dict[str, tuple[str, Array]] = {}
    for entry, names in zip(entries("to_torch", weights, (len(every),), _told(module)), every, strict=True):
        plan |= _planned(entry, names, kind, module)
    for theirs, (ours, array) in plan.items():
        _check_fits(ours, array, getattr(module, theirs), module)
    with torch.no_grad():
        for theirs, (_, array) in plan.items():
            getattr(module, theirs).copy_(torch.from_numpy(array.copy()))
    return module


def _read(module: Any, names: Mapping[str, str]) -> Weights:
    """Return copies of the weights of one layer and direction."""
    weights = {ours: _copy(module, theirs) for ours, theirs in names.items() if ours[0] == "W"}
    rows = next(iter(weights.values()))[:, 0]
    for ours, theirs in names.items():
        if ours[0] == "b":
            biases = [_copy(module, name) for name in theirs.split("+")] if _has_bias(module) else []
            weights[ours] = sum(biases, start=np.zeros_like(rows))
    return weights


def _planned(entry: Entry, names: Mapping[str, str], kind: Kind, module: Any) -> dict[str, tuple[str, Array]]:
    """Return what is written into which parameter, with what an error calls it."""
    plan = {}
    for ours, array in entry.fitting("to_torch", kind, _class_of(module)).items():
        called = entry.called(ours)
        if ours[0] == "b" and not _has_bias(module):
            if np.any(array):
                raise ValueError(f"to_torch: {called} is not zero, expected zeros; {_class_of(module)} has no bias")
            continue
        first, *others = names[ours].split("+")
        plan[first] = (called, array)
        plan |= {other: (called, np.zeros_like(array)) for other in others}
    return plan


def _has_bias(module: Any) -> bool:
    return module.bias is not None and module.bias is not False


def _class_of(module: Any) -> str:
    return type(module).__name__


def _told(module: Any) -> str:
    """Say whose layers and directions they are, and how many."""
    if not hasattr(module, "num_layers"):
        return f"{_class_of(module)} is one layer"
    return f"{_class_of(module)} has num_layers={module.num_layers} and bidirectional={module.bidirectional}"


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
