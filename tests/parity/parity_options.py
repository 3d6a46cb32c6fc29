"""The full cross product of what cross_entropy can be asked: 1,296 questions, none left out.

weight × ignore_index × label_smoothing × reduction × kind of target × rank × dtype
"""

import zlib
from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import parity_terms as magnitudes
from parity_compare import Compared
from parity_grid import DTYPES

import rnn_ref
from rnn_ref.conformance.targets.builtins import load_builtin

oracle = load_builtin("torch")

V = 5
IGNORED_CLASS = 2
SHAPES = {"one": (V,), "T": (7, V), "T_B": (4, 3, V), "four_axes": (2, 3, 2, V)}
WEIGHTS = {"unweighted": None, "weighted": (0.5, 2.0, 1.25, 0.75, 3.0), "one_weightless": (0.5, 0.0, 1.25, 0.75, 3.0)}
IGNORED = {"none_ignored": -100, "minus_one_ignored": -1, "a_class_ignored": IGNORED_CLASS}


class Asked(NamedTuple):
    """One combination of options; the arrays are drawn on demand."""

    weight: str
    ignore: str
    label_smoothing: float
    reduction: str
    target: str
    shape: str
    dtype: str

    @property
    def refused(self) -> bool:
        """Whether PyTorch refuses it: no class can be ignored in probabilities."""
        return self.target == "probabilities" and IGNORED[self.ignore] >= 0

    def arguments(self) -> tuple[Any, Any, Any, dict[str, Any]]:
        """Return a random upstream gradient, logits, targets and the keyword arguments."""
        rng = np.random.default_rng(zlib.crc32(repr(self[:-1]).encode()))
        shape = SHAPES[self.shape]
        logits = 2 * rng.normal(size=shape)
        targets = self._indices(rng, shape[:-1])
        if self.target == "probabilities":
            targets = rng.dirichlet(np.ones(V), size=shape[:-1]).astype(self.dtype)
        dloss = rng.normal(size=shape[:-1]) if self.reduction == "none" else rng.normal()
        weight = WEIGHTS[self.weight]
        options = {
            "weight": weight if weight is None else np.array(weight, self.dtype),
            "ignore_index": IGNORED[self.ignore],
            "label_smoothing": self.label_smoothing,
            "reduction": self.reduction,
        }
        return np.asarray(dloss).astype(self.dtype)[()], logits.astype(self.dtype), targets, options

    def compare(self) -> list[Compared]:
        """Ask ours and PyTorch."""
        dloss, logits, targets, options = self.arguments()
        return both(dloss, logits, targets, **options)

    def _indices(self, rng: np.random.Generator, rows: tuple[int, ...]) -> Any:
        """Draw targets, of every class where there are rows enough; class 1, or a lone row, is what is ignored."""
        targets = rng.permutation(np.arange(np.prod(rows, dtype=int)) % V).reshape(rows)
        if self.ignore != "none_ignored":
            targets = np.where(targets == 1, IGNORED[self.ignore], targets) if rows else np.int64(IGNORED[self.ignore])
        return targets


def both(dloss: Any, logits: Any, targets: Any, **options: Any) -> list[Compared]:
    """Compare the loss and its gradient, ours beside PyTorch's."""
    pairs = []
    for name, arguments in ("cross_entropy", (logits, targets)), ("cross_entropy_backward", (dloss, logits, targets)):
        ours, theirs = (getattr(room, name)(*arguments, **options) for room in (rnn_ref, oracle))
        with np.errstate(invalid="ignore"):  # behind inf − inf
            terms = getattr(magnitudes, f"{name}_terms")(*arguments, **options)
        pairs.append(Compared(name, ours, theirs, terms))
    return pairs


def questions() -> Iterator[tuple[str, Asked]]:
    """Yield every question with a label."""
    for asked in product(
        WEIGHTS, IGNORED, (0.0, 0.1, 1.0), ("none", "mean", "sum"), ("indices", "probabilities"), SHAPES, DTYPES
    ):
        yield "_".join(map(str, asked)), Asked(*asked)
