"""Freeze the vectors of the suite from PyTorch, into the package.

python scripts/freeze_vectors.py            write src/rnn_ref/conformance/frozen/
python scripts/freeze_vectors.py --folder F write them elsewhere, to compare
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from rnn_ref.conformance import cases, oracle_torch, vectors


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=vectors.FOLDER, help="where to write (default: the package)")
    folder = parser.parse_args().folder
    checks = list(cases.all_checks(oracle_torch.ask))
    vectors.save(
        checks,
        {"oracle": f"PyTorch {torch.__version__}", "numpy": np.__version__, "made by": "scripts/freeze_vectors.py"},
        folder,
    )
    size = sum(path.stat().st_size for path in folder.iterdir())
    print(f"{len(checks)} checks, {size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
