"""Which function is compared on which problems, and with which options: the list that tests run and tables count."""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any, NamedTuple

import parity_functions as comparers
from parity_compare import Compared, check
from parity_grid import GRID, Spec

REDUCTIONS = {f"_{reduction}": {"reduction": reduction} for reduction in ("none", "mean", "sum")}
OBJECTIVES = {
    f"_{reduction}_{told}": {"reduction": reduction, "ignore_index": index}
    for reduction, (told, index) in product(
        ("sum", "mean"), {"all_kept": -100, "some_ignored": -1, "a_class_ignored": 0}.items()
    )
}
FUNCTIONS: dict[str, tuple[Callable[..., list[Compared]], dict[str, dict[str, Any]]]] = {
    "rnn_cell_step": (comparers.cell_step, {"": {}}),
    "rnn_cell_backward": (comparers.cell_backward, {"": {}}),
    "rnn_forward": (comparers.forward, {"": {}}),
    "rnn_backward": (comparers.backward, {"": {}}),
    "rnn_output_layer": (comparers.output_layer, {"": {}}),
    "rnn_output_backward": (comparers.output_backward, {"": {}}),
    "cross_entropy": (comparers.cross_entropy, REDUCTIONS),
    "cross_entropy_backward": (comparers.cross_entropy_backward, REDUCTIONS),
    "rnn_sequence_loss": (comparers.sequence_loss, {"": {}}),
    "rnn_sequence_loss_backward": (comparers.sequence_loss_backward, {"": {}}),
    "rnn_bptt": (comparers.bptt, OBJECTIVES),
}


class Case(NamedTuple):
    """One problem of the grid for one function."""

    function: str
    spec: Spec
    options: dict[str, Any]

    def compare(self) -> list[Compared]:
        """Run ours and PyTorch's."""
        return FUNCTIONS[self.function][0](self.spec.problem(), **self.options)

    def judge(self) -> None:
        """Raise AssertionError where they part; one hidden unit is judged by Σ|terms| alone."""
        for pair in self.compare():
            check(pair, self.spec.dtype, cancels=self.spec.H == 1)


def cases(function: str) -> Iterator[tuple[str, Case]]:
    """Yield the labelled cases of a function: the whole grid, for a single step the part of it with T = 1."""
    for (label, spec), (suffix, options) in product(GRID.items(), FUNCTIONS[function][1].items()):
        if "cell" not in function or spec.T in (1, spec.B):
            yield label + suffix, Case(function, spec, options)
