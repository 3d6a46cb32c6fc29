"""docs/do/given-arrays.md is true: its examples run. (The one with PyTorch runs in tests/parity.)"""

import doctest
from pathlib import Path

DOC = Path(__file__).resolve().parents[2] / "docs" / "do" / "given-arrays.md"


def test_the_examples_run() -> None:
    failed, run = doctest.testfile(
        str(DOC), module_relative=False, encoding="utf-8", optionflags=doctest.NORMALIZE_WHITESPACE
    )
    assert (failed, run > 20) == (0, True)
