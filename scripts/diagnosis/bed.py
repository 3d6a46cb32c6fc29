"""Everything that is written with one mistake."""

from collections.abc import Iterator

from . import (  # noqa: F401 - importing them registers their styles
    back,
    bptt,
    cell_back,
    forward,
    loss,
    loss_back,
    output,
    output_back,
    step,
    sums,
)
from .anywhere import anywhere
from .written import STYLES, Written, styles, written

AROUND = 3  # styles in which the mistakes are made that can be made anywhere


def implementations() -> Iterator[Written]:
    """Yield every function in every style with each mistake that can be made in it, fresh."""
    for one in STYLES:
        for mistake in one.mistakes:
            yield written(one, mistake)
        if one in styles(one.function)[:AROUND]:
            yield from anywhere(one)
