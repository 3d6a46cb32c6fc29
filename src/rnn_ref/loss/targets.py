"""What the cross-entropy is asked: logits and targets vetted, and every option brought to one form."""

from numbers import Integral, Real
from typing import Any, NamedTuple

import numpy as np

from .._shapes import Array, check_array, check_dtype, made_array, rows, wide

REDUCTIONS = ("none", "mean", "sum")


class Question(NamedTuple):
    """N rows of C logits, and what is asked of each row, in the wide dtype."""

    z: Array  # (N, C) in the dtype they came in
    target: Array  # (N,) the target class, 0 where the row is ignored; not looked at if there are shares
    kept: Array  # (N,) bool
    row_weight: Array  # (N,) w_y (1 without weights), 0 where ignored
    shares: Array | None  # (N, C) weighted target shares q, if every class has one
    divisor: Any  # what "mean" divides by


def question(
    function: str,
    logits: Array,
    targets: Any,
    weight: Array | None,
    ignore_index: int,
    reduction: str,
    label_smoothing: float,
) -> Question:
    """Vet the arguments of cross_entropy and prepare them, or raise the four-fact error."""
    check_array(function, "logits", logits)
    check_dtype(function, "logits", logits, "logits", logits.dtype)
    if logits.ndim == 0 or 0 in logits.shape:
        raise ValueError(f"{function}: logits has shape {logits.shape}, expected (..., V) with no empty axis")
    _check_options(function, weight, logits, ignore_index, reduction, label_smoothing)
    given, targets = targets, target_array(function, "targets", targets)
    if targets.dtype.kind not in "fc":
        targets = integer_targets(function, "targets", given, logits.shape[:-1], "logits")
        check_classes(function, "targets", targets, logits.shape[-1], "logits", ignore_index)
        if weight is None and not label_smoothing:
            return plain_question(logits, targets, ignore_index)
    z, dtype = rows(logits), wide(logits.dtype)
    w = np.ones(z.shape[-1], dtype) if weight is None else weight.astype(dtype)
    smooth = label_smoothing / z.shape[-1]
    if targets.dtype.kind in "fc":
        q = ((1 - label_smoothing) * _probabilities(function, targets, logits, ignore_index) + smooth) * w
        everyone = np.ones(len(z), bool)
        return Question(z, np.zeros(len(z), np.intp), everyone, everyone.astype(dtype), q, len(z))
    index, kept = _indices(targets, ignore_index)
    row_weight = np.where(kept, w[index], 0)
    q = None
    if label_smoothing > 0:
        q = np.tile(smooth * w, (len(z), 1))
        q[np.arange(len(z)), index] += (1 - label_smoothing) * w[index]
        q[~kept] = 0
    return Question(z, index, kept, row_weight, q, row_weight.sum())


def _check_options(
    function: str, weight: Array | None, logits: Array, ignore_index: int, reduction: str, label_smoothing: float
) -> None:
    if reduction not in REDUCTIONS:
        raise ValueError(f"{function}: reduction is {reduction!r}, expected one of {', '.join(REDUCTIONS)}")
    check_ignored(function, ignore_index)
    if not isinstance(label_smoothing, Real) or not 0 <= label_smoothing <= 1:
        raise ValueError(f"{function}: label_smoothing is {label_smoothing!r}, expected a number from 0 to 1")
    if weight is not None:
        check_dtype(function, "weight", check_array(function, "weight", weight), "logits", logits.dtype)
        if weight.shape != logits.shape[-1:]:
            raise ValueError(
                f"{function}: weight has shape {weight.shape}, expected (V={logits.shape[-1]},); "
                f"V={logits.shape[-1]} is from logits"
            )


def _probabilities(function: str, targets: Array, logits: Array, ignore_index: int) -> Array:
    if targets.shape != logits.shape:
        raise ValueError(
            f"{function}: targets has shape {targets.shape}, expected {logits.shape}; floating-point targets are "
            "class probabilities, in the shape of logits"
        )
    check_dtype(function, "targets", targets, "logits", logits.dtype)
    if ignore_index >= 0:
        raise ValueError(
            f"{function}: ignore_index is {ignore_index}, expected a negative number; targets are class "
            "probabilities, and no class index can be ignored in them (PyTorch refuses it too)"
        )
    return rows(targets).astype(wide(targets.dtype), copy=False)


def _indices(targets: Array, ignore_index: int) -> tuple[Array, Array]:
    flat = targets.reshape(-1)
    kept = flat != ignore_index
    return np.where(kept, flat, 0).astype(np.intp, copy=False), kept


