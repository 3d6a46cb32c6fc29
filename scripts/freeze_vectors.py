"""Freeze the vectors of the suite into the package: the truth from mpmath, and PyTorch's answers beside it.

python scripts/freeze_vectors.py            write src/rnn_ref/conformance/frozen/
python scripts/freeze_vectors.py --suite S  write one suite alone
python scripts/freeze_vectors.py --folder F write them elsewhere, to compare
"""

import argparse
from dataclasses import replace
from pathlib import Path

import mpmath
import numpy as np
import torch

from rnn_ref.conformance.cases import fresh, frozen
from rnn_ref.conformance.judge.result import pytorch_beyond
from rnn_ref.conformance.spec import SUITES, truth
from rnn_ref.conformance.spec.frameworks import pytorch_answers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=frozen.FOLDER, help="where to write (default: the package)")
    parser.add_argument("--suite", choices=SUITES, help="this suite alone (default: all)")
    arguments = parser.parse_args()
    folder = arguments.folder
    provenance = {
        "truth": f"mpmath {mpmath.__version__}, {truth.DIGITS} digits",
        "pytorch": torch.__version__,
        "numpy": np.__version__,
        "made by": "scripts/freeze_vectors.py",
    }
    for suite in [arguments.suite] if arguments.suite else SUITES:
        checks = [
            replace(check, pytorch_off=pytorch_beyond(check) is not None)
            for check in fresh.all_checks(suite, truth.ask, pytorch_answers.ask)
        ]
        frozen.save(checks, provenance, folder, suite)
        size = sum(path.stat().st_size for path in folder.glob(f"suite-{suite}.*"))
        print(f"suite {suite}: {len(checks)} checks, {size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
