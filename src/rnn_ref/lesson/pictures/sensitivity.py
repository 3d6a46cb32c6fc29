"""What a prediction looks back at: how strongly it depends on each input before it, painted on the text."""

import unicodedata
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from ... import cross_entropy_backward, rnn_backward, rnn_forward, rnn_output_backward, rnn_output_layer
from ..._shapes import Array
from .picture import Picture

ACROSS = 60  # characters in a row
HALVINGS = 9  # the digits: 9 is the strongest, each below it half as strong
VISIBLE = {" ": "·", "\n": "↵", "\t": "→", "\r": "←"}
LEGEND = (
    "9: the strongest; each digit below it half as strong, no digit below 1/512 of it.",
    "· is a space, ↵ the end of a line, → a tab, □ any other that cannot be seen.",
)


def sensitivities(
    X_seq: Array, target: int, h0: Array, W_xh: Array, W_hh: Array, b_h: Array, W_hy: Array, b_y: Array
) -> Array:
    """Return ‖d log p(target after the last step) / dx_t‖ for every t: (T,), of one sequence X_seq (T, D).

    >>> one, zero = np.array([[1.0]]), np.zeros(1)
    >>> W_hy, b_y = np.array([[1.0], [-1.0]]), np.zeros(2)
    >>> sensitivities(np.zeros((3, 1)), 0, zero, one, one / 2, zero, W_hy, b_y)
    array([0.25, 0.5 , 1.  ])
    """
    h_states = rnn_forward(X_seq, h0, W_xh, W_hh, b_h)
    logits = rnn_output_layer(h_states[-1:], W_hy, b_y)
    dlogits = cross_entropy_backward(1.0, logits, np.array([target]))  # of −log p: the same but for the sign
    dh_states = np.zeros((len(X_seq), len(h0)), X_seq.dtype)
    dh_states[-1:] = rnn_output_backward(dlogits, h_states[-1:], W_hy, b_y).h_states
    gradients: Array = rnn_backward(dh_states, h_states, X_seq, h0, W_xh, W_hh, b_h).X_seq
    return np.asarray(np.linalg.norm(gradients, axis=1))


def sensitivity(text: str, norms: Array, title: str) -> Picture:
    """Paint a text by how strongly a prediction depends on each of its characters.

    Parameters
    ----------
    text : str
        What was read, T characters.
    norms : (T,) ndarray
        As :func:`sensitivities` returns them, 0 or above.
    title : str
        What was predicted, in a line.

    Returns
    -------
    Picture
        In a notebook the text on grey boxes; as text a line of digits under each line.

    Raises
    ------
    ValueError
        There is not one number for each character, or none above 0.

    Examples
    --------
    >>> print(sensitivity("to be ", np.array([1.0, 2, 4, 8, 16, 16]), "next: o").text.splitlines()[2])
       567899
    """
    if len(norms) != len(text) or not text:
        raise ValueError(
            f"sensitivity: norms has {len(norms)} numbers, expected {len(text)}; text has so many characters"
        )
    if not 0 < np.max(norms) < np.inf:
        raise ValueError(f"sensitivity: the largest of norms is {np.max(norms)}, expected a number above 0")
    shares = np.asarray(norms, float) / np.max(norms)
    lines = "\n".join([title, *_lines(text, shares), *LEGEND])
    height = 1.35 + 0.32 * -(-len(text) // ACROSS)
    return Picture(lines, partial(draw, text=text, shares=shares, title=title), height)


def visible(character: str) -> str:
    """Return what stands for a character in print.

    >>> "".join(map(visible, "a b\\n\\x1b\\u202e"))
    'a·b↵□□'
    """
    unseen = unicodedata.category(character)[0] in "CZM" or unicodedata.east_asian_width(character) in "WF"
    return VISIBLE.get(character, "□" if unseen else character)


def digit(share: float) -> str:
    """Return the digit of a share of the strongest: 9, then 8 from a half down, and nothing below 1/512."""
    halved = HALVINGS - np.ceil(-np.log2(share) - 1e-9) if share > 0 else -1
    return str(int(halved)) if halved >= 0 else " "


def _lines(text: str, shares: Array) -> Iterator[str]:
    for start in range(0, len(text), ACROSS):
        piece = slice(start, start + ACROSS)
        yield "   " + "".join(map(visible, text[piece]))
        yield ("   " + "".join(map(digit, shares[piece]))).rstrip()


def draw(figure: Any, text: str, shares: Array, title: str) -> None:
    """Fill a figure: a box for each character, the darker the stronger, on a logarithmic scale."""
    from matplotlib.colors import LogNorm  # noqa: PLC0415

    axes = figure.add_subplot()
    rows = -(-len(text) // ACROSS)
    grid = np.full(rows * ACROSS, np.nan)
    grid[: len(shares)] = np.maximum(shares, 2.0**-HALVINGS)
    image = axes.imshow(grid.reshape(rows, ACROSS), cmap="Greys", norm=LogNorm(2.0**-HALVINGS, 1), aspect="auto")
    for i, (character, share) in enumerate(zip(text, shares, strict=True)):
        color = "1" if share > 2.0 ** (-0.4 * HALVINGS) else "0"  # on what is darker than half
        axes.text(i % ACROSS, i // ACROSS, visible(character), color=color, ha="center", va="center",
                  family="monospace", fontsize=9)  # fmt: skip
    starts = [str(len(text) - start) for start in range(0, len(text), ACROSS)]
    axes.set(xticks=[], yticks=range(rows), yticklabels=starts, ylabel="steps back")
    axes.set_title(title, fontsize=10, parse_math=False, family="monospace")
    axes.tick_params(labelsize=8)
    bar = figure.colorbar(image, ax=axes, location="bottom", fraction=0.08, aspect=50, pad=0.04)
    bar.set_ticks([1, 0.1, 0.01], labels=["1", "1/10", "1/100"])
    bar.minorticks_off()
    bar.ax.tick_params(labelsize=8)
    bar.set_label("‖d log p / dx$_t$‖, as a share of the largest", fontsize=8)
