"""Two mistakes at once: in what order pairs are tried, how many of them, and what is said where that is not all."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import rnn_ref
from rnn_ref.conformance.cases import frozen
from rnn_ref.conformance.diagnose import pair
from rnn_ref.conformance.diagnose.again.parts_alone import parts_alone
from rnn_ref.conformance.judge.probe import Probe
from rnn_ref.conformance.mistakes.find import find
from rnn_ref.conformance.mistakes.make import source, wrong
from rnn_ref.conformance.run.call import perform
from rnn_ref.conformance.spec.claims import INDICES

AVERAGED = """
import numpy as np

def backprop(p, h0, xs, ys):
    (T, B), hs, loss, above = ys.shape, [h0], 0.0, []
    for t in range(T):
        hs.append(np.tanh(xs[t] @ p["U"] + hs[-1] @ p["W"].T + p["b"]))
        z = hs[-1] @ p["V"] + p["c"]
        z = z - z.max(1, keepdims=True)
        log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
        loss -= log_p[np.arange(B), ys[t]].sum()
        above.append((np.exp(log_p) - np.eye(z.shape[1], dtype=z.dtype)[ys[t]]) / (T * B))
    g, dh = {name: np.zeros_like(one) for name, one in p.items()}, 0
    for t in reversed(range(T)):
        g["V"] += hs[t + 1].T @ above[t]
        g["c"] += above[t].sum(0)
        da = (above[t] @ p["V"].T + dh) * (1 - hs[t + 1] ** 2)
        g["U"] += xs[t].T @ da
        g["W"] += da.T @ hs[t]
        g["b"] += da.sum(0)
        dh = da @ p["W"]
    return loss / (T * B), g
"""


def test_of_what_takes_class_indices_no_input_is_zero() -> None:
    """A pair of mistakes was excluded, since what is asked then is class 0."""
    check = next(one for one in frozen.load()[0] if one.id == "rnn_bptt/single-float64")
    asked: list[Any] = []

    def examination(*claims: str) -> Any:
        session = SimpleNamespace(found={"rnn_bptt": SimpleNamespace(claims=claims)})
        session.run = lambda request: asked.append(request.checks) or [[perform(rnn_ref.rnn_bptt, one, ours=True)]
                                                                       for one in request.checks]  # fmt: skip
        return SimpleNamespace(session=session, options=SimpleNamespace(convention=None))

    probe = Probe(check, perform(rnn_ref.rnn_bptt, check, ours=True), wrong=True)
    assert len(parts_alone(examination(), probe)) == len(parts_alone(examination(INDICES), probe)) + 1
    assert [all(one.arguments["X_seq"].any() for one in checks) for checks in asked] == [False, True]


def test_what_one_mistake_alone_explains_of_two_is_tried_first(monkeypatch: pytest.MonkeyPatch) -> None:
    function, slugs = "lstm_cell_backward", {"sigmoid-slope-missing": "i", "averaged-over-batch": "b_h"}
    monkeypatch.setattr(pair, "LETTERS", 20 * len(source((), function)))
    made = tuple(find(slug, function, form)[0][0] for slug, form in slugs.items())
    found = rnn_ref.check({function: wrong(made, function)}, only=f"{function}/generic-").functions[function]
    assert {*found.mistakes} == {*slugs}


def test_of_what_does_not_add_up_an_average_beside_a_mistake_is_tried_first(tmp_path: Path) -> None:
    """In single precision alone so many pairs were possible that the commonest was not reached."""
    (tmp_path / "mine.py").write_text(AVERAGED)
    found = rnn_ref.check(str(tmp_path / "mine.py"), dtype="float32").functions["rnn_bptt"]
    assert {*found.mistakes} == {"W_hh-transposed", "mean-over-steps"}, found


def test_it_is_said_where_not_all_pairs_were_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    def rnn_output_layer(*arguments: Any) -> Any:
        y = rnn_ref.rnn_output_layer(*arguments)
        return np.where(np.arange(y.shape[-1]) == 1, np.sin(3 * y), y)

    def known() -> list[str]:
        only = "rnn_output_layer/generic-"
        return rnn_ref.check({"rnn_output_layer": rnn_output_layer}, only=only).functions["rnn_output_layer"].facts

    said = "two mistakes at once were looked for in 2 pairs, not in all that may be"
    assert said not in known()
    monkeypatch.setattr(pair, "LETTERS", 2 * len(source((), "rnn_output_layer")))
    assert known()[-1] == said


def test_of_pairs_that_are_the_same_in_all_that_was_asked_the_first_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are fewer than eight units, a sum cut at the last multiple of eight is no sum: there was no name."""
    function, slugs = "rnn_cell_step", {"no-recurrence", "bias-twice"}
    candidate = wrong(tuple(find(slug, function)[0][0] for slug in sorted(slugs, reverse=True)), function)
    checks = [one for one in frozen.load()[0] if one.function == function and one.case.startswith("generic")]
    checks = [one for one in checks if one.dtype == "float64" and len(one.arguments["b_h"]) < 8]
    probes = [Probe(one, perform(candidate, one, ours=True), wrong=True) for one in checks]
    some = [one for one in pair.catalogue.MISTAKES if one.slug in {*slugs, "tail-of-sum-left-out"}]
    monkeypatch.setattr(pair.catalogue, "MISTAKES", some)
    found = pair.pair(function, probes, pair.Tries(function))
    assert found is not None
    assert {*found.slugs} == slugs


N, R = ("dn_t * (1 - n_t**2)", "dn_t"), ("dr_t * r_t * (1 - r_t)", "dr_t")
DI, DF = ("di * i_t * (1 - i_t)", "di"), ("df * f_t * (1 - f_t)", "df")


@pytest.mark.parametrize(("function", "edits", "slug"), [
    ("gru_backward", (N, R), "no-slope"),
    ("lstm_backward", (DI, DF), "sigmoid-slope-missing"),
])  # fmt: skip
def test_two_forms_of_one_mistake_are_named(function: str, edits: tuple[tuple[str, str], ...], slug: str) -> None:
    """Two slopes that are missing had no name: pairs of one slug were not tried, nor those that came late."""
    text = source((), function)
    for old, new in edits:
        assert text.count(old) == 1
        text = text.replace(old, new)
    namespace: dict[str, Any] = {"np": np}
    exec(text, namespace)
    found = rnn_ref.check({function: namespace[function]}, only=f"{function}/*float64").functions[function]
    assert found.mistakes == [slug]


def test_two_mistakes_beside_clipped_gradients_are_told_by_one_step() -> None:
    """Of rnn_bptt fewer pairs are tried than of others: without the answers of one step these came too late."""
    ways = [("h_t = h0\n", "h_t = 0 * h0\n"), ("db_h += dz_t.sum(0)", "db_h = dz_t.sum(0)")]
    text = source((), "rnn_bptt")
    for old, new in ways:
        assert text.count(old) == 1
        text = text.replace(old, new)
    namespace: dict[str, Any] = {"np": np}
    exec(text, namespace)

    def rnn_bptt(*given: Any, **options: Any) -> Any:
        loss, gradients, h_T = namespace["rnn_bptt"](*given, **options)
        return loss, tuple(np.clip(one, -5, 5) for one in gradients), h_T

    found = rnn_ref.check({"rnn_bptt": rnn_bptt}, only="rnn_bptt/*float64").functions["rnn_bptt"]
    assert {*found.mistakes} == {"h0-ignored", "db-first-step-only", "gradients-clipped"}
