"""Which mistakes of the catalogue a test does not see, because of the numbers that it calls the function with."""

from typing import Any, NamedTuple

import numpy as np

from .._shapes import Array
from ..conformance.judge.compare import compared
from ..conformance.misspelt import expected
from ..conformance.mistakes.make import wrong
from ..conformance.operation import Check
from ..conformance.run.call import Outcome, perform
from ..conformance.spec import OPERATIONS, truth
from ..conformance.spec.catalogue import MISTAKES
from ..conformance.spec.mistake import Mistake

SIZES = {"T": 5, "D": 4, "H": 3, "3H": 9, "4H": 12}
ZEROS = {"biases": ("b_h", "b_xh", "b_hh"), "states": ("h_prev", "h0", "c_prev", "c0")}


class Overlooked(NamedTuple):
    """How many forms of mistakes there are that one sequence can show, and which of them stay unseen."""

    function: str
    of: int
    unseen: dict[str, int]  # by slug, how many of its forms

    def __str__(self) -> str:
        count = sum(self.unseen.values())
        told = ", ".join(f"{slug} {forms}" if forms > 1 else slug for slug, forms in sorted(self.unseen.items()))
        return f"{self.function}: {count} of {self.of} mistakes are not seen{f': {told}' if told else ''}"

    def __repr__(self) -> str:
        return str(self)


def overlooked(function: str, *, zero: str = "", seed: int = 0) -> Overlooked:
    """Call a function with every mistake of the catalogue in it, once, and tell which answers are right all the same.

    Parameters
    ----------
    function : str
        A step of a cell or a cell's way through a sequence, such as ``"rnn_forward"``.
    zero : str
        What is zero in that call: ``"biases"``, ``"states"`` (before the first step), both by a comma, or nothing.
    seed : int
        Of the other numbers.

    Returns
    -------
    Overlooked
        Shown as a line. A mistake that no call like this can show, whatever its numbers, is not counted.

    Raises
    ------
    ValueError
        A function that is no cell's, or something else to be zero.

    Examples
    --------
    >>> overlooked("rnn_cell_step", zero="biases").unseen["bias-missing"]
    1
    """
    known = [name for name, one in OPERATIONS.items() if one.cell and one.cell.states and not one.twin]
    if function not in known:
        raise ValueError(f"overlooked: function is {function!r}{expected(str(function), known)}")
    asked = [one.strip() for one in zero.split(",")] if zero else []
    if odd := [one for one in asked if one not in ZEROS]:
        raise ValueError(f"overlooked: zero has {odd[0]!r}, expected biases, states or both by a comma")
    forms = [mistake for mistake in MISTAKES if function in mistake.functions]
    anything = _seen(function, forms, (), seed)
    seen = _seen(function, forms, [name for one in asked for name in ZEROS[one]], seed)
    unseen = [form.slug for form, can, does in zip(forms, anything, seen, strict=True) if can and not does]
    return Overlooked(function, sum(anything), {slug: unseen.count(slug) for slug in unseen})


def _seen(function: str, forms: list[Mistake], zeros: Any, seed: int) -> list[bool]:
    """Return for every mistake whether its answer to one call is wrong."""
    operation, rng = OPERATIONS[function], np.random.default_rng(seed)
    shapes = {name: [SIZES[axis] for axis in one.axes if axis != "B"] for name, one in operation.arguments.items()}
    drawn: dict[str, Array] = {name: rng.standard_normal(shape) / 2 for name, shape in shapes.items()}
    given = {name: one * (name not in zeros) for name, one in drawn.items()}
    check = Check(operation, "overlooked-float64", "single", "float64", (), given, {})
    check = check.answered(truth.ask_decimal(function, given, {}))
    return [_differs(check, perform(wrong(form, function), check)) for form in forms]


def _differs(check: Check, outcome: Outcome) -> bool:
    if outcome.error or outcome.unusable or outcome.mutated:
        return True
    return any(one.wrong for one in compared(check.returning(outcome.answers), outcome.answers))
