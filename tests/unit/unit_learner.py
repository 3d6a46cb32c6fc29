"""A learner's file, as the notebook asks for it: one sequence, loops, matrix times vector."""

import json
from pathlib import Path
from typing import Any

import rnn_ref

LEARNER = '''\
import numpy as np

tanh = np.tanh


def rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h):
    """One step."""
    return tanh(W_xh @ x_t + W_hh @ h_prev + b_h)


def rnn_forward(X_seq, h0, W_xh, W_hh, b_h):
    h, h_states = h0, []
    for x_t in X_seq:
        h = rnn_cell_step(x_t, h, W_xh, W_hh, b_h)
        h_states.append(h)
    return h_states


def rnn_output_layer(h_states, W_hy, b_y):
    return np.array([W_hy @ h + b_y for h in h_states])


def rnn_sequence_loss(logits_seq, targets_seq, loss_fn):
    total = 0.0
    for logits, target in zip(logits_seq, targets_seq):
        total += loss_fn(logits, target)
    return total
'''

STUB = '''\
def rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h):
    """Compute one step of an RNN cell."""
    # to be filled in
    pass


def rnn_forward(X_seq, h0, W_xh, W_hh, b_h):
    ...


def rnn_output_layer(h_states, W_hy, b_y):
    """Compute logits."""


def rnn_sequence_loss(logits_seq, targets_seq, loss_fn):
    raise NotImplementedError("yours to write")
'''


def write(folder: Path, source: str, name: str = "learner.py") -> str:
    """Write a file into the folder and return its path as text."""
    path = folder / name
    path.write_text(source, encoding="utf-8")
    return str(path)


def edited(*edits: tuple[str, str]) -> str:
    """Return the learner's file with pieces of text replaced, each of which must be there."""
    source = LEARNER
    for old, new in edits:
        assert old in source, old
        source = source.replace(old, new)
    return source


def notebook(*sources: Any, nbformat: int = 4) -> str:
    """Return a notebook of code cells, behind a cell of text."""
    cells: list[dict[str, Any]] = [{"cell_type": "markdown", "metadata": {}, "source": "# RNN"}]
    cells += [
        {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
        for source in sources
    ]
    return json.dumps({"nbformat": nbformat, "nbformat_minor": 5, "metadata": {}, "cells": cells})


def checked_apart(tmp_path: Path, *cells: str, target: str = "") -> Any:
    """Check a notebook as its author would, and see that the file is still there whose path is KEPT in its cells."""
    kept = tmp_path / "kept.txt"
    kept.write_text("kept", encoding="utf-8")
    first = f"from pathlib import Path\nimport sys, time, os\nKEPT = {str(kept)!r}"
    report = rnn_ref.check(write(tmp_path, notebook(first, *cells), "n.ipynb") + target, timeout=20)
    assert kept.exists()
    assert kept.read_text(encoding="utf-8") == "kept"
    return report


def verdicts(report: Any) -> dict[str, str]:
    """Return the verdicts on the functions that were found."""
    return {name: one.verdict for name, one in report.functions.items() if one.verdict != "missing"}
