"""PyTorch's recurrent modules as stacks, whole: layers, directions, and sequences that are packed."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from ...._shapes import Array
from ....interop import to_torch
from ...operation import Outputs
from ..frameworks.with_torch import leaf_of, numpy_of, tensor_of
from ..losses.with_torch import loss_of
from .callables import told
from .network import IGNORED, counted

NAMES = {"W_xh": "weight_ih", "W_hh": "weight_hh", "b_h": "bias_ih", "b_xh": "bias_ih", "b_hh": "bias_hh"}
KINDS = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}


def stack_forward(
    run: Callable[..., Any] | str,
    X_seq: Array,
    states0: Sequence[Array],
    layers: Sequence[Mapping[str, Array]],
    *,
    directions: int = 1,
    lengths: Array | None = None,
    activation: str = "",
) -> Outputs:
    """``nn.RNN``, ``nn.GRU`` or ``nn.LSTM``, by the name of the layer's function."""
    module = _filled(run, layers, directions, activation)
    X, starts = tensor_of(X_seq), tuple(tensor_of(one) for one in states0)
    output, last = _ran(module, X, starts, lengths)
    states = {f"states_T[{place}]": numpy_of(one) for place, one in enumerate(last)}
    return Outputs(h_states=numpy_of(output), **states)


def stack_backward(
    run_back: Callable[..., Any] | str,
    dh_states: Array,
    dstates_T: Sequence[Array],
    run: Any,
    X_seq: Array,
    states0: Sequence[Array],
    layers: Sequence[Mapping[str, Array]],
    *,
    directions: int = 1,
    lengths: Array | None = None,
    activation: str = "",
) -> Outputs:
    """Autograd through the same, which reads the sequences anew."""
    module = _filled(run_back, layers, directions, activation)
    X, starts = leaf_of(X_seq), tuple(leaf_of(one) for one in states0)
    output, last = _ran(module, X, starts, lengths)
    torch.autograd.backward((output, *last), tuple(tensor_of(one) for one in (dh_states, *dstates_T)))
    return Outputs(X_seq=numpy_of(X.grad), **_gradients(module, starts, layers, directions))


def stack_bptt(
    run: Callable[..., Any] | str,
    run_back: Callable[..., Any] | str,
    X_seq: Array,
    targets_seq: Any,
    states0: Sequence[Array],
    layers: Sequence[Mapping[str, Array]],
    W_hy: Array,
    b_y: Array,
    *,
    directions: int = 1,
    lengths: Array | None = None,
    reduction: str = "sum",
    ignore_index: int = IGNORED,
    activation: str = "",
) -> Outputs:
    """The same, ``F.linear`` and ``F.cross_entropy``, and autograd through all three."""
    module = _filled(run, layers, directions, activation)
    X, W, b, *starts = (leaf_of(one) for one in (X_seq, W_hy, b_y, *states0))
    output, last = _ran(module, X, tuple(starts), lengths)
    targets = counted(np.asarray(targets_seq), {"lengths": lengths, "ignore_index": ignore_index})
    loss = loss_of(torch.nn.functional.linear(output, W, b), targets, None, ignore_index, reduction, 0.0)
    loss.backward()
    found = {"loss": numpy_of(loss)[()], "X_seq": numpy_of(X.grad)} | _gradients(module, starts, layers, directions)
    states = {f"states_T[{place}]": numpy_of(one) for place, one in enumerate(last)}
    return Outputs(found | {"W_hy": numpy_of(W.grad), "b_y": numpy_of(b.grad)} | states)


def _gradients(
    module: Any, starts: Sequence[Any], layers: Sequence[Mapping[str, Array]], directions: int
) -> dict[str, Array]:
    """Return the gradients of the initial states and of all weights, by their names in a check."""
    found = {f"states0[{place}]": numpy_of(one.grad) for place, one in enumerate(starts)}
    for k, weights in enumerate(layers):
        end = f"_l{k // directions}{'_reverse' if k % directions else ''}"
        found |= {f"layers[{k}].{name}": numpy_of(getattr(module, NAMES[name] + end).grad) for name in weights}
    return found


def _ran(module: Any, X: Any, starts: tuple[Any, ...], lengths: Array | None) -> tuple[Any, tuple[Any, ...]]:
    """Return what the module shows at every step, and its last states."""
    given = X if lengths is None else pack_padded_sequence(X, torch.tensor(lengths), enforce_sorted=False)
    output, last = module(given, starts if len(starts) > 1 else starts[0])
    if lengths is not None:
        output, _ = pad_packed_sequence(output, total_length=len(X))
    return output, last if isinstance(last, tuple) else (last,)


def _filled(
    run: Callable[..., Any] | str, layers: Sequence[Mapping[str, Array]], directions: int, activation: str
) -> Any:
    """Return the module of a layer's function: its options go with it, or ``activation`` beside its name alone."""
    name, options = told(run)
    options |= {"activation": activation} if activation else {}
    own = {"nonlinearity": options.pop("activation")} if "activation" in options else {}
    if options:
        raise NotImplementedError(f"no module has {options}")
    D, H = layers[0]["W_xh"].shape[1], layers[0]["W_hh"].shape[1]
    sizes = {"num_layers": len(layers) // directions, "bidirectional": directions == 2, **own}
    with torch.random.fork_rng(devices=[]):
        module = KINDS[name.partition("_")[0]](D, H, dtype=getattr(torch, str(layers[0]["W_xh"].dtype)), **sizes)
    weights: Any = [dict(one) for one in layers]
    return to_torch(weights if len(layers) > 1 else weights[0], module)
