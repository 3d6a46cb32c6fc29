"""The checks of one target as items that test frameworks run one by one; knows none of those frameworks.

A function is checked in one go, at the first of its items that is asked for: whether it takes batches shows only in
all of its checks together.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from . import vectors
from .instrument import check
from .judge import Result
from .options import MEMORY, TIMEOUT
from .plan import selected, unclaimed
from .report import Report
from .sandbox import ChildSession
from .session import Found, LocalSession
from .suite import FUNCTIONS
from .target import TargetError

STUB = "not implemented yet: no more than a docstring, pass, ... or raise NotImplementedError"
ABSENT = "required, but not there"


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
    >>> items = Items({"rnn_cell_step": rnn_ref.rnn_cell_step}, only="generic-float64")
    >>> [(item.id, item.outcome()) for item in items.all]
    [('rnn_cell_step/generic-float64', ('passed', ''))]
    """

    def __init__(self, target: Any, **options: Any) -> None:
        target = os.fspath(target) if isinstance(target, os.PathLike) else target
        self._target, self._reports = target, dict[str, Report | TargetError]()
        self._options = {name: value for name, value in options.items() if name not in {"only", "require"}}
        self._checks = selected(vectors.load()[0], options.get("only"))
        if not self._checks:
            raise TargetError(f"no check matches {options['only']!r}; rnn-ref check --list prints them")
        vet(options)
        self.name, self._found = _look(target, options.get("timeout", TIMEOUT), options.get("memory", MEMORY))
        require = options.get("require", ())
        self.all = tuple(self._items((require,) if isinstance(require, str) else tuple(require)))
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
        if item.id.endswith("/fresh"):
            return self._fresh(item, report)
        result = next((one for one in report.results if one.id == item.id), None)
        return ("failed", f"{item.id}: no result") if result is None else _told(result, report)

    def _items(self, require: tuple[str, ...]) -> Iterator[Item]:
        for function in FUNCTIONS:
            mine = [one for one in self._checks if one.function == function]
            if function in require and function not in self._found:
                yield Item(f"{function}/present", self, ("failed", f"{function}: {ABSENT}"))
            if function not in self._found or not mine:
                continue
            if self._found[function].stub:
                yield Item(f"{function}/implemented", self, ("failed", f"{function}: {STUB}"))
                continue
            for one in mine:
                reason = unclaimed(one, self._options.get("rank"), self._options.get("dtype"))
                yield Item(one.id, self, ("skipped", reason) if reason else None)
            if self._options.get("seed") is not None:
                yield Item(f"{function}/fresh", self)

    def _report(self, function: str) -> Report | TargetError:
        if function not in self._reports:
            try:
                self._reports[function] = check(self._target, only=f"{function}/*", **self._options)
            except TargetError as error:
                self._reports[function] = error
        return self._reports[function]

    def _fresh(self, item: Item, report: Report) -> tuple[str, str]:
        """Sum up the checks that a seed adds: they have no names before they are made."""
        frozen = {one.id for one in vectors.load()[0]}
        told = [_told(result, report) for result in report.results if result.id not in frozen]
        failed = [text for status, text in told if status == "failed"]
        if failed or not told:
            return ("failed", failed[0]) if failed else ("skipped", f"no fresh checks of {item.function}")
        return next((one for one in told if one[0] == "passed"), told[0])


def vet(options: Mapping[str, Any]) -> None:
    """Raise for an option that does not exist: an empty target is refused only after its options were looked at."""
    try:
        check({}, **options)
    except TargetError:
        return


def _look(target: Any, timeout: float, memory: int) -> tuple[str, Mapping[str, Found]]:
    """Return a target's name and its functions, from a child process if it is given as text."""
    text = target is None or isinstance(target, str)
    session = ChildSession(target, None, (), timeout, memory) if text else LocalSession(target)
    session.close()
    return session.name, session.found


def _told(result: Result, report: Report) -> tuple[str, str]:
    """Return status and text; of a failure, the report's own words and the command that repeats it."""
    if result.status in {"passed", "skipped", "xfail"}:
        return result.status, result.message
    function = report.functions[result.function]
    known = f"{function.verdict}, {' and '.join(function.mistakes)}" if function.mistakes else function.verdict
    lines = [f"{result.id}: {result.message}", f"  {result.function}: {known}"]
    lines += [f"  {function.hint}"] if function.hint else []
    if function.reproduce:
        lines += ["  again: " + re.sub(r"--only \S+", lambda _: f"--only {result.id}", function.reproduce)]
    return "failed", "\n".join(lines)
