"""What a mistake is: its words, and edits of the base's text, for the functions in which it can be made."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from . import FAMILIES


class Words(NamedTuple):
    """The words for a mistake: what was found, why it matters, where to look, and the formula, right and wrong.

    ``found`` is a clause that fits behind the function's name and a colon. ``look`` gives the direction and never the
    corrected line. The formulas are ASCII, one line each, for one sequence: ``*`` is entry by entry, ``^T`` a
    transpose, ``h_prev`` the state before ``h_t``, and a ``d`` before a name the gradient of the loss by it.
    """

    found: str
    matters: str
    look: str
    right: str
    wrong: str


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


class Entry(NamedTuple):
    """A slug with its words, and the forms in which the mistake is made; without words, those of other families fit."""

    slug: str
    words: Words | None
    mistakes: tuple[Mistake, ...]


Form = Callable[[str], Mistake]


def form(functions: tuple[str, ...], *edits: Edit, variant: str = "") -> Form:
    """Return one form of a mistake, which waits for its slug."""
    return lambda slug: Mistake(slug, functions, edits, variant)


def entry(slug: str, words: Words | None, *forms: Form) -> Entry:
    """Return a slug with its words and its forms.

    A slug that another family has as well has words of its own for the functions of this one.
    """
    return Entry(slug, words, tuple(one(slug) for one in forms))


def entries() -> Iterator[Entry]:
    """Yield the entries of all families that keep them in ``mistakes.py``."""
    for family in FAMILIES.values():
        yield from family.part("mistakes").ENTRIES if family.has("mistakes") else ()
