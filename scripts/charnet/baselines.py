"""What counting alone achieves, in bits per character: the frequencies of characters, and of pairs."""

from typing import Any, NamedTuple

import numpy as np


class Baselines(NamedTuple):
    """Bits per character of the held-out text, by counts of the training text."""

    unigram: float
    bigram: float


def baselines(training: Any, held_out: Any, classes: int) -> Baselines:
    """Count in the training part, every count one more than seen, and measure on the held-out part.

    >>> baselines(np.array([0, 1] * 50), np.array([0, 1, 0, 1]), 2)
    Baselines(unigram=1.0, bigram=0.02828389567222416)
    """
    ones = np.bincount(training, minlength=classes) + 1.0
    pairs = np.bincount(training[:-1] * classes + training[1:], minlength=classes**2).reshape(classes, classes) + 1.0
    unigram = -np.log2(ones / ones.sum())[held_out[1:]].mean()
    bigram = -np.log2(pairs / pairs.sum(1, keepdims=True))[held_out[:-1], held_out[1:]].mean()
    return Baselines(float(unigram), float(bigram))
