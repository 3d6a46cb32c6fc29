"""PyTorch itself under the specification's signatures: the built-in target ``torch``, and the parity tests' oracle.

Every function takes and returns NumPy arrays, copies the weights into ``nn.RNNCell``, ``nn.RNN`` or ``nn.Linear`` and
lets autograd do the way back. PyTorch has nothing that corresponds to ``rnn_sequence_loss`` with any ``loss_fn``, so
that pair is absent. This is the only room besides ``interop.py`` in which PyTorch is spoken.
"""

from typing import Any

import numpy as np
import torch
from torch.nn import functional as F  # noqa: N812

from ..._shapes import Array
from ...interop import to_torch, torch_names

Named = dict[str, Array]


def rnn_cell_step(x_t: Array, h_prev: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    """``nn.RNNCell``."""
    return _numpy(_recurrent(torch.nn.RNNCell, W_xh, W_hh, b_h)(_tensor(x_t), _tensor(h_prev)))


def rnn_cell_backward(
    dh_t: Array, h_t: Array, x_t: Array, h_prev: Array, W_xh: Array, W_hh: Array, b_h: Array
) -> Named:
    """Autograd through ``nn.RNNCell``."""
    cell, x, h = _recurrent(torch.nn.RNNCell, W_xh, W_hh, b_h), _leaf(x_t), _leaf(h_prev)
    cell(x, h).backward(_tensor(dh_t))
    return {"x_t": _numpy(x.grad), "h_prev": _numpy(h.grad)} | _gradients(cell)


def rnn_forward(X_seq: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array) -> list[Array]:
    """``nn.RNN``, its output split into steps."""
    output, _ = _recurrent(torch.nn.RNN, W_xh, W_hh, b_h)(_tensor(X_seq), _tensor(h0)[None])
    return list(_numpy(output))


def rnn_backward(dh_states: Any, h_states: Any, X_seq: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Named:
    """Autograd through ``nn.RNN``."""
    rnn, X, h = _recurrent(torch.nn.RNN, W_xh, W_hh, b_h), _leaf(X_seq), _leaf(h0)
    output, _ = rnn(X, h[None])
    output.backward(_tensor(np.asarray(dh_states)))
    return {"X_seq": _numpy(X.grad), "h0": _numpy(h.grad)} | _gradients(rnn)


def rnn_output_layer(h_states: Any, W_hy: Array, b_y: Array) -> Array:
    """``nn.Linear``."""
    return _numpy(_linear(W_hy, b_y)(_tensor(np.asarray(h_states))))


def rnn_output_backward(dlogits_seq: Array, h_states: Any, W_hy: Array, b_y: Array) -> Named:
    """Autograd through ``nn.Linear``."""
    linear, h = _linear(W_hy, b_y), _leaf(np.asarray(h_states))
    linear(h).backward(_tensor(dlogits_seq))
    return {"h_states": _numpy(h.grad)} | _gradients(linear)


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
    return _numpy(_cross_entropy(_tensor(logits), targets, weight, ignore_index, reduction, label_smoothing))[()]


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
    z = _leaf(logits)
    loss = _cross_entropy(z, targets, weight, ignore_index, reduction, label_smoothing)
    loss.backward(torch.tensor(dloss, dtype=loss.dtype))
    return _numpy(z.grad)


def rnn_bptt(
    X_seq: Array,
    targets_seq: Any,
    h0: Array,
    W_xh: Array,
    W_hh: Array,
    b_h: Array,
    W_hy: Array,
    b_y: Array,
    *,
    reduction: str = "sum",
    ignore_index: int = -100,
) -> tuple[Any, Named, Array]:
    """``nn.RNN``, ``nn.Linear`` and ``F.cross_entropy``, and autograd through all three."""
    rnn, linear = _recurrent(torch.nn.RNN, W_xh, W_hh, b_h), _linear(W_hy, b_y)
    X, h = _leaf(X_seq), _leaf(h0)
    output, h_T = rnn(X, h[None])
    loss = _cross_entropy(linear(output), targets_seq, None, ignore_index, reduction, 0.0)
    loss.backward()
    grads = {"X_seq": _numpy(X.grad), "h0": _numpy(h.grad)} | _gradients(rnn) | _gradients(linear)
    return _numpy(loss)[()], grads, _numpy(h_T[0])


def _cross_entropy(
    z: Any, targets: Any, weight: Array | None, ignore_index: int, reduction: str, label_smoothing: float
) -> Any:
    targets = np.asarray(targets)
    if targets.dtype.kind == "f":
        y = _tensor(targets)
        y = y.movedim(-1, 1) if y.ndim > 2 else y
    else:
        y = torch.as_tensor(targets.astype(np.int64))
    w = None if weight is None else _tensor(weight)
    z = z.movedim(-1, 1) if z.ndim > 2 else z
    return F.cross_entropy(
        z, y, weight=w, ignore_index=ignore_index, reduction=reduction, label_smoothing=label_smoothing
    )


def _recurrent(kind: Any, W_xh: Array, W_hh: Array, b_h: Array) -> Any:
    module = _made(kind, W_xh.shape[1], W_xh.shape[0], W_xh.dtype)
    return to_torch({"W_xh": W_xh, "W_hh": W_hh, "b_h": b_h}, module)


def _linear(W_hy: Array, b_y: Array) -> Any:
    return to_torch({"W_hy": W_hy, "b_y": b_y}, _made(torch.nn.Linear, W_hy.shape[1], W_hy.shape[0], W_hy.dtype))


def _made(kind: Any, inputs: int, outputs: int, dtype: np.dtype[Any]) -> Any:
    """Make a module without moving PyTorch's global random state, from which it draws its first weights."""
    with torch.random.fork_rng(devices=[]):
        return kind(inputs, outputs, dtype=getattr(torch, str(dtype)))


def _gradients(module: Any) -> Named:
    """Read the gradients under the glossary's names; of the two equal bias gradients, the first."""
    names = torch_names(module)
    return {ours: _numpy(getattr(module, theirs.split("+")[0]).grad) for ours, theirs in names.items()}


def _tensor(array: Array) -> Any:
    return torch.from_numpy(np.array(array))


def _leaf(array: Array) -> Any:
    return _tensor(array).requires_grad_()


def _numpy(tensor: Any) -> Array:
    array: Array = tensor.detach().numpy().copy()
    return array
