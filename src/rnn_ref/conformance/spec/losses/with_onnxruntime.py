"""ONNX's SoftmaxCrossEntropyLoss under the specification's signature."""

from typing import Any

import numpy as np
from onnx import helper

from ...._shapes import Array
from ..frameworks.with_onnxruntime import run


def cross_entropy(
    logits: Array, targets: Any, *, weight: Array | None = None, ignore_index: int = -100, reduction: str = "mean"
) -> Any:
    """``SoftmaxCrossEntropyLoss``."""
    y = np.asarray(targets)
    if y.dtype.kind == "f":
        raise TypeError("SoftmaxCrossEntropyLoss takes class indices, not probabilities")
    inputs = {"scores": np.moveaxis(np.atleast_2d(logits), -1, 1), "labels": np.atleast_1d(y).astype(np.int64)}
    inputs |= {} if weight is None else {"weights": weight}
    options = {"reduction": reduction, "ignore_index": ignore_index}
    node = helper.make_node("SoftmaxCrossEntropyLoss", list(inputs), ["loss"], **options)
    loss = run([node], inputs, "loss")
    return loss.reshape(y.shape)[()] if reduction == "none" else loss[()]
