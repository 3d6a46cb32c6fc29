"""The records of the losses: the cross-entropy, any loss added up over a sequence, and the ways back."""

from ...operation import SUITE, Family, Operation

ROWS = "logits: [T] [B] V, targets: [T] [B] classes"
SEQUENCE = "logits_seq: T [B] V, targets_seq: T [B] classes"
BY_DEFAULT = {"ignores": "ignore_index"}

LOSSES = Family(
    "losses",
    SUITE,
    __package__,
    (
        Operation("cross_entropy", ROWS, "loss: [T] [B] if reduction=none", cancels=False, implied=BY_DEFAULT),
        Operation("rnn_sequence_loss", f"{SEQUENCE}, loss_fn: function", "loss:"),
        Operation(
            "cross_entropy_backward",
            f"dloss: [T] [B] if reduction=none, {ROWS}",
            "dlogits: [T] [B] V",
            twin="cross_entropy",
            cancels=False,
            implied=BY_DEFAULT,
        ),
        Operation(
            "rnn_sequence_loss_backward",
            f"dloss:, {SEQUENCE}, loss_backward: function",
            "dlogits_seq: T [B] V",
            twin="rnn_sequence_loss",
        ),
    ),
)
