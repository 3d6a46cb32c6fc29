"""What was found out about one target or several: the one set of facts that every format of the report is made of."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from ..foreign_text import label, printable
from ..judge.figures import Beyond, figure_text
from ..judge.result import Result
from ..judge.verdict import RIGHT, FunctionReport
from ..spec import OPERATIONS, SUITES, shown, suite_of
from ..targets.artefacts.held import WRONG
from ..targets.loading import BACK_LEFT

UNREAD = re.compile(r"not read: ([\w.]+)(?![\w.])(?!.*: its arguments are not understood)")  # which may be any helper's
NETWORKS = re.compile(r"not judged: [\w.]+(, [\w.]+)*")  # other classes, and their methods
LOOPS = re.compile(r"not judged: (the loop in [\w, ]+), outside of all functions")
AROUND = re.compile(r"not judged: \w+ itself\b")  # what holds the networks that are
DECLARED = {"xfail": "failed as declared", "xpass": "passed though declared to fail"}
AS_DECLARED, UNEXPECTED = "as declared", "unexpected pass"  # verdicts that are shown in the place of: conforms


class Row(NamedTuple):
    """What a table says of a function: verdict, passed of run, error and allowed error, first wrong step."""

    function: str
    verdict: str
    passed: str
    error: str
    allowed: str
    step: str


class Declared(NamedTuple):
    """So many checks of a function that did what was declared of them, or did not."""

    what: str
    checks: int
    function: str
    reason: str


@dataclass(frozen=True)
class Findings:
    """What was found out about one target."""

    target: str
    functions: dict[str, FunctionReport]
    results: list[Result]
    environment: dict[str, str | None]
    seconds: float
    required_missing: tuple[str, ...] = ()
    on_record: tuple[str, ...] = ()  # sentences on what the project's record has and the target or the suite has not
    on_loading: tuple[str, ...] = ()  # sentences on how the target was taken apart

    def __post_init__(self) -> None:
        """Have the name be nothing but text."""
        object.__setattr__(self, "target", label(self.target))

    @property
    def ok(self) -> bool:
        """Whether every function found conforms, declared deviations aside, and all required or recorded are there."""
        found = [name for name, one in self.functions.items() if one.verdict != "missing"]
        return bool(found) and all(map(self.is_right, found)) and not self.required_missing and not self.around

    @property
    def around(self) -> list[str]:
        """Sentences on what holds the networks that are judged, and deals with them wrongly."""
        return [note for note in self.on_record if note.startswith(WRONG)]

    def is_right(self, function: str) -> bool:
        """Whether a function conforms, and no check of it passes though it was declared to fail."""
        unexpected = any(result.status == "xpass" for result in self.of(function))
        return self.functions[function].verdict in RIGHT and not unexpected

    @property
    def planned(self) -> int:
        """The number of checks for the functions found."""
        return len(self.results)

    @property
    def skipped(self) -> int:
        """The number of checks that were not held against the target."""
        return sum(result.status == "skipped" for result in self.results)

    @property
    def ran(self) -> int:
        """The number of checks that were held against the target: run, or recorded once and not asked now."""
        return self.planned - self.skipped

    @property
    def counted(self) -> str:
        """How many checks were planned, and what became of them, in words."""
        lost = sum(result.status != "skipped" and bool(result.not_asked) for result in self.results)
        unanswered = sum(map(len, self.unanswered.values()))
        told = f", recorded and not asked now {lost}" if lost else ""
        told += f", not answered {unanswered}" if unanswered else ""
        return f"planned {self.planned}, ran {self.ran - lost - unanswered}, skipped {self.skipped}{told}"

    @cached_property
    def unanswered(self) -> dict[str, list[Result]]:
        """By function the checks that have no answer, for another one ended the process."""
        return {name: after for name in self.functions if (after := not_answered(self.of(name)))}

    @cached_property
    def suites(self) -> list[str]:
        """The suites of which something was asked."""
        asked = {suite_of(function) for function in self.functions if function in OPERATIONS}
        by_option = {one.name for one in SUITES.values() if any(one.asks(result.id) for result in self.results)}
        return [suite for suite in SUITES if suite in asked | by_option]

    @property
    def asked(self) -> str:
        """The suites in words."""
        return ", ".join(self.suites) or "none"

    @property
    def notes(self) -> list[str]:
        """Sentences beside the verdicts: on loading, on the record, and on functions in whose checks PyTorch is off.

        Only the checks that ran are told of: it matters to those who compare with PyTorch what was right here.
        """
        return [*self.on_loading, *self.on_record, *map(_where_pytorch_is_off, self.pytorch_off.values())]

    @property
    def not_judged(self) -> list[str]:
        """What looks like the functions and could not be read: it belongs beside the verdict, which says nothing of it.

        Of each the name; why, the notes tell.
        """
        back = [note for note in self.on_loading if note.startswith(BACK_LEFT)]
        networks = [note.partition(": ")[2] for note in self.on_loading if NETWORKS.fullmatch(note)]
        networks += [found[1] for note in self.on_loading if (found := LOOPS.fullmatch(note))]
        back += [f"not judged: {', '.join(networks)}"] if networks else []
        back += [note for note in self.on_record if AROUND.match(note)]
        unread = [found[1] for note in self.on_loading if (found := UNREAD.match(note))]
        as_it_is = {name for name, one in self.functions.items() if one.verdict != "missing" and not one.reading}
        unread = [name for name in unread if name not in as_it_is and not any(name in note for note in back)]
        return [*back, *([f"not read: {', '.join(dict.fromkeys(unread))}"] if unread else [])]

    @cached_property
    def pytorch_off(self) -> dict[str, list[tuple[Result, Beyond]]]:
        """By function the checks in which PyTorch's own answer is off by more than is allowed."""
        off: dict[str, list[tuple[Result, Beyond]]] = {}
        for result in self.results:
            if result.status != "skipped" and result.pytorch_beyond is not None:
                off.setdefault(result.function, []).append((result, result.pytorch_beyond))
        return off

    @property
    def missing(self) -> list[str]:
        """The functions that are not there, and need not be."""
        found = [name for name, function in self.functions.items() if function.verdict == "missing"]
        return [name for name in found if name not in self.required_missing]

    @property
    def required(self) -> list[str]:
        """The functions that must be there and are not, those aside of which a note on the record tells."""
        return [
            name for name in self.required_missing if not any(one.startswith(f"{name}: ") for one in self.on_record)
        ]

    @property
    def verdicts(self) -> Counter[str]:
        """How many functions have which verdict, those aside that are not there and need not be."""
        found = {name: one for name, one in self.functions.items() if one.verdict != "missing"}
        counted = Counter(self.verdict_shown(name, one) for name, one in found.items())
        return counted + Counter(missing=len(self.required_missing))

    @property
    def declared(self) -> list[Declared]:
        """What was declared to fail, by what came of it."""
        found: list[Declared] = []
        for status, what in DECLARED.items():
            counted = Counter((one.function, one.declared) for one in self.results if one.status == status)
            found += [Declared(what, count, function, why) for (function, why), count in counted.items()]
        return found

    @property
    def reasons(self) -> Counter[str]:
        """For which reasons how many checks were skipped; what was left out because it raises, each function tells."""
        return Counter(_reason(result) for result in self.results if result.status == "skipped")

    def beside(self, function: str) -> list[str]:
        """Return the sentences that stand beside a verdict: how a function was read, and what is not asked of it."""
        after = self.unanswered.get(function, [])
        ended = next((one.id for one in self.of(function) if one.ended), "")
        reading, claims = self.functions[function].reading, self.functions[function].claims
        told = [f"read as: {reading}"] if reading else []
        told += [f"claims: {', '.join(claims)}"] if claims else []
        told += [f"not asked again after {ended}: {len(after)} other checks have no answer"] if after else []
        return [*told, *self.left_out(function)]

    def left_out(self, function: str) -> list[str]:
        """Return a sentence for everything that is not asked of a function because it raises, wherever it does."""
        every = self.functions[function].left_out
        places = {
            what: [one.where for one in every if one.what == what] for what in dict.fromkeys(o.what for o in every)
        }
        return [f"{what}: not asked, they raise {' or '.join(ones)}" for what, ones in places.items()]

    @property
    def left_out_of_all(self) -> list[str]:
        """The same in short, without the exceptions, and without the functions where it is said of all of them."""
        together: dict[str, list[str]] = {}
        found = [name for name, one in self.functions.items() if one.verdict != "missing"]
        for name in found:
            for what in dict.fromkeys(one.what for one in self.functions[name].left_out):
                together.setdefault(f"{what}: not asked, they raise", []).append(name)
        return [text if names == found else f"{', '.join(names)}: {text}" for text, names in together.items()]

    @property
    def beside_all(self) -> list[str]:
        """What stands beside the verdict on all functions together: what was left out, not judged, or is gone."""
        return list(dict.fromkeys([*self.left_out_of_all, *self.not_judged, *self.on_record]))

    def of(self, function: str) -> list[Result]:
        """Return the results of one function."""
        return [result for result in self.results if result.function == function]

    def whose_fault(self, function: str) -> list[str]:
        """Return the functions whose fault one passes on, if each of them fails in this report: it is counted there."""
        origins = self.functions[function].passes_on if function in self.functions else []
        found = [self.functions[name].verdict for name in origins if name in self.functions]
        shown = len(found) == len(origins) and not {*found} & {*RIGHT, "passes-on"}
        return origins if shown else []

    def rows(self) -> Iterator[Row]:
        """Yield what a table says of every function found; the errors are those of the check that tells most."""
        for name, function in self.functions.items():
            if function.verdict == "missing":
                continue
            results = self.of(name)
            measured = [result for result in results if result.max_abs_error is not None]
            telling = [result for result in measured if result.id == function.telling]
            measured = telling or ([] if function.raises else measured)
            worst = max(measured, key=lambda result: result.ratio, default=None)
            asked = [result for result in results if result.status != "skipped" and not result.not_asked]
            ran = len(asked) - len(self.unanswered.get(name, []))
            passed = sum(result.status in {"passed", "xpass"} for result in results)
            step = "" if function.first_wrong_step is None else str(function.first_wrong_step)
            error, allowed = ("", "") if worst is None else _cells(worst)
            yield Row(name, self.verdict_shown(name, function), f"{passed}/{ran}", error, allowed, step)

    def verdict_shown(self, name: str, function: FunctionReport) -> str:
        """Return the verdict, or that it conforms only but for what was declared, or passes in spite of that."""
        declared = {one.status for one in self.of(name)} if function.verdict == "conforms" else set()
        return UNEXPECTED if "xpass" in declared else AS_DECLARED if "xfail" in declared else function.verdict


