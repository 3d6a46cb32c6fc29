"""How far given answers are off, beside what is allowed: the record, and the sentences that tell it."""

from dataclasses import dataclass

from ..judge.figures import distinct, distinct_texts


@dataclass(frozen=True)
class Measure:
    """One output: its worst entry, the one with the largest ratio of error to allowed error."""

    output: str
    error: float
    allowed: float
    ratio: float  # above 1 is wrong
    index: tuple[int, ...] | None
    first_wrong_step: int | None  # in the order of computation; None where all are right, or there are no steps
    returned: float
    due: float  # the nearest float64; of a state, one exact step from the state that was given before it
    entries: int
    wrong: int  # of them
    problem: str = ""  # why it cannot be compared

    @property
    def ok(self) -> bool:
        """Whether no entry is off by more than is allowed."""
        return self.ratio <= 1

    def __str__(self) -> str:
        if self.problem:
            return f"{self.output} {self.problem}"
        error, allowed = distinct_texts(self.error, self.allowed)
        place = f" at {list(self.index)}" if self.index else ""
        if self.ok:
            return f"{self.output}: off by at most {error}{place}, allowed {allowed}"
        returned, due = distinct(self.returned, self.due)
        since = f"; first wrong step {self.first_wrong_step}" if self.first_wrong_step is not None else ""
        count = f"; {self.wrong} of {self.entries} entries" if self.entries > 1 else ""
        return f"{self.output}: off by {error}{place}, allowed {allowed}{count}{since}; returned {returned}, due {due}"


@dataclass(frozen=True)
class Measured:
    """All outputs that were given, the worst one first asked for."""

    function: str
    precision: str
    accumulate: str
    outputs: tuple[Measure, ...]

    @property
    def worst(self) -> Measure:
        """The output with the largest ratio."""
        return max(self.outputs, key=lambda one: one.ratio)

    @property
    def ok(self) -> bool:
        """Whether all outputs are right."""
        return all(one.ok for one in self.outputs)

    @property
    def error(self) -> float:
        """The error at the worst entry."""
        return self.worst.error

    @property
    def allowed(self) -> float:
        """What is allowed there."""
        return self.worst.allowed

    @property
    def ratio(self) -> float:
        """The first over the second: above 1 is wrong."""
        return self.worst.ratio

    @property
    def output(self) -> str:
        """The output of the worst entry."""
        return self.worst.output

    @property
    def index(self) -> tuple[int, ...] | None:
        """Where in it the worst entry is."""
        return self.worst.index

    @property
    def first_wrong_step(self) -> int | None:
        """The first wrong step of the first output that has one."""
        return next((one.first_wrong_step for one in self.outputs if one.first_wrong_step is not None), None)

    def __str__(self) -> str:
        """Return a line for the whole and one for each output: of what is wrong, the worst first."""
        sums = "" if self.accumulate == self.precision else f" with sums in {self.accumulate}"
        head = f"{self.function} {'conforms' if self.ok else 'does not conform'} in {self.precision}{sums}"
        if self.ok:
            return "\n  ".join([head, *map(str, self.outputs)])
        wrong = sorted((one for one in self.outputs if not one.ok), key=lambda one: -one.ratio)
        right = [one.output for one in self.outputs if one.ok]
        return "\n  ".join([head, *map(str, wrong), *([f"right: {', '.join(right)}"] if right else [])])
