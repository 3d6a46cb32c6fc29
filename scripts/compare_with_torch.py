"""Every intermediate of a recurrent network in NumPy beside PyTorch's, in order: the first that differs is the cause.

    python scripts/compare_with_torch.py                   the reference
    python scripts/compare_with_torch.py my_rnn.py         somebody's own; what it lacks is taken from the reference
    python scripts/compare_with_torch.py my_rnn.py --T 20 --batch 3 --dtype float32 --seed 1
    python scripts/compare_with_torch.py my_gru.py --cell gru          its gates, states, and their gradients

States, logits, losses and their gradients forward in time; then dL/dh_t backwards, and the weights' gradients. Each is
judged on what the one before it handed over, so what is merely computed from wrong numbers is told from what is wrong.
Exit code 0: nothing differs. 1: something does. 2: there is nothing to compare.
"""

import argparse
import sys

from rnn_ref.conformance import TargetError
from rnn_ref.lesson import compare
from rnn_ref.lesson.gates import CELLS


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "target", nargs="?", default="rnn_ref", help="a module, .py file or notebook, as for rnn-ref check"
    )
    parser.add_argument("--cell", choices=CELLS, default="rnn", help="of a GRU and an LSTM gates are shown as well")
    parser.add_argument("--seed", type=int, default=0, help="another network and sequence")
    for axis, default, what in (("T", 6, "steps"), ("D", 4, "inputs"), ("H", 5, "hidden units"), ("V", 3, "outputs")):
        parser.add_argument(f"--{axis}", type=int, default=default, help=f"{what} (default {default})")
    parser.add_argument(
        "--batch", dest="B", type=int, help="sequences in a batch (default: one sequence, no batch axis)"
    )
    parser.add_argument("--dtype", choices=("float32", "float64"), default="float64")
    options = vars(parser.parse_args())
    try:
        found = compare(options.pop("target"), **options)
    except (TargetError, ValueError) as error:
        print(f"compare_with_torch: {error}", file=sys.stderr)
        return 2
    print(found)
    return 2 if not found.rows else 0 if found.ok else 1


if __name__ == "__main__":
    sys.exit(main())
