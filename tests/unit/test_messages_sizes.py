"""What one reads where an axis has another size, or none: actual, expected, and who fixed it."""

import numpy as np
from unit_messages import refuses, spoilt, table

zeros = np.zeros

SIZES = {
    "inputs": (
        spoilt("rnn_forward", X_seq=zeros((5, 3, 9))),
        "rnn_forward: X_seq has shape (5, 3, 9), expected (T, B, D=4); D=4 is from W_xh",
    ),
    "inputs of one step": (
        spoilt("rnn_cell_step", None, x_t=zeros(3)),
        "rnn_cell_step: x_t has shape (3,), expected (D=4,); D=4 is from W_xh",
    ),
    "an h0 that would broadcast": (
        spoilt("rnn_forward", h0=zeros((1, 6))),
        "rnn_forward: h0 has shape (1, 6), expected (B=3, H=6); B=3 is from X_seq",
    ),
    "units of h0": (
        spoilt("rnn_forward", None, h0=zeros(5)),
        "rnn_forward: h0 has shape (5,), expected (H=6,); H=6 is from W_hh",
    ),
    "W_hh not square": (
        spoilt("rnn_forward", W_hh=zeros((6, 4))),
        "rnn_forward: W_hh has shape (6, 4), expected (H, H); both axes equal",
    ),
    "W_xh transposed": (
        spoilt("rnn_forward", W_xh=zeros((4, 6))),
        "rnn_forward: W_xh has shape (4, 6), expected (H=6, D); H=6 is from W_hh",
    ),
    "bias": (
        spoilt("rnn_bptt", b_h=zeros(5)),
        "rnn_bptt: b_h has shape (5,), expected (H=6,); H=6 is from W_hh",
    ),
    "W_hy for another H": (
        spoilt("rnn_bptt", W_hy=zeros((7, 5))),
        "rnn_bptt: W_hy has shape (7, 5), expected (V, H=6); H=6 is from W_hh",
    ),
    "states that begin with h0": (
        spoilt("rnn_backward", h_states=zeros((6, 3, 6))),
        "rnn_backward: h_states has shape (6, 3, 6), expected (T=5, B=3, H=6); T=5 is from X_seq",
    ),
    "states of another layer": (
        spoilt("rnn_output_layer", h_states=zeros((5, 3, 4))),
        "rnn_output_layer: h_states has shape (5, 3, 4), expected (T, B, H=6); H=6 is from W_hy",
    ),
    "output bias": (
        spoilt("rnn_output_layer", b_y=zeros(6)),
        "rnn_output_layer: b_y has shape (6,), expected (V=7,); V=7 is from W_hy",
    ),
    "dlogits of fewer steps": (
        spoilt("rnn_output_backward", dlogits_seq=zeros((4, 3, 7))),
        "rnn_output_backward: dlogits_seq has shape (4, 3, 7), expected (T=5, B=3, V=7); T=5 is from h_states",
    ),
    "dh in the shape of x_t": (
        spoilt("rnn_cell_backward", dh_t=zeros((3, 4))),
        "rnn_cell_backward: dh_t has shape (3, 4), expected (B=3, H=6); H=6 is from W_hh",
    ),
}
EMPTY = {
    "no steps": (
        spoilt("rnn_forward", X_seq=zeros((0, 3, 4))),
        "rnn_forward: X_seq has shape (0, 3, 4), expected T >= 1",
    ),
    "no rows": (
        spoilt("rnn_forward", X_seq=zeros((5, 0, 4)), h0=zeros((0, 6))),
        "rnn_forward: X_seq has shape (5, 0, 4), expected B >= 1",
    ),
    "no rows in a cell": (
        spoilt("rnn_cell_step", x_t=zeros((0, 4)), h_prev=zeros((0, 6))),
        "rnn_cell_step: x_t has shape (0, 4), expected B >= 1",
    ),
    "no units": (
        spoilt("rnn_forward", W_hh=zeros((0, 0))),
        "rnn_forward: W_hh has shape (0, 0), expected H >= 1",
    ),
    "no logits": (
        spoilt("rnn_sequence_loss", logits_seq=zeros((0, 7)), targets_seq=zeros(0, int)),
        "rnn_sequence_loss: logits_seq has shape (0, 7), expected T >= 1",
    ),
    "no rows of logits": (
        spoilt("cross_entropy", logits=zeros((0, 7)), targets=zeros(0, int)),
        "cross_entropy: logits has shape (0, 7), expected (..., V) with no empty axis",
    ),
    "no classes": (
        spoilt("cross_entropy", logits=zeros((5, 0)), targets=zeros(5, int)),
        "cross_entropy: logits has shape (5, 0), expected (..., V) with no empty axis",
    ),
}


@table(SIZES | EMPTY)
def test_sizes_that_do_not_fit_are_told(call, message):
    with refuses(ValueError, message):
        call()
