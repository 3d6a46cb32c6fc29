"""The words for the mistakes: found, why it matters, where to look, and the formula, right and wrong.

A record fits every function in which the mistake can be made; where one function needs other words, there is a record
of its own under ``slug:function``.
"""

from collections.abc import Mapping

from ..mistake import Words, entries
from . import activation, anywhere, loss, options, output, scale, slopes, states, steps, sums, through_time

__all__ = ["WORDS", "Words", "of"]

FAMILIES: tuple[Mapping[str, Words], ...] = (
    *(activation.ACTIVATION, activation.TERMS, states.START, states.ROWS, states.ORDER),
    *(output.FORWARDS, output.BACKWARDS, loss.SOFTMAX, loss.TARGETS, scale.SIGN, scale.FACTOR, steps.STEPS),
    *(options.IGNORED, options.WEIGHTS, options.SMOOTHING, options.PROBABILITIES),
    *(slopes.SLOPES, slopes.PRODUCTS, through_time.PATHS, through_time.CUTS, sums.ADDED, sums.AVERAGES),
    *(anywhere.ANYWHERE, anywhere.CONVENTIONS),
)
WORDS: dict[str, Words] = {key: words for family in FAMILIES for key, words in family.items()}
for entry in entries():
    if entry.words and WORDS.setdefault(entry.slug, entry.words) is not entry.words:
        WORDS |= {f"{entry.slug}:{function}": entry.words for one in entry.mistakes for function in one.functions}


def of(slug: str, function: str = "") -> Words:
    """Return the words for a mistake, or for what is right in another convention, in one function.

    >>> of("bias-missing", "rnn_forward").found
    'the bias b_h is left out'
    >>> of("dloss-ignored", "cross_entropy_backward").wrong
    'dlogits = d loss / d logits'
    """
    return WORDS.get(f"{slug}:{function}") or WORDS[slug]
