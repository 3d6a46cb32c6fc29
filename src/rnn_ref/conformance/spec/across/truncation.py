"""Gradients that are not carried back through all steps: the forms of one mistake, in any loop over time.

Which number of steps it is follows from the first wrong step, or from the sequences that are right.
"""

from collections.abc import Iterator

from ..mistake import Edit, Form, Number, form

LOOP = "reversed(range(T))"


def _behind(step: int, T: int) -> list[int]:
    """Return how many rows are right, where that step is the last that is wrong."""
    return [T - 1 - step] if step < T - 1 else []


def _chunks(step: int, T: int) -> list[int]:
    """Return the lengths of chunks of which that step ends one."""
    return [k for k in range(max(2, T - 1 - step), step + 2) if (step + 1) % k == 0]


def _window(step: int, T: int) -> list[int]:
    """Return how many steps back a gradient goes, where that step is the last that one does not reach."""
    return [T - 2 - step] if step < T - 2 else []


AFTER = Number(3, "but ends {} steps from the end", steps=True, at_step=_behind)
EACH = Number(3, "but ends at the border of every {} steps", steps=True, at_step=_chunks)
BACKWARDS = Number(3, "but ends every {} steps from the end", steps=True, at_step=_behind)
WINDOW = Number(2, "but {} steps back from each", steps=True, at_step=_window)
WHERE = (  # it is handed on, by variant
    ("cut once", "t > T - NUMBER", AFTER),
    ("one link cut", "t != T - NUMBER", AFTER),
    ("chunks", "t % NUMBER > 0", EACH),
    ("chunks, dh0 reached", "t % NUMBER > 0 or t == 0", EACH),
    ("chunks from the end", "(T - t) % NUMBER > 0", BACKWARDS),
    ("chunks from the end, dh0 reached", "(T - t) % NUMBER > 0 or t == 0", BACKWARDS),
)


def cut(functions: tuple[str, ...], *lines: str, told: str = "") -> Iterator[Form]:
    """Yield the forms that do not hand on everywhere what these lines of the loop hand to the step before."""
    for variant, condition, number in WHERE:
        edits: list[Edit] = []
        for line in lines:
            name = line.partition(" = ")[0]
            edits.append((line, f"{line}\n        {name} = {name} * ({condition})"))
        yield form(functions, *edits, variant=f"{variant}{told}", number=number)


def stops(functions: tuple[str, ...], end: Edit) -> Iterator[Form]:
    """Yield the forms that go back so many steps and end: with what is handed on then at ``end``, and without."""
    loop = (LOOP, "reversed(range(T)[-NUMBER:])")
    yield form(functions, loop, variant="stops", number=AFTER)
    yield form(functions, loop, end, variant="stops, dh0 not reached", number=AFTER)
