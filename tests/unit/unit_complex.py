"""The functions as ``rnn_ref.gradcheck`` differentiates them: one array out, and every array of one dtype."""

import numpy as np

from rnn_ref import cross_entropy, rnn_bptt, rnn_forward


def forward(*recurrent):
    """rnn_forward, its list of states as one array."""
    return np.stack(rnn_forward(*recurrent))


def loss_of(targets, **options):
    """cross_entropy as a function of its logits alone."""

    def loss(logits):
        given = {name: _in_dtype_of(logits, value) for name, value in options.items()}
        return cross_entropy(logits, _in_dtype_of(logits, targets), **given)

    return loss


def bptt_of(targets, **options):
    """The loss of rnn_bptt as a function of all its arrays."""
    return lambda X_seq, *rest: rnn_bptt(X_seq, targets, *rest, **options)[0]


def _in_dtype_of(logits, value):
    """Make weights and class probabilities complex where the logits are; leave integers and settings alone."""
    return value.astype(logits.dtype) if isinstance(value, np.ndarray) and value.dtype.kind == "f" else value
