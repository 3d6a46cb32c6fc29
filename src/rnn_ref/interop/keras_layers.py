"""Keras' weights under the glossary's names, and back. The only file in which Keras' names of weights occur.

Keras keeps weights as inputs x outputs, the transpose of what stands here, and a GRU's gates as columns z r h. Its GRU
has one bias where the reset gate stands before the product, and two, in the rows of one array, where it stands behind.
"""

import warnings
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from .._shapes import Array
from .gates import exchanged

Weights = dict[str, Array]
NETWORKS = "SimpleRNN, GRU, their cells, RNN of such a cell, or Dense"


class Spoken(NamedTuple):
    """The cell or layer that has the weights, and what it is."""

    cell: Any
    kind: str  # tanh, gru or dense

    @property
    def options(self) -> dict[str, bool]:
        """The options of the function that it is, those aside that have their default."""
        return {"reset_after": False} if self.kind == "gru" and not self.cell.reset_after else {}


def spoken(layer: Any, function: str = "from_keras") -> Spoken:
    """Return what a Keras layer is, or refuse it with the reason."""
    import keras  # noqa: PLC0415

    def refuse(reason: str) -> NotImplementedError:
        return NotImplementedError(f"{function}: layer is {type(layer).__name__}, {reason}")

    if isinstance(layer, keras.layers.Dense):
        return Spoken(layer, "dense")
    if isinstance(layer, keras.layers.Bidirectional):
        raise refuse("two directions are two networks: forward_layer and backward_layer")
    cell = layer.cell if isinstance(layer, keras.layers.RNN) else layer
    kinds = {keras.layers.SimpleRNNCell: "tanh", keras.layers.GRUCell: "gru"}
    kind = next((name for one, name in kinds.items() if isinstance(cell, one)), "")
    if not kind:
        raise refuse(f"expected {NETWORKS}; other layers are not specified here")
    activations = {"activation": "tanh"} | ({"recurrent_activation": "sigmoid"} if kind == "gru" else {})
    for name, due in activations.items():
        is_ = keras.activations.serialize(getattr(cell, name))
        if is_ != due:
            raise refuse(f"with {name} {is_!r}, expected {due!r}; the cell specified here has that")
    return Spoken(cell, kind)


def from_keras(layer: Any) -> Weights:
    """Copy the weights of a Keras layer or cell, to be splatted into the functions here.

    Parameters
    ----------
    layer : keras.layers.SimpleRNN, GRU, SimpleRNNCell, GRUCell, RNN or Dense
        Built, that is, it has its weights; ``tanh`` (and ``sigmoid``) its activations. Without bias, biases are zeros.
        Of a GRU with ``reset_after=False``, which has one bias, that is ``b_xh``, and ``b_hh`` is zero; pass the
        option on to the functions: it is another cell.

    Returns
    -------
    dict
        ``{"W_xh", "W_hh", "b_h"}`` of shapes (H, D), (H, H), (H,); for a GRU ``{"W_xh", "W_hh", "b_xh", "b_hh"}``,
        (3H, D), (3H, H), (3H,), (3H,), rows r z n (Keras: columns z r h); for Dense ``{"W_hy", "b_y"}``, (V, H), (V,).

    Raises
    ------
    NotImplementedError
        Another kind of layer, another activation, two directions: with the reason.
    ValueError
        The layer is not built.

    Examples
    --------
    With Keras installed::

        layer = keras.layers.GRU(5, return_sequences=True)
        layer.build((None, None, 3))
        h_states = rnn_ref.gru_forward(X_seq, h0, **from_keras(layer))
    """
    cell, kind = spoken(layer, "from_keras")
    if not cell.built:
        raise ValueError(f"from_keras: {type(layer).__name__} has no weights yet, expected a built layer")
    kernel = _array(cell.kernel).T
    if kind == "dense":
        return {"W_hy": kernel.copy(), "b_y": _array(cell.bias, kernel[:, 0])}
    W_hh = _array(cell.recurrent_kernel).T
    if kind == "tanh":
        return {"W_xh": kernel.copy(), "W_hh": W_hh.copy(), "b_h": _array(cell.bias, kernel[:, 0])}
    bias = _array(cell.bias, kernel[:, 0])
    b_xh, b_hh = bias if bias.ndim == 2 else (bias, np.zeros_like(bias))
    every = {"W_xh": kernel, "W_hh": W_hh, "b_xh": b_xh, "b_hh": b_hh}
    return {name: exchanged(array) for name, array in every.items()}


