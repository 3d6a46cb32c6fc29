"""A picture: text everywhere, and a drawing in a notebook or in a file, where matplotlib is there."""

import importlib.util
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..._files import destination, write_bytes
from ...conformance.reports.html.elements import element, marked

INSTALL = 'matplotlib is not installed, so it cannot be drawn: pip install "rnn_ref[plot]"'
KINDS = (".png", ".svg")
DPI = 100


class Picture:
    """Text that can be drawn; a notebook shows the drawing, everything else the text.

    Parameters
    ----------
    text : str
        The same in words and numbers.
    draw : callable or None
        ``draw(figure)`` fills an empty matplotlib Figure; None where there is nothing to draw.
    height : float
        In inches; all are 6.4 wide.
    """

    def __init__(self, text: str, draw: Callable[[Any], None] | None, height: float = 3.6) -> None:
        self.text = text
        self._draw = draw
        self._height = height

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw; the text says why."""
        return self._draw is None

    @property
    def drawable(self) -> bool:
        """Whether there is something to draw, and matplotlib to draw it with."""
        return not self.empty and importlib.util.find_spec("matplotlib") is not None

    @property
    def figure(self) -> Any:
        """A matplotlib Figure of its own, bound to no backend; ImportError where matplotlib is missing."""
        if self._draw is None:
            raise ValueError(f"there is nothing to draw: {self.text}")
        if not self.drawable:
            raise ImportError(INSTALL)
        from matplotlib import style  # noqa: PLC0415 - needed only where it is drawn
        from matplotlib.figure import Figure  # noqa: PLC0415

        with style.context("default"):  # greys are chosen for white paper, whatever the notebook's own style
            figure = Figure(figsize=(6.4, self._height), layout="constrained")
            self._draw(figure)
        return figure

    def save(self, path: Path) -> None:
        """Write a PNG or SVG, complete or not at all, and the same bytes every time."""
        write_bytes(path, self._rendered(path.suffix.lower()))

    def _rendered(self, kind: str) -> bytes:
        figure, whole = self.figure, io.BytesIO()
        from matplotlib import rc_context  # noqa: PLC0415

        with rc_context({"svg.hashsalt": "rnn_ref"}):
            figure.savefig(whole, format=kind[1:], dpi=DPI, metadata={"Date": None} if kind == ".svg" else {})
        return whole.getvalue()

    def _repr_png_(self) -> bytes | None:
        return self._rendered(".png") if self.drawable else None

    def _repr_html_(self) -> str | None:
        """Return the sentence that says why there is nothing to draw, with what is code in it set as code."""
        return element("p", marked(self.text)) if self.empty else None

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text if self.empty or self.drawable else f"{self.text}\n{INSTALL}"


def place(text: str) -> Path:
    """Return where a picture goes, or refuse it before any work is done.

    Raises ValueError for what is no PNG or SVG or where matplotlib is missing, OSError for a file that cannot be.
    """
    if Path(text).suffix.lower() not in KINDS:
        raise ValueError(f"--save is {text or repr(text)}, expected a name that ends in {' or '.join(KINDS)}")
    where = destination(text)
    if importlib.util.find_spec("matplotlib") is None:
        raise ValueError(f"--save: {INSTALL}")
    return where
