"""A way back through a stack that goes on from what its own way forward kept, beside what is due."""

import pytest

import rnn_ref

KEEPS = """
import numpy as np


def stack_forward(run, X_seq, states0, layers, *, directions=1):
    x, kept, last = X_seq, [], [[] for _ in states0]
    for first in range(0, len(layers), directions):
        shown = []
        for k in range(first, first + directions):
            read, start = x[::-1] if k % directions else x, [one[k] for one in states0]
            found = run(read, *start, **layers[k])
            states = [np.array(one) for one in (found if len(states0) > 1 else [found])]
            shown.append(states[0][::-1] if k % directions else states[0])
            for ended, one in zip(last, states):
                ended.append(one[-1])
            kept.append((read, start, states))
        x = np.concatenate(shown, -1)
    return x, tuple(map(np.stack, last)), kept


def stack_backward(run_back, dh_states, dstates_T, run, X_seq, states0, layers, *, directions=1):
    *_, kept = run
    dlayers, dstates0 = [None] * len(layers), [np.zeros_like(one) for one in states0]
    for first in reversed(range(0, len(layers), directions)):
        dx = 0
        for k, dh in enumerate(np.split(dh_states, directions, -1), first):
            read, start, states = kept[k]
            above = [np.array(dh[::-1] if k % directions else dh), *(0 * one for one in states[1:])]
            for one, ended in zip(above, dstates_T):
                one[-1] += ended[k]
            found = run_back(*above, *states, read, *start, **layers[k])
            dx = dx + (found[0][::-1] if k % directions else found[0])
            for one, start_back in zip(dstates0, found[1:]):
                one[k] = start_back
            dlayers[k] = {name: getattr(found, name) for name in layers[k]}
        dh_states = dx
    return dh_states, tuple(dstates0), dlayers
"""
WRONG = ("dx = dx + (found[0][::-1]", "dx = (found[0][::-1]")


def back(folder, text):
    path = folder / "kept.py"
    path.write_text(text, encoding="utf-8")
    return rnn_ref.check(str(path), only="stack_*single*").functions["stack_backward"]


@pytest.mark.parametrize("right", [True, False])
def test_it_is_handed_what_its_own_forward_returned(right, tmp_path):
    found = back(tmp_path, KEEPS if right else KEEPS.replace(*WRONG))
    assert found.reading == "run is what its own stack_forward returned"
    assert (found.verdict, found.mistake) == (("conforms", None) if right else ("wrong", "one-direction-back"))


def test_one_that_raises_whatever_it_is_handed_is_crashed_as_before(tmp_path):
    found = back(tmp_path, KEEPS.replace("*_, kept = run", "kept = run.kept"))
    assert (found.verdict, found.reading) == ("crashed", "")
