"""``rnn_ref.lesson.check("rnn_cell_step")``: the verdict on a function of this notebook, in the notebook."""

import sys
from collections.abc import Mapping
from typing import Any

from ..conformance import check as check_target
from ..conformance.reports.block import function_block
from ..conformance.reports.html.elements import element, marked
from ..conformance.reports.html.section import function_section
from ..conformance.reports.report import Report
from ..conformance.spec import OPERATIONS


class Checked:
    """What came of a check: rich text in a notebook, plain text elsewhere; ``ok`` if the function conforms."""

    def __init__(self, function: str, report: Report | None) -> None:
        self.function = function
        self.report = report

    @property
    def ok(self) -> bool:
        """Whether the function is there and conforms."""
        return self.report is not None and self.report.functions[self.function].verdict == "conforms"

    @property
    def mistake(self) -> str | None:
        """The mistake's name, if it has one."""
        return None if self.report is None else self.report.functions[self.function].mistake

    def __str__(self) -> str:
        if self.report is None:
            return f"{self.function}: not there yet. Run the cell that defines it, then this one again."
        lines = function_block(self.function, self.report.functions[self.function], self.report.results)
        return "\n".join([self._sentence(), *lines[1:]])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """Return the same for a notebook."""
        if self.report is None or self.ok or self._open:
            return element("p", marked(str(self)))
        article = function_section(
            self.function, self.report.functions[self.function], self.report.results, answers=False
        )
        return element("p", marked(self._sentence())) + article

    @property
    def _open(self) -> bool:
        return self.report is not None and self.report.functions[self.function].verdict == "not-implemented"

    def _sentence(self) -> str:
        report = self.report
        if report is None or self._open:
            return f"{self.function}: … not implemented yet. The TODO is yours."
        function = report.functions[self.function]
        own = [result for result in report.results if result.function == self.function]
        ran = sum(result.status != "skipped" for result in own)
        if not self.ok:
            slug = f", {function.mistake}" if function.mistake else ""
            return f"{self.function}: ✗ {function.verdict}{slug}. {function.passed} of {ran} checks passed."
        worst = max((result.ratio for result in own), default=0.0)
        skipped = sorted({result.message.partition(" (")[0] for result in own if result.status == "skipped"})
        left = f" Judged on what it takes; {'; '.join(skipped)}." if skipped else ""
        return (
            f"{self.function}: ✓ conforms. {ran} of {ran} checks passed; the largest error is {worst:.0%} of what "
            f"rounding may explain.{left}"
        )


def check(name: str, namespace: Mapping[str, Any] | None = None) -> Checked:
    """Check the function of this name in the notebook or module that calls, against the truth.

    Parameters
    ----------
    name : str
        One of the functions of the specification, such as ``"rnn_cell_step"``; or the function itself.
    namespace : mapping, optional
        Where the function is; the caller's globals if it is not given.

    Returns
    -------
    Checked
        Shown as rich text in a notebook; ``.ok``, ``.mistake`` and ``.report`` for those who want to go on.

    Raises
    ------
    ValueError
        There is no function of that name in the specification.

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
        raise ValueError(f"lesson.check: name is {name!r}, expected one of {', '.join(OPERATIONS)}")
    names = sys._getframe(1).f_globals if namespace is None else namespace
    if name not in names:
        return Checked(name, None)
    return Checked(name, check_target({one: names[one] for one in OPERATIONS if one in names}, only=f"{name}/*"))
