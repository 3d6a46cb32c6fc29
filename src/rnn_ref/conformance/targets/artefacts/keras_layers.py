"""A Keras layer or model: each of its recurrent layers, run as it stands with the weights that it holds."""

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...._shapes import Array
from ....interop.keras_layers import from_keras, spoken
from ...errors import TargetError
from ..keras_backend import NAME, default_backend
from . import keras_cells
from .held import Held, Holding, States, flipped, forms, options_told, through_time, told
from .stacks import held_whole


def load(path: Path) -> Any:
    """Load a ``.keras`` file in safe mode: nothing is unpickled, and a model with code of its own in it is refused.

    It is run on Keras' NumPy backend, or PyTorch's if JAX is missing, of which that has need; unless the variable
    KERAS_BACKEND names another, or Keras is loaded already.
    """
    os.environ.setdefault(NAME, default_backend())
    import keras  # noqa: PLC0415

    return keras.saving.load_model(path, compile=False, safe_mode=True)


def held_in(thing: Any) -> Holding:
    """Return what a layer or model holds."""
    layers = list(_recurrent(thing, ""))
    good, refused = [], []
    for name, layer in layers:
        part = name if len(layers) > 1 else ""
        try:
            good.append(_held_somehow(part, layer))
        except (NotImplementedError, ValueError) as error:
            refused.append(f"{name or layer.name}: {error}")
    for name, layer in _joined(thing, ""):
        try:
            good.append(_whole(name, layer))
        except (NotImplementedError, ValueError) as error:
            refused.append(f"{name or layer.name}, whole: {error}")
    return Holding(good, refused)


def _has_own_cell(layer: Any) -> bool:
    """Whether a layer runs a cell that is none of Keras' own."""
    import keras  # noqa: PLC0415

    theirs = type(getattr(layer, "cell", layer)).__module__.partition(".")[0] == keras.__name__
    return type(layer) is keras.layers.RNN and not theirs and keras_cells.is_cell(type(layer.cell))


def _held_somehow(part: str, layer: Any) -> Held:
    """Return a layer as it is, or else the cell that somebody has written for Keras to run."""
    try:
        return _held(part, layer)
    except (NotImplementedError, ValueError):
        if _has_own_cell(layer):
            with contextlib.suppress(TargetError):  # it was no cell either
                return keras_cells.held_cell(part, layer.cell, keras_cells.sizes_in(layer))
        raise


def _joined(thing: Any, inside: str) -> Iterator[tuple[str, Any]]:
    """Yield every layer of two directions, or of several cells, with its name."""
    import keras  # noqa: PLC0415

    if isinstance(thing, keras.layers.Bidirectional) or cells_of(thing):
        yield f"{inside}{thing.name}", thing
    elif isinstance(thing, keras.Model):
        for layer in thing.layers:
            yield from _joined(layer, f"{inside}{thing.name}." if inside else "")


def cells_of(layer: Any) -> list[Any]:
    """Return the cells of a layer that has several, one upon the other."""
    return list(getattr(getattr(layer, "cell", None), "cells", ()))


def _whole(name: str, layer: Any) -> Held:
    """Return both directions as a stack of one layer, or several cells as one of as many layers.

    Raises NotImplementedError for what joins or returns them otherwise.
    """
    cells = cells_of(layer)
    one = layer if cells else layer.forward_layer
    if not cells and layer.merge_mode not in {"concat", None}:
        raise NotImplementedError(f"it joins its directions by merge_mode {layer.merge_mode!r}, expected 'concat'")
    if not one.return_sequences:
        raise NotImplementedError("it returns the last state alone, expected return_sequences=True")
    found = [spoken(cell) for cell in cells or [one]]
    if one.stateful or (cells and one.go_backwards) or any(each.options != found[0].options for each in found):
        raise NotImplementedError("it keeps its states, goes backwards, or its cells differ in their options")
    layers = [from_keras(cell) for cell in cells] if cells else from_keras(layer)
    if len({weights["W_hh"].shape for weights in layers}) > 1:
        sizes = ", ".join(f"{type(cell).__name__}({cell.units})" for cell in cells)
        raise NotImplementedError(f"its cells are {sizes}, expected one kind, and as many units in every layer")
    apart = not cells and layer.merge_mode is None  # what both show is returned apart

    def run(X_seq: Array, before: States | None, _: Array | None) -> tuple[Array, Sequence[Array]]:
        first: list[Any] = [] if before is None else [[state[k] for state in before] for k in range(len(layers))]
        first = first if cells else [state for both in first for state in both]
        answer = layer(np.ascontiguousarray(X_seq.swapaxes(0, 1)), **({"initial_state": first} if first else {}))
        shown, *last = [_array(one) for one in _flat(answer)]
        shown = np.concatenate([shown, last.pop(0)], -1) if apart else shown
        kinds = len(last) // len(layers)
        return shown.swapaxes(0, 1), [np.stack(last[place::kinds]) for place in range(kinds)]

    narrow = str(_array(layer(np.zeros((2, 2, layers[0]["W_xh"].shape[1]), np.float32))).dtype)
    weights = [{name: array.astype(narrow) for name, array in every.items()} for every in layers]
    kind = f"RNN of {type(cells[0]).__name__}s" if cells else f"Bidirectional {type(one).__name__}"
    options, ways = found[0].options, 1 if cells else 2
    return held_whole(name, f"keras {kind}", weights, ways, run, last=bool(one.return_state), options=options)


