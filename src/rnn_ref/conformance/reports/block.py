"""What is wrong with one function, or in one check: a block of some eight lines, 80 columns wide, for a learner.

In short it says what was found, why that matters, where to look and where it shows. In full also on what evidence, how
far off in ulp, what would have to be allowed, and what the letters of the picture mean.
"""

import math
import re
import textwrap
from collections.abc import Iterator, Sequence

from ..judge.error_map import drawn, shade
from ..judge.figures import Figures, distinct, distinct_texts, figure_text
from ..judge.recorded import not_asked
from ..judge.result import Result
from ..judge.verdict import RIGHT, FunctionReport
from ..spec import OPERATIONS, shown

WIDTH = 80
CAUSES = 3  # exceptions that are told
LINES = 8  # of a block, with its heading and the line that reproduces it


def function_block(name: str, function: FunctionReport, results: Sequence[Result], *, full: bool = False) -> list[str]:
    """Return what is wrong with a function, told by the check that tells most; nothing if it is right."""
    if function.verdict in RIGHT:
        return []
    telling = next((result for result in results if result.id == function.telling), None)
    slugs = ", ".join(function.mistakes) or function.mistake or ""
    heading = f"{name}: {function.verdict}{in_brackets(function)}"
    lost = not_asked(result for result in results if result.function == name)
    lost_lines = [line for text in lost for line in _filled(text, 4)]
    again = list(_again(function.reproduce))
    if lost and function.explanation == "; ".join(lost):
        return [heading, *lost_lines, *_filled(function.hint, 2), *again]
    again = [*lost_lines, *again]
    if function.passes_on:
        return [heading, *_filled(sentence(function.explanation), 4), *again]
    room = LINES - 1 - len(again)
    raising = [line for text in raising_texts(function, telling) for line in _filled(text, 3)]
    if telling and function.explanation == f"{telling.id}: {telling.message}":
        look = _look(function)
        seen = raising or check_lines(telling, room - len(look), full=full)
        return [heading, *seen, *look, *_known(function, full=full), *again]
    if slugs:
        figures = _figure_lines(telling, room, full=True) if full and telling else []
        return [
            heading,
            *raising,
            *_mistake_lines(function, telling, full=full),
            *_picture(function, full=full),
            *figures,
            *again,
        ]
    said = [*_filled(function.explanation, 4), *_filled(function.hint, 2)]
    figures = _figure_lines(telling, room - len(said), full=full) if telling and telling.figures else []
    return [heading, *said, *figures, *_known(function, full=full), *again]


def raising_texts(function: FunctionReport, telling: Result | None = None) -> Iterator[str]:
    """Yield what most checks of a function raise, and the lines of source; nothing where another reason is known.

    Of a mistake that has a name, the line in which the check raises that tells most.
    """
    told = function.raises if function.verdict in {"wrong", "crashed"} else []
    if not told and function.mistake and telling and telling.raised and telling.raised.source:
        yield str(telling.raised)
        yield telling.raised.shown
    for i, one in enumerate(told[:CAUSES]):
        yield one.told
        if one.raised.shown and one.raised.shown not in {other.raised.shown for other in told[:i]}:
            yield one.raised.shown
    if told[CAUSES:]:
        yield f"and {len(told) - CAUSES} more; the JSON report has all"


def in_brackets(function: FunctionReport) -> str:
    """Return what stands behind a verdict: the names of the mistakes, or of the functions at fault."""
    names = function.named or function.passes_on
    return f" ({', '.join(names)})" if names else ""


def _mistake_lines(function: FunctionReport, telling: Result | None, *, full: bool) -> Iterator[str]:
    """Yield what was found, in full the evidence for it, why it matters, and where to look."""
    yield from _filled(sentence(function.explanation), 5)
    if (wrong := _some_of_the_outputs(telling)) and not full:  # in full the figures say so
        yield from _filled(f"wrong: {', '.join(wrong)}; what else is returned is right", 2)
    yield from _filled(sentence(function.evidence), 3) if full else []
    for fact in function.facts:
        yield from _filled(f"why: {fact}", 4)
    yield from _look(function)


def _look(function: FunctionReport) -> list[str]:
    return _filled(f"look: {function.hint}", 5) if function.hint else []


def _some_of_the_outputs(result: Result | None) -> list[str]:
    """Return the names of the outputs that are wrong, if others are not."""
    if result is None or result.figures is None:
        return []
    wrong = [result.figures.output, *result.figures.also]
    return [shown(result.id, one) for one in wrong] if len(wrong) < len(OPERATIONS[result.function].outputs) else []


def _known(function: FunctionReport, *, full: bool) -> list[str]:
    """Return what is known of a mistake without a name, and where it shows."""
    facts = [line for fact in function.facts for line in _filled(f"known: {fact}", 4)]
    return [*facts, *_picture(function, full=full)]


