"""What is asked of a way back through a stack that begins with zeros: its run has to begin there too."""

import numpy as np
import pytest

import rnn_ref
from rnn_ref.conformance.cases.asked import all_questions
from rnn_ref.conformance.nested import head, whole
from rnn_ref.conformance.operation import Check
from rnn_ref.conformance.spec.claims import NO_BIAS, NO_STATE, narrowed
from rnn_ref.conformance.spec.tolerance import allowed_errors

EVERY = [one for one in all_questions(None, "vectors") if one.function == "stack_backward" and one.dtype == "float64"]


@pytest.mark.parametrize("claims", [(NO_STATE,), (NO_STATE, NO_BIAS)], ids="+".join)
@pytest.mark.parametrize("case", ["layers", "two-single", "gru-single", "lstm-single", "square-lengths"])
def test_the_run_begins_where_the_states_do(case: str, claims: tuple[str, ...]) -> None:
    [check] = [one for one in EVERY if one.case.removesuffix("-float64") == case]
    asked = narrowed(check, claims)
    assert isinstance(asked, Check)
    made = whole(asked.arguments)
    assert not any(map(np.any, made["states0"]))
    back = getattr(rnn_ref, made["run_back"])
    forward = getattr(rnn_ref, made["run_back"].replace("backward", "forward"))
    run = rnn_ref.stack_forward(forward, made["X_seq"], made["states0"], made["layers"], **asked.options)
    given = [made[name] for name in ("dh_states", "dstates_T")]
    got = rnn_ref.stack_backward(back, *given, run, made["X_seq"], made["states0"], made["layers"], **asked.options)
    found = asked.operation.unpacked(got)
    assert {head(name) for name in asked.expected} == {"X_seq", "states0", "layers"}
    for name, due in asked.expected.items():
        assert np.all(np.abs(found[name] - due) <= allowed_errors(asked)[name]), name
