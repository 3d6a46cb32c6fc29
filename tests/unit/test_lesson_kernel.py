"""The notebooks in Jupyter's own kernel: they run through, and a cell is told by the number that stands beside it."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sampled import some

from rnn_ref.lesson import notebooks

nbformat = pytest.importorskip("nbformat", reason="Jupyter is not installed")
pytest.importorskip("nbclient", reason="Jupyter is not installed")
VERSIONS = [(name, solved) for name in notebooks.NAMES for solved in (False, True)]
DRAWN = importlib.util.find_spec("matplotlib") is not None


def executed(path: Path) -> list[dict[str, Any]]:
    """Run a notebook in a kernel, and return its code cells with what they show."""
    nbformat.validate(nbformat.read(path, as_version=4))
    command = [sys.executable, "-m", "jupyter", "execute", "--inplace", str(path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return [one for one in json.loads(path.read_text(encoding="utf-8"))["cells"] if one["cell_type"] == "code"]


def shown(cell: dict[str, Any], kind: str = "text/html") -> str:
    return "".join(cell["outputs"][0]["data"].get(kind, ""))


@pytest.mark.parametrize(("name", "solved"), some(VERSIONS, 6))
def test_runs_from_top_to_bottom(name: str, solved: bool, tmp_path: Path) -> None:
    notebooks.write(tmp_path, solved=solved)
    for cell in executed(tmp_path / f"{name}.ipynb"):
        source = "".join(cell["source"])
        if source.startswith("lesson.check(") and "planted" not in source:
            assert ("✓ conforms" if solved else "not implemented yet") in shown(cell)
        elif source.startswith("lesson.compare("):
            assert "<strong>" in shown(cell)
        elif source.startswith("lesson.gradient_flow("):
            assert bool(shown(cell, "image/png")) == DRAWN
            assert ("matplotlib is not installed" in shown(cell, "text/plain")) == (not DRAWN)


RAISING = """import numpy as np
from rnn_ref import lesson


def rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h):
    z_t = W_xh @ x_t + W_hh @ h_prev + b_h
    return np.tanh(z)
"""


def test_a_cell_is_told_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "mine.ipynb"
    text = f'# Mine\n\n```python\n{RAISING}```\n\n```python\nlesson.check("rnn_cell_step")\n```\n'
    path.write_text(json.dumps(notebooks.notebook(text)))
    *_, cell = executed(path)
    assert "In[1], line 7: return np.tanh(z)" in shown(cell)
    assert "name &#x27;z&#x27; is not defined" in shown(cell)
