"""The probes of the cross-entropy alone: one prediction, its options, and logits that break what is not stable."""

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from ...._shapes import Array
from ...operation import Check, Rank
from .. import OPERATIONS

STEP, SINGLE, BATCH = (9,), (6, 8), (4, 3, 7)  # (V,), (T, V), (T, B, V)
FEW, FEW_BATCH = (7, 4), (4, 2, 3)  # where there are many combinations
RANK_OF: dict[int, Rank] = {1: "step", 2: "single", 3: "batch"}


def loss_checks(dtype: str, rng: np.random.Generator) -> Iterator[Check]:
    """Yield the checks of cross_entropy and cross_entropy_backward, without answers."""
    for case, shape, flags, options in _variants():
        logits = (rng.normal(size=shape) * 2).astype(dtype)
        yield from _pair(case, dtype, rng, logits, _targets(rng, shape, options), flags, _drawn(rng, shape, options))
    for case, shape in (("step-probabilities", STEP), ("probabilities", SINGLE), ("probabilities-batch", BATCH)):
        logits = (rng.normal(size=shape) * 2).astype(dtype)
        shares = rng.dirichlet(np.full(shape[-1], 0.5), size=shape[:-1]).astype(dtype)
        yield from _pair(case, dtype, rng, logits, shares, ("probabilities",), {})
        if shape == SINGLE:
            yield from _pair(f"{case}-sum", dtype, rng, logits, shares, ("probabilities",), {"reduction": "sum"})
        if shape != STEP:
            options = _drawn(rng, shape, {"weight": True})
            yield from _pair(f"{case}-weight", dtype, rng, logits, shares, ("probabilities",), options)
        if shape == SINGLE:
            options = _drawn(rng, shape, {"weight": True, "label_smoothing": 0.2})
            yield from _pair("probabilities-options", dtype, rng, logits, shares, ("probabilities",), options)
    yield from _corners(dtype, rng)
    yield from _sums(dtype, rng)
    yield from _combined(dtype, rng)
    yield from _infinite(dtype, rng)


def _sums(dtype: str, rng: np.random.Generator) -> Iterator[Check]:
    """Yield what options mean where nothing is averaged; drawn last, so that the numbers drawn before stay."""
    sums: dict[str, tuple[tuple[int, ...], dict[str, Any]]] = {
        "sum-batch": (BATCH, {}),
        "weight-sum": (SINGLE, {"weight": True}),
        "smoothing-sum": (SINGLE, {"label_smoothing": 1.0}),
    }
    for case, (shape, asked) in sums.items():
        options = _drawn(rng, shape, asked | {"reduction": "sum"})
        logits = (rng.normal(size=shape) * 2).astype(dtype)
        targets = _targets(rng, shape, options)
        if "weight" in options:
            options["weight"][targets.flat[0]] = 0  # a class that does not count
        yield from _pair(case, dtype, rng, logits, targets, ("generic",), options)
    logits = (rng.normal(size=SINGLE) * 2).astype(dtype)
    shares = rng.dirichlet(np.full(SINGLE[-1], 0.5), size=SINGLE[:-1]).astype(dtype)
    yield from _pair("probabilities-none", dtype, rng, logits, shares, ("probabilities",), {"reduction": "none"})


