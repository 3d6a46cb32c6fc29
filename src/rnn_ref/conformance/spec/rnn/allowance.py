"""How far rnn_bptt's answers may be from the truth: gradients through time, from a loss that rounding has moved.

As in ``numbers/gradients.py`` it is 8 times what rounding does to plain arithmetic on the same case, forward, the loss
and back, step by step; the terms of the last sums are those of the states, the logits and their gradients. What may be
flushed to zero is followed from the gradients of the logits on. The last state is allowed, besides, what the errors of
all steps add up to in it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from .... import output, sequence
from ...._activations import activation_of
from ...._shapes import Array, rows
from ....loss import cross_entropy_backward
from ...numbers import gradients
from ...numbers.arithmetic import Arithmetic
from ...numbers.bounded import Terms, unit
from ...numbers.flushed import flushed
from ...numbers.gradients import Asked
from ...numbers.shaken import products
from ...numbers.states import own_errors
from ...operation import Cell, Check
from .. import OPERATIONS
from ..losses.allowance import cross_entropy_backward_terms, cross_entropy_terms, lost
from ..losses.narrow import KEPT
from ..losses.plain import plain_cross_entropy
from .truth import parted

Named = dict[str, Any]


class Derived(NamedTuple):
    """What may be off, in units of u; the answers of plain arithmetic (R, …); and what may be off in any case."""

    allowed: Named
    tries: Named
    least: Named


def allowed(check: Check, arguments: Sequence[Any], options: Mapping[str, Any]) -> Named:
    """Return what may be off in the loss, every gradient and the last state, in units of u."""
    return derived(arguments, options, check.expected, Arithmetic.of(check.dtype, check.dtype, check.dtype)).allowed


def derived(
    arguments: Sequence[Any], options: Mapping[str, Any], truth: Mapping[str, Array], arithmetic: Arithmetic
) -> Derived:
    """Return the same for any arithmetic, in units of the coarsest u of it, and what it rests on."""
    options, own = parted(options)
    cell = OPERATIONS["rnn_forward"].equation(own)
    with np.errstate(all="ignore"):
        if arithmetic.plain:
            tries = _plain(cell, *(_cast(value, arithmetic.dtype) for value in arguments), **options)
        else:
            tries = _emulated(cell, *arguments, arithmetic=arithmetic, **options)
    X_seq, targets_seq, h0, W_xh, W_hh, b_h, W_hy, b_y = arguments
    h_states = np.stack(sequence.rnn_forward(X_seq, h0, W_xh, W_hh, b_h, **own))
    logits = output.rnn_output_layer(h_states, W_hy, b_y)
    dlogits = cross_entropy_backward(1.0, logits, targets_seq, **options)
    asked = Asked([dlogits @ W_hy], [h_states], X_seq, [h0], {"W_xh": W_xh, "W_hh": W_hh, "b_h": b_h})
    into = gradients.reaching(cell, asked.cast(np.float64))
    behind = _last_terms(cell, asked, logits, targets_seq, W_hy, b_y, options, into)
    u = arithmetic.coarsest.name
    floor = {name: arithmetic.floor(tries[name].size) for name in behind}
    floor["loss"] = arithmetic.floor(1, np.size(targets_seq))
    found = {name: gradients.allowed(u, tries[name], truth[name], terms, floor[name]) for name, terms in behind.items()}
    least = {name: floor[name] * terms for name, terms in behind.items()}
    step = own_errors(cell, arithmetic.bounded, [h_states], X_seq, [h0], asked.weights)[0]
    if arithmetic.plain:
        slopes = activation_of("rnn_bptt", own.get("activation", "tanh")).slope(h_states)
        found["h_T"] = np.maximum(found["h_T"], _carried_to_the_end(slopes, W_hh, step) / unit(u))
        more: Any = 0.0
        of_logits = lost(1.0, logits, targets_seq, **options)
        for name, one in _lost(cell, asked, u, dlogits, of_logits, W_hy).items():
            found[name] = found[name] + one / unit(u)
    else:
        more = KEPT["cross_entropy"](logits, targets_seq, **options)["loss"]
    carried = gradients.carried_to_a_sum(into[0], step) / unit(u)
    return Derived(found | {"loss": np.maximum(found["loss"], carried + more)}, tries, least)


def _plain(
    cell: Cell,
    X_seq: Array,
    targets_seq: Array,
    h0: Array,
    W_xh: Array,
    W_hh: Array,
    b_h: Array,
    W_hy: Array,
    b_y: Array,
    *,
    reduction: str,
    ignore_index: int = -100,
) -> Named:
    """Go forward, through the loss and back step by step, in the dtype; every answer has the runs in front.

    Losses, and the shares of a class, are nearly all of one sign: their sums grow from row to row, and what is rounded
    with them. So the loss and b_y have each run twice: added up step by step, and row after row. The weights too:
    step by step, and as one product of all rows, which in the last run are added one after the other.
    """
    asked = Asked([], [], X_seq, [h0], {"W_xh": W_xh, "W_hh": W_hh, "b_h": b_h})
    (h_states,) = gradients.plain_states(cell, asked)
    runs, kept = len(h_states), targets_seq != ignore_index
    count = h0.dtype.type(kept.sum() if reduction == "mean" else 1)
    losses, dlogits = [], np.empty((*h_states.shape[:-1], len(b_y)), h0.dtype)
    dW_hy, db_y = (np.zeros((runs, *a.shape), a.dtype) for a in (W_hy, b_y))
    for t, (y_t, kept_t) in enumerate(zip(targets_seq, kept, strict=True)):
        nats, gradient = plain_cross_entropy(h_states[:, t] @ W_hy.T + b_y, np.where(kept_t, y_t, 0), kept_t)
        losses.append(nats)
        dlogits[:, t] = gradient / count
        dz, h_t = (one.reshape(runs, -1, one.shape[-1]) for one in (dlogits[:, t], h_states[:, t]))
        dW_hy += products(dz, h_t)
        db_y += dz.sum(1)
    by_steps, in_turn = sum(nats.sum(1) for nats in losses), np.cumsum(np.concatenate(losses, 1), 1)[:, -1]
    loss = np.concatenate([by_steps, in_turn])
    db_y = np.concatenate([db_y, dlogits.reshape(runs, -1, len(b_y)).sum(1)])
    every = (one.reshape(runs, -1, one.shape[-1]) for one in (dlogits, h_states))
    dW_hy = np.concatenate([dW_hy, products(next(every), next(every))])
    dX, dh0, *weights = gradients.plain(cell, asked._replace(upstream=[dlogits @ W_hy], states=[h_states]))
    recurrent = {"X_seq": dX, "h0": dh0, **dict(zip(cell.weights, weights, strict=True))}
    return {"loss": loss / count, **recurrent, "W_hy": dW_hy, "b_y": db_y, "h_T": h_states[:, -1]}


def _emulated(
    cell: Cell,
    X_seq: Array,
    targets_seq: Array,
    h0: Array,
    W_xh: Array,
    W_hh: Array,
    b_h: Array,
    W_hy: Array,
    b_y: Array,
    *,
    arithmetic: Arithmetic,
    reduction: str,
    ignore_index: int = -100,
) -> Named:
    """Do the same in arithmetic of few bits, the loss of all steps at once."""
    asked = Asked([], [], X_seq, [h0], {"W_xh": W_xh, "W_hh": W_hh, "b_h": b_h})
    (h_states,) = gradients.plain_states(cell, asked, arithmetic.runs)
    runs, y, kept = len(h_states), np.ravel(targets_seq), np.ravel(targets_seq) != ignore_index
    kind, count = arithmetic.runs(runs), kept.sum() if reduction == "mean" else 1
    h = kind(h_states.reshape(runs, len(y), -1))
    z = (h.dot(kind.weights(W_hy)) + kind.weights(b_y)).a
    shifted = h.made(z - z.max(-1, keepdims=True)).a
    sums = kind(h.function(np.exp(shifted)).a.swapaxes(1, 2)).total().a[..., np.newaxis]
    log_p = h.made(shifted - h.function(np.log(sums)).a).a
    index = np.where(kept, y, 0)[np.newaxis, :, np.newaxis]
    nats = kind(np.where(kept[:, np.newaxis], -np.take_along_axis(log_p, index, -1), 0))
    onehot = np.arange(len(b_y)) == index[0]
    dz = h.made(h.made(h.function(np.exp(log_p)).a - onehot).a / count * kept[:, np.newaxis])
    above = dz.dot(kind.weights(W_hy).T).a.reshape(h_states.shape)
    dX, dh0, *weights = gradients.plain(
        cell, asked._replace(upstream=[above], states=[h_states]), arithmetic.runs, at_once=False
    )
    recurrent = {"X_seq": dX, "h0": dh0, **dict(zip(cell.weights, weights, strict=True))}
    layer = {"W_hy": dz.outer(h).a, "b_y": dz.total().a}
    return {"loss": nats.total().a[:, 0] / count, **recurrent, **layer, "h_T": h_states[:, -1]}


def _last_terms(
    cell: Cell,
    asked: Asked,
    logits: Array,
    targets_seq: Any,
    W_hy: Array,
    b_y: Array,
    options: Mapping[str, Any],
    into: Sequence[Array],
) -> Named:
    """Return Σ|terms| of the last sums behind every answer, not chained through time."""
    (h_states,) = asked.states
    own = own_errors(cell, Terms, [h_states], asked.X_seq, asked.states0, asked.weights)[0] / Terms.u
    of_logits = output.rnn_output_layer(abs(h_states), abs(W_hy), abs(b_y)) + np.sqrt(own**2 @ W_hy.T**2)
    moved = {"logit_error": rows(of_logits).max(-1), **options}
    terms = cross_entropy_backward_terms(1.0, logits, targets_seq, **moved)
    layer = output.rnn_output_backward(terms, abs(h_states), abs(W_hy), abs(b_y))
    back = gradients.last_terms(cell, asked, layer.h_states, into)
    own_in_product = np.sqrt(rows(terms**2).T @ rows(own**2))
    return {
        "loss": cross_entropy_terms(logits, targets_seq, **moved),
        **dict(zip(("X_seq", "h0", *cell.weights), back, strict=True)),
        "W_hy": layer.W_hy + own_in_product,
        "b_y": layer.b_y,
        "h_T": own[-1],
    }


def _carried_to_the_end(slopes: Array, W_hh: Array, step: Array) -> Array:
    """Return what the errors allowed at every step add up to in the last state, by the slope of each state.

    A tanh made of exp is right absolutely, and plain arithmetic, whose tanh is right relatively, says too little of it
    where states are small. The errors are independent of each other, and their squares add up.
    """
    squares = np.zeros_like(step[0])
    for slope, own in zip(slopes, step, strict=True):
        squares = np.minimum(slope**2 * (squares @ W_hh.T**2) + own**2, 1.0)
    found: Array = np.sqrt(squares)
    return found


def _lost(cell: Cell, asked: Asked, dtype: str, dlogits: Array, of_logits: Array, W_hy: Array) -> Named:
    """Return what flushing to zero may take from every gradient; ``of_logits`` is what it took from ``dlogits``."""
    kind, (h_states,) = flushed(dtype), asked.states
    dz = kind(rows(dlogits), rows(of_logits) ** 2)
    more = dz.dot(W_hy.T).squares.reshape(h_states.shape)
    recurrent = dict(zip(("X_seq", "h0", *cell.weights), gradients.lost(cell, asked, dtype, more), strict=True))
    return recurrent | {"W_hy": dz.outer(kind.lift(rows(h_states))).lost(), "b_y": dz.total().lost()}


def _cast(value: Any, dtype: str) -> Any:
    return value.astype(dtype) if isinstance(value, np.ndarray) and value.dtype.kind == "f" else value
