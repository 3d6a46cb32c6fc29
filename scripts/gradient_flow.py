"""How far a gradient reaches back: ‖dL/dh_t‖ for several spectral radii, by our BPTT and by PyTorch's autograd.

    python scripts/gradient_flow.py                          a table
    python scripts/gradient_flow.py --save flow.png          and a picture (png or svg; needs matplotlib)
    python scripts/gradient_flow.py --radii 0.9 --cells rnn gru lstm --save gates.png       three cells side by side

The loss is v · h_T with a random v of length 1: it looks at the last state only. ρ is the spectral radius of W_hh, σ
its largest singular value, and the bound is the product of the norms of the Jacobians diag(1 − h²) W_hh on the way.
Of a GRU and an LSTM it shows the straight path as well, where the gradient meets one gate at every step, z or f, which
a bias sets near --keep; the loss of an LSTM looks at its last memory.
In a notebook it is rnn_ref.lesson.gradient_flow().
"""

import argparse
import sys

from rnn_ref.lesson import gradient_flow
from rnn_ref.lesson.pictures.gradient_flow import RADII
from rnn_ref.lesson.pictures.picture import place


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--radii", type=float, nargs="+", default=RADII, metavar="R", help="default: 0.5 0.9 1.2 2")
    parser.add_argument("--cells", nargs="+", default=["rnn"], metavar="CELL", help="some of rnn, gru, lstm")
    parser.add_argument("--keep", type=float, default=0.95, metavar="Z", help="the gate on the straight path (0.95)")
    parser.add_argument("--steps", type=int, default=50, metavar="T", help="of the sequence (default 50)")
    parser.add_argument("--hidden", type=int, default=64, metavar="H", help="units (default 64)")
    parser.add_argument("--seed", type=int, default=1, help="other seeds draw other networks")
    parser.add_argument("--save", metavar="FILE", help="draw the picture: .png or .svg")
    asked = parser.parse_args()
    try:
        kept = None if asked.save is None else place(asked.save)
        given = {name: getattr(asked, name) for name in ("cells", "keep", "steps", "hidden", "seed")}
        picture = gradient_flow(asked.radii, **given)
        print(picture)
        if kept is not None:
            picture.save(kept)
    except ValueError as error:
        return _fail(str(error).replace("gradient_flow: ", "--"))
    except OSError as error:
        return _fail(f"{error.filename}: {error.strerror}")
    return 0


def _fail(text: str) -> int:
    print(f"gradient_flow: {text}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