def _combined(dtype: str, rng: np.random.Generator) -> Iterator[Check]:
    """Yield options in pairs and in threes, so that a function that lacks one is asked all the others together.

    What is ignored by default goes with every other option too. One sequence is asked everything that is not asked
    above; a batch is asked every pair that is averaged.
    """
    choices = itertools.product((False, True), ("", "ignore", "ignored"), (False, True), ("mean", "sum", "none"))
    for weight, ignore, smoothing, reduction in choices:
        others = weight + smoothing + (reduction != "mean")
        every = weight and smoothing and ignore == "ignore"
        words = ["weight"] * weight + [ignore] * bool(ignore) + ["smoothing"] * smoothing
        asked = dict[str, Any]({"weight": True} if weight else {}) | ({"label_smoothing": 0.25} if smoothing else {})
        ignored = {"mean": 1, "sum": 0, "none": FEW[-1] - 1}[reduction]  # a class between, the first, the last
        asked |= ({"ignore_index": ignored} if ignore == "ignore" else {}) | {"reduction": reduction}
        if others and not every and (ignore or (weight and smoothing)):
            yield from _one_combined("-".join([*words, reduction]), dtype, rng, FEW, ignore, asked)
        if weight + smoothing + bool(ignore) == 2 and reduction == "mean":
            asked |= {"ignore_index": 0} if ignore == "ignore" else {}
            yield from _one_combined("-".join([*words, reduction, "batch"]), dtype, rng, FEW_BATCH, ignore, asked)
    for weight, smoothing, reduction in itertools.product((False, True), (False, True), ("mean", "sum", "none")):
        if (smoothing or (weight and reduction != "mean")) and not (weight and smoothing and reduction == "mean"):
            words = ["weight"] * weight + ["smoothing"] * smoothing
            asked = ({"weight": True} if weight else {}) | ({"label_smoothing": 0.25} if smoothing else {})
            options = _drawn(rng, FEW, asked | {"reduction": reduction})
            logits = (rng.normal(size=FEW) * 2).astype(dtype)
            shares = rng.dirichlet(np.full(FEW[-1], 0.5), size=FEW[:-1]).astype(dtype)
            case = "-".join(["probabilities", *words, reduction])
            yield from _pair(case, dtype, rng, logits, shares, ("probabilities",), options)


def _one_combined(
    case: str, dtype: str, rng: np.random.Generator, shape: tuple[int, ...], ignore: str, asked: dict[str, Any]
) -> Iterator[Check]:
    targets = _targets(rng, shape, asked)
    if ignore == "ignored":
        targets.flat[1::3] = -100
    logits = (rng.normal(size=shape) * 2).astype(dtype)
    flags = ("options", "ignores") if ignore == "ignored" else ("options",)
    yield from _pair(case, dtype, rng, logits, targets, flags, _drawn(rng, shape, asked))


def _infinite(dtype: str, rng: np.random.Generator) -> Iterator[Check]:
    """Yield logits of -inf: of classes that are not due, and, where every row has its own loss, of one that is."""
    cases: dict[str, tuple[tuple[int, ...], dict[str, Any]]] = {
        "step-minus-inf": (STEP, {}),
        "minus-inf": (SINGLE, {}),
        "minus-inf-batch": (BATCH, {}),
        "minus-inf-weight": (SINGLE, {"weight": True}),
        "minus-inf-due": (SINGLE, {"reduction": "none"}),
    }
    for case, (shape, asked) in cases.items():
        targets = _targets(rng, shape, {})
        logits = (rng.normal(size=shape) * 2).astype(dtype)
        logits[..., 1:5:2] = -np.inf
        np.put_along_axis(logits, targets[..., np.newaxis], 0.5, -1)
        if shape == SINGLE:
            logits[2, np.arange(shape[-1]) != targets[2]] = -np.inf  # a single class is left
            logits[3] = 0.5  # nothing tells the classes apart
        if case == "minus-inf-due":
            logits[1, targets[1]] = -np.inf
        yield from _pair(case, dtype, rng, logits, targets, ("corner",), _drawn(rng, shape, asked))


