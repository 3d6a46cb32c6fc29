"""What hangs costs its time once: then there is less of it, none for the same function, and in the end none at all."""

import time
from pathlib import Path

import pytest
from unit_learner import LEARNER, write

import rnn_ref
from rnn_ref.conformance.cases.asked import all_questions
from rnn_ref.conformance.run.patience import Patience
from rnn_ref.conformance.run.sandbox import ChildSession
from rnn_ref.conformance.run.session import Request

ALL_HANG = LEARNER.replace('    """One step."""\n', "    time.sleep(600)\n").replace(
    "import numpy", "import time\nimport numpy"
)
ALL_HANG = ALL_HANG.replace("    return np.array([W_hy", "    time.sleep(600)\n    return np.array([W_hy")


@pytest.mark.slow
def test_what_hangs_after_another_has_hung_is_waited_for_less_and_the_report_says_so(tmp_path: Path) -> None:
    functions = rnn_ref.check(write(tmp_path, ALL_HANG), timeout=5.0).functions
    verdicts = ["timeout", "timeout", "timeout", "conforms"]
    assert [one.verdict for one in functions.values() if one.verdict != "missing"] == verdicts
    assert "no answer within 5 s (--timeout" in functions["rnn_cell_step"].explanation
    less = "no answer within 2 s (--timeout allows more), which is less than 5 s, for rnn_cell_step has hung"
    assert less in functions["rnn_forward"].explanation
    assert less in functions["rnn_output_layer"].explanation


def test_a_function_that_has_hung_is_not_asked_again(tmp_path: Path) -> None:
    checks = [one for one in all_questions(None, "vectors", ("1",)) if one.function == "rnn_cell_step"][:30]
    session = ChildSession(write(tmp_path, ALL_HANG), None, 4.0, 4096)
    try:
        session.load()
        session.run(Request("rnn_cell_step", checks))
        begin = time.monotonic()
        for _ in range(30):
            (one, *_), *_ = session.run(Request("rnn_cell_step", checks))
        assert time.monotonic() - begin < 10.0  # asked anew it were sixty and more
        assert one.error == "timeout: not asked again, for it has hung (--timeout allows more)"
        assert (one.lost, one.timeout) == (True, True)
    finally:
        session.close()


def test_in_the_end_nothing_more_is_asked() -> None:
    patience = Patience(60.0)
    patience.answered(1.0)
    patience.hung("a", patience.seconds)
    assert patience.seconds == 20.0  # twenty times the longest call that was answered
    for name in "bcd":
        assert patience.refusal(name) == ""
        patience.hung(name, patience.seconds)
    assert patience.refusal("e") == "not asked, for a, b, c, d have hung, 120 s in all"
    assert Patience(1.0).seconds == 1.0