def to_keras(weights: Mapping[str, Array], layer: Any) -> Any:
    """Copy weights into a Keras layer or cell, building it where it is not built, and return it.

    ``weights`` goes by the glossary's names, as :func:`from_keras` returns it; what the layer does not use is left
    alone. Everything is checked before anything is written. Raises NotImplementedError as :func:`from_keras` does,
    ValueError where a name is missing, a shape differs, or a bias other than zero meets a layer without one, and
    TypeError where the dtype differs. With Keras installed::

        layer = to_keras(from_torch(torch.nn.GRU(3, 5)), keras.layers.GRU(5, return_sequences=True))
    """
    import keras  # noqa: PLC0415

    cell, kind = spoken(layer, "to_keras")
    needed = {"dense": ("W_hy", "b_y"), "tanh": ("W_xh", "W_hh", "b_h"), "gru": ("W_xh", "W_hh", "b_xh", "b_hh")}[kind]
    missing = [name for name in needed if name not in weights]
    if missing:
        raise ValueError(
            f"to_keras: weights has {sorted(weights)}, expected also {missing}; {type(layer).__name__} uses them"
        )
    given = {name: np.asarray(weights[name]) for name in needed}
    if not cell.built:
        inputs = given[needed[0]].shape[-1]
        layer.build((None, None, inputs) if isinstance(layer, keras.layers.RNN) else (None, inputs))
    plan = _plan(cell, kind, given)
    for name, array in plan.items():
        _check_fits(name, array, getattr(cell, name), layer)
    for name, array in plan.items():
        if getattr(cell, name) is not None:
            getattr(cell, name).assign(array)
    return layer


def _plan(cell: Any, kind: str, given: Mapping[str, Array]) -> Weights:
    """Return what is written into which weight of the cell."""
    if kind == "dense":
        return {"kernel": given["W_hy"].T, "bias": given["b_y"]}
    if kind == "tanh":
        return {"kernel": given["W_xh"].T, "recurrent_kernel": given["W_hh"].T, "bias": given["b_h"]}
    W_xh, W_hh, b_xh, b_hh = (exchanged(array) for array in given.values())
    bias = np.stack([b_xh, b_hh]) if cell.reset_after else b_xh + b_hh
    return {"kernel": W_xh.T, "recurrent_kernel": W_hh.T, "bias": bias}


def _check_fits(name: str, array: Array, variable: Any, layer: Any) -> None:
    where = f"from {type(layer).__name__}"
    if variable is None:
        if np.any(array):
            raise ValueError(f"to_keras: {name} is not zero, expected zeros; {type(layer).__name__} has no bias")
        return
    if array.shape != tuple(variable.shape):
        raise ValueError(f"to_keras: {name} has shape {array.shape}, expected {tuple(variable.shape)}; {where}")
    if str(array.dtype) != str(variable.dtype):
        raise TypeError(f"to_keras: {name} has dtype {array.dtype}, expected {variable.dtype}; {where}")


def _array(variable: Any, like: Array | None = None) -> Array:
    """Return a copy of a weight, zeros like another where there is none."""
    if variable is None and like is not None:
        return np.zeros_like(like)
    import keras  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Keras itself, of how it calls NumPy
        array: Array = np.array(keras.ops.convert_to_numpy(variable.value))
    return array
