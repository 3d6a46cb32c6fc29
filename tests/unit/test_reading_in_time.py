"""What is not tried, or is said to go on, so that a file is read in time."""

from typing import Any

import numpy as np
import pytest

from rnn_ref.conformance.targets.loading import Loading
from rnn_ref.conformance.targets.reading import recognise
from rnn_ref.conformance.targets.reading.calling.place import Place, assignments
from rnn_ref.conformance.targets.reading.gated import find
from rnn_ref.conformance.targets.reading.gated import recognise as gated


def softmax(z: Any) -> Any:
    return np.exp(z) / np.exp(z).sum()


def transposed(X: Any, h: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
    states = []
    for t in range(X.shape[0]):
        h = np.tanh(X[t] @ W_xh.t() + h @ W_hh.t() + b_h)
        states.append(h.detach().numpy())
    return states


def step(params: Any, x: Any, y: Any, h: Any, lr: float) -> Any:
    h = np.tanh(x @ params["wx"] + h @ params["wh"] + params["bh"])
    p = softmax(h @ params["wo"])
    d = p - y
    return {**params, "wo": params["wo"] - lr * np.outer(h, d)}, -np.log(p[y]), h


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def gru_step(x: Any, h: Any, Wr: Any, Wz: Any, Wn: Any, br: Any, bz: Any, bn: Any) -> Any:
    r, z = (sigmoid(W @ np.concatenate([h, x]) + b) for W, b in ((Wr, br), (Wz, bz)))
    return z * h + (1 - z) * np.tanh(Wn @ np.concatenate([r * h, x]) + bn)


def test_every_order_of_gates_that_is_tried_says_that_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    signs = list[int]()
    before = list[int]()
    off_by = find.off_by
    monkeypatch.setattr(find, "off_by", lambda one: before.append(len(signs)) or off_by(one))
    loading = Loading(alive=lambda: signs.append(1))
    assert "gru_cell_step" in gated.read_gates({"gru_step": gru_step}, {}, __name__, loading, ["numpy"], [])
    assert len(before) > 1
    assert before == sorted(set(before))


def test_what_only_moves_numbers_about_has_no_gates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gated, "read_gated", lambda *_: pytest.fail("it is tried as a cell with gates"))
    monkeypatch.setattr(gated, "read_loss", lambda *_: pytest.fail("it is tried as a loss of one"))
    names = {"transposed": transposed, "step": step}
    assert not gated.read_gates(names, {}, __name__, Loading(), ["numpy"], [])


def test_every_way_that_is_tried_says_that_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = list[Any]()
    monkeypatch.setattr(recognise, "_fitted", lambda _, way, *__, **___: tried.append(way) or recognise.Failure(""))
    loading = Loading(alive=lambda: None)
    recognise.recognised({"step": step}, {}, __name__, loading)
    assert len({type(way) for way in tried}) > 1
    assert all(way.alive is loading.alive for way in tried)


def forward(x: Any, U: Any, W: Any, b: Any) -> Any:
    states = np.zeros((len(x) + 1, len(W)))
    for t in range(len(x)):
        states[t] = np.tanh(U @ x[t] + W @ states[t - 1] + b)
    return states


def squared(x: Any, y: Any, U: Any, W: Any, b: Any) -> float:
    return float(0.5 * np.sum((forward(x, U, W, b)[-2] - y) ** 2) / len(x))


def test_what_returns_a_number_is_not_tried_as_a_way_forward(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = set[str]()
    before = recognise.fit
    monkeypatch.setattr(recognise, "fit", lambda of, way, *a, **k: tried.add(way.name) or before(of, way, *a, **k))
    names = {"forward": forward, "squared": squared}
    assert "rnn_forward" in recognise.recognised(names, {}, __name__, Loading()).candidates
    assert tried == {"forward"}


def test_what_says_nothing_in_a_dict_is_no_mask_and_no_cache_and_beside_a_bias_no_half_of_one() -> None:
    told = {"U": "W_xh", "W": "W_hh", "b": "b_h"}
    places = [Place("argument", "x", parts=("x",)), *(Place("key", "p", one, (part,)) for one, part in told.items())]
    parts = ["x", "W_xh", "W_hh", "b_h", "b_xh", "b_hh", "mask", "cache", "targets"]
    assert not assignments([*places, Place("key", "p", "rate")], parts)
    assert [one[Place("argument", "p_t")] for one in assignments([*places, Place("argument", "p_t")], parts)] == [
        "cache",
        "targets",
    ]