def _flat(answer: Any) -> Iterator[Any]:
    """Yield the tensors of an answer, however deep they lie in lists."""
    if isinstance(answer, list | tuple):
        for one in answer:
            yield from _flat(one)
    else:
        yield answer


def _recurrent(thing: Any, inside: str) -> Iterator[tuple[str, Any]]:
    """Yield every recurrent layer with its name."""
    import keras  # noqa: PLC0415

    if isinstance(thing, keras.layers.Bidirectional):
        yield f"{inside}{thing.name}.forward", thing.forward_layer
        yield f"{inside}{thing.name}.backward", thing.backward_layer
    elif cells_of(thing):
        for k, cell in enumerate(cells_of(thing)):
            yield f"{inside}{thing.name}.l{k}", keras.layers.RNN(cell, return_sequences=True, return_state=True)
    elif isinstance(thing, keras.layers.RNN):
        yield f"{inside}{thing.name}", thing
    elif isinstance(thing, keras.Model):
        for layer in thing.layers:
            yield from _recurrent(layer, f"{inside}{thing.name}." if inside else "")


def _held(name: str, layer: Any) -> Held:
    found = spoken(layer)
    weights, options = from_keras(layer), found.options
    sequence = forms(weights).sequence
    all_, reverse = bool(layer.return_sequences), bool(layer.go_backwards)
    reads = [
        "x W as Keras keeps it",
        *options_told(options),
        "from the end of the sequence" if reverse else "",
        "" if all_ else "last state only",
        "stateful, reset before every call" if layer.stateful else "",
    ]
    reading = told(f"keras {type(layer).__name__}", weights, *reads)

    def run(X_seq: Array, before: States | None) -> tuple[Array | None, States]:
        if layer.stateful:
            layer.reset_state()
        state = {} if before is None else {"initial_state": list(before)}
        found = layer(np.ascontiguousarray(X_seq.swapaxes(0, 1)), **state)
        first, *others = [_array(one) for one in (found if isinstance(found, list | tuple) else [found])]
        if not all_:
            return None, tuple(others or [first])
        return flipped(first.swapaxes(0, 1), reverse=reverse), tuple(others)  # Keras keeps the order in which it went

    narrow = _array(layer(np.zeros((layer_batch(layer) or 1, 2, weights["W_xh"].shape[1]), np.float32)))
    weights = {one: array.astype(narrow.dtype) for one, array in weights.items()}
    call = through_time(run, reading, sequence, reverse=reverse)
    return Held(name, weights, options, reading, reverse, batch=layer_batch(layer), calls={sequence.name: call})


def layer_batch(layer: Any) -> int | None:
    """Return the only size of a batch that a layer takes: a stateful one keeps as many states."""
    states = getattr(layer, "states", None) if layer.stateful else None
    return int(states[0].shape[0]) if states else None


def _array(tensor: Any) -> Array:
    """Return the array, of the first if there are several."""
    import keras  # noqa: PLC0415

    array: Array = np.asarray(keras.ops.convert_to_numpy(tensor[0] if isinstance(tensor, list | tuple) else tensor))
    return array
