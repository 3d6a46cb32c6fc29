"""The report as text, no wider than 80 columns: on one target, or a line for each of several."""

import textwrap
from collections.abc import Iterator, Sequence

from ..judge.verdict import RIGHT
from .block import WIDTH, function_block
from .findings import Findings, Several
from .overview import HEAD, lines_of, not_judged

INPUT = 'the input of a failing check: add --save-input FILE.npz to its "again" line'
NAME = 30  # columns of a target's name
_ROW = "{:<26} {:<15} {:>7} {:>9} {:>8} {:>5}".format


def rendered(found: Findings | Several, *, full: bool = False) -> str:
    """Return the table of functions, what is wrong with each, and the sums; or the table of targets, and the sums.

    Where PyTorch is off is counted, and told in full.
    """
    return _of_several(found) if isinstance(found, Several) else _of_one(found, full=full)


def _of_one(found: Findings, *, full: bool) -> str:
    lines = [
        f"{found.target}: suite {found.asked}, {found.environment['oracle']}",
        "",
        _ROW("function", "verdict", "passed", "error", "allowed", "step").rstrip(),
        *(line for row in found.rows() for line in (_ROW(*row).rstrip(), *_beside(found, row.function))),
        *_explanations(found, full=full),
        "",
        *_sums(found, full=full),
    ]
    return "\n".join(lines) + "\n"


def _beside(found: Findings, function: str) -> Iterator[str]:
    for sentence in found.beside(function):
        yield from textwrap.wrap(sentence, WIDTH, initial_indent="  ", subsequent_indent="    ")


def _explanations(found: Findings, *, full: bool) -> Iterator[str]:
    for name, function in found.functions.items():
        lines = function_block(name, function, found.results, full=full)
        if lines:
            yield "\n" + "\n".join(lines)
    if any(function.reproduce and function.verdict not in RIGHT for function in found.functions.values()):
        yield "\n" + textwrap.fill(INPUT, WIDTH, subsequent_indent="  ")
    for note in found.notes if full else [*found.on_loading, *found.on_record]:
        yield "\n" + textwrap.fill(f"note: {note}", WIDTH, subsequent_indent="  ")


def _sums(found: Findings, *, full: bool) -> Iterator[str]:
    if found.missing:
        yield textwrap.fill(f"not there: {', '.join(found.missing)}", WIDTH, subsequent_indent="  ")
    if found.required:
        text = f"required, but not there: {', '.join(found.required)}"
        yield textwrap.fill(text, WIDTH, subsequent_indent="  ")
    for one in found.declared:
        yield textwrap.fill(f"{one.what}: {one.checks} of {one.function}: {one.reason}", WIDTH, subsequent_indent="  ")
    if found.reasons:
        yield "skipped:"
        for reason, count in found.reasons.items():
            yield textwrap.fill(f"{count} {reason}", WIDTH, initial_indent="  ", subsequent_indent="    ")
    verdicts = ", ".join(f"{count} {verdict}" for verdict, count in found.verdicts.items())
    around = [note.partition(" itself: ")[0] + " itself" for note in found.around]
    left = "".join(f"; {note}" for note in [*around, *found.not_judged])
    yield textwrap.fill(f"{'ok' if found.ok else 'NOT OK'}: {verdicts}{left}", WIDTH, subsequent_indent="  ")
    yield textwrap.fill(f"checks: {found.counted}; {found.seconds:.1f} s", WIDTH, subsequent_indent="  ")
    if off := sum(map(len, found.pytorch_off.values())) if not full else 0:
        text = f"(PyTorch's own answer, stored beside the truth, is off in {off} of them; --verbose says where)"
        yield textwrap.fill(text, WIDTH, subsequent_indent="  ")


def _of_several(found: Several) -> str:
    lines = [f"{HEAD[0]:<{NAME}} {HEAD[1]:>7}  {HEAD[2]}"]
    every, once = lines_of(found)
    left = not_judged(once)
    for one in every:
        lines += _row(one.target, one.conform, one.said(once))
    told = [said for one, said in once.items() if one not in left]
    lines += [textwrap.fill(one, WIDTH, subsequent_indent="  ", break_on_hyphens=False) for one in told]
    lines += ["", *_sums_of_several(found, left)]
    return "\n".join(lines) + "\n"


def _row(name: str, counted: str, said: str) -> Iterator[str]:
    indent = " " * (NAME + 10)
    filled = textwrap.wrap(said, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False) or [
        indent
    ]
    if len(name) > NAME:
        yield name
        name = ""
    yield f"{name:<{NAME}} {counted:>7}  {filled[0].lstrip()}".rstrip()
    yield from filled[1:]


def _sums_of_several(found: Several, left: Sequence[str]) -> Iterator[str]:
    yield f"{'ok' if found.ok else 'NOT OK'}: {'; '.join([found.counted, *left])}"
    yield "rnn-ref check TARGET tells more about one"