@dataclass(frozen=True)
class Unchecked:
    """A target that could not be checked, and why; ``empty`` if it only has none of the functions.

    ``left`` if it was not its turn yet when the check was interrupted.
    """

    target: str
    error: str
    empty: bool = False
    left: bool = False

    def __post_init__(self) -> None:
        """Have name and sentence be nothing but text."""
        object.__setattr__(self, "target", label(self.target))
        object.__setattr__(self, "error", printable(self.error))

    @property
    def why(self) -> str:
        """The sentence in one line, beside the name of the target, which is not told again."""
        return self.error.partition("\n")[0].removeprefix(self.target).lstrip(":, ")

    @property
    def ok(self) -> bool:
        """A file of a folder in which there is nothing to check is no failure."""
        return self.empty


class Head(NamedTuple):
    """What is wanted of a target whose report is not at hand."""

    ok: bool
    is_checked: bool
    empty: bool = False
    left: bool = False


class Several(Sequence[Findings | Unchecked]):
    """What was found out about each of several targets, in their order; they need not be in memory."""

    def __init__(self, reports: Sequence[Findings | Unchecked]) -> None:
        self._reports = tuple(reports) if isinstance(reports, list) else reports

    @cached_property
    def heads(self) -> list[Head]:
        """What is told of all of them in the sums."""
        return [
            Head(one.ok, False, one.empty, one.left) if isinstance(one, Unchecked) else Head(one.ok, True)
            for one in self._reports
        ]

    def __getitem__(self, index: Any) -> Any:
        return self._reports[index]

    def __len__(self) -> int:
        return len(self._reports)

    @property
    def ok(self) -> bool:
        """Whether at least one target was checked, and everything found conforms."""
        return any(one.is_checked for one in self.heads) and all(one.ok for one in self.heads)

    @property
    def left(self) -> int:
        """How many targets were left when the check was interrupted: then the report is partial."""
        return sum(one.left for one in self.heads)

    @property
    def conform(self) -> int:
        """How many conform."""
        return sum(one.ok and one.is_checked for one in self.heads)

    @property
    def checked(self) -> int:
        """How many could be checked."""
        return sum(one.is_checked for one in self.heads)

    @property
    def unchecked(self) -> int:
        """How many could not be checked, those aside that are merely empty, and those that are left."""
        return sum(not (one.is_checked or one.empty or one.left) for one in self.heads)

    @property
    def counted(self) -> str:
        """How many of all targets conform, and of the others how many are what; every target is counted once."""
        others = {
            "do not": self.checked - self.conform,
            "could not be checked": self.unchecked,
            "left, for the check was interrupted": self.left,
            "without any of the functions": sum(one.empty for one in self.heads),
        }
        told = [f"{count} {what}" for what, count in others.items() if count]
        told = told if self.checked < len(self) else []
        return "; ".join([f"{self.conform} of {len(self)} targets conform", *told])


