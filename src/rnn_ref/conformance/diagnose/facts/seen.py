"""The material of all facts: every check that was asked, what came of it, and the outputs beside the truth."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ...judge.compare import Comparison, compared
from ...judge.probe import Probe
from ...operation import Check
from ...run.call import Outcome


@dataclass(frozen=True)
class Seen:
    """One check, what the candidate made of it, and its outputs beside the truth, where these are numbers."""

    check: Check
    outcome: Outcome
    wrong: bool
    ones: Sequence[Comparison]

    @property
    def corner(self) -> bool:
        """Whether a mistake may do anything here: divide by zero targets, say."""
        return "corner" in self.check.flags

    @property
    def numbers(self) -> bool:
        """Whether every output has numbers of the shape that is due."""
        return bool(self.ones) and not any(one.problem for one in self.ones)

    def output(self, name: str) -> Comparison:
        """Return the output of this name."""
        return next(one for one in self.ones if one.name == name)


@dataclass(frozen=True)
class Everything:
    """All that was asked of one function."""

    every: Sequence[Seen]

    @classmethod
    def of(cls, probes: Iterable[Probe]) -> "Everything":
        """Compare every outcome with the truth, in the order in which examples are taken: float64 first."""
        return cls([_seen(probe) for probe in sorted(probes, key=lambda one: one.check.dtype != "float64")])

    @property
    def counting(self) -> list[Seen]:
        """The checks that are wrong, corners aside unless nothing else is."""
        wrong = [one for one in self.every if one.wrong]
        return [one for one in wrong if not one.corner] or wrong

    @property
    def numbers(self) -> list[Seen]:
        """Those of them with numbers in every output, if these are most of them."""
        found = [one for one in self.counting if one.numbers]
        return found if 2 * len(found) > len(self.counting) else []

    @property
    def where(self) -> str:
        """What stands before a fact that holds of the wrong answers alone: nothing, if all plain ones are wrong."""
        right = any(not one.wrong and not one.corner for one in self.every)
        return "where it is wrong, " if right else ""

    def outputs(self) -> Iterator[tuple[str, list[Seen]]]:
        """Yield every output that is wrong somewhere, and the checks in which it is."""
        for name in dict.fromkeys(one.name for seen in self.numbers for one in seen.ones):
            theirs = [seen for seen in self.numbers if any(one.name == name for one in seen.ones)]
            wrong = [seen for seen in theirs if seen.output(name).wrong]
            if wrong:
                yield name, wrong


def shown(check: Check, output: str) -> str:
    """Return the name of an output as people write it."""
    return check.operation.shown(output)


def listed(names: Iterable[str]) -> str:
    """Write names one after the other, with an "and" before the last.

    >>> listed(["dX", "dh0", "db"])
    'dX, dh0 and db'
    """
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _seen(probe: Probe) -> Seen:
    outcome = probe.outcome
    check = probe.check.returning(outcome.answers)
    lost = outcome.error is not None or outcome.unusable is not None
    return Seen(check, outcome, probe.wrong, [] if lost else compared(check, outcome.answers))
