"""``stack_bptt`` of a user's file is asked its own suite: what is right conforms, mistakes get their names."""

import re
from pathlib import Path
from typing import Any

import pytest
from sampled import some

import rnn_ref
from rnn_ref.conformance.cases import frozen
from rnn_ref.conformance.spec import OPERATIONS

MINE = """
import numpy as np
import rnn_ref

def stack_bptt(run, run_back, X_seq, targets_seq, states0, layers, W_hy, b_y, *, directions=1, reduction="mean"):
    ran = rnn_ref.stack_forward(run, X_seq, states0, layers, directions=directions)
    logits = rnn_ref.rnn_output_layer(ran.h_states, W_hy, b_y)
    loss = rnn_ref.cross_entropy(logits, targets_seq, reduction=reduction)
    dlogits = rnn_ref.cross_entropy_backward(1.0, logits, targets_seq, reduction=reduction)
    dh, dW_hy, db_y = rnn_ref.rnn_output_backward(dlogits, ran.h_states, W_hy, b_y)
    nothing = [np.zeros_like(one) for one in states0]
    own = rnn_ref.stack_backward(run_back, dh, nothing, ran, X_seq, states0, layers, directions=directions)
    grads = own._asdict() | {"W_hy": dW_hy, "b_y": db_y}
    return loss, grads, ran.states_T
"""
AVERAGED = "[{name: d / (len(layers) // directions) for name, d in one.items()} for one in own.layers]"
BENT = "[{name: d * np.abs(d) for name, d in one.items()} for one in own.layers]"


def asked(text: str, folder: Path) -> Any:
    (folder / "mine.py").write_text(text)
    return rnn_ref.check(str(folder / "mine.py"), only="stack_bptt/*")


def test_what_takes_a_mean_by_default_and_no_lengths_conforms_and_says_so(tmp_path: Path) -> None:
    found = asked(MINE, tmp_path)
    assert found.ok
    assert found.suites == ["stack-bptt-1"]
    assert found.functions["stack_bptt"].claims == ["reduction='mean' by default"]


@pytest.mark.parametrize(("layers", "mistakes"), some([(AVERAGED, ["averaged-over-layers"]), (BENT, [])], 2))
def test_a_mistake_is_named_and_one_of_no_catalogue_is_told_without_a_name(
    layers: str, mistakes: list[str], tmp_path: Path
) -> None:
    report = asked(MINE.replace('"b_y": db_y}', f'"b_y": db_y, "layers": {layers}}}'), tmp_path)
    found = report.functions["stack_bptt"]
    assert (found.verdict, found.mistakes) == ("wrong", mistakes)
    assert not re.search(r"(?<!d)layers\[", str(report))  # of gradients the same name everywhere
    assert mistakes or "dlayers[1].W_hh (6, 6) 36 of 36 wrong" in str(report)


def test_a_gradient_has_a_d_before_its_name_whatever_record_is_asked() -> None:
    names = {"layers[9].W_xh": "dlayers[9].W_xh", "states0[0]": "dstates0[0]", "W_hy": "dW_hy", "states_T[0]": ""}
    for check in frozen.load(suite="stack-bptt-1")[0][:2]:
        for operation in (check.operation, OPERATIONS[check.function]):
            assert [operation.shown(name) for name in names] == [d or name for name, d in names.items()]


def test_who_has_the_stack_alone_is_asked_nothing_of_networks(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(f"{MINE}\n\ndel stack_bptt\nfrom rnn_ref import stack_forward\n")
    assert rnn_ref.check(str(tmp_path / "mine.py"), only="stack_*square*").suites == ["stack-1"]
