"""A state to begin with that is learned: among the weights, and the same for every sequence of a batch."""

import textwrap
from pathlib import Path

import numpy as np
import pytest

import rnn_ref
from rnn_ref.conformance import TargetError
from rnn_ref.conformance.targets.reading.fitting.doubts import are_weights

LEARNED = """
    import numpy as np

    def forward(p, x):
        h = np.tile(p["h0"], (len(x), 1))
        cache = {-1: h}
        for t in range(x.shape[1]):
            h = np.tanh(x[:, t] @ p["Wx"] + h @ p["Wh"] + p["bh"])
            cache[t] = h
        return h @ p["Wo"] + p["bo"], cache
"""


def test_a_batch_of_sequences_is_not_taken_for_steps_that_forget(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(textwrap.dedent(LEARNED))
    with pytest.raises(TargetError, match="takes one sequence for a batch of single steps"):
        rnn_ref.check(str(path))


class Tried:
    gradients = {"W_xh": "W_xh", "W_hh": "W_hh"}  # noqa: RUF012 - as a task has them


class Where:
    path = (("key", "W_xh"),)


@pytest.mark.parametrize(("step", "are"), [(0.0, True), (0.1, False)])
def test_new_weights_are_the_old_ones_in_another_precision_too(step: float, are: bool) -> None:
    W = np.random.default_rng(3).normal(size=(4, 3))
    assert are_weights(Tried(), {"W_xh": [Where()]}, {"W_xh": (W - step).astype(np.float32)}, {"W_xh": W}) is are  # type: ignore[arg-type,list-item]
