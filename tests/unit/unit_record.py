"""A project whose RNN takes batches, and what has become of it since its record was made."""

import json
from pathlib import Path
from typing import Any

from rnn_ref.conformance.cases import frozen

BATCHES = """\
import numpy as np

def rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T + b_h)

def rnn_forward(X_seq, h0, W_xh, W_hh, b_h):
    h, h_states = h0, []
    for x_t in X_seq:
        h = np.tanh(x_t @ W_xh.T + h @ W_hh.T + b_h)
        h_states.append(h)
    return h_states
"""
BATCHES_LOST = BATCHES.replace("x_t @ W_xh.T + h @ W_hh.T", "W_xh @ x_t + W_hh @ h")
FORGETFUL = BATCHES_LOST.replace("W_hh @ h +", "W_hh @ h0 +")  # wrong, and loses batches
STEP_GONE = BATCHES.replace("rnn_cell_step", "cell_step")
RECORD = "rnn_ref.json"


def project(folder: Path, source: str = BATCHES, configuration: str = "") -> Path:
    """Write a project, and return its folder."""
    (folder / "pyproject.toml").write_text(configuration)
    (folder / "mine.py").write_text(source)
    return folder


def in_suite(function: str, rank: str = "", dtype: str = "") -> list[str]:
    """Return the ids of the frozen checks of a function, of one rank and precision if these are given."""
    checks = [check for check in frozen.load()[0] if check.function == function]
    ids = [check.id for check in checks if rank in {"", check.rank} and dtype in {"", check.dtype}]
    assert ids
    return ids


def asked(folder: Path, target: str = "mine.py") -> dict[str, list[str]]:
    """Return the recorded ids by function."""
    functions = entries(folder)[target]["functions"]
    return {name: one["asked"] for name, one in functions.items()}


def entries(folder: Path) -> Any:
    """Return what is recorded, by target."""
    return json.loads((folder / RECORD).read_text())["targets"]