def _picture(function: FunctionReport, *, full: bool) -> list[str]:
    """Return the picture of where the errors are, if it shows more than that they are everywhere."""
    found = function.error_map
    if found is None or len({shade(ratio) for row in found.ratios for ratio in row}) == 1:
        return []
    return [f"  {line}" for line in drawn(found, legend=full)]


def sentence(text: str) -> str:
    """Return the text with a capital, unless it begins with the name of something in the code.

    >>> sentence("every step starts from h0"), sentence("dW_hh is made with h_t")
    ('Every step starts from h0', 'dW_hh is made with h_t')
    """
    first = text.split(" ", 1)[0]
    return text if re.search(r"[_/\d]|^[a-z]+[A-Z]", first) else f"{text[:1].upper()}{text[1:]}"


def check_block(result: Result, function: FunctionReport | None) -> list[str]:
    """Return what is wrong in one check, with the line that repeats it."""
    again = ""
    if function and function.telling and function.reproduce:
        again = function.reproduce.removesuffix(function.telling) + result.id
    lines = list(_again(again))
    return [*check_lines(result, LINES - len(lines)), *lines]


def check_lines(result: Result, room: int, *, full: bool = True) -> list[str]:
    """Return what came of a check: its figures, or the sentence where there are none."""
    if result.figures is None or result.mutated:
        lines = _filled(f"{result.id}: {result.message}", room)
        return [*lines, *(_filled(result.raised.shown, 2) if result.raised and result.raised.source else [])]
    return _figure_lines(result, room, full=full)


def _figure_lines(result: Result, room: int, *, full: bool) -> list[str]:
    """Return the figures in lines, what matters most first; those beyond the room are left out."""
    figures = result.figures
    if figures is None:
        return []
    again = "right at the first call, wrong when the same call is made again" if result.second_call else ""
    again = "right in new arrays, wrong in arrays that held other numbers before" if result.rewritten else again
    worst = _worst(result, figures)
    lines = [_count(result, figures), again, *worst, _also(result, figures)]
    lines += [_most(figures), _needed(figures)] if full else []
    told_lines: list[str] = []
    for line in lines:
        filled = _filled(line, 2)
        if len(told_lines) + len(filled) <= room:
            told_lines += filled
    return told_lines


def _count(result: Result, figures: Figures) -> str:
    step = "" if result.first_wrong_step is None else f", first wrong step {result.first_wrong_step}"
    shape = f" {figures.shape}" if figures.shape else ""
    counted = f"{figures.mismatched} of {figures.entries} wrong" if figures.entries > 1 else "wrong"
    return f"{result.id}: {shown(result.id, figures.output)}{shape} {counted}{step}"


def _worst(result: Result, figures: Figures) -> Iterator[str]:
    answer, truth = distinct(figures.answer, figures.truth)
    since = " by one exact step from its own state before" if OPERATIONS[result.function].states else ""
    yield f"{f'at {list(result.index)}: ' if result.index else ''}got {answer}, due {truth}{since}"
    error, allowed = distinct_texts(result.max_abs_error or 0.0, result.allowed or 0.0)
    off = f"off by {error}, allowed {allowed}"
    if figures.pytorch_error is None or figures.pytorch_allowed is None:
        yield off
    elif figures.pytorch_error <= figures.pytorch_allowed:
        yield f"{off}, PyTorch off by {figure_text(figures.pytorch_error)}"
    else:
        yield off
        pytorch, _ = distinct_texts(figures.pytorch_error, figures.pytorch_allowed)
        yield f"PyTorch is off by {pytorch}, more than is allowed"


def _also(result: Result, figures: Figures) -> str:
    others = ", ".join(f"{shown(result.id, name)} {what}" for name, what in figures.also.items())
    return f"wrong as well: {others}" if others else ""


def _most(figures: Figures) -> str:
    most, relative = figures.greatest_abs, figures.greatest_rel
    if not math.isfinite(most.value) or figures.entries == 1:
        return ""
    tail = "" if relative is None else f", relative {figure_text(relative.value)}{_at(relative.index)}"
    return f"greatest: {figure_text(most.value)}{_at(most.index)} ({figure_text(figures.greatest_ulp.value)} ulp){tail}"


def _at(index: tuple[int, ...]) -> str:
    return f" at {list(index)}" if index else ""


def _needed(figures: Figures) -> str:
    if not math.isfinite(figures.needed_abs):
        return "no tolerance would let this pass"
    times, _ = distinct_texts(figures.needed_times, 1.0)
    return f"would pass if {times} times as much were allowed, or {figure_text(figures.needed_abs)} everywhere"


def _filled(text: str, most: int) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent="  ",
        subsequent_indent="    ",
        max_lines=max(most, 1),
        placeholder=" ...",
        break_on_hyphens=False,
    )


def _again(command: str) -> Iterator[str]:
    """Yield the command that repeats a check, broken where a shell lets it be if it is long."""
    line = f"  again: {command}"
    head, only, rest = line.rpartition(" --only ")
    if len(line) > WIDTH and only:
        yield f"{head} \\"
        yield f"    --only {rest}"
    elif command:
        yield line
