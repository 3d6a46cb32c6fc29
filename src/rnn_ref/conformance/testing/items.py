"""The checks of one target as items that test frameworks run one by one; knows none of those frameworks.

A function is checked in one go, at the first of its items that is asked for: whether it takes batches shows only in
all of its checks together.
"""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from ..error_state import usual
from ..errors import TargetError
from ..examine import examine, session_with
from ..judge.result import Result
from ..options import options_of
from ..plan import plan_ahead, plan_for, plan_held
from ..reports.findings import UNREAD
from ..reports.report import Report
from ..run.parts import PartSession, sole_part
from ..spec import OPERATIONS

STUB = "not implemented yet: no more than a docstring, pass, ... or raise NotImplementedError"


@dataclass(frozen=True)
class Item:
    """One check of one target, or what stands for a function that cannot be checked."""

    id: str
    target: "Items"
    settled: tuple[str, str] | None = None  # the outcome, where it is known before anything runs

    @property
    def function(self) -> str:
        """The function that is checked."""
        return self.id.partition("/")[0]

    def outcome(self) -> tuple[str, str]:
        """Return the status (passed, failed, skipped or xfail) and what there is to say."""
        return self.settled or self.target.outcome(self)


class Items:
    """The checks of one target, found without loading it into this process if it is given as text.

    Examples
    --------
    >>> import rnn_ref
    >>> items = Items({"rnn_cell_step": rnn_ref.rnn_cell_step}, only="*/generic-float64")
    >>> [(item.id, item.outcome()) for item in items.all]
    [('rnn_cell_step/generic-float64', ('passed', ''))]
    """

    @usual()
    def __init__(self, target: Any, **options: Any) -> None:
        target = os.fspath(target) if isinstance(target, os.PathLike) else target
        self._target, self._reports = target, dict[str, Report | TargetError]()
        self._options = options_of(options)
        session = session_with(target, self._options)
        try:
            session.load()
        finally:
            session.close()
        self.name, self._found = session.name, session.found
        self._notes = list(dict.fromkeys(session.notes))
        if session.was_taken_apart:  # so that none of the functions waits for the whole again
            self._options = replace(self._options, apart=True)
        if session.held:
            held = sole_part(session, target)
            self._found, self._plan = PartSession(session, held).found, plan_held(held, self._options)
        else:
            self._plan = plan_for(target, self._found, self._options, plan_ahead(target, self._options))
        self.all = tuple(self._items())
        self.running = self.all  # those that the test framework has chosen
        if not any(item.settled is None or item.settled[0] == "failed" for item in self.all):
            reasons = sorted({item.settled[1] for item in self.all if item.settled})
            raise TargetError(
                f"{self.name}: nothing to check: {', '.join(reasons) or 'what is asked for is not there'}"
            )

    def outcome(self, item: Item) -> tuple[str, str]:
        """Return what came of one item, after running its function unless that was done before."""
        report = self._report(item.function)
        if isinstance(report, TargetError):
            return "failed", str(report)
        result = next((one for one in report.results if one.id == item.id), None)
        if result is None:
            return "failed", f"{item.id}: no result"
        status, text = _status_and_text(result, report)
        text = "\n".join([text, *(f"  {note}" for note in self._notes)]) if status == "failed" else text
        function = report.functions[item.function]
        if status == "failed" and function.passes_on and all(map(self._fails, function.passes_on)):
            return "xfail", function.explanation
        return status, text

    def _fails(self, function: str) -> bool:
        """Whether a function fails, by a fault of its own, in one of the items that are run."""
        report = self._report(function)
        if isinstance(report, TargetError) or report.functions[function].passes_on:
            return False
        return any(one.outcome()[0] == "failed" for one in self.running if one.function == function)

    def _items(self) -> Iterator[Item]:
        for function in OPERATIONS:
            mine = [one for one in self._plan.asked if one.function == function]
            if function in self._plan.required and function not in self._found:
                why = "required" if function in self._options.require else "recorded"
                yield Item(f"{function}/present", self, ("failed", f"{function}: {why}, but not there"))
            if function not in self._found or not mine:
                continue
            if self._found[function].stub:
                yield Item(f"{function}/implemented", self, ("failed", f"{function}: {STUB}"))
                continue
            for one in mine:
                reason = self._plan.reasons.get(one.id)
                settled = reason and one.id not in self._plan.recorded
                yield Item(one.id, self, ("skipped", reason) if reason and settled else None)
        for note in [] if self._options.only else self._notes:
            if found := UNREAD.match(note):
                yield Item(f"not-read/{found[1]}", self, ("skipped", note))

    def _report(self, function: str) -> Report | TargetError:
        if function not in self._reports:
            try:
                self._reports[function] = examine(self._target, replace(self._options, only=f"{function}/*"))
            except TargetError as error:
                self._reports[function] = error
        return self._reports[function]


def chosen(items: Iterable[Item]) -> None:
    """Tell the targets of these items that no others are run."""
    running: dict[int, list[Item]] = {}
    for item in items:
        running.setdefault(id(item.target), []).append(item)
        item.target.running = tuple(running[id(item.target)])


def _status_and_text(result: Result, report: Report) -> tuple[str, str]:
    """Return status and text; of a failure, the report's own words and the command that repeats it."""
    if result.status in {"passed", "skipped"}:
        return result.status, result.message
    if result.status == "xfail":
        return result.status, f"{result.declared} ({result.message})"
    if result.status == "xpass":
        return "failed", f"{result.id}: passes, and was declared to fail: {result.declared}"
    function = report.functions[result.function]
    known = f"{function.verdict}, {' and '.join(function.named)}" if function.named else function.verdict
    lines = [f"{result.id}: {result.message}"]
    lines += [f"  {result.raised.shown}"] if result.raised and result.raised.source else []
    lines += [f"  {result.function}: {known}"]
    lines += [f"  {function.hint}"] if function.hint else []
    if function.reproduce:
        lines += ["  again: " + re.sub(r"--only \S+", lambda _: f"--only {result.id}", function.reproduce)]
    return "failed", "\n".join(lines)
