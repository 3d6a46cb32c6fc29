"""How far a network's loss, its gradients and its last states may be from the truth.

Gradients and the loss are allowed what those of a layer are: 8 times what plain arithmetic is off, forward, through the
loss and back, and 2 roundings of the terms of the last sums, which are those of the states, the logits and their
gradients. The loss is allowed, besides, what the errors of the states that are shown add up to in it; and the bias of
the output layer, a sum of few shares that cancel, what the softmax of every row may be off.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ....._shapes import Array, rows
from .....loss import cross_entropy_backward
from .....output import rnn_output_backward, rnn_output_layer
from ....numbers import gradients
from ....numbers.shaken import products, shaken
from ....numbers.states import plain_runs
from ....operation import Check
from ...losses.allowance import cross_entropy_backward as off_in_dlogits
from ...losses.allowance import cross_entropy_backward_terms, cross_entropy_terms
from ...losses.plain import plain_cross_entropy
from .. import going_back
from ..network import IGNORED, counted, parted
from ..reading import Asked, asked_of, in_a_batch, read, sequences_of
from .gradients import PLAIN, last_terms, moved, still
from .states import of_states

Named = dict[str, Any]
MORE = 3  # times as many runs as of states: what is rounded in a loss, luck has its hand in once more


def of_network(check: Check) -> Named:
    """Return what may be off in the loss, every gradient and the last states, in units of u."""
    of_loss, own = parted(check.options)
    run, _, X_seq, targets_seq, states0, layers, W_hy, b_y = check.operation.handed(check.arguments)
    asked, targets = asked_of(own, run, X_seq, states0, layers), counted(targets_seq, check.options)
    allowed, terms = of_states(asked, check.dtype)
    W, b = (one.astype(np.float64) for one in (W_hy, b_y))
    dh_states, behind = _last_terms(asked.cast(np.float64), targets, W, b, terms["h_states"], of_loss)
    tries = _tries(asked, targets, W_hy, b_y, of_loss)
    found = {name: allowed[name] for name in allowed if name != "h_states"}
    for name, every in tries.items():
        due = check.expected[name]
        found[name] = gradients.allowed(check.dtype, every.reshape(len(every), *due.shape), due, behind[name])
    found["b_y"] = np.maximum(found["b_y"], behind["softmax"])
    carried = float(np.sqrt(((dh_states * allowed["h_states"]) ** 2).sum()))
    return found | {"loss": np.maximum(found["loss"], carried)}


def _tries(asked: Asked, targets: Array, W_hy: Array, b_y: Array, options: Mapping[str, Any]) -> Named:
    """Return what plain arithmetic in the dtype answers, forward, through the loss and back, in several runs (R, …)."""
    runs = MORE * plain_runs(asked.states0[0][0].size * len(asked.sequences))
    kind, several = shaken(runs), moved(asked, runs)
    with np.errstate(all="ignore"):
        found = [read(asked, kind, b) for b in range(len(asked.sequences))]
        h = np.concatenate([one.a for every in found for one in every.shown], 1)  # (R, rows, KH), row after row
        ends = np.cumsum([len(every) for every in asked.sequences])
        y = np.concatenate(sequences_of(asked, targets))
        kept = y != options.get("ignore_index", IGNORED)
        count = h.dtype.type(kept.sum() if options["reduction"] == "mean" else 1)
        logits = kind(h).dot(W_hy).a + b_y
        nats, dz = plain_cross_entropy(logits, np.where(kept, y, 0), kept)
        dz = dz / count
        above = going_back.from_outputs(asked, np.zeros((asked.steps, len(found), h.shape[-1])))
        backs = []
        for b, dh in enumerate(np.split(dz @ W_hy, ends[:-1], 1)):
            dshown = [several(dh[:, t : t + 1]) for t in range(dh.shape[1])]
            backs.append(going_back.back(asked, above, several, b, still(found[b], several), dshown))
    losses = np.concatenate([nats.sum(1), np.cumsum(nats, 1)[:, -1]]) / count
    back = going_back.in_a_batch(asked, backs, lambda number: number.a, 0.0)
    return (
        {"loss": losses} | back | {"W_hy": products(dz, h), "b_y": np.concatenate([dz.sum(1), np.cumsum(dz, 1)[:, -1]])}
    )


def _last_terms(
    asked: Asked, targets: Array, W_hy: Array, b_y: Array, own: Array, options: Mapping[str, Any]
) -> tuple[Array, Named]:
    """Return what reaches the states that are shown, and Σ|terms| of the last sums behind the loss and every gradient.

    ``own`` is what stands behind the states themselves.
    """
    read_ = [read(asked, PLAIN, b) for b in range(len(asked.sequences))]
    h_states = in_a_batch(asked, read_, lambda number: number.a[0], 0.0)["h_states"]
    logits = rnn_output_layer(h_states, W_hy, b_y)
    of_logits = rnn_output_layer(abs(h_states), abs(W_hy), abs(b_y)) + np.sqrt(own**2 @ W_hy.T**2)
    moved = {"logit_error": rows(of_logits).max(-1), **options}
    terms = cross_entropy_backward_terms(1.0, logits, targets, **moved)
    layer = rnn_output_backward(terms, abs(h_states), abs(W_hy), abs(b_y))
    dh_states = cross_entropy_backward(1.0, logits, targets, **options) @ W_hy
    above = going_back.from_outputs(asked, dh_states)
    backs = [going_back.back(asked, above, PLAIN, b, one) for b, one in enumerate(read_)]
    found = last_terms(asked, _with_states(above, read_), read_, backs, sequences_of(asked, layer.h_states))
    found |= {"W_hy": layer.W_hy + np.sqrt(rows(terms**2).T @ rows(own**2)), "b_y": layer.b_y}
    of_softmax = rows(off_in_dlogits(1.0, logits, targets, **options)["dlogits"])
    found["softmax"] = np.sqrt((of_softmax**2).sum(0))  # one row is off as luck has it, apart from the others
    return dh_states, found | {"loss": cross_entropy_terms(logits, targets, **moved)}


def _with_states(above: going_back.Above, found: Sequence[Any]) -> going_back.Above:
    """Return the same with the states that were read in the place of those that are given."""
    inside = [[[np.concatenate([one.a[0] for one in every]) for every in zip(*states, strict=True)]
               for states in one.states] for one in found]  # fmt: skip
    return above._replace(inside=inside)
