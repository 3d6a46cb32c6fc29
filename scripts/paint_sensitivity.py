"""What a prediction looks back at: how strongly it depends on each character before it, painted on the text.

    python scripts/train_char_rnn.py --checkpoint run.npz          first, a network
    python scripts/paint_sensitivity.py run.npz                    one of its predictions, in the held-out text
    python scripts/paint_sensitivity.py run.npz --at 1500 --length 180 --save sensitivity.png

For each character it is the norm of d log p(next character) / dx_t: the gradient that training sees, which fades with
the distance. The network reads some hundred characters before those that are shown, so that it knows where it is.
"""

import argparse
import math
import sys
from typing import Any

import numpy as np

import rnn_ref
from charnet import checkpoint
from charnet.text import Text, TextError, read
from rnn_ref.lesson import Picture, sensitivity
from rnn_ref.lesson.pictures.picture import place
from rnn_ref.lesson.pictures.sensitivity import sensitivities, visible

MOST = 6_000_000  # as train_char_rnn.py
BEFORE = 300  # characters read ahead of what is shown


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("checkpoint", metavar="FILE.npz", help="of train_char_rnn.py")
    made.add_argument("--text", metavar="FILE", help="the text it learnt (default: Python's standard library)")
    made.add_argument("--most", type=int, default=MOST, metavar="N", help="if it was trained with --most, the same")
    made.add_argument("--at", type=int, metavar="N", help="which character is predicted (default: one in the middle)")
    made.add_argument("--length", type=int, default=120, metavar="N", help="characters shown before it (default 120)")
    made.add_argument("--save", metavar="FILE", help="draw the picture: .png or .svg (needs matplotlib)")
    return made


def painted(params: dict[str, Any], text: Text, at: int, length: int) -> Picture:
    """Return the picture of one prediction in the held-out text, computed in float64."""
    weights = {name: array.astype(np.float64) for name, array in params.items()}
    cell = {name: weights[name] for name in ("W_xh", "W_hh", "b_h")}
    one_hot, held = np.eye(len(text.alphabet)), text.held_out
    h, start = np.zeros(len(cell["W_hh"])), at - length
    if start > 0:
        h = rnn_ref.rnn_forward(one_hot[held[max(0, start - BEFORE) : start]], h, **cell)[-1]
    shown, target = held[start:at], int(held[at])
    norms = sensitivities(one_hot[shown], target, h, **weights)
    h_states = rnn_ref.rnn_forward(one_hot[shown], h, **cell)
    logits = rnn_ref.rnn_output_layer(h_states[-1:], weights["W_hy"], weights["b_y"])[0]
    p = math.exp(-float(rnn_ref.cross_entropy(logits, target)))
    title = f"What comes next is {visible(text.alphabet[target])}, predicted with p = {p:.2g}"
    return sensitivity(text.characters(shown), norms, title)


def vetted(options: argparse.Namespace) -> tuple[dict[str, Any], Text]:
    """Return the weights and the text, or refuse what does not fit together."""
    for name, least in (("most", 1), ("length", 1)):
        if getattr(options, name) < least:
            raise TextError(f"--{name} is {getattr(options, name)}, expected {least} or above")
    text = read(options.text, options.most)
    run, _ = checkpoint.load(options.checkpoint, text)
    last = len(text.held_out) - 1
    options.at = max(options.length, last // 2) if options.at is None else options.at
    if not options.length <= options.at <= last:
        raise TextError(
            f"--at is {options.at}, expected {options.length} (of --length) to {last} (of the held-out text)"
        )
    return run.params, text


def main() -> int:
    options = parser().parse_args()
    try:
        kept = None if options.save is None else place(options.save)
        params, text = vetted(options)
        picture = painted(params, text, options.at, options.length)
        print(picture)
        if kept is not None:
            picture.save(kept)
    except (TextError, ValueError) as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(f"{error.filename}: {error.strerror}")
    return 0


def _fail(text: str) -> int:
    print(f"paint_sensitivity: {text}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
