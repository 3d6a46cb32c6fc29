"""All mistakes and all words. Whoever adds a mistake writes one call of ``mistake`` in one of the files listed here.

The order is that of the files, which is the order in which data flows, and in a file from top to bottom. It counts:
lists and the kill matrix follow it, and of two mistakes that explain the same answers the first one is named.
"""

from collections.abc import Iterable, Mapping

from ..operation import SUITE
from . import FAMILIES, anywhere, constants
from .conventions import CONVENTIONS
from .losses import mistakes as of_losses
from .mistake import Entry, Mistake, Words
from .output import mistakes as of_output
from .output import mistakes_states as of_output_states
from .rnn import mistakes as of_rnn

FILES = (
    *(*of_rnn.FORWARDS, of_output, *of_losses.FILES, *of_rnn.BACKWARDS, of_output_states),
    *(anywhere, constants),
    *(family.part("mistakes") for family in FAMILIES.values() if family.suite != SUITE),  # one file for each of them
)
# Habits that silence every other name: of several mistakes they are named last.
IDIOMS = ("log-of-softmax", "unstable-softmax", "log-epsilon", "softmax-epsilon", "gradients-clipped")
# Forms of which some number explains much: where two mistakes without a number explain it all, these are not meant.
EXPLAIN_MUCH = ("constant-factor", "constant-shift", "scaled-argument", "scaled-term")
ENTRIES: tuple[Entry, ...] = tuple(entry for file in FILES for entry in file.ENTRIES)


def mistakes_in(entries: Iterable[Entry]) -> tuple[Mistake, ...]:
    """Return the mistakes, every form of every slug."""
    return tuple(mistake for entry in entries for mistake in entry.mistakes)


def words_in(entries: Iterable[Entry]) -> dict[str, Words]:
    """Return the words by slug, or by ``slug:function``, and those for the conventions.

    Words for a slug that has some already, of another family, are for the functions of their own forms.
    """
    words = dict(CONVENTIONS)
    for entry in entries:
        if entry.words and words.setdefault(entry.key, entry.words) is not entry.words:
            words |= {f"{entry.key}:{function}": entry.words for one in entry.forms for function in one.functions}
    return words


MISTAKES = mistakes_in(ENTRIES)
WORDS: Mapping[str, Words] = words_in(ENTRIES)


def with_numbers(function: str) -> list[Mistake]:
    """Return the forms in a function that have a number in them, which is to be solved for.

    >>> [(form.slug, form.variant) for form in with_numbers("rnn_forward") if form.slug == "chunk-reset"]
    [('chunk-reset', 'to h0'), ('chunk-reset', 'to 0')]
    """
    return [mistake for mistake in MISTAKES if mistake.sought and function in mistake.functions]


def with_common_numbers(function: str) -> list[Mistake]:
    """Return the forms in a function that have a number in them, with numbers that people write there.

    >>> [form.value for form in with_common_numbers("rnn_cell_step") if form.slug == "leaky-state"]
    [0.5, 0.1, 0.9, 0.5]
    """
    forms = [(form, form.sought.common) for form in with_numbers(function) if form.sought]
    return [form._replace(number=number) for form, numbers in forms for number in numbers]


def of(slug: str, function: str = "") -> Words:
    """Return the words for a mistake, or for what is right in another convention, in one function.

    >>> of("bias-missing", "rnn_forward").found
    'the bias b_h is left out'
    >>> of("dloss-ignored", "cross_entropy_backward").wrong
    'dlogits = d loss / d logits'
    """
    return WORDS.get(f"{slug}:{function}") or WORDS[slug]