def _variants() -> Iterator[tuple[str, tuple[int, ...], tuple[str, ...], dict[str, Any]]]:
    generic = ("generic",)
    yield "step", STEP, generic, {}
    yield "sum", SINGLE, generic, {"reduction": "sum"}
    yield "weight", SINGLE, generic, {"weight": True}
    yield "ignore", SINGLE, generic, {"ignore_index": 2}
    yield "smoothing", SINGLE, generic, {"label_smoothing": 0.1}
    for name, shape in (("", SINGLE), ("-batch", BATCH)):
        every = {"weight": True, "ignore_index": -1, "label_smoothing": 0.3}
        yield f"none{name}", shape, generic, {"reduction": "none"}
        yield f"options{name}", shape, generic, every
    yield "options-none", SINGLE, generic, every | {"reduction": "none"}
    yield "options-sum", SINGLE, generic, every | {"reduction": "sum"}
    yield "weight-none", SINGLE, generic, {"weight": True, "reduction": "none"}
    yield "smoothing-none", SINGLE, generic, {"label_smoothing": 0.7, "reduction": "none"}
    yield "step-options", STEP, generic, {"weight": True, "label_smoothing": 0.2}


def _corners(dtype: str, rng: np.random.Generator) -> Iterator[Check]:
    for name, shape in (("step-", STEP), ("", SINGLE), ("batch-", BATCH)):
        signs = rng.permuted(np.resize([-1000.0, 500.0, 1000.0], shape), axis=-1)
        if len(shape) > 1:
            signs[..., 0, :] -= 2000  # so that subtracting one maximum from all rows is no help
        yield from _pair(f"{name}large", dtype, rng, signs.astype(dtype), _targets(rng, shape, {}), ("large",), {})
    sure = rng.normal(size=SINGLE)
    targets = _targets(rng, SINGLE, {})
    np.put_along_axis(sure, targets[:, np.newaxis], 22.0, -1)  # the rest of the sum is lost next to 1, in PyTorch
    yield from _pair("confident", dtype, rng, sure.astype(dtype), targets, ("corner", "confident"), {})
    one = rng.normal(size=(4, 1)).astype(dtype)
    yield from _pair("one-class", dtype, rng, one, np.zeros(4, np.int64), ("corner",), {})
    logits = rng.normal(size=SINGLE).astype(dtype)
    targets = np.where(np.arange(6) % 2, 3, -100)
    yield from _pair("ignored-by-default", dtype, rng, logits, targets, ("corner", "ignores"), {})
    yield from _pair("all-ignored", dtype, rng, logits, np.full(6, -100), ("corner",), {"ignore_index": -100})


def _pair(
    case: str,
    dtype: str,
    rng: np.random.Generator,
    logits: Array,
    targets: Array,
    flags: tuple[str, ...],
    options: dict[str, Any],
) -> Iterator[Check]:
    options = {name: value.astype(dtype) if name == "weight" else value for name, value in options.items()}
    rank = RANK_OF[logits.ndim]
    arguments = {"logits": logits, "targets": targets}
    yield Check(OPERATIONS["cross_entropy"], f"{case}-{dtype}", rank, dtype, flags, arguments, options)
    dloss: Any = round(float(rng.uniform(0.5, 2)), 3)
    if options.get("reduction") == "none":
        dloss = rng.normal(size=logits.shape[:-1]).astype(dtype)
    arguments = {"dloss": dloss, **arguments}
    yield Check(OPERATIONS["cross_entropy_backward"], f"{case}-{dtype}", rank, dtype, flags, arguments, options)


def _targets(rng: np.random.Generator, shape: tuple[int, ...], options: dict[str, Any]) -> Array:
    """Draw targets; the last is V − 1, and a few are ignored where an option says so."""
    targets = np.asarray(rng.integers(shape[-1] - 1, size=shape[:-1]))
    targets.flat[-1] = shape[-1] - 1
    if "ignore_index" in options:
        targets.flat[1::3] = options["ignore_index"]
    return targets


def _drawn(rng: np.random.Generator, shape: tuple[int, ...], options: dict[str, Any]) -> dict[str, Any]:
    """Replace ``weight: True`` by weights."""
    return options | ({"weight": rng.uniform(0.2, 2, size=shape[-1])} if "weight" in options else {})
