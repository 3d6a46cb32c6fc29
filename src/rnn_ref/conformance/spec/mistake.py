"""How a mistake is written down: its words, and the edits of the base's text (see ``bases.py``) that make it."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

Edit = tuple[str, str]  # what stands in the base, in one place; what stands there instead

STEP, FORWARD = ("rnn_cell_step",), ("rnn_forward",)
OUTPUT, OUTPUT_BACK = ("rnn_output_layer",), ("rnn_output_backward",)
LOSS, LOSS_BACK = ("cross_entropy",), ("cross_entropy_backward",)
SUM, SUM_BACK = ("rnn_sequence_loss",), ("rnn_sequence_loss_backward",)
CELL_BACK, BACK = ("rnn_cell_backward",), ("rnn_backward",)
BPTT = ("rnn_bptt",)  # the loss and every gradient
EVERY = STEP + FORWARD + OUTPUT + LOSS + SUM + CELL_BACK + BACK + OUTPUT_BACK + LOSS_BACK + SUM_BACK + BPTT


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


class Mistake(NamedTuple):
    """One form of a mistake, in the functions whose text its edits fit. Slugs are API."""

    slug: str
    functions: tuple[str, ...]
    edits: tuple[Edit, ...]
    variant: str = ""  # tells the forms of one slug apart


class Form(NamedTuple):
    """A mistake that has no slug yet."""

    functions: tuple[str, ...]
    edits: tuple[Edit, ...]
    variant: str


class Entry(NamedTuple):
    """What one call adds to the catalogue; the words are for a slug, or for ``slug:function``."""

    key: str
    words: Words | None
    forms: tuple[Form, ...]

    @property
    def mistakes(self) -> list[Mistake]:
        """The forms under their slug."""
        return [Mistake(self.key.partition(":")[0], *form) for form in self.forms]


class Solved(NamedTuple):
    """Forms with a number in them that no list holds: it follows from the first wrong step of a sequence of T."""

    slug: str
    forms: Callable[[int, int], Iterable[Form]]  # of that step, in the order of computation, and of T

    def at(self, step: int, T: int) -> list[Mistake]:
        """Return the forms whose first wrong step that is."""
        return [Mistake(self.slug, *one) for one in self.forms(step, T)]


def form(functions: tuple[str, ...], *edits: Edit, variant: str = "") -> Form:
    """Return the form of a mistake that these edits make."""
    return Form(functions, edits, variant)


def mistake(key: str, words: Words, *forms: Form) -> Entry:
    """Return a mistake with its words and its forms.

    The words fit every function in which the mistake can be made. If one function needs other words, its key is
    ``slug:function``; the slug alone then stands for the other functions.

    >>> words = Words("the sum is returned as it is", "...", "...", "h_t = tanh(z_t)", "h_t = z_t")
    >>> mistake("no-tanh", words, form(STEP, ("np.tanh(z_t)", "z_t"))).mistakes
    [Mistake(slug='no-tanh', functions=('rnn_cell_step',), edits=(('np.tanh(z_t)', 'z_t'),), variant='')]
    """
    return Entry(key, words, forms)


def more(slug: str, *forms: Form) -> Entry:
    """Return more forms of a mistake whose words stand elsewhere."""
    return Entry(slug, None, forms)
