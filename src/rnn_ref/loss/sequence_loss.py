"""The loss of a sequence, whatever the loss of one step may be, and the way back.

L = Σ_t loss_fn(logits_t, target_t)
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from .._shapes import Array, check, check_function, wide
from .targets import check_scalar, integer_targets, target_array

LossFn = Callable[[Any, Any], Any]  # loss_fn(logits_t, target_t) -> scalar
LossBackward = Callable[[Any, Any, Any], Any]  # loss_backward(dloss, logits_t, target_t) -> dlogits_t


def rnn_sequence_loss(logits_seq: Array, targets_seq: Any, loss_fn: LossFn) -> Any:
    """Add up the loss over a sequence: Σ_t loss_fn(logits_t, target_t).

    One network is trained to predict every element of a sequence from what came before it, so every step contributes
    a term, and their sum is what backpropagation through time starts from. With the cross-entropy it is the negative
    log-likelihood of the whole text under the chain rule of probability: the objective on which transformers are
    pretrained, only that they compute all its terms at once.

    Parameters
    ----------
    logits_seq : (T, V) or (T, B, V) ndarray
        The predictions, time first.
    targets_seq : (T,) or (T, B) integers, or floating-point ndarray (T, …)
        What came next, handed to ``loss_fn`` one step at a time.
    loss_fn : callable
        ``loss_fn(logits_t, target_t)`` returns a real scalar: one step's loss, of one sequence or a batch.

    Returns
    -------
    NumPy scalar
        In the dtype of ``logits_seq`` and the unit of ``loss_fn``.

    Raises
    ------
    TypeError, ValueError
        A dtype or shape does not fit, T or B is 0, or ``loss_fn`` does not return a scalar.

    References
    ----------
    Bengio et al. (2003), "A neural probabilistic language model".

    Examples
    --------
    >>> from rnn_ref import cross_entropy
    >>> logits_seq = np.array([[2.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    >>> print(f"{rnn_sequence_loss(logits_seq, np.array([0, 2]), cross_entropy):.6f}")  # 0.407606 + ln 3
    1.506218
    """
    targets = _check_sequence("rnn_sequence_loss", logits_seq, targets_seq, loss_fn, "loss_fn")
    losses = [loss_fn(logits_t, target_t) for logits_t, target_t in zip(logits_seq, targets, strict=True)]
    for t, loss in enumerate(losses):
        if np.ndim(loss) != 0:
            raise ValueError(f"rnn_sequence_loss: loss_fn returned shape {np.shape(loss)} at t={t}, expected a scalar")
        if np.asarray(loss).dtype.kind not in ("fiuc" if logits_seq.dtype.kind == "c" else "fiu"):
            raise TypeError(f"rnn_sequence_loss: loss_fn returned {loss!r} at t={t}, expected a real scalar")
    return np.sum(losses, dtype=wide(logits_seq.dtype)).astype(logits_seq.dtype)


def rnn_sequence_loss_backward(dloss: Any, logits_seq: Array, targets_seq: Any, loss_backward: LossBackward) -> Array:
    """Carry dL/dloss back to every step's logits: a sum hands its gradient on to each of its terms.

    ``loss_backward(dloss, logits_t, target_t)`` returns one step's gradient in the shape of ``logits_t``; the rest
    are the forward's arguments. Returns an array in the shape and dtype of ``logits_seq``; raises as the forward does.

    >>> from rnn_ref import cross_entropy_backward
    >>> rnn_sequence_loss_backward(1.0, np.zeros((2, 2)), np.array([0, 1]), cross_entropy_backward)
    array([[-0.5,  0.5],
           [ 0.5, -0.5]])
    """
    function = "rnn_sequence_loss_backward"
    targets = _check_sequence(function, logits_seq, targets_seq, loss_backward, "loss_backward")
    check_scalar(function, dloss)
    dlogits = np.empty_like(logits_seq)
    for t, (logits_t, target_t) in enumerate(zip(logits_seq, targets, strict=True)):
        step = loss_backward(dloss, logits_t, target_t)
        if step is None:
            raise TypeError(
                f"{function}: loss_backward returned None at t={t}, expected an array of shape {logits_t.shape}"
            )
        if np.shape(step) != logits_t.shape:
            raise ValueError(
                f"{function}: loss_backward returned shape {np.shape(step)} at t={t}, expected {logits_t.shape}; "
                "from logits_seq"
            )
        if np.asarray(step).dtype.kind == "c" and logits_seq.dtype.kind != "c":
            raise TypeError(f"{function}: loss_backward returned complex numbers at t={t}, expected real ones")
        dlogits[t] = step
    return dlogits


def _check_sequence(function: str, logits_seq: Array, targets_seq: Any, callback: object, name: str) -> Array:
    check(function, "logits_seq: T [B] V", logits_seq=logits_seq)
    check_function(function, name, callback)
    targets = target_array(function, "targets_seq", targets_seq)
    leading = logits_seq.shape[:-1]
    if targets.dtype.kind not in "fc":
        return integer_targets(function, "targets_seq", targets_seq, leading, "logits_seq")
    if targets.shape[: len(leading)] != leading:
        raise ValueError(
            f"{function}: targets_seq has shape {targets.shape}, expected it to begin with {leading}; from logits_seq"
        )
    return targets
