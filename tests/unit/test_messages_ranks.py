"""What one reads where an axis is missing or one too many: actual, expected, and who fixed it."""

import numpy as np
from unit_messages import refuses, spoilt, table

zeros = np.zeros

RANKS = {
    "no time axis": (
        spoilt("rnn_forward", X_seq=zeros(4)),
        "rnn_forward: X_seq has shape (4,), expected (T, D=4) or (T, B, D=4); D=4 is from W_xh",
    ),
    "an axis too many": (
        spoilt("rnn_forward", X_seq=zeros((1, 5, 3, 4))),
        "rnn_forward: X_seq has shape (1, 5, 3, 4), expected (T, D=4) or (T, B, D=4); D=4 is from W_xh",
    ),
    "one h0 for a batch": (
        spoilt("rnn_forward", h0=zeros(6)),
        "rnn_forward: h0 has shape (6,), expected (B=3, H=6); B=3 is from X_seq; H=6 is from W_hh",
    ),
    "PyTorch's h0 with a layer axis": (
        spoilt("rnn_forward", h0=zeros((1, 3, 6))),
        "rnn_forward: h0 has shape (1, 3, 6), expected (B=3, H=6); B=3 is from X_seq; H=6 is from W_hh",
    ),
    "a batch of one h0 for one sequence": (
        spoilt("rnn_forward", None, h0=zeros((1, 6))),
        "rnn_forward: h0 has shape (1, 6), expected (H=6,); X_seq has no batch axis; H=6 is from W_hh",
    ),
    "one h_prev for a batch": (
        spoilt("rnn_cell_step", h_prev=zeros(6)),
        "rnn_cell_step: h_prev has shape (6,), expected (B=3, H=6); B=3 is from x_t; H=6 is from W_hh",
    ),
    "a number for x_t": (
        spoilt("rnn_cell_step", None, x_t=zeros(())),
        "rnn_cell_step: x_t has shape (), expected (D=4,) or (B, D=4); D=4 is from W_xh",
    ),
    "a bias in a column": (
        spoilt("rnn_cell_step", b_h=zeros((6, 1))),
        "rnn_cell_step: b_h has shape (6, 1), expected (H=6,); H=6 is from W_hh",
    ),
    "a flat W_hh": (
        spoilt("rnn_bptt", W_hh=zeros(36)),
        "rnn_bptt: W_hh has shape (36,), expected (H, H)",
    ),
    "one dh_t for a batch": (
        spoilt("rnn_cell_backward", dh_t=zeros(6)),
        "rnn_cell_backward: dh_t has shape (6,), expected (B=3, H=6); B=3 is from x_t; H=6 is from W_hh",
    ),
    "the last gradient alone": (
        spoilt("rnn_backward", dh_states=zeros((3, 6))),
        "rnn_backward: dh_states has shape (3, 6), expected (T=5, B=3, H=6); B=3 is from X_seq; T=5 is from X_seq; "
        "H=6 is from W_hh",
    ),
    "one state for a list of them": (
        spoilt("rnn_output_layer", h_states=zeros(6)),
        "rnn_output_layer: h_states has shape (6,), expected (T, H=6) or (T, B, H=6); H=6 is from W_hy",
    ),
    "one step's logits": (
        spoilt("rnn_sequence_loss", logits_seq=zeros(7)),
        "rnn_sequence_loss: logits_seq has shape (7,), expected (T, V) or (T, B, V)",
    ),
    "a number for logits": (
        spoilt("cross_entropy", logits=zeros(())),
        "cross_entropy: logits has shape (), expected (..., V) with no empty axis",
    ),
}


@table(RANKS)
def test_ranks_that_do_not_fit_are_told(call, message):
    with refuses(ValueError, message):
        call()
