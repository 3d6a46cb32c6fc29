"""Keras' weights under the glossary's names, and back. The only file in which Keras' names of weights occur.

Keras keeps weights as inputs x outputs, the transpose of what stands here, and gates as columns: z r h of a GRU, and
i f c o of an LSTM, which are i f g o here. Its GRU has one bias where the reset gate stands before the product, and
two, in the rows of one array, where it stands behind; every other layer has one.
"""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from .._shapes import Array
from .gates import GRU, LINEAR, LSTM, TANH, Entry, Kind, entries, reordered

Weights = dict[str, Array]
NETWORKS = "SimpleRNN, GRU, LSTM, their cells, RNN of such a cell, Bidirectional of such a layer, or Dense"


class Spoken(NamedTuple):
    """The cell or layer that has the weights, and what it is."""

    cell: Any
    kind: Kind

    @property
    def options(self) -> dict[str, Any]:
        """The options of the function that it is, those aside that have their default."""
        if self.kind is TANH and activation_of(self.cell) == "relu":
            return {"activation": "relu"}
        return {"reset_after": False} if self.kind is GRU and not self.cell.reset_after else {}


def spoken(layer: Any, function: str = "from_keras") -> Spoken:
    """Return what a Keras layer of one direction is, or refuse it with the reason."""
    import keras  # noqa: PLC0415

    def refuse(reason: str) -> NotImplementedError:
        return NotImplementedError(f"{function}: layer is {type(layer).__name__}, {reason}")

    if isinstance(layer, keras.layers.Dense):
        return Spoken(layer, LINEAR)
    cell = layer.cell if isinstance(layer, keras.layers.RNN) else layer
    kinds = {TANH: keras.layers.SimpleRNNCell, GRU: keras.layers.GRUCell, LSTM: keras.layers.LSTMCell}
    kind = next((kind for kind, one in kinds.items() if isinstance(cell, one)), None)
    if kind is None:
        raise refuse(f"expected {NETWORKS}; other layers are not specified here")
    activations = {"activation": ("tanh", "relu")} if kind is TANH else {"recurrent_activation": ("sigmoid",)}
    for name, due in {"activation": ("tanh",), **activations}.items():
        if (is_ := activation_of(cell, name)) not in due:
            told = " or ".join(map(repr, due))
            raise refuse(f"with {name} {is_!r}, expected {told}; the cell specified here has that")
    return Spoken(cell, kind)


def activation_of(cell: Any, name: str = "activation") -> Any:
    """Return what a cell puts its sums through, by the name that Keras has for it."""
    import keras  # noqa: PLC0415

    return keras.activations.serialize(getattr(cell, name))


def _directions(layer: Any) -> list[Any]:
    """Return the layers of both directions, or the layer itself."""
    import keras  # noqa: PLC0415

    return [layer.forward_layer, layer.backward_layer] if isinstance(layer, keras.layers.Bidirectional) else [layer]


def from_keras(layer: Any) -> Any:
    """Copy the weights of a Keras layer or cell, to be splatted into the functions here.

    Parameters
    ----------
    layer : keras.layers.SimpleRNN, GRU, LSTM, one of their cells, RNN, Bidirectional or Dense
        Built, that is, it has its weights; ``tanh`` (and ``sigmoid``) its activations, or of a SimpleRNN ``relu``: pass
        ``activation="relu"`` on to the functions then. Without bias, biases are zeros.
        Of a GRU with ``reset_after=False``, which has one bias, that is ``b_xh``, and ``b_hh`` is zero; pass the
        option on to the functions: it is another cell.

    Returns
    -------
    dict or list of dict
        ``{"W_xh", "W_hh", "b_h"}`` of shapes (H, D), (H, H), (H,), of an LSTM (4H, D), (4H, H), (4H,), rows i f g o
        (Keras: columns i f c o); for a GRU ``{"W_xh", "W_hh", "b_xh", "b_hh"}``, (3H, D), (3H, H), (3H,), (3H,), rows
        r z n (Keras: columns z r h); for Dense ``{"W_hy", "b_y"}``, (V, H), (V,). Of Bidirectional a list of two, the
        forward direction first, as :func:`stack_forward` takes it: it sets them side by side, as Keras does unless
        ``merge_mode`` says otherwise.

    Raises
    ------
    NotImplementedError
        Another kind of layer, another activation: with the reason.
    ValueError
        The layer is not built.

    Examples
    --------
    With Keras installed::

        layer = keras.layers.GRU(5, return_sequences=True)
        layer.build((None, None, 3))
        h_states = rnn_ref.gru_forward(X_seq, h0, **from_keras(layer))
    """
    found = [_read(one) for one in _directions(layer)]
    return found[0] if len(found) == 1 else found


