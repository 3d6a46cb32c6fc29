"""Every public function on one problem of the grid, ours beside PyTorch's: the pairs that tests judge and tables count.

Each comparer takes a problem and options and returns what to compare; ``parity_cases.py`` says on which problems and
with which options.
"""

from typing import Any

import numpy as np
import parity_terms as magnitudes
from parity_compare import Compared, named
from parity_grid import Problem, lay_out

import rnn_ref
from rnn_ref.conformance.targets.builtins import load_builtin

oracle = load_builtin("torch")


def cell_step(p: Problem) -> list[Compared]:
    arguments = p.X_seq[0], p.h0, p.W_xh, p.W_hh, p.b_h
    ours = rnn_ref.rnn_cell_step(*arguments)
    terms = magnitudes.state_terms(p.X_seq[:1], p.h0, [ours], p.W_xh, p.W_hh, p.b_h)[0]
    return [Compared("h_t", ours, oracle.rnn_cell_step(*arguments), terms)]


def cell_backward(p: Problem) -> list[Compared]:
    inputs = p.X_seq[0], p.h0, p.W_xh, p.W_hh, p.b_h
    arguments = p.dh_states[0], rnn_ref.rnn_cell_step(*inputs), *inputs
    ours, theirs = rnn_ref.rnn_cell_backward(*arguments), oracle.rnn_cell_backward(*arguments)
    return named(ours, theirs, magnitudes.cell_backward_terms(*arguments))


def forward(p: Problem) -> list[Compared]:
    inputs = p.X_seq, p.h0, p.W_xh, p.W_hh, p.b_h
    ours, theirs = rnn_ref.rnn_forward(*inputs), oracle.rnn_forward(*inputs)
    if not isinstance(ours, list) or len(ours) != len(theirs):
        raise AssertionError(f"rnn_forward: {type(ours)} of {len(ours)}, expected a list of {len(theirs)} states")
    terms = magnitudes.state_terms(p.X_seq, p.h0, ours, p.W_xh, p.W_hh, p.b_h)
    return [Compared("h_states", np.stack(ours), np.stack(theirs), terms)]


def backward(p: Problem) -> list[Compared]:
    inputs = p.X_seq, p.h0, p.W_xh, p.W_hh, p.b_h
    h_states = rnn_ref.rnn_forward(*inputs)
    upstream = (list(p.dh_states), h_states) if p.as_list else (p.dh_states, lay_out(np.stack(h_states), "views"))
    ours, theirs = rnn_ref.rnn_backward(*upstream, *inputs), oracle.rnn_backward(*upstream, *inputs)
    return named(ours, theirs, magnitudes.backward_terms(*upstream, *inputs))


def output_layer(p: Problem) -> list[Compared]:
    arguments = p.states, p.W_hy, p.b_y
    ours, theirs = rnn_ref.rnn_output_layer(*arguments), oracle.rnn_output_layer(*arguments)
    return [Compared("logits_seq", ours, theirs, magnitudes.logit_terms(*arguments))]


def output_backward(p: Problem) -> list[Compared]:
    arguments = p.dlogits_seq, p.states, p.W_hy, p.b_y
    ours, theirs = rnn_ref.rnn_output_backward(*arguments), oracle.rnn_output_backward(*arguments)
    return named(ours, theirs, magnitudes.output_backward_terms(*arguments))


def cross_entropy(p: Problem, *, reduction: str) -> list[Compared]:
    arguments, option = (p.logits_seq, p.targets_seq), {"reduction": reduction}
    ours, theirs = (room.cross_entropy(*arguments, **option) for room in (rnn_ref, oracle))
    return [Compared("loss", ours, theirs, magnitudes.cross_entropy_terms(*arguments, **option))]


def cross_entropy_backward(p: Problem, *, reduction: str) -> list[Compared]:
    upstream = p.dlosses if reduction == "none" else p.dloss
    arguments, option = (upstream, p.logits_seq, p.targets_seq), {"reduction": reduction}
    ours, theirs = (room.cross_entropy_backward(*arguments, **option) for room in (rnn_ref, oracle))
    return [Compared("dlogits", ours, theirs, magnitudes.cross_entropy_backward_terms(*arguments, **option))]


def sequence_loss(p: Problem) -> list[Compared]:
    arguments, option = (p.logits_seq, p.targets_seq), {"reduction": "sum"}
    ours = rnn_ref.rnn_sequence_loss(*arguments, lambda z_t, y_t: rnn_ref.cross_entropy(z_t, y_t, **option))
    theirs, terms = oracle.cross_entropy(*arguments, **option), magnitudes.cross_entropy_terms(*arguments, **option)
    return [Compared("loss", ours, theirs, terms)]


def sequence_loss_backward(p: Problem) -> list[Compared]:
    arguments, option = (p.dloss, p.logits_seq, p.targets_seq), {"reduction": "sum"}
    ours = rnn_ref.rnn_sequence_loss_backward(
        *arguments, lambda dloss, z_t, y_t: rnn_ref.cross_entropy_backward(dloss, z_t, y_t, **option)
    )
    theirs = oracle.cross_entropy_backward(*arguments, **option)
    return [Compared("dlogits_seq", ours, theirs, magnitudes.cross_entropy_backward_terms(*arguments, **option))]


def bptt(p: Problem, *, reduction: str, ignore_index: int) -> list[Compared]:
    targets_seq = p.targets_seq.copy()
    if ignore_index >= -1:  # every third position counts for nothing: the class in question, or −1
        targets_seq.ravel()[::3] = ignore_index
    arguments = p.X_seq, targets_seq, p.h0, p.W_xh, p.W_hh, p.b_h, p.W_hy, p.b_y
    options = {"reduction": reduction, "ignore_index": ignore_index}
    loss, grads, h_T = rnn_ref.rnn_bptt(*arguments, **options)
    their_loss, their_grads, their_h_T = oracle.rnn_bptt(*arguments, **options)
    loss_terms, h_T_terms, terms = _bptt_terms(grads, *arguments, **options)
    pairs = [Compared("loss", loss, their_loss, loss_terms), Compared("h_T", h_T, their_h_T, h_T_terms)]
    return pairs + named(grads, their_grads, terms)


def _bptt_terms(grads: Any, X: Any, y: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any, W_hy: Any, b_y: Any, **o: Any):
    """Return Σ|terms| of the loss, of h_T and of every gradient: each part's own, handed down the chain."""
    h_states = np.stack(rnn_ref.rnn_forward(X, h0, W_xh, W_hh, b_h))
    logits_seq = rnn_ref.rnn_output_layer(h_states, W_hy, b_y)
    logit_error = magnitudes.logit_terms(h_states, W_hy, b_y).max(-1).ravel()
    loss = magnitudes.cross_entropy_terms(logits_seq, y, logit_error=logit_error, **o)
    dlogits = magnitudes.cross_entropy_backward_terms(1.0, logits_seq, y, logit_error=logit_error, **o)
    state_terms = magnitudes.state_terms(X, h0, h_states, W_xh, W_hh, b_h)
    output = magnitudes.output_backward_terms(dlogits.astype(X.dtype), state_terms, W_hy, b_y)
    recurrent = magnitudes.backward_terms(output.h_states, h_states, X, h0, W_xh, W_hh, b_h)
    return loss, state_terms[-1], type(grads)(*recurrent, W_hy=output.W_hy, b_y=output.b_y)
