"""All mistakes and all words. Whoever adds a mistake writes one call of ``mistake`` in one of the files listed here.

The order is that of the files, which is the order in which data flows, and in a file from top to bottom. It counts:
lists and the kill matrix follow it, and of two mistakes that explain the same answers the first one is named.
"""

from collections.abc import Iterable, Mapping

from ..operation import SUITE
from . import FAMILIES, anywhere
from .conventions import CONVENTIONS
from .losses import mistakes_options, mistakes_softmax, mistakes_sum
from .mistake import Entry, Mistake, Solved, Words
from .output import mistakes as mistakes_output
from .rnn import mistakes_gradients, mistakes_states, mistakes_step, mistakes_through_time

FILES = (
    *(mistakes_step, mistakes_states, mistakes_output, mistakes_softmax, mistakes_sum, mistakes_options),
    *(mistakes_gradients, mistakes_through_time, anywhere),
    *(family.part("mistakes") for family in FAMILIES.values() if family.suite != SUITE),  # one file for each of them
)
ENTRIES: tuple[Entry, ...] = tuple(entry for file in FILES for entry in file.ENTRIES)
SOLVED: tuple[Solved, ...] = tuple(one for file in FILES for one in getattr(file, "SOLVED", ()))


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


def solved(function: str, step: int, T: int) -> list[Mistake]:
    """Return the mistakes of a function whose first wrong step is that, of a sequence of T, and that no list holds.

    >>> [mistake.variant for mistake in solved("rnn_forward", 50, 131)]
    ['to h0 every 50', 'to 0 every 50']
    """
    listed = {(mistake.slug, mistake.variant) for mistake in MISTAKES if function in mistake.functions}
    found = [mistake for one in SOLVED for mistake in one.at(step, T) if function in mistake.functions]
    return [mistake for mistake in found if (mistake.slug, mistake.variant) not in listed]


def of(slug: str, function: str = "") -> Words:
    """Return the words for a mistake, or for what is right in another convention, in one function.

    >>> of("bias-missing", "rnn_forward").found
    'the bias b_h is left out'
    >>> of("dloss-ignored", "cross_entropy_backward").wrong
    'dlogits = d loss / d logits'
    """
    return WORDS.get(f"{slug}:{function}") or WORDS[slug]
