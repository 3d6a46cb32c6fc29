"""The loss of one prediction or of many: cross-entropy of the logits, and the way back to them.

cross_entropy(z, y) = −log softmax(z)_y
"""

from typing import Any

import numpy as np

from .._shapes import Array, Reduction, rows
from .nats import nats_of_rows
from .sums import precise_sum
from .targets import Question, plain_question, question, share_of_rows, upstream_rows


@np.errstate(under="ignore")  # an improbable class may have the probability 0
def cross_entropy(
    logits: Array,
    targets: Any,
    *,
    weight: Array | None = None,
    ignore_index: int = -100,
    reduction: Reduction = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """Measure, in nats, how surprised the prediction is by what came next.

    −w_y log softmax(logits)_y, or Σ_j q_j (−log softmax(logits)_j) for shares q over all classes

    Averaged over a text this is the logarithm of the perplexity, the one number language models have been compared by
    from n-grams to transformers. A transformer is trained on exactly this per-token loss at every position at once;
    that the targets are the same text shifted by one is the same trick in both.

    Every loss stays within 4 ulp of the truth, with weights within 5, also for predictions so sure that softmax rounds
    to 1 (see ``softmax.py``); ``F.cross_entropy`` takes the log of a sum close to 1 there. Only what is below the
    smallest normal number, as a float64 loss is from a margin of 708 on, has fewer digits, and so has its gradient.

    Parameters
    ----------
    logits : (V,), (T, V) or (T, B, V) ndarray
        Scores, classes last; −inf marks an impossible class. Any number of leading axes.
    targets : (), (T,) or (T, B) integers, or ndarray in the shape of ``logits``
        Class indices from 0 to V − 1, or class probabilities in the dtype of ``logits``.
    weight : (V,) ndarray, optional
        A factor for each class, >= 0.
    ignore_index : int
        Rows with this target count for nothing. Must stay negative with class probabilities.
    reduction : {"mean", "sum", "none"}
        The mean divides by the summed weights w_y of the rows kept; with class probabilities, by the number of rows.
    label_smoothing : float
        ε in [0, 1]: the share of the target that is spread evenly over all V classes.

    Returns
    -------
    NumPy scalar, or for ``reduction="none"`` an ndarray in the shape of ``logits`` without its last axis
        Nats, >= 0 for weights >= 0, in the dtype of ``logits``. inf where an impossible class was the target; nan for
        the mean over no rows. A factor of 0 times inf counts as 0 (PyTorch: nan).

    Raises
    ------
    TypeError, ValueError
        A dtype, shape, target or option is not what it should be; what PyTorch refuses is refused.

    References
    ----------
    Goodfellow, Bengio and Courville (2016), "Deep Learning", 6.2.2. Szegedy et al. (2016) for label smoothing.

    Examples
    --------
    >>> print(f"{cross_entropy(np.array([2.0, 1.0, 0.0]), 0):.6f}")
    0.407606
    >>> cross_entropy(np.array([40.0, 0.0], dtype=np.float32), 0)  # F.cross_entropy: 0
    np.float32(4.248354e-18)
    """
    asked = question("cross_entropy", logits, targets, weight, ignore_index, reduction, label_smoothing)
    return _reduced(nats_of_rows(asked), asked, logits, reduction)


@np.errstate(under="ignore")
def cross_entropy_backward(
    dloss: Any,
    logits: Array,
    targets: Any,
    *,
    weight: Array | None = None,
    ignore_index: int = -100,
    reduction: Reduction = "mean",
    label_smoothing: float = 0.0,
) -> Array:
    """Carry dL/dloss back to the logits: softmax minus the target.

    ``dloss`` is a real scalar, or for ``reduction="none"`` an array in the shape of the losses; the rest are the
    forward's own arguments. Returns an array in the shape and dtype of ``logits``; raises as the forward does.

    For shares q that add up to Q: dz_j = p_j (Q − q_j) − q_j (1 − p_j), where 1 − p_j = −expm1(log p_j). So the entry
    of the target keeps its digits where p_y rounds to 1 and PyTorch's gradient to 0.

    >>> cross_entropy_backward(1.0, np.array([18.0, 0.0], dtype=np.float32), 0)
    array([-1.5229979e-08,  1.5229979e-08], dtype=float32)
    """
    function = "cross_entropy_backward"
    asked = question(function, logits, targets, weight, ignore_index, reduction, label_smoothing)
    upstream = upstream_rows(function, dloss, logits, asked, reduction)
    dlogits = np.empty(logits.shape, logits.dtype)
    sizes = np.abs([upstream, asked.row_weight])
    usual = bool(np.all((sizes == 0) | ((sizes > 1e-120) & (sizes < 1e120))))
    nats_of_rows(asked, upstream, rows(dlogits), usual=usual)
    return dlogits


@np.errstate(under="ignore")
def loss_with_gradient(logits: Array, targets: Array, reduction: str, ignore_index: int) -> tuple[Any, Array]:
    """Return the cross-entropy and its gradient, of one softmax and of arguments that have been checked.

    The gradient is written over the logits.
    """
    asked = plain_question(logits, targets, ignore_index)
    nats = nats_of_rows(asked, share_of_rows(np.ones(len(asked.z)), asked, reduction), asked.z)
    return _reduced(nats, asked, logits, reduction), logits


def _reduced(nats: Array, asked: Question, logits: Array, reduction: str) -> Any:
    """Bring the losses of the rows into the form that was asked for, in the dtype of the logits."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        if reduction == "none":
            return nats.reshape(logits.shape[:-1]).astype(logits.dtype)[()]
        total = precise_sum(nats) if nats.dtype == logits.dtype else nats.sum()  # float32 has digits to spare here
        if reduction == "mean":
            total = total / asked.divisor if asked.divisor else total * np.nan  # over no rows there is no mean
        return total.astype(logits.dtype)
