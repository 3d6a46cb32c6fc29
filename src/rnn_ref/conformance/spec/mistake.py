"""How a mistake is written down: its words, and the edits of the base's text (see ``bases.py``) that make it.

An edit may contain ``NUMBER``. Which number a candidate has there is in no list: it is solved for, on one probe.
"""

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


class Number(NamedTuple):
    """The number in a form: the one that is shown in the catalogue, how it is told, and where it is looked for.

    One that has its place in a product or a sum (``linear``) follows from two tries; any other is looked for between
    ``least`` and ``most``, and of those with a minus where it is ``signed``. A number of steps (``steps``) is at least
    the length of the longest sequence that is right, and below that of the shortest that is wrong; where the outputs
    have an axis of time, ``at_step`` gives those that leave a step the first wrong one (in the order of computation,
    of T in all). ``common`` are numbers that people write there, for which it is asked beside another mistake.
    """

    shown: float
    told: str  # the end of the sentence on what was found, with {} for the number
    least: float = 1e-3
    most: float = 1e4
    points: int = 1  # at which it is tried first, in each power of ten
    linear: bool = False
    signed: bool = False
    steps: bool = False
    at_step: Callable[[int, int], Iterable[int]] | None = None
    common: tuple[float, ...] = ()


class Mistake(NamedTuple):
    """One form of a mistake, in the functions whose text its edits fit. Slugs are API."""

    slug: str
    functions: tuple[str, ...]
    edits: tuple[Edit, ...]
    variant: str = ""  # tells the forms of one slug apart
    sought: Number | None = None
    number: float | None = None  # None is the one that is shown

    @property
    def value(self) -> float:
        """The number in it.

        Raises
        ------
        ValueError
            There is none.
        """
        if self.sought is None:
            raise ValueError(f"{self.slug} {self.variant}: the form has no number in it")
        return self.sought.shown if self.number is None else self.number

    @property
    def told(self) -> str:
        """The number, as the end of a sentence; empty where there is none."""
        if self.sought is None:
            return ""
        inverse = 1 / self.value if self.value else 0.0
        divisor = self.sought.linear and 1 < round(inverse) < 1000 and abs(inverse - round(inverse)) < 1e-9
        text = self.sought.told.format(f"1/{round(inverse)}" if divisor else f"{self.value:.6g}")
        return text if text.startswith(":") else f" {text}"


class Form(NamedTuple):
    """A mistake that has no slug yet."""

    functions: tuple[str, ...]
    edits: tuple[Edit, ...]
    variant: str
    sought: Number | None = None


class Entry(NamedTuple):
    """What one call adds to the catalogue; the words are for a slug, or for ``slug:function``."""

    key: str
    words: Words | None
    forms: tuple[Form, ...]

    @property
    def mistakes(self) -> list[Mistake]:
        """The forms under their slug."""
        return [Mistake(self.key.partition(":")[0], *form) for form in self.forms]


def form(functions: tuple[str, ...], *edits: Edit, variant: str = "", number: Number | None = None) -> Form:
    """Return the form of a mistake that these edits make, with the number in them where there is one."""
    return Form(functions, edits, variant, number)


def mistake(key: str, words: Words, *forms: Form) -> Entry:
    """Return a mistake with its words and its forms.

    The words fit every function in which the mistake can be made. If one function needs other words, its key is
    ``slug:function``; the slug alone then stands for the other functions.

    >>> words = Words("the sum is returned as it is", "...", "...", "h_t = tanh(z_t)", "h_t = z_t")
    >>> mistake("no-tanh", words, form(STEP, ("np.tanh(z_t)", "z_t"))).mistakes[0].edits
    (('np.tanh(z_t)', 'z_t'),)
    """
    return Entry(key, words, forms)


def more(slug: str, *forms: Form) -> Entry:
    """Return more forms of a mistake whose words stand elsewhere."""
    return Entry(slug, None, forms)
