"""``rnn_ref.lesson.check("rnn_cell_step")``: the verdict on a function of this notebook, in the notebook."""

import sys
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

from ..conformance import check as check_target
from ..conformance.misspelt import expected
from ..conformance.reports.block import function_block
from ..conformance.reports.html.elements import element, escaped, marked
from ..conformance.reports.html.section import function_section
from ..conformance.reports.report import Report
from ..conformance.spec import OPERATIONS
from ..conformance.targets.convention import Adapter
from .formulas import typeset
from .hints import Hint, ladder, right_so_far

WIDTH = 80


class Checked:
    """What came of a check: rich text in a notebook, plain text elsewhere; ``ok`` if the function conforms."""

    def __init__(self, function: str, report: Report | None, told: str = "") -> None:
        self.function = function
        self.report = report
        self._told = told  # what the learner said of the function

    @property
    def ok(self) -> bool:
        """Whether the function is there and conforms."""
        return self.report is not None and self.report.functions[self.function].verdict == "conforms"

    @property
    def mistake(self) -> str | None:
        """The mistake's name, if it has one."""
        return None if self.report is None else self.report.functions[self.function].mistake

    @property
    def right(self) -> list[str]:
        """What is right so far of a function that is wrong, each as a part of a sentence."""
        report = self.report
        return right_so_far(self.function, report.functions[self.function], report.results) if report else []

    @property
    def hints(self) -> list[Hint]:
        """Where to look, then the formula; none of a function that conforms. The answer is not among them."""
        report = self.report
        return ladder(self.function, report.functions[self.function], report.results) if report else []

    def __str__(self) -> str:
        if self.report is None:
            return self._sentence()
        lines = function_block(self.function, self.report.functions[self.function], self.report.results)
        return "\n".join([self._sentence(), *lines[1:], *self._right(), *self._more()])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """Return the same for a notebook, the hints folded up."""
        if self.report is None or self.ok or self._open:
            return element("p", marked(self._sentence()))
        function = self.report.functions[self.function]
        shown = replace(function, hint="") if self.hints else function
        right = [element("p", marked(self.right_sentence))] if self.right else []
        head = [element("p", element("strong", marked(self._sentence("`")))), *right]
        return "".join(head) + function_section(self.function, shown, self.report.results, hints="".join(self._rungs()))

    @property
    def right_sentence(self) -> str:
        """What is right so far, in a sentence; empty where nothing is known to be."""
        return f"Right so far: {'; '.join(self.right)}." if self.right else ""

    def _right(self) -> list[str]:
        return _wrapped(self.right_sentence)

    def _more(self) -> Iterator[str]:
        """Yield the way to the next hint: the first stands in the text already, where the mistake has a name."""
        if not self.hints or self.report is None:
            return
        if not self.report.functions[self.function].hint and not self.hints[0].formula:
            yield from _wrapped(f"look: {self.hints[0].lines[0]}")
        if self.hints[-1].formula:
            yield f'  next hint, the formula: print(lesson.check("{self.function}").hints[-1])'

    def _rungs(self) -> Iterator[str]:
        for number, hint in enumerate(self.hints, 1):
            told = [typeset(line) for line in hint.lines] if hint.formula else [marked(hint.lines[0])]
            summary = element("summary", escaped(f"hint {number}: {hint.title}"))
            yield element("details", summary, *(element("p", line) for line in told))

    @property
    def _open(self) -> bool:
        return self.report is not None and self.report.functions[self.function].verdict == "not-implemented"

    def _sentence(self, quote: str = "") -> str:
        report = self.report
        if report is None:
            return f"{self.function}: not there yet. Run the cell that defines it, then this one again."
        if self._open:
            return f"{self.function}: … not implemented yet. The TODO is yours."
        function = report.functions[self.function]
        own = [result for result in report.results if result.function == self.function]
        ran = sum(result.status != "skipped" for result in own)
        if not self.ok:
            slug = f", {quote}{function.mistake}{quote}" if function.mistake else ""
            passed = f"{function.passed} of {ran} checks passed"
            return f"{self.function}: ✗ {function.verdict}{slug}. {passed}.{self._told}"
        worst = max((result.ratio for result in own), default=0.0)
        skipped = [result for result in own if result.status == "skipped"]
        untaken = dict.fromkeys(one.left_out.what for one in skipped if one.left_out)
        other = sorted({one.message.partition(" (")[0] for one in skipped if not one.left_out})
        left = f" Judged without {', '.join(untaken)}: it does not take them." if untaken else ""
        left += f" Judged on what it offers; {'; '.join(other)}." if other else ""
        return (
            f"{self.function}: ✓ conforms. {ran} of {ran} checks passed; the largest error is {worst:.0%} of what "
            f"rounding may explain.{left}{self._told}"
        )


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)


def check(
    name: str,
    namespace: Mapping[str, Any] | None = None,
    *,
    layout: str | Adapter | None = None,
    returns: Literal["last", "pair"] | None = None,
    claims: str | None = None,
) -> Checked:
    """Check the function of this name in the notebook or module that calls, against the truth.

    Parameters
    ----------
    name : str
        One of the functions of the specification, such as ``"rnn_cell_step"``; or the function itself.
    namespace : mapping, optional
        Where the function is; the caller's globals if it is not given.
    layout, returns, claims
        How the function speaks and what it does not offer, as ``--layout``, ``--returns`` and ``--claims`` say it on
        the command line: ``layout="batch-first"``, ``returns="last"``, ``claims="no h0, no dX"``.

    Returns
    -------
    Checked
        Shown as rich text in a notebook; ``.ok``, ``.mistake``, ``.right``, ``.hints`` and ``.report`` for those who
        want to go on.

    Raises
    ------
    ValueError
        There is no function of that name in the specification, or no such layout or claim.

    Examples
    --------
    >>> from rnn_ref import lesson
    >>> def rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h):
    ...     return np.tanh(W_xh @ x_t + W_hh @ h_prev + b_h)
    >>> import numpy as np
    >>> lesson.check("rnn_cell_step", {"rnn_cell_step": rnn_cell_step}).ok
    True
    """
    name = getattr(name, "__name__", name)
    if name not in OPERATIONS:
        raise ValueError(f"lesson.check: name is {name!r}{expected(str(name), OPERATIONS)}")
    names = sys._getframe(1).f_globals if namespace is None else namespace
    said = {"layout": layout, "returns": returns, "claims": claims}
    if name not in names:
        return Checked(name, None)
    functions = {one: names[one] for one in OPERATIONS if one in names}
    report = check_target(functions, only=f"{name}/*", layout=layout, returns=returns, claims=claims)
    told = "; ".join(f"{what} {getattr(how, '__name__', how)}" for what, how in said.items() if how is not None)
    return Checked(name, report, f" As you said: {told}." if told else "")
