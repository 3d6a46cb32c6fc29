"""The losses in twice the precision of float64, for many rows: the truth where 50 digits would take too long.

The largest exponential, which is 1, is left out of its sum, and so a loss next to zero keeps its digits. What is taken
and returned are pairs; logits may be pairs too.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from ...._shapes import Array
from ...numbers.sharp import divided, exp, expm1
from ...numbers.twice import Pair, minus, pair, plus, times, total

BLOCK = 2**15  # numbers that are worked on together, for they stay in the processor's cache
DEFAULTS: Mapping[str, Any] = {"weight": None, "ignore_index": -100, "reduction": "mean", "label_smoothing": 0.0}
Named = dict[str, Pair]


def cross_entropy(logits: Any, targets: Array, **options: Any) -> Named:
    """Σ_j q_j (log Σ exp z − z_j), row by row."""
    options = {**DEFAULTS, **options}
    z, shape = _rows(logits)
    nats = _joined(_of_rows(z, targets, options))[0]
    if options["reduction"] == "none":
        return {"loss": each(lambda part: part.reshape(shape[:-1]), nats)}
    summed = _sum(nats)
    return {"loss": summed if options["reduction"] == "sum" else _over(summed, _divisor(z, targets, options))}


def cross_entropy_backward(dloss: Any, logits: Any, targets: Array, **options: Any) -> Named:
    """p_j Σ q − q_j = p_j Σ_{i≠j} q_i − q_j (1 − p_j), row by row."""
    options = {**DEFAULTS, **options}
    z, shape = _rows(logits)
    dz = _joined(_of_rows(z, targets, options))[1]
    given = dloss if isinstance(dloss, tuple) else pair(np.asarray(dloss, np.float64))
    up = each(lambda part: np.broadcast_to(np.reshape(part, (-1, 1)), (len(z[0]), 1)), given)
    if options["reduction"] == "mean":
        divisor = _divisor(z, targets, options)
        if divisor[0]:
            up = divided(up, each(lambda part: np.full_like(up[0], float(part)), divisor))
    found = times(dz, each(lambda part: np.broadcast_to(part, dz[0].shape), up))
    return {"dlogits": each(lambda part: part.reshape(shape), found)}


def rnn_sequence_loss(logits_seq: Array, targets_seq: Array, loss_fn: str) -> Named:
    """The sum of a loss over all rows, or of what it averages at every step."""
    if loss_fn == "total_cross_entropy":
        return cross_entropy(logits_seq, targets_seq, reduction="sum")
    if loss_fn.startswith("average"):
        nats = cross_entropy(logits_seq, targets_seq, reduction="none")["loss"]
        summed = total(each(lambda part: part.reshape(len(part), -1), nats))
        return {"loss": _sum(divided(summed, pair(counted(targets_seq, loss_fn))))}
    return {"loss": _over(_sum(_margins(logits_seq, targets_seq)), pair(np.array(float(logits_seq.shape[-1]))))}


def rnn_sequence_loss_backward(dloss: Any, logits_seq: Array, targets_seq: Array, loss_backward: str) -> Named:
    """The gradient of it."""
    if loss_backward.endswith("cross_entropy_backward"):
        upstream = pair(np.asarray(dloss, np.float64))
        if loss_backward.startswith("average"):
            every = np.repeat(np.maximum(counted(targets_seq, loss_backward), 1), targets_seq[0].size)
            upstream = divided(each(lambda part: np.broadcast_to(part, every.shape), upstream), pair(every))
        return {"dlogits_seq": cross_entropy_backward(upstream, logits_seq, targets_seq, reduction="sum")["dlogits"]}
    active = (_margins(logits_seq, targets_seq)[0] > 0).astype(np.float64)
    active[np.arange(len(active)), targets_seq.ravel()] = -active.sum(-1)
    active = active.reshape(logits_seq.shape)
    found = times(pair(active), pair(np.full_like(active, float(dloss))))
    return {"dlogits_seq": divided(found, pair(np.full_like(active, float(logits_seq.shape[-1]))))}


def _of_rows(z: Pair, targets: Array, options: Mapping[str, Any]) -> Iterator[tuple[Pair, Pair]]:
    """Yield, block by block, the loss of every row (n,) and its gradient (n, V), without the reduction's divisor."""
    rows, V = z[0].shape
    step = max(1, BLOCK // V)
    for part in (slice(start, start + step) for start in range(0, rows, step)):
        yield _of_some((z[0][part], z[1][part]), _shares(targets, V, part, options))


def _of_some(z: Pair, q: Pair) -> tuple[Pair, Pair]:
    nats, p, rest = _softmax(z)
    impossible = ~np.isfinite(nats[0])  # which costs nothing where no share is its
    losses = total(times(each(lambda part: np.where(impossible, 0, part), nats), q))
    of_impossible = (impossible & (q[0] != 0)).any(-1)
    others = minus(_broadcast(total(q), z[0].shape[-1]), q)
    dz = minus(times(p, others), times(q, rest))
    return (np.where(of_impossible, np.inf, losses[0][:, 0]), losses[1][:, 0]), dz


def _softmax(z: Pair) -> tuple[Pair, Pair, Pair]:
    """Return −log p, p and 1 − p of every class."""
    V = z[0].shape[1]
    top = z[0].argmax(-1)[:, np.newaxis]
    possible, first = np.isfinite(z[0]), np.arange(V) == top
    largest = each(lambda part: np.take_along_axis(part, top, -1), z)
    d = minus(each(lambda part: np.where(possible, part, 0), z), _broadcast(largest, V))
    e = each(lambda part: np.where(possible & ~first, part, 0), exp(d))
    below = total(e)  # Σ exp of all but the largest
    nats = minus(_broadcast(_log1p(below), V), d)
    sums = _broadcast(plus(below, pair(np.ones_like(below[0]))), V)
    p = divided((np.where(first, 1.0, e[0]), e[1]), sums)
    less = expm1((np.where(possible, -nats[0], -np.inf), np.where(possible, -nats[1], 0)))
    return (np.where(possible, nats[0], np.inf), np.where(possible, nats[1], 0)), p, (-less[0], -less[1])


def _log1p(r: Pair) -> Pair:
    """Return log(1 + r) with the digits of r, by Newton's step from float64."""
    first = np.log1p(r[0])
    off = minus(expm1(pair(first)), r)
    return minus(pair(first), divided(off, plus(r, pair(np.ones_like(first)))))


def _shares(targets: Array, V: int, part: slice, options: Mapping[str, Any]) -> Pair:
    """Return the weighted target shares (n, V) of some rows."""
    if targets.dtype.kind == "f":
        share, kept = targets.reshape(-1, V)[part], True
    else:
        y = targets.ravel()[part, np.newaxis]
        share, kept = (np.arange(V) == y).astype(np.float64), y != options["ignore_index"]
    smoothing = np.full_like(share, options["label_smoothing"])
    q = pair(share)
    if options["label_smoothing"]:
        ones = pair(np.ones_like(share))
        q = plus(times(minus(ones, pair(smoothing)), q), divided(pair(smoothing), pair(np.full_like(share, V))))
    if options["weight"] is not None:
        q = times(q, pair(np.broadcast_to(options["weight"], share.shape)))
    return q[0] * kept, q[1] * kept


def _divisor(z: Pair, targets: Array, options: Mapping[str, Any]) -> Pair:
    """Return what the mean divides by: the weights of the rows that are kept."""
    if targets.dtype.kind == "f":
        return pair(np.array(float(len(z[0]))))
    y = targets.ravel()
    y = y[y != options["ignore_index"]]
    weight = np.ones(z[0].shape[-1]) if options["weight"] is None else options["weight"]
    return _sum(pair(weight[y]))


def counted(targets_seq: Array, loss: str) -> Array:
    """Return by how many targets a loss of that name divides at every step (T, 1): those kept, or all of them."""
    kept = ((targets_seq != DEFAULTS["ignore_index"]) | ("_over_all_" in loss)).reshape(len(targets_seq), -1)
    found: Array = kept.sum(1, keepdims=True).astype(np.float64)
    return found


def _margins(logits: Array, targets: Array) -> Pair:
    z, y = logits.reshape(-1, logits.shape[-1]), targets.ravel()
    own = np.broadcast_to(np.take_along_axis(z, y[:, np.newaxis], -1), z.shape)
    margins = plus(minus(pair(z), pair(own)), pair(np.ones_like(z)))
    counted = (margins[0] > 0) & (np.arange(z.shape[-1]) != y[:, np.newaxis])
    return np.where(counted, margins[0], 0), np.where(counted, margins[1], 0)


def each(function: Callable[[Array], Array], a: Pair) -> Pair:
    """Return what a function that only moves or chooses entries makes of both parts."""
    return function(a[0]), function(a[1])


def _rows(logits: Any) -> tuple[Pair, tuple[int, ...]]:
    z = logits if isinstance(logits, tuple) else pair(logits)
    return each(lambda part: part.reshape(-1, part.shape[-1]), z), z[0].shape


def _joined(blocks: Iterator[tuple[Pair, Pair]]) -> list[Pair]:
    """Put the blocks together: all losses, and all gradients."""
    every = [[part for one in block for part in one] for block in blocks]
    arrays = [np.concatenate(parts) for parts in zip(*every, strict=True)]
    return [(arrays[0], arrays[1]), (arrays[2], arrays[3])]


def _broadcast(a: Pair, V: int) -> Pair:
    return each(lambda part: np.broadcast_to(part, (len(part), V)), a)


def _sum(a: Pair) -> Pair:
    """Return the sum of all entries."""
    if not a[0].size or not np.isfinite(a[0]).all():
        return pair(a[0].sum())
    high, low = total((a[0].reshape(1, -1), a[1].reshape(1, -1)))
    return high[0, 0], low[0, 0]


def _over(a: Pair, divisor: Pair) -> Pair:
    if not divisor[0] or not np.isfinite(a[0]):
        return pair(np.asarray(np.nan if not divisor[0] else a[0]))
    return divided((np.asarray(a[0]), np.asarray(a[1])), (np.asarray(divisor[0]), np.asarray(divisor[1])))


FUNCTIONS = (cross_entropy, cross_entropy_backward, rnn_sequence_loss, rnn_sequence_loss_backward)
IN_PAIRS: Mapping[str, Callable[..., Named]] = {function.__name__: function for function in FUNCTIONS}
