"""The records of the output layer and of the way back through it."""

from typing import Any

from ...operation import SUITE, Cell, Family, Operation

LAYER = "h_states: T [B] H, W_hy: V H, b_y: V"


def layer(h_states: Any, W_hy: Any, b_y: Any) -> tuple[Any]:
    """logits = W_hy h + b_y."""
    return (h_states.dot(W_hy) + b_y,)


LINEAR = Cell(layer, (), ("W_hy", "b_y"))
OUTPUT = Family(
    "output",
    SUITE,
    __package__,
    (
        Operation(
            "rnn_output_layer",
            LAYER,
            "logits: T [B] V",
            LINEAR,
            terms={"W_hy": "the product with W_hy", "b_y": "the bias"},
        ),
        Operation(
            "rnn_output_backward",
            f"dlogits_seq: T [B] V, {LAYER}",
            LAYER,
            LINEAR,
            twin="rnn_output_layer",
            terms={"W_hy": "the product with W_hy", "h_states": "the product with h_states"},
        ),
    ),
)
