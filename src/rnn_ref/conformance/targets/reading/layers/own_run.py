"""A way back through a stack that goes on from what its own way forward kept, in whatever form that is.

What a forward returns beside the states belongs to its author, so a backward that cannot read the library's run is
handed what its own forward returned. Which of the two it takes is found out once, on a small network.
"""

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .....stack import stack_forward
from ....spec import OPERATIONS
from ....spec.stack.callables import named, told
from ...foreign_code import quiet
from ...stubs import is_stub

FORWARD, BACKWARD = "stack_forward", "stack_backward"
READING = "run is what its own stack_forward returned"
Function = Callable[..., Any]


def with_own_run(found: Mapping[str, Function]) -> dict[str, Function]:
    """Return the functions of a target, of which the way back gets its own forward's run if it needs that."""
    if not {FORWARD, BACKWARD} <= found.keys() or is_stub(found[BACKWARD]):
        return dict(found)
    forward, backward = found[FORWARD], found[BACKWARD]
    own = _on_its_own(forward, backward)
    with quiet():
        needs = not _goes(backward) and _goes(own)
    return {**found, BACKWARD: own} if needs else dict(found)


def _on_its_own(forward: Function, backward: Function) -> Function:
    @functools.wraps(backward)
    def went_back(
        run_back: Any, dh_states: Any, dstates_T: Any, run: Any, X_seq: Any, *rest: Any, **options: Any
    ) -> Any:
        name, own = told(run_back)
        kept = forward(named(OPERATIONS[name].twin, own), X_seq, *rest, **options)
        return backward(run_back, dh_states, dstates_T, kept, X_seq, *rest, **options)

    went_back.__reading__ = READING  # type: ignore[attr-defined]
    return went_back


def _goes(backward: Function) -> bool:
    """Whether a way back does not raise on two layers of the tanh network."""
    rng = np.random.default_rng(0)
    X_seq, states0 = rng.normal(size=(3, 2, 4)), (rng.normal(size=(2, 2, 4)),)
    layers = [{"W_xh": rng.normal(size=(4, 4)), "W_hh": rng.normal(size=(4, 4)), "b_h": np.zeros(4)} for _ in range(2)]
    run = stack_forward(named("rnn_forward"), X_seq, states0, layers)  # type: ignore[arg-type]
    try:
        backward(named("rnn_backward"), np.ones_like(X_seq), states0, run, X_seq, states0, layers)
    except KeyboardInterrupt:
        raise
    except BaseException:  # it takes another run
        return False
    return True
