"""Correct implementations of the recurrent network, by everyone and in every order of summation.

What calibrates the instrument: none of these may be called wrong. The frameworks are the built-in targets; the others
are ways to write the same sums. Each offers some of the specification's functions, in the precisions it claims.
"""

import importlib
import importlib.util
import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import hand_written
import other_networks
import other_stacks
import rnn_ref
from rnn_ref.conformance.spec import OPERATIONS
from rnn_ref.conformance.targets.builtins import FRAMEWORKS, load_builtin

PATIENCE = 4000  # products one after the other, of who takes them so in Python
LABELS = {"torch": "PyTorch", "jax": "JAX", "keras": "Keras", "onnxruntime": "onnxruntime"}


class Implementation(NamedTuple):
    """The functions of one implementation, and the precisions in which it claims to be right."""

    functions: Mapping[str, Callable[..., Any]]
    dtypes: tuple[str, ...] = ("float32", "float64")
    most: float = math.inf  # of products one after the other; where there are more, it would take too long


def frameworks() -> tuple[dict[str, Implementation], list[str]]:
    """Return the frameworks that are installed, by their labels, and the labels of those that are not."""
    found, absent = {}, []
    for name, label in LABELS.items():
        if any(importlib.util.find_spec(one) is None for one in FRAMEWORKS[name].needs):
            absent.append(label)
            continue
        module = load_builtin(name)
        found[label] = _implementation(
            module, (claims,) if (claims := FRAMEWORKS[name].claims) else ("float32", "float64")
        )
    return found, absent


def everyone() -> tuple[dict[str, Implementation], list[str]]:
    """Return the reference, the frameworks and the hand-written, by their labels, and who is absent."""
    found, absent = frameworks()
    ours = {"rnn_ref": _implementation(rnn_ref)}
    ways = {
        label: Implementation(one)
        for label, one in ({**hand_written.WAYS, **other_networks.fast(), **other_stacks.WAYS}).items()
    }
    ways |= {label: Implementation(one, most=PATIENCE) for label, one in other_networks.slow().items()}
    narrow = {label: Implementation(one, ("float32",)) for label, one in other_networks.in_single_precision().items()}
    return ours | found | ways | narrow, absent


def _implementation(holder: Any, dtypes: tuple[str, ...] = ("float32", "float64")) -> Implementation:
    return Implementation({name: getattr(holder, name) for name in OPERATIONS if hasattr(holder, name)}, dtypes)
