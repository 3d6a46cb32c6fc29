"""PyTorch's own modules of several layers or directions, whole, with the weights that they hold."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ....._shapes import Array
from .....interop.torch_modules import from_torch, torch_names
from ..held import Held
from ..stacks import held_whole


def held_whole_module(name: str, kind: str, module: Any) -> Held:
    """Return a module whole; dropout is off while it is asked. Raises NotImplementedError for what is not specified."""
    layers, directions = from_torch(module), 2 if module.bidirectional else 1

    def run(X_seq: Array, before: tuple[Array, ...] | None, lengths: Array | None) -> tuple[Array, Sequence[Array]]:
        import torch  # noqa: PLC0415

        with torch.no_grad():
            shown, last = _ran(module, _tensor(X_seq), before and tuple(map(_tensor, before)), lengths)
        return _array(shown), tuple(map(_array, last))

    def back(
        dh_states: Array, dstates_T: Sequence[Array], X_seq: Array, states0: Sequence[Array], lengths: Array | None
    ) -> dict[str, Array]:
        import torch  # noqa: PLC0415

        X, *starts = leaves = [_tensor(one).requires_grad_() for one in (X_seq, *states0)]
        module.zero_grad(set_to_none=True)
        shown, last = _ran(module, X, tuple(starts), lengths)
        real = shown if lengths is None else torch.where(_real(shown, lengths), shown, shown.new_zeros(()))
        above = np.nan_to_num(dh_states) if lengths is not None else dh_states
        torch.autograd.backward((real, *last), tuple(map(_tensor, (above, *dstates_T))))
        found = dict(
            zip(["X_seq", *(f"states0[{i}]" for i in range(len(starts)))], map(_gradient, leaves), strict=True)
        )
        for k, names in enumerate(torch_names(module)):
            for ours, theirs in names.items():
                first = getattr(module, theirs.partition("+")[0], None)
                like = layers[k][ours]
                found[f"layers[{k}].{ours}"] = np.zeros_like(like) if first is None else _gradient(first)
        module.zero_grad(set_to_none=True)
        return found

    every = (f"layers[{k}].{name}" for k, weights in enumerate(layers) for name in weights if name[0] == "b")
    lacks = () if module.bias else tuple(every)
    relu = getattr(module, "nonlinearity", "tanh") == "relu"
    options = {"activation": "relu"} if relu else {}
    return held_whole(name, kind, layers, directions, run, back, lengths=True, lacks=lacks, options=options)


def _ran(module: Any, X: Any, before: tuple[Any, ...] | None, lengths: Array | None) -> tuple[Any, tuple[Any, ...]]:
    """Return what a module shows, time first, and its last states."""
    from torch import tensor  # noqa: PLC0415
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence  # noqa: PLC0415

    first, training = module.batch_first, module.training
    given = X.transpose(0, 1) if first else X
    if lengths is not None:
        given = pack_padded_sequence(given, tensor(np.array(lengths)), batch_first=first, enforce_sorted=False)
    module.eval()
    try:
        shown, last = module(given, *(() if before is None else (before if len(before) > 1 else before[0],)))
    finally:
        module.train(training)
    if lengths is not None:
        shown, _ = pad_packed_sequence(shown, batch_first=first, total_length=len(X))
    return shown.transpose(0, 1) if first else shown, last if isinstance(last, tuple) else (last,)


def _real(shown: Any, lengths: Array) -> Any:
    """Return which steps are before the ends, as (T, B, 1)."""
    from torch import arange, tensor  # noqa: PLC0415

    return (arange(len(shown))[:, None] < tensor(np.array(lengths)))[..., None]


def _tensor(array: Any) -> Any:
    from torch import from_numpy  # noqa: PLC0415

    return from_numpy(np.array(array))


def _array(tensor: Any) -> Array:
    return np.array(tensor.detach().cpu().numpy())


def _gradient(leaf: Any) -> Array:
    """Return a leaf's gradient, zeros where it took no part."""
    return _array(leaf.detach() * 0 if leaf.grad is None else leaf.grad)