def not_answered(results: Sequence[Result]) -> list[Result]:
    """Return the checks of a function that have no answer, for another one ended the process."""
    ended = any(one.ended for one in results)
    return [one for one in results if ended and one.lost and not one.ended]


def each(found: Findings | Several) -> Sequence[Findings | Unchecked]:
    """Return one target as a list of one."""
    return [found] if isinstance(found, Findings) else found


def _cells(worst: Result) -> tuple[str, str]:
    """Return error and allowed error as narrow as the columns, and never alike where the error is too large."""
    error, allowed = worst.max_abs_error or 0.0, worst.allowed or 0.0
    for digits in (1, 2, 3):
        texts = f"{error:.{digits}e}", f"{allowed:.{digits}e}"
        if not error > allowed or float(texts[0]) > float(texts[1]):
            break
    else:
        texts = f">{allowed:.1e}", f"{allowed:.1e}"
    return texts[0] if error else "0", texts[1] if allowed else "0"


def _reason(skipped: Result) -> str:
    if skipped.left_out is None:
        return skipped.message
    insists = f" ({skipped.left_out.insist} insists)" if skipped.left_out.insist else ""
    return f"not asked because they raise, as the table says{insists}"


def _where_pytorch_is_off(found: list[tuple[Result, Beyond]]) -> str:
    result, most = max(found, key=lambda one: one[1].error / one[1].allowed if one[1].allowed else float("inf"))
    more = f" (and in {len(found) - 1} more of {result.function}'s checks)" if len(found) > 1 else ""
    place = f"{shown(result.id, most.output)}{f' at {list(most.index)}' if most.index else ''}"
    off = f"PyTorch is off by {figure_text(most.error)} where {figure_text(most.truth)} is due"
    return f"{result.id}: {place}: {off}; the check is by the truth, not by PyTorch{more}"
