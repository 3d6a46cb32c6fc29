"""A step with gates, of which one line is another than is due: which line, solved for, and read off as a formula.

All other lines are taken as they should be. What is left is then known at every unit: the gate, its argument, and of
what parts that is a sum. Each state is held against the candidate's own state before it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import numpy as np

from ....._shapes import Array
from ..seen import Everything, Seen
from .lines import AROUND, EXACTLY, Line, gru, lstm

MOST = 20_000  # entries that are looked at
CHECKS = 2  # from which a formula is read
NEARLY = 1e-5  # how near a factor has to come to one with two decimals
ENOUGH, SHARE = 3, 0.4  # times as many entries as there are parts; and of all, how many have to tell


def gates(known: Everything) -> Iterator[str]:
    """Yield the one line that, written in another way, gives what was computed."""
    wrong = [one for one in known.numbers if one.check.dtype == "float64" and "large" not in one.check.flags]
    if not wrong or wrong[0].check.operation.twin:
        return
    after = bool(wrong[0].check.options.get("reset_after", True))
    same = [one for one in wrong if bool(one.check.options.get("reset_after", True)) == after]
    with np.errstate(all="ignore"):
        steps = [step for one in same if (step := _steps(one)) is not None]
        for read, beside in _ways(wrong[0].check.function, after):
            lines = [read(*step) for step in steps]
            for line in _joined(lines) if len(lines) >= CHECKS else ():
                if formula := _formula(line):
                    yield f"{known.where}right with {line.name} = {formula}{beside}, and all else as it should be"
                    return


def _ways(function: str, after: bool) -> list[tuple[Callable[..., list[Line]], str]]:
    """Return in which ways a step may be read: a GRU's with the reset gate in the place that is due, or the other."""
    if not function.startswith("gru"):
        return [(lstm, "")] if function.startswith("lstm") else []
    other = f", the reset gate {'before' if after else 'behind'} the product with W_hn"
    return [(partial(gru, after=after), ""), (partial(gru, after=not after), other)]


def _steps(seen: Seen) -> tuple[dict[str, Array], dict[str, Array]] | None:
    """Return what each step was given, one below the other, and what it made of it; None where that is not known."""
    given, made = dict(seen.check.arguments), {one.name: one.answer for one in seen.ones}
    if "X_seq" in given:
        if "h_states" not in made:
            return None
        first = slice(None) if "c_states" in made or "c0" not in given else slice(1)  # whose memory before is known
        for one, zero in (("h", "h0"), ("c", "c0")):
            states = made.get(f"{one}_states")
            if zero in given:
                before = [given[zero][None], *([] if states is None else [states[:-1]])]
                given[f"{one}_prev"] = np.concatenate(before)[first]
            if states is not None:
                made[f"{one}_t"] = states[first]
        given["x_t"] = given["X_seq"][first]
    inputs = {name: _rows(given[name]) for name in ("x_t", "h_prev", "c_prev") if name in given}
    weights = {name: np.asarray(value, float) for name, value in given.items() if name[:2] in {"W_", "b_"}}
    return inputs | weights, {name: _rows(made[name]) for name in ("h_t", "c_t") if name in made}


def _rows(array: Array) -> Array:
    return np.asarray(array, float).reshape(-1, np.shape(array)[-1])


def _joined(every: Sequence[Sequence[Line]]) -> Iterator[Line]:
    """Yield each line over all checks, as one long row."""
    for place, first in enumerate(every[0]):
        ones = [lines[place] for lines in every if len(lines) == len(every[0])]
        parts = {name: _row([one.parts[name] for one in ones]) for name in first.parts}
        known = _row([np.broadcast_to(one.known, one.value.shape) for one in ones])
        value, due = _row([one.value for one in ones]), _row([one.due for one in ones])
        yield Line(first.name, value, parts, due, first.around, known)


def _row(arrays: Sequence[Array]) -> Array:
    return np.concatenate([one.ravel() for one in arrays])[:MOST]


def _formula(line: Line) -> str:
    """Return of what a line is a sum, empty where it is none, or the one that is due."""
    around, inverse, least, most = AROUND[line.around]
    keep = line.known & (line.value > least) & (line.value < most)
    parts = _apart(line.parts)
    if not parts or np.sum(keep) < max(ENOUGH * len(parts), SHARE * line.value.size):
        return ""
    columns, needed = np.stack([*parts.values()], 1), inverse(line.value[keep])
    found, _, rank, _ = np.linalg.lstsq(columns[keep], needed, rcond=1e-10)
    rounded = np.asarray(np.round(found, 2))
    off, as_due = (float(np.abs(around(one) - line.value)[line.known].max()) for one in (columns @ rounded, line.due))
    if as_due <= EXACTLY or rank < len(parts) or np.abs(found - rounded).max() > NEARLY or not np.any(rounded):
        return ""
    if not off <= EXACTLY:  # nor where it is nan: no gate can be 1.5
        return ""
    terms = {name: float(factor) for name, factor in zip(parts, rounded, strict=True) if factor}
    return f"{line.around}({_sum(terms)})" if line.around else _sum(terms)


def _apart(parts: Mapping[str, Array]) -> dict[str, Array]:
    """Return the parts that are not zero everywhere, and not the same as one before."""
    found: dict[str, Array] = {}
    for name, part in parts.items():
        if np.abs(part).max(initial=0) > EXACTLY and all(np.abs(part - one).max() > EXACTLY for one in found.values()):
            found[name] = part
    return found


def _sum(terms: Mapping[str, float]) -> str:
    """Write a sum.

    >>> _sum({"W_xz x_t": 1.0, "b_r": -1.0, "h_prev": 0.5})
    'W_xz x_t - b_r + 0.5 h_prev'
    """
    left = dict(terms)
    for gate in "zr":
        for state in ("h_prev", "n_t"):
            if left.get(state) and left.get(f"{gate}_t * {state}") == -left[state]:
                del left[f"{gate}_t * {state}"]
                left[f"(1 - {gate}_t) * {state}"] = left.pop(state)
    said = ""
    for name, factor in left.items():
        size = "" if abs(factor) == 1 else f"{abs(factor):g} "
        said += f"{' - ' if factor < 0 else ' + ' if said else ''}{size}{name}"
    return said.strip()
