"""What is said about one mistake."""

from typing import NamedTuple


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