def plain_question(logits: Array, targets: Array, ignore_index: int) -> Question:
    """Return the question of classes without weights or smoothing, of arguments that have been checked."""
    index, kept = _indices(targets, ignore_index)
    row_weight = kept.astype(wide(logits.dtype))
    return Question(rows(logits), index, kept, row_weight, None, row_weight.sum())


def check_ignored(function: str, ignore_index: int) -> None:
    """Raise TypeError unless the target that counts for nothing is an integer."""
    if not isinstance(ignore_index, Integral):
        raise TypeError(f"{function}: ignore_index is {ignore_index!r}, expected an integer")


def check_classes(function: str, name: str, targets: Array, classes: int, source: str, ignore_index: int) -> None:
    """Raise ValueError for the first target that is no class, with its position and value."""
    outside = (targets != ignore_index) & ((targets < 0) | (targets >= classes))
    if outside.any():
        where = tuple(int(i) for i in np.argwhere(outside)[0])
        place = f"{name}[{', '.join(map(str, where))}]" if where else name
        raise ValueError(
            f"{function}: {place} is {targets[where]}, expected 0 to {classes - 1} or ignore_index={ignore_index}; "
            f"V={classes} is from {source}"
        )


def target_array(function: str, name: str, targets: Any) -> Array:
    """Return the targets as an array; a mask is no array, and rows of different lengths are none."""
    if isinstance(targets, np.ma.MaskedArray):
        raise TypeError(
            f"{function}: {name} is of type MaskedArray, expected integers; {name}.filled(ignore_index) converts"
        )
    if isinstance(targets, list | tuple):
        try:
            return np.asarray(targets)
        except ValueError:
            raise ValueError(
                f"{function}: {name} is a {type(targets).__name__} with rows of different lengths, expected one class "
                "index for each row of logits"
            ) from None
    return made_array(function, name, targets, "integers (class indices)")


def integer_targets(function: str, name: str, targets_seq: Any, shape: tuple[int, ...], source: str) -> Array:
    """Return the targets as an array if they are integers in the given shape, else raise."""
    targets = target_array(function, name, targets_seq)
    if targets.dtype.kind not in "iu":
        as_array = (
            f"{name}.astype(np.int64)" if isinstance(targets_seq, np.ndarray) else f"np.asarray({name}, np.int64)"
        )
        advice = f"; {as_array} converts" if targets.dtype.kind in "bf" else ""
        raise TypeError(f"{function}: {name} has dtype {targets.dtype}, expected integers (class indices){advice}")
    if targets.shape != shape:
        raise ValueError(
            f"{function}: {name} has shape {targets.shape}, expected {shape}; from {source}, one class index for each "
            "row of logits"
        )
    return targets


def upstream_rows(function: str, dloss: Any, logits: Array, asked: Question, reduction: str) -> Array:
    """Return dL/d(loss of row i) (N,)."""
    if reduction == "none":
        upstream = made_array(function, "dloss", dloss, "an array of real numbers")
        if not logits.shape[:-1] and not upstream.ndim:
            check_scalar(function, dloss)
        if upstream.shape != logits.shape[:-1] or (upstream.ndim and upstream.dtype != logits.dtype):
            raise ValueError(
                f"{function}: dloss has shape {upstream.shape} and dtype {upstream.dtype}, expected "
                f"{logits.shape[:-1]} and {logits.dtype}; from logits, as reduction is 'none'"
            )
    else:
        check_scalar(function, dloss)
        upstream = np.full(len(asked.z), dloss)
    return share_of_rows(upstream.reshape(-1), asked, reduction)


def share_of_rows(upstream: Array, asked: Question, reduction: str) -> Array:
    """Return dL/d(loss of row i) of arguments that have been checked: a mean passes on a share."""
    each: Array = upstream.astype(asked.row_weight.dtype)
    if reduction == "mean":
        with np.errstate(invalid="ignore", divide="ignore"):
            each = each / asked.divisor
    return each


def check_scalar(function: str, dloss: Any) -> None:
    """Raise TypeError unless the upstream gradient of a loss is a real scalar."""
    array = isinstance(dloss, np.ndarray)
    if isinstance(dloss, Real) or (array and dloss.ndim == 0 and dloss.dtype.kind in "fiu"):
        return
    what = "dtype" if array and dloss.ndim == 0 else "type"
    told = dloss.dtype if what == "dtype" else type(dloss).__name__
    shape = made_array(function, "dloss", dloss, "a real scalar").shape
    raise TypeError(f"{function}: dloss is of {what} {told} and shape {shape}, expected a real scalar")
