"""What weights and biases are whose own names say nothing, by the names of the layers that own them."""

import re
from collections.abc import Sequence

from .names import parts_of_keys, plain, weights_of, words_of

OF_LAYERS = {"w", "b", "weight", "weights", "bias", "kernel"}  # names that say nothing without their owner's
LAYERS = {"W_xh": "b_xh", "W_hh": "b_hh", "W_hy": "b_y"}
OF_ANY = {"linear", "dense", "affine", "fc"}
OUTPUT = OF_ANY | {"out", "output", "decoder", "head", "readout", "proj", "projection"}


def of_layer(layer: str, last: str) -> tuple[str, ...]:
    """Return what the weight or the bias of a layer is, by the layer's name.

    >>> of_layer("head", "kernel"), of_layer("i2h", "bias"), of_layer("input_layer", "W")
    (('W_hy',), ('b_xh',), ('W_xh',))
    """
    if plain(last) not in OF_LAYERS:
        return ()
    bias = plain(last) in {"b", "bias"}
    named = weights_of(layer) or weights_of(re.sub("_?layer$", "", layer, flags=re.IGNORECASE))
    parts = named or (("W_hy",) if set(words_of(layer)) & OUTPUT else ())
    found = next((part for part in parts if part in LAYERS), None)
    if found is None:
        return ("b_h", *LAYERS.values()) if bias else tuple(LAYERS)
    return (LAYERS[found],) if bias else (found,)


def weights_at(path: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Return what the weight or the bias at the end of a way may be, by the last names on it.

    >>> weights_at([("key", "cell"), ("key", "recurrent_kernel")]), weights_at([("key", "W"), ("key", "xh")])
    (('W_hh',), ('W_xh',))
    """
    owner, last = ["", *(name for _, name in path)][-2:]
    if plain(last) in OF_LAYERS and owner:
        return of_layer(owner, last)
    return parts_of_keys(owner, [last])[last] or weights_of(last)
