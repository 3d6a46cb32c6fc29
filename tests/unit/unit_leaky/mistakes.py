"""What goes wrong in it."""

from rnn_ref.conformance.spec.mistake import Words, form, mistake

ENTRIES = (
    mistake(
        "leak-forgotten",
        Words(
            "nothing leaks", "Everything is kept forever.", "Where is W_hh used?", "W_xh x_t + W_hh h", "W_xh x_t + h"
        ),
        form(("leaky_step",), ("h_prev @ W_hh.T", "h_prev")),
    ),
)
