"""Side by side with PyTorch: every intermediate in order, so that the first that differs is the cause."""

import importlib.util
import sys
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from .._shapes import Array
from ..conformance.errors import install
from ..conformance.reports.html.elements import element, escaped, marked
from ..conformance.spec import OPERATIONS
from ..conformance.targets.find import load
from .gates import CELLS
from .judged import Step
from .networks import draw
from .stages import steps, wrong_step

WIDTH = 80
_LINE = "{:<10} {:>9} {:>21} {:>21} {:>12}".format
DIGITS = {"float32": 9, "float64": 16}  # of which the last tells neighbours apart
NO_TORCH = f"PyTorch is not installed, so there is nothing to compare with: {install('torch')}"
LEGEND = (
    "Each row shows the entry where the two are furthest apart. exact: the same bits. k ulp: so many units in the "
    "last place of the array's largest entry apart, and right. differs: off by more than rounding explains, on the "
    "inputs it was given. follows: right, but from inputs that an earlier row had wrong."
)


class Row(NamedTuple):
    """An intermediate beside PyTorch's: the entry where they are furthest apart, by how many ulp, and the verdict."""

    name: str
    function: str
    yours: bool
    at: tuple[int, ...]
    value: float
    pytorch: float
    ulp: float
    word: str
    problem: str
    heading: str


class Comparison:
    """All rows; ``cause`` is the first that differs, None if there is none. Its text is 80 columns wide."""

    def __init__(self, rows: list[Row], message: str = "", digits: int = 16, wrong_step: str = "") -> None:
        self.rows = rows
        self._message = message
        self._wrong_step = wrong_step
        self._digits = digits

    @property
    def cause(self) -> Row | None:
        """The first row that differs."""
        return next((row for row in self.rows if row.word == "differs"), None)

    @property
    def ok(self) -> bool:
        """Whether there was something to compare, and nothing differs."""
        return bool(self.rows) and self.cause is None

    def __str__(self) -> str:
        return self._message or "\n".join(self._lines())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        if self._message:
            return element("p", marked(self._message))
        lines = [_emphasised(line) for line in [*self._table(), "", self._last()]]
        legend = element("details", element("summary", "what the words mean"), element("p", escaped(LEGEND)))
        return element("pre", "\n".join(lines)) + legend

    def _lines(self) -> Iterator[str]:
        yield from self._table()
        yield ""
        yield from textwrap.wrap(LEGEND, WIDTH)
        yield self._last()

    def _table(self) -> Iterator[str]:
        heading = problem = ""
        for row in self.rows:
            if row.heading != heading:
                heading, problem = row.heading, ""
                yield heading
                yield _LINE("", "at", "NumPy", "PyTorch", "").rstrip()
            if row.problem and row.problem != problem:  # told once, however many steps have it
                problem = row.problem
                yield from textwrap.wrap(f"{row.name}: {row.problem}; on with rnn_ref's", WIDTH, subsequent_indent="  ")
            at = str(list(row.at)).replace(" ", "") if row.at else ""
            yield _LINE(row.name, at, f"{row.value:.{self._digits}g}", f"{row.pytorch:.{self._digits}g}", row.word)

    def _last(self) -> str:
        cause = self.cause
        if cause is None:
            most = max(row.ulp for row in self.rows)
            return f"Nothing differs: {len(self.rows)} intermediates, at most {most:.1f} ulp apart."
        through = self._wrong_step and cause.function == _sequence(self._wrong_step)
        look = f"{self._wrong_step}, then {cause.function}" if through else cause.function
        return f"The first that differs is {cause.name}: look at {look}."


def compare(
    target: Any = None,
    *,
    cell: str = "rnn",
    seed: int = 0,
    T: int = 6,
    B: int | None = None,
    D: int = 4,
    H: int = 5,
    V: int = 3,
    dtype: str = "float64",
) -> Comparison:
    """Lay every intermediate of a network beside PyTorch's, with the same weights: forward in time, then back.

    Parameters
    ----------
    target : str, module or dict, optional
        Whose functions are used, as for :func:`rnn_ref.check`; the caller's globals if it is not given. What is
        not there, or not written yet, is taken from ``rnn_ref``, and the table says so.
    cell : {"rnn", "gru", "lstm"}
        Which cell the network has. Of a GRU and an LSTM the gates are shown as well, step by step: those of your own
        step, if its variables are called r, z and n, or i, f, g and o.
    seed, T, B, D, H, V, dtype
        The network that is drawn. B is None for one sequence.

    Returns
    -------
    Comparison
        Shown as a table; ``.cause`` is the first row that differs.

    Raises
    ------
    ValueError
        A size below 1, a dtype that is none of float32 and float64, or a cell that is none of the three.

    Examples
    --------
    >>> import rnn_ref
    >>> print(compare(rnn_ref, T=2)._last())  # doctest: +SKIP
    Nothing differs: 16 intermediates, at most 2.0 ulp apart.
    """
    for name, size in {"T": T, "B": 1 if B is None else B, "D": D, "H": H, "V": V}.items():
        if size < 1:
            raise ValueError(f"lesson.compare: {name} is {size}, expected 1 or above")
    if dtype not in DIGITS:
        raise ValueError(f"lesson.compare: dtype is {dtype!r}, expected 'float32' or 'float64'")
    if cell not in CELLS:
        raise ValueError(f"lesson.compare: cell is {cell!r}, expected {', '.join(map(repr, CELLS))}")
    functions = _functions(sys._getframe(1).f_globals) if target is None else load(target)[1]
    if importlib.util.find_spec("torch") is None:
        return Comparison([], NO_TORCH)
    from .beside_torch import intermediates  # noqa: PLC0415 - only here is PyTorch needed

    net = draw(seed, T, B, D, H, V, dtype, cell)
    rows = list(_rows(steps(net, functions), intermediates(net)))
    return Comparison(rows, digits=DIGITS[dtype], wrong_step=wrong_step(net, functions))


def _emphasised(line: str) -> str:
    """Return a line of the table as HTML, in bold where a function begins or something differs."""
    bold = line.endswith("differs") or (line[:1].isalpha() and ", " in line and " on with " not in line)
    return element("strong", escaped(line)) if bold or line.startswith("The first") else escaped(line)


def _sequence(step: str) -> str:
    """Return the function that takes a step again and again."""
    return f"{step.removesuffix('_cell_step')}_forward"


def _functions(namespace: Mapping[str, Any]) -> dict[str, Any]:
    return {name: namespace[name] for name in OPERATIONS if callable(namespace.get(name))}


def _rows(found: Iterator[Step], pytorch: Mapping[str, Array]) -> Iterator[Row]:
    behind = False  # an earlier one differs
    for step in found:
        theirs = pytorch[step.name]
        apart = np.abs(step.value.astype(np.float64) - theirs.astype(np.float64))
        index = tuple(int(i) for i in np.unravel_index(int(np.nan_to_num(apart, nan=np.inf).argmax()), apart.shape))
        ulp = float(apart[index] / np.spacing(np.abs(theirs).max()))
        wrong = bool(step.problem) or not step.ratio <= 1
        word = "differs" if wrong else "follows" if behind and ulp else f"{ulp:.1f} ulp" if ulp else "exact"
        behind = behind or wrong
        value, beside = float(step.value[index]), float(theirs[index])
        whose = f"{step.function}, {'yours' if step.yours else 'from rnn_ref'}{f'; {step.note}' if step.note else ''}"
        yield Row(step.name, step.function, step.yours, index, value, beside, ulp, word, step.problem, whose)
