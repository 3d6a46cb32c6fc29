"""Freeze the vectors of the suite into the package: the truth from mpmath, and PyTorch's answers beside it.

What is allowed of a check that is frozen already stays as it is, as long as its truth does: it rests on how far plain
arithmetic is off, which differs a little from machine to machine.

python scripts/freeze_vectors.py            write src/rnn_ref/conformance/frozen/
python scripts/freeze_vectors.py --suite S  write one suite alone
python scripts/freeze_vectors.py --folder F write them elsewhere, to compare
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import mpmath
import numpy as np
import torch

from rnn_ref.conformance.cases import fresh, frozen
from rnn_ref.conformance.judge.result import pytorch_beyond
from rnn_ref.conformance.operation import Check
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
        known = {check.id: check for check in _frozen(suite)}
        checks = [_as_known(check, known) for check in fresh.all_checks(suite, truth.ask, pytorch_answers.ask)]
        checks = [replace(check, pytorch_off=pytorch_beyond(check) is not None) for check in checks]
        frozen.save(checks, provenance, folder, suite)
        size = sum(path.stat().st_size for path in folder.glob(f"suite-{suite}.*"))
        print(f"suite {suite}: {len(checks)} checks, {size / 1000:.0f} kB")


def _frozen(suite: str) -> Sequence[Check]:
    """Return the checks that are frozen, none where there are none yet."""
    try:
        return frozen.load(suite=suite)[0]
    except frozen.VectorsError:
        return ()


def _as_known(check: Check, known: Mapping[str, Check]) -> Check:
    """Return a check with what is allowed of it already."""
    before = known.get(check.id)
    same = before is not None and before.expected.keys() == check.expected.keys()
    if before is None or not same:
        return check
    alike = all(np.array_equal(before.expected[name], one, equal_nan=True) for name, one in check.expected.items())
    return replace(check, allowed=before.allowed) if alike else check


if __name__ == "__main__":
    main()
