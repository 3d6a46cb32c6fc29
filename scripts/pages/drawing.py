"""A mistake in a picture: every entry of one answer as a cell, darker where it is further off."""

from html import escape
from typing import NamedTuple

import numpy as np

from rnn_ref.conformance.cases.asked import all_questions
from rnn_ref.conformance.judge.compare import Comparison, compared
from rnn_ref.conformance.judge.error_map import SHADES, shade
from rnn_ref.conformance.mistakes.make import wrong
from rnn_ref.conformance.operation import Check
from rnn_ref.conformance.run.call import Outcome, perform
from rnn_ref.conformance.spec.mistake import Mistake

CELL, LEFT, TOP = 18, 74, 22  # pixels
MOST = (30, 10)  # columns and rows that a picture has room for
OPACITY = (0.07, 0.35, 0.65, 1.0)  # of the ink, for each of the SHADES
KEY = "A dot is right; x, X and # are off by up to 1e3, up to 1e9, and more times what is allowed."


class Drawn(NamedTuple):
    """What a mistake does to one answer: a picture, or a sentence where there is nothing to draw."""

    told: str
    svg: str = ""


def drawn(mistakes: list[Mistake], function: str) -> Drawn:
    """Return the first picture that a form of the mistake gives, else what it does instead of answering wrongly."""
    instead = ""
    for mistake in mistakes:
        candidate = wrong(mistake, function)
        for check in _questions(function):
            outcomes = [perform(candidate, check), perform(candidate, check)]
            for again, outcome in enumerate(outcomes):
                entry = _worst(check, outcome)
                if isinstance(entry, Comparison):
                    call = ", when the same call is made again" if again else ""
                    title = f"{check.id}: {entry.name}{call}"
                    return Drawn(title, _svg(entry, title, timed=entry.name in check.operation.timed))
                instead = instead or entry
            candidate = wrong(mistake, function)  # what it keeps between calls begins empty
    return Drawn(instead or "Its numbers are right. What is wrong is what else it does.")


def _questions(function: str) -> list[Check]:
    """Return the plain checks of a function first, then all others; of each kind a float64 and a small one first."""
    mine = [check for check in all_questions(None, "vectors") if check.function == function]
    return sorted(mine, key=lambda one: ("generic" not in one.flags, one.dtype != "float64", one.rank != "single"))


def _worst(check: Check, outcome: Outcome) -> Comparison | str:
    """Return the wrong output with the most entries, one that goes over time before others, or a sentence."""
    if outcome.error is not None:
        return f"It raises: {outcome.error}"
    if outcome.mutated:
        return f"Its numbers are right, and {', '.join(outcome.mutated)} is written into."
    if outcome.unusable is not None:
        return f"There are no numbers to draw: {outcome.unusable}"
    check = check.returning(outcome.answers)
    found = [one for one in compared(check, outcome.answers) if one.wrong]
    entries = [one for one in found if not one.problem]
    if not entries:
        return f"{found[0].name} {found[0].problem}." if found else ""
    return max(entries, key=lambda one: (one.name in check.operation.timed, one.errors.size))


def _svg(entry: Comparison, title: str, *, timed: bool) -> str:
    """Return the picture: time goes to the right and units go down, or the rows and columns of a matrix."""
    ratios = entry.ratios
    while ratios.ndim > 2:  # of a batch, the row that is furthest off
        ratios = ratios[:, int(np.nanargmax(np.moveaxis(ratios, 1, 0).reshape(ratios.shape[1], -1).max(1)))]
    rows = ratios.reshape(len(ratios), -1).T if timed else np.atleast_2d(ratios)
    rows = rows[: MOST[1], : MOST[0]]
    down, right = ("unit", "step") if timed else ("row", "column")
    height, width = TOP + CELL * rows.shape[0] + 4, LEFT + CELL * rows.shape[1] + 4
    parts = [
        f'<svg class="errors" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img"'
        ' font-family="monospace" font-size="12" fill="currentColor">',
        f"<title>{escape(title)}</title><desc>{KEY}</desc>",
        _text(0, TOP - 8, right),
    ]
    parts += [
        _text(LEFT + CELL * (t + 0.5), TOP - 8, str(t), "middle")
        for t in range(0, rows.shape[1], 5 if rows.shape[1] > 10 else 1)
    ]
    for i, row in enumerate(rows):
        parts.append(_text(LEFT - 8, TOP + CELL * (i + 0.7), f"{down} {i}", "end"))
        parts += [_cell(LEFT + CELL * j, TOP + CELL * i, float(ratio)) for j, ratio in enumerate(row)]
    return "".join([*parts, "</svg>"])


def _cell(x: float, y: float, ratio: float) -> str:
    index = shade(ratio)
    ink = ' fill="var(--md-default-bg-color, #fff)"' if OPACITY[index] > 0.5 else ""
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{CELL - 1}" height="{CELL - 1}" fill-opacity="{OPACITY[index]}"/>'
        f'<text x="{x + CELL / 2:g}" y="{y + CELL * 0.7:g}" text-anchor="middle"{ink}>{SHADES[index][1]}</text>'
    )


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}">{escape(text)}</text>'
