"""What takes long is asked less: a call alone where it is told so, and a few checks of one shape where JAX compiles."""

from types import SimpleNamespace
from typing import Any

import numpy as np

import rnn_ref
from rnn_ref.conformance.cases import frozen
from rnn_ref.conformance.diagnose import blame
from rnn_ref.conformance.judge.result import judge
from rnn_ref.conformance.run.call import perform
from rnn_ref.conformance.run.session import LocalSession, Request

CHECKS = [one for one in frozen.load()[0] if one.function == "rnn_forward" and one.dtype == "float64"]


def test_a_request_that_says_so_has_every_call_made_but_once() -> None:
    calls: list[int] = []

    def rnn_forward(*arguments: Any) -> Any:
        calls.append(1)
        return rnn_ref.rnn_forward(*arguments)

    for once, least in ((True, len(CHECKS)), (False, 2 * len(CHECKS))):
        calls.clear()
        outcomes = LocalSession({"rnn_forward": rnn_forward}).run(Request("rnn_forward", CHECKS, once=once))
        assert (len(calls) == least) is once
        assert len(calls) >= least
        assert all((len(made) == 1) is once for made in outcomes)


def test_of_what_is_compiled_few_failing_checks_of_one_shape_are_asked_again() -> None:
    def rnn_forward(X_seq: Any, *others: Any) -> Any:
        return [one + (X_seq.ndim == 2) for one in rnn_ref.rnn_forward(X_seq, *others)]

    outcomes = {one.id: [perform(rnn_forward, one)] * 2 for one in CHECKS}
    results = [judge(one, outcomes[one.id]) for one in CHECKS]
    of = SimpleNamespace(outcomes={"rnn_forward": outcomes}, results={"rnn_forward": results},
                         planned={"rnn_forward": CHECKS})  # fmt: skip
    few = blame._failing_of_one_shape(of, "rnn_forward")
    assert 1 < len(few) <= blame.FEW
    assert len({np.shape(one.arguments["X_seq"]) for one in few}) == 1
    assert {one.rank for one in few} == {"single"}
    outcomes[few[0].id][1] = perform(rnn_ref.rnn_forward, few[0])
    assert few[0] not in blame._failing_of_one_shape(of, "rnn_forward")  # another answer each time: of no neighbour
