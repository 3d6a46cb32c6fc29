"""Twice the precision, against 50 digits."""

import numpy as np
import pytest

from rnn_ref.conformance import compensated, vectors

CHECKS = [c for c in vectors.load()[0] if c.function == "rnn_backward" and c.dtype == "float64"]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_compensated_gradients_are_right_beyond_float64(check) -> None:
    for name, (high, low) in compensated.rnn_backward(*check.arguments.values()).items():
        ulp = np.spacing(np.abs(check.expected[name]))
        error = ((high - check.expected[name]) + (low - check.remainder[name] * ulp)) / np.spacing(
            np.abs(check.expected[name]).max()
        )
        assert np.abs(error).max() < 2.0**-12, name
