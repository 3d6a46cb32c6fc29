"""The records of the output layer and of the way back through it."""

from ...operation import SUITE, Family, Operation

LAYER = "h_states: T [B] H, W_hy: V H, b_y: V"

OUTPUT = Family(
    "output",
    SUITE,
    __package__,
    (
        Operation(
            "rnn_output_layer",
            LAYER,
            "logits: T [B] V",
            terms={"W_hy": "the product with W_hy", "b_y": "the bias"},
        ),
        Operation(
            "rnn_output_backward",
            f"dlogits_seq: T [B] V, {LAYER}",
            LAYER,
            twin="rnn_output_layer",
            terms={"W_hy": "the product with W_hy", "h_states": "the product with h_states"},
        ),
    ),
)