def to_keras(weights: Mapping[str, Array] | Sequence[Mapping[str, Array]], layer: Any) -> Any:
    """Copy weights into a Keras layer or cell, building it where it is not built, and return it.

    ``weights`` is what :func:`from_keras` returns: a dict by the glossary's names, of which what the layer does not use
    is left alone; of Bidirectional a list of two. Everything is checked before anything is written. Raises
    NotImplementedError as :func:`from_keras` does; ValueError where a name or a direction is missing, a shape differs,
    or a bias other than zero meets a layer without one; and TypeError where the dtype differs, or where a dict is given
    for two directions. With Keras installed::

        layer = to_keras(from_torch(torch.nn.GRU(3, 5)), keras.layers.GRU(5, return_sequences=True))
    """
    every = [spoken(one, "to_keras") for one in _directions(layer)]
    owner = type(layer).__name__
    told = f"{owner} has {len(every)} direction{'s' * (len(every) > 1)}"
    pairs = list(zip(entries("to_keras", weights, (len(every),), told), every, strict=True))
    plans = [_plan(entry.fitting("to_keras", one.kind, owner), one) for entry, one in pairs]
    if not all(one.cell.built for one in every):
        inputs = plans[0]["kernel"].shape[0]
        cell = layer is every[0].cell
        layer.build((None, inputs) if cell else (None, None, inputs))
    for (entry, one), plan in zip(pairs, plans, strict=True):
        for name, array in plan.items():
            _check_fits(_called(name, entry), array, getattr(one.cell, name), owner)
    for one, plan in zip(every, plans, strict=True):
        for name, array in plan.items():
            if getattr(one.cell, name) is not None:
                getattr(one.cell, name).assign(array)
    return layer


def _read(layer: Any) -> Weights:
    """Return copies of the weights of one direction."""
    cell, kind = spoken(layer)
    if not cell.built:
        raise ValueError(f"from_keras: {type(layer).__name__} has no weights yet, expected a built layer")
    kernel = _array(cell.kernel).T
    bias = _array(cell.bias, kernel[:, 0])
    if kind is LINEAR:
        return {"W_hy": kernel.copy(), "b_y": bias}
    biases = [bias] if kind is not GRU else bias if bias.ndim == 2 else [bias, np.zeros_like(bias)]
    every = zip(kind.names, [kernel, _array(cell.recurrent_kernel).T, *biases], strict=True)
    return {name: reordered(array, kind.keras, kind.here) for name, array in every}


def _plan(given: Mapping[str, Array], layer: Spoken) -> Weights:
    """Return what is written into which weight of the cell."""
    cell, kind = layer
    if kind is LINEAR:
        return {"kernel": given["W_hy"].T, "bias": given["b_y"]}
    kernel, recurrent_kernel, *biases = (reordered(array, kind.here, kind.keras) for array in given.values())
    bias = np.stack(biases) if kind is GRU and cell.reset_after else sum(biases[1:], start=biases[0])
    return {"kernel": kernel.T, "recurrent_kernel": recurrent_kernel.T, "bias": bias}


def _called(name: str, entry: Entry) -> str:
    return name if entry.name == "weights" else f"{name} of {entry.name}"


def _check_fits(name: str, array: Array, variable: Any, owner: str) -> None:
    if variable is None:
        if np.any(array):
            raise ValueError(f"to_keras: {name} is not zero, expected zeros; {owner} has no bias")
        return
    if array.shape != tuple(variable.shape):
        raise ValueError(f"to_keras: {name} has shape {array.shape}, expected {tuple(variable.shape)}; from {owner}")
    if str(array.dtype) != str(variable.dtype):
        raise TypeError(f"to_keras: {name} has dtype {array.dtype}, expected {variable.dtype}; from {owner}")


def _array(variable: Any, like: Array | None = None) -> Array:
    """Return a copy of a weight, zeros like another where there is none."""
    if variable is None and like is not None:
        return np.zeros_like(like)
    import keras  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Keras itself, of how it calls NumPy
        array: Array = np.array(keras.ops.convert_to_numpy(variable.value))
    return array
