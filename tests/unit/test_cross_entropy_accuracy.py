"""The loss is within 4 ulp of the truth and its gradient within 8, however sure the prediction is.

The truth is mpmath's, with 60 digits and, like ours, without subtracting anything from a sum close to 1: 60 digits
alone would not do at a margin of 1000, where the loss begins after 434 zeros. One ulp is the distance to the next
number of the answer's own dtype. With target shares q over several classes an entry of the gradient,
p_j (Q − q_j) − q_j (1 − p_j), may cancel; it is measured in ulp of p_j (Q − q_j) + q_j (1 − p_j).
"""

from functools import cache
from itertools import product
from typing import Any

import mpmath
import numpy as np
import pytest

from rnn_ref import cross_entropy, cross_entropy_backward

DTYPES = ("float32", "float64")
MARGINS = (0, 0.5, 5, 10, 17, 18, 20, 40, 80, 95, 103, 300, 715, 744, 1000)
OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "weighted": {"weighted": True},
    "smoothed": {"label_smoothing": 0.1},
    "hardly_smoothed": {"label_smoothing": 1e-6},
    "all_smoothed": {"label_smoothing": 1.0},
    "weighted_and_smoothed": {"weighted": True, "label_smoothing": 0.05},
    "probabilities": {"spread": True},
    "weighted_probabilities": {"spread": True, "weighted": True},
}


def truth(logits, target, weight=None, label_smoothing=0.0, entries=None):
    """Return the loss of one row, its gradient at some entries (default all), and the Σ|terms| of each of these."""
    C = len(logits)
    with mpmath.workdps(60):
        z = [mpmath.mpf(float(v)) for v in logits]
        k = max(range(C), key=z.__getitem__)
        exps = [mpmath.exp(v - z[k]) for v in z]
        rest = mpmath.fsum(e for i, e in enumerate(exps) if i != k)
        shares = [float(j == target) for j in range(C)] if np.ndim(target) == 0 else target
        eps, w = mpmath.mpf(label_smoothing), [1.0] * C if weight is None else weight
        q = [((1 - eps) * float(t) + eps / C) * float(v) for t, v in zip(shares, w, strict=True)]
        loss = mpmath.fsum(share * ((z[k] - v) + mpmath.log1p(rest)) for share, v in zip(q, z, strict=True) if share)
        entries, total_q = range(C) if entries is None else entries, mpmath.fsum(q)
        gained = [exps[j] / (1 + rest) * (total_q - q[j]) for j in entries]
        lost = [q[j] * (rest if j == k else 1 + rest - exps[j]) / (1 + rest) for j in entries]
        both = list(zip(gained, lost, strict=True))
        return loss, [a - b for a, b in both], [a + b for a, b in both]


def ulps(ours, true, scale=None):
    """Return |ours − true| in ulp of ``scale``, by default of the truth."""
    unit = np.spacing(ours.dtype.type(abs(true if scale is None else scale)))
    return float(abs(mpmath.mpf(float(ours)) - true) / mpmath.mpf(float(unit)))


@cache
def row(classes, margin, dtype, options):
    """Draw logits whose target leads by ``margin``; return the arguments of cross_entropy and the truth."""
    asked = OPTIONS[options]
    rng = np.random.default_rng([classes, int(2 * margin), len(options)])
    logits = (3 * rng.normal(size=classes)).astype(dtype)
    target: Any = int(rng.integers(classes))
    logits[target] = np.max(np.delete(logits, target), initial=-1.0) + logits.dtype.type(margin)
    if asked.get("spread"):
        target = rng.dirichlet(np.full(classes, 0.3)).astype(dtype)
    weight = rng.uniform(0, 3, classes).astype(dtype) if asked.get("weighted") else None
    smoothing = asked.get("label_smoothing", 0.0)
    return logits, target, weight, smoothing, truth(logits, target, weight, smoothing)


ROWS = [pytest.param(*row, id="-".join(map(str, row))) for row in product((1, 2, 20), MARGINS, DTYPES, OPTIONS)]


@pytest.mark.parametrize(("classes", "margin", "dtype", "options"), ROWS)
def test_loss_is_within_4_ulp_and_gradient_within_8(classes, margin, dtype, options):
    logits, target, weight, smoothing, (loss, gradient, scales) = row(classes, margin, dtype, options)
    asked = {"weight": weight, "label_smoothing": smoothing, "reduction": "sum"}
    assert ulps(cross_entropy(logits, target, **asked), loss) <= 4
    for ours, true, scale in zip(cross_entropy_backward(1.0, logits, target, **asked), gradient, scales, strict=True):
        assert ulps(ours, true, scale) <= 8


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
@pytest.mark.parametrize("options", ["plain", "smoothed", "probabilities"])
def test_many_rows_are_as_accurate_as_one(dtype, reduction, options):
    rows = [row(20, margin, dtype, options) for margin in MARGINS]
    logits, targets = (np.array([r[i] for r in rows]) for i in (0, 1))
    ours = cross_entropy(logits, targets, label_smoothing=rows[0][3], reduction=reduction)
    losses = [r[4][0] for r in rows]
    if reduction != "none":
        with mpmath.workdps(60):
            ours, losses = [ours], [mpmath.fsum(losses) / (len(rows) if reduction == "mean" else 1)]
    assert max(ulps(a, b) for a, b in zip(ours, losses, strict=True)) <= 4


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("margin", [10, 18, 20, 40])
def test_a_vocabulary_of_32000_costs_no_digits(margin, dtype):
    logits = np.random.default_rng(margin).normal(size=32_000).astype(dtype)
    logits[123] = logits.max() + logits.dtype.type(margin)
    entries = range(0, 32_000, 123)  # the target among them
    loss, gradient, _ = truth(logits, 123, entries=entries)
    assert ulps(cross_entropy(logits, 123), loss) <= 4
    assert max(map(ulps, cross_entropy_backward(1.0, logits, 123)[entries], gradient)) <= 8


@pytest.mark.parametrize("level", [-95, 95, 0, 150])
@pytest.mark.parametrize("upstream", [1e-300, 1e-30, 1e30, 1e300])
def test_a_gradient_from_above_of_any_size_costs_no_digits(level, upstream):
    logits = level + np.random.default_rng(0).normal(size=20)
    with mpmath.workdps(60):
        gradient = [mpmath.mpf(upstream) * entry for entry in truth(logits, 3)[1]]
    assert max(map(ulps, cross_entropy_backward(upstream, logits, 3), gradient)) <= 8


@pytest.mark.parametrize("lowest", [-95.0, -105.0, -700.0, -740.0])
def test_a_class_far_below_the_others_costs_no_digits(lowest):
    logits = np.array([-90.0, lowest, -91.0])  # exp(−740) is subnormal, exp(−740 + 90) is not
    gradient = truth(logits, 0)[1]
    assert max(map(ulps, cross_entropy_backward(1.0, logits, 0), gradient)) <= 8


def test_terms_that_vanish_one_by_one_count_together():
    logits = np.full(1000, -37.1)  # exp(−37.1) is 0.7 of half an ulp of 1, the runner-up's
    logits[1], logits[0] = 20, 0
    assert ulps(cross_entropy(logits, 1), truth(logits, 1)[0]) <= 4
