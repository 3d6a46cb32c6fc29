"""What a learner is told beside the verdict: what is right so far, and hints that end before the answer."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..conformance.judge.raising import CALLS
from ..conformance.judge.result import Result
from ..conformance.judge.verdict import FunctionReport
from ..conformance.reports.block import sentence
from ..conformance.spec import OPERATIONS
from ..conformance.spec.catalogue import WORDS, of
from .formulas import FORMULAS
from .gates import CELLS

LADDER = {"wrong", "crashed", "mutates-input", "right-but"}  # verdicts on which there is something to find


class Hint(NamedTuple):
    """One rung of the ladder."""

    title: str
    lines: tuple[str, ...]
    formula: bool = False

    def __str__(self) -> str:
        return "\n".join(self.lines)


def ladder(name: str, function: FunctionReport, results: Sequence[Result]) -> list[Hint]:
    """Return the hints: first where to look, then the formula; never the code."""
    if function.verdict not in LADDER:
        return []
    where = sentence(function.hint) if function.hint else _where(name, function, results)
    slugs = [slug for slug in function.mistakes if {slug, f"{slug}:{name}"} & WORDS.keys()]
    formulas = tuple(dict.fromkeys(of(slug, name).right for slug in slugs)) or FORMULAS.get(name, ())
    first = [Hint("where to look", (where if where[-1] in ".?!" else f"{where}.",))] if where else []
    return [*first, *([Hint("the formula", formulas, formula=True)] if formulas else [])]


def _where(name: str, function: FunctionReport, results: Sequence[Result]) -> str:
    """Return where to look at a function of which it is not known what is wrong with it."""
    telling = next((result for result in results if result.id == function.telling), None)
    if telling is None:
        return ""
    if telling.raised:
        told = telling.raised.place or "the line that raises"
        return f"At {told}: print the shapes of everything that stands in that line before it runs"
    if telling.misshapen:
        return "At the shapes: write the axes of every array beside its name, and follow them to the last line"
    if telling.figures is None:
        return ""
    cell, output = name.partition("_")[0], OPERATIONS[name].shown(telling.figures.output)
    beside = f"lesson.compare({'' if cell == 'rnn' else f'cell={cell!r}'})".replace("'", '"')
    picture = f'; `lesson.error_map("{name}")` draws where it is off' if OPERATIONS[name].timed else ""
    shown = f"; `{beside}` lays every intermediate beside PyTorch's" if cell in CELLS else ""
    return f"At what makes {output}: compare it term by term with the formula{picture}{shown}"


def right_so_far(name: str, function: FunctionReport, results: Sequence[Result]) -> list[str]:
    """Return what is right already of a function that is wrong, each as a part of a sentence."""
    own = [one for one in results if one.function == name and one.status != "skipped"]
    failed = [one for one in own if one.status != "passed"]
    if function.verdict not in LADDER or not failed:
        return []
    return [*_answers(failed), *_outputs(name, failed), *_kinds(own), *_steps(name, failed)]


def _answers(failed: Sequence[Result]) -> Iterator[str]:
    if not any(one.status == "error" or one.misshapen or one.figures is None for one in failed):
        yield "every answer has the right shape"


def _outputs(name: str, failed: Sequence[Result]) -> Iterator[str]:
    """Yield the outputs that are right in all checks, where every check tells of all of them."""
    operation = OPERATIONS[name]
    if len(operation.outputs) == 1 or any(one.figures is None for one in failed):
        return
    wrong = {output for one in failed if one.figures for output in (one.figures.output, *one.figures.also)}
    right = [output for output in operation.outputs if output not in wrong]
    if right:
        of = "the gradients of " if operation.gives_gradients and operation.twin else ""
        yield f"{of}{', '.join(right)}"


def _kinds(own: Sequence[Result]) -> Iterator[str]:
    """Yield the kinds of checks of which all pass, where others fail."""
    for rank in dict.fromkeys(one.rank for one in own):
        mine = [one for one in own if one.rank == rank]
        if rank in CALLS and len(mine) < len(own) and all(one.status == "passed" for one in mine):
            yield f"all {len(mine)} checks of {CALLS[rank]}"
    plain = [one for one in own if not one.corner]
    if plain and len(plain) < len(own) and all(one.status == "passed" for one in plain):
        yield f"all {len(plain)} checks but those of corner cases"


def _steps(name: str, failed: Sequence[Result]) -> Iterator[str]:
    """Yield how many steps are right before the first that is wrong in any check."""
    first = [one.first_wrong_step for one in failed]
    least = min((step for step in first if step is not None), default=0)
    if least and None not in first and not OPERATIONS[name].from_the_end:
        yield f"the first {least} steps" if least > 1 else "the first step"
