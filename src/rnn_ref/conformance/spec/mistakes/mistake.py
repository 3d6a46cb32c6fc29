"""What a mistake is: edits of the base's text, under a slug, for the functions in which it can be made."""

from typing import NamedTuple

Edit = tuple[str, str]  # what stands in the base, what stands in its place


class Mistake(NamedTuple):
    """A mistake of the catalogue. Slugs are API; one that has several natural forms has an entry for each."""

    slug: str
    functions: tuple[str, ...]
    edits: tuple[Edit, ...]
    variant: str = ""


STEP, FORWARD = ("rnn_cell_step",), ("rnn_forward",)
OUTPUT, OUTPUT_BACK = ("rnn_output_layer",), ("rnn_output_backward",)
LOSS, LOSS_BACK = ("cross_entropy",), ("cross_entropy_backward",)
SUM, SUM_BACK = ("rnn_sequence_loss",), ("rnn_sequence_loss_backward",)
CELL_BACK, BACK = ("rnn_cell_backward",), ("rnn_backward",)
BPTT = ("rnn_bptt",)  # the loss and every gradient


def made(slug: str, functions: tuple[str, ...], *edits: Edit, variant: str = "") -> Mistake:
    """Return the mistake that these edits make.

    >>> made("no-tanh", STEP, ("np.tanh(z_t)", "z_t")).functions
    ('rnn_cell_step',)
    """
    return Mistake(slug, functions, edits, variant)
