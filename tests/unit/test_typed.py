"""The program that mypy checks is one that runs, and mypy does check it."""

import tomllib
from pathlib import Path

import numpy as np
import pytest
import unit_typed

ROOT = Path(__file__).parents[2]


def test_it_is_checked_strictly_and_runs() -> None:
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mypy"]
    assert asked["strict"]
    assert "tests/unit/unit_typed.py" in asked["files"]
    assert np.isfinite(unit_typed.step())
    with pytest.raises(AttributeError, match="rnn_foward"):
        unit_typed.mistaken()


def test_it_makes_the_call_that_the_documentation_makes() -> None:
    call = '**params, reduction="mean")'
    assert call in (ROOT / "docs" / "look-up" / "functions.md").read_text("utf-8")
    assert call in Path(unit_typed.__file__).read_text("utf-8")
