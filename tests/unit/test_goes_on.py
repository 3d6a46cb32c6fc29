"""A way back that goes on from what a wrong way forward made is told so, and not by what is off then."""

from types import SimpleNamespace

import pytest

from rnn_ref.conformance.diagnose.blame import goes_on_from
from rnn_ref.conformance.judge.verdict import FunctionReport

FORWARD = "rnn_forward(x, h0, Wx, Wh, b) -> (h, caches): x W, sequences (B, T, n)"
SAID = "it goes on from what rnn_forward made, which is wrong (rnn_forward): mend that first, and check again"


@pytest.mark.parametrize(
    ("verdict", "back", "said"),
    [
        ("wrong", "rnn_backward(dh, cache) -> (dx, db): x W, sequences (B, T, n), after rnn_forward", SAID),
        ("wrong", "back(dh, cache): after rnn_forward, its gradients by name", SAID),
        ("wrong", "rnn_backward(dh, h, x, h0, Wx, Wh, b): x W, sequences (B, T, n)", ""),
        ("wrong", "rnn_backward(dh, cache): after rnn_forward_old", ""),
        ("conforms", "rnn_backward(dh, cache): after rnn_forward", ""),
        ("missing", "rnn_backward(dh, cache): after rnn_forward", ""),
    ],
)
def test_it_is_said_of_what_is_read_after_a_wrong_way_forward(verdict: str, back: str, said: str) -> None:
    found = {"rnn_forward": SimpleNamespace(reading=FORWARD), "rnn_backward": SimpleNamespace(reading=back)}
    examination = SimpleNamespace(session=SimpleNamespace(found=found))
    others = {"rnn_forward": FunctionReport(verdict)}  # type: ignore[arg-type]
    assert goes_on_from(examination, "rnn_backward", others) == said
    assert not goes_on_from(examination, "rnn_forward", others)
