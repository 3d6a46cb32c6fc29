"""Class probabilities are not demanded of a function that knows class indices alone, and are of one that tries."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import rnn_ref
from rnn_ref.conformance.reports.text import rendered

SAID = "class indices only (its answers to class probabilities ignore them)"
CLASSES = np.arange
INFINITE = "minus-inf"  # 0 times the logarithm of a probability of 0 is nan, in a sum over all classes


def log_softmax(logits: Any) -> Any:
    z = logits - logits.max(-1, keepdims=True)
    return z - np.log(np.exp(z).sum(-1, keepdims=True))


def by_onehot(onehot: Callable[[Any, int], Any]) -> dict[str, Callable[..., Any]]:
    """Return both functions made of a one-hot of the targets."""

    def cross_entropy(logits: Any, targets: Any) -> Any:
        return -(log_softmax(logits) * onehot(np.asarray(targets), logits.shape[-1])).sum(-1).mean()

    def cross_entropy_backward(dloss: Any, logits: Any, targets: Any) -> Any:
        share = onehot(np.asarray(targets), logits.shape[-1])
        return (np.exp(log_softmax(logits)) - share) * dloss / max(1, logits[..., 0].size)

    return {"cross_entropy": cross_entropy, "cross_entropy_backward": cross_entropy_backward}


def by_loop(index: Callable[[Any], Any], unit: float = 1.0) -> dict[str, Callable[..., Any]]:
    """Return a loss that goes from one row to the next, with what is made of every target."""

    def cross_entropy(logits: Any, targets: Any) -> Any:
        loss, V = 0.0, logits.shape[-1]
        for z, y in zip(logits.reshape(-1, V), np.ravel(targets), strict=False):
            shifted = z - z.max()
            loss = loss - (shifted[index(y)] - np.log(np.exp(shifted).sum()))
        return loss / (logits.size // V) / unit

    return {"cross_entropy": cross_entropy}


def of_shares(function: Callable[[Any, Any], Any]) -> dict[str, Callable[..., Any]]:
    """Return both functions, right for class indices, with shares made of class probabilities in some way."""

    def shares(targets: Any, logits: Any) -> Any:
        if np.asarray(targets).dtype.kind != "f":
            return np.eye(logits.shape[-1], dtype=logits.dtype)[targets]
        return function(targets, logits)

    def cross_entropy(logits: Any, targets: Any) -> Any:
        return -(log_softmax(logits) * shares(targets, logits)).sum(-1).mean()

    def cross_entropy_backward(dloss: Any, logits: Any, targets: Any) -> Any:
        return (np.exp(log_softmax(logits)) - shares(targets, logits)) * dloss / max(1, logits[..., 0].size)

    return {"cross_entropy": cross_entropy, "cross_entropy_backward": cross_entropy_backward}


def one_prediction(dloss: Any, logits: Any, target: Any) -> Any:
    p = np.exp(logits - logits.max())
    return dloss * (p / p.sum() - (np.arange(len(logits)) == target))


KNOW_INDICES: dict[str, dict[str, Callable[..., Any]]] = {
    "comparison": by_onehot(lambda y, V: y[..., None] == CLASSES(V)),
    "where": by_onehot(lambda y, V: np.where(CLASSES(V) == y[..., None], 1.0, 0.0)),
    "nearly equal": by_onehot(lambda y, V: np.isclose(y[..., None], CLASSES(V))),
    "nearest": by_onehot(lambda y, V: abs(y[..., None] - CLASSES(V)) < 0.5),
    "as whole numbers": by_onehot(lambda y, V: np.eye(V)[y.astype(int)]),
    "one prediction": {"cross_entropy_backward": one_prediction},
    "int": by_loop(int),
    "rounded": by_loop(lambda y: round(float(y))),
}
TRY_SHARES: dict[str, dict[str, Callable[..., Any]]] = {
    "likeliest": of_shares(lambda q, z: np.eye(z.shape[-1])[q.argmax(-1)]),
    "likelier than not": of_shares(lambda q, z: q > 0.5),
    "halved": of_shares(lambda q, z: q / 2),
    "mean over the classes": of_shares(lambda q, z: q / z.shape[-1]),
    "softmax of them": of_shares(lambda q, z: np.exp(log_softmax(q))),
    "backwards": of_shares(lambda q, z: q[..., ::-1]),
    "summed": of_shares(lambda q, z: q.sum(-1, keepdims=True)),
    "squared": of_shares(lambda q, z: q**2),
    "in half precision": of_shares(lambda q, z: q.astype(np.float16)),
}


@pytest.mark.parametrize("name", KNOW_INDICES)
def test_who_knows_class_indices_alone_conforms_and_the_report_says_so(name: str) -> None:
    report = rnn_ref.check(KNOW_INDICES[name])
    assert not [
        r.id for r in report.results if r.status != "skipped" and not (r.status == "passed" or INFINITE in r.id)
    ]
    assert SAID in {result.message for result in report.results}
    assert SAID in " ".join(rendered(report).split())
    assert not any(result.status != "skipped" for result in report.results if "probabilities" in result.id)


@pytest.mark.parametrize("name", TRY_SHARES)
def test_an_attempt_at_class_probabilities_stays_wrong(name: str) -> None:
    for function, attempt in TRY_SHARES[name].items():
        report = rnn_ref.check({function: attempt})
        assert report.functions[function].verdict not in {"conforms", "missing"}
        assert not any(result.message.startswith("class indices only") for result in report.results)


@pytest.mark.parametrize(
    "case", ["probabilities-weight", "probabilities-none", "probabilities-options", "probabilities"]
)
def test_nor_is_it_left_out_where_little_is_asked(case: str) -> None:
    def cross_entropy(logits: Any, targets: Any, **options: Any) -> Any:
        if np.asarray(targets).dtype.kind == "f":
            targets = targets.argmax(-1)
        return rnn_ref.cross_entropy(logits, targets, **options)

    report = rnn_ref.check({"cross_entropy": cross_entropy}, only=f"cross_entropy/{case}-float64")
    assert report.functions["cross_entropy"].verdict == "wrong"


def test_nor_is_anything_left_out_where_some_are_right() -> None:
    def cross_entropy(logits: Any, targets: Any) -> Any:
        if np.ndim(targets) == 1 and np.asarray(targets).dtype.kind == "f" and logits.ndim == 1:
            return rnn_ref.cross_entropy(logits, targets)
        return KNOW_INDICES["int"]["cross_entropy"](logits, targets)

    report = rnn_ref.check({"cross_entropy": cross_entropy})
    assert report.functions["cross_entropy"].verdict == "wrong"
    assert SAID not in {result.message for result in report.results}


def test_what_is_wrong_for_class_indices_is_wrong_and_keeps_its_name() -> None:
    report = rnn_ref.check(by_loop(int, np.log(2)))
    assert report.functions["cross_entropy"].mistake == "base-2-log"
    assert SAID in {result.message for result in report.results}
    assert not rnn_ref.check(by_loop(lambda y: 0)).ok
    assert not rnn_ref.check(by_onehot(lambda y, V: y[..., None] == CLASSES(V) - 1)).ok
