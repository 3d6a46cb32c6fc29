"""The losses: the cross-entropy of a prediction, and any loss added up over a sequence, forward and backward."""

from .cross_entropy import cross_entropy, cross_entropy_backward
from .sequence_loss import rnn_sequence_loss, rnn_sequence_loss_backward

__all__ = ["cross_entropy", "cross_entropy_backward", "rnn_sequence_loss", "rnn_sequence_loss_backward"]
