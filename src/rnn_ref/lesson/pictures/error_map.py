"""Where an answer is wrong: its error over time and unit, in four greys with the letters that the report has."""

import sys
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Literal

import numpy as np

from ...conformance import check as check_target
from ...conformance.judge.error_map import SHADES, ErrorMap, drawn, shade
from ...conformance.judge.result import Result
from ...conformance.judge.verdict import FunctionReport
from ...conformance.misspelt import expected
from ...conformance.reports.report import Report
from ...conformance.spec import OPERATIONS, shown
from ...conformance.targets.convention import Adapter
from .picture import Picture

TIMED = tuple(name for name, function in OPERATIONS.items() if function.timed)
GREYS = ("1", "0.85", "0.55", "0.15")  # of the paper under each of the SHADES
DARK = 0.5  # below it a letter is written in white
KEY = ("right", "up to 1e3", "up to 1e9", "more times what is allowed")


def error_map(
    name: str,
    target: Any = None,
    *,
    layout: str | Adapter | None = None,
    returns: Literal["last", "pair"] | None = None,
    claims: str | None = None,
) -> Picture:
    """Check one function and draw its error over time and unit, on the plainest problem that tells it is wrong.

    Parameters
    ----------
    name : str
        A function whose answer goes over time, such as ``"rnn_forward"``; or the function itself.
    target : str, module or dict, optional
        Where the function is, as for :func:`rnn_ref.check`; the caller's globals if it is not given.
    layout, returns, claims
        As for :func:`rnn_ref.lesson.check`.

    Returns
    -------
    Picture
        Of 60 steps and 8 units at most. Where there is no error to draw, a sentence that says why.

    Raises
    ------
    ValueError
        The function's answer does not go over time.

    Examples
    --------
    >>> def rnn_forward(X_seq, h0, W_xh, W_hh, b_h):
    ...     return [np.tanh(W_xh @ x_t + W_hh @ h0 + b_h) for x_t in X_seq]
    >>> import numpy as np
    >>> print(error_map("rnn_forward", {"rnn_forward": rnn_forward}).text.splitlines()[1])
      unit 0 .#####
    """
    name = getattr(name, "__name__", name)
    if name not in TIMED:
        raise ValueError(f"error_map: name is {name!r}{expected(str(name), TIMED)}; only their answers go over time")
    names: Any = sys._getframe(1).f_globals if target is None else target
    if isinstance(names, Mapping):  # the others are there to tell whose fault it is
        names = {one: names[one] for one in OPERATIONS if one in names}
        if name not in names:
            return Picture(f"{name}: not there yet. Run the cell that defines it, then this one again.", None)
    return picture_of(name, check_target(names, only=f"{name}/*", layout=layout, returns=returns, claims=claims))


def picture_of(name: str, report: Report) -> Picture:
    """Return the picture of what a check said of a function, or the sentence why there is none."""
    function = report.functions[name]
    found = function.error_map
    if found is None:
        own = [result for result in report.results if result.function == name]
        return Picture(f"{name}: {function.verdict}, {_why_not(name, function, own)}.", None)
    return Picture("\n".join(drawn(found)), partial(draw, found=found), height=1.5 + 0.22 * len(found.ratios[0]))


def _why_not(name: str, function: FunctionReport, results: Sequence[Result]) -> str:
    """Return why there is nothing to draw."""
    known = {
        "conforms": "there is no error to draw",
        "not-implemented": "there is nothing to draw yet: the TODO is yours",
        "missing": "there is nothing to draw",
    }
    if function.verdict in known:
        return known[function.verdict]
    if function.passes_on:
        return f"there is nothing of its own to draw: the fault is in {', '.join(function.passes_on)}"
    telling = next((result for result in results if result.id == function.telling), None)
    wrong = telling.figures.output if telling and telling.figures else ""
    if wrong and wrong not in OPERATIONS[name].timed:
        return f"there is nothing over time to draw: what is wrong is {wrong}, which has no axis of time"
    return f"there are no numbers to draw{_reason(telling, results)}"


def _reason(telling: Result | None, results: Sequence[Result]) -> str:
    """Return why there are no numbers: an exception with its place, or another shape."""
    if telling and telling.raised:
        shown = telling.raised.shown or telling.raised.place
        return f": it raises {telling.raised.type}{f' at {shown}' if shown else ''}"
    odd = next((result for result in results if result.misshapen), telling)
    return f": {odd.message}" if odd else ""


def draw(figure: Any, found: ErrorMap) -> None:
    """Fill a figure: a column for each step, a row for each unit, a grey and a letter in each cell."""
    from matplotlib.colors import ListedColormap  # noqa: PLC0415
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415

    axes = figure.add_subplot()
    shades = [[shade(ratio) for ratio in row] for row in zip(*found.ratios, strict=True)]  # (units, steps)
    edges = [np.arange(n + 1) - 0.5 for n in (len(shades[0]), len(shades))]
    axes.pcolormesh(*edges, shades, cmap=ListedColormap(GREYS), vmin=0, vmax=len(GREYS) - 1, edgecolors="0.7",
                    linewidth=0.5)  # fmt: skip
    axes.invert_yaxis()
    for unit, row in enumerate(shades):
        for t, index in enumerate(row):
            color = "1" if float(GREYS[index]) < DARK else "0"
            axes.text(t, unit, SHADES[index][1], color=color, ha="center", va="center", family="monospace", fontsize=8)
    where = "" if found.batch_row is None else f", batch row {found.batch_row}"
    axes.set(xlabel="step t (from 0)", ylabel="unit", xticks=range(len(shades[0])), yticks=range(len(shades)))
    axes.xaxis.set_major_locator(MaxNLocator(15, integer=True))
    axes.set_title(f"{found.check}: error of {shown(found.check, found.output)}{where}", fontsize=10)
    _key(figure)


def _key(figure: Any) -> None:
    from matplotlib.patches import Patch  # noqa: PLC0415

    handles = [
        Patch(facecolor=grey, edgecolor="0", label=f"{letter}  {words}")
        for grey, (_, letter), words in zip(GREYS, SHADES, KEY, strict=True)
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=4, frameon=False, fontsize=8)
