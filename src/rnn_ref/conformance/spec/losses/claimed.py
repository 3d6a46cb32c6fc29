"""What somebody's loss does not offer, and what is asked of it instead: another reduction, no gradient from above.

A loss that adds up where the specification's averages is asked for the sum, with the option that says so. The truth is
worked out anew, in twice the precision of float64.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np

from ...numbers.sharp import Sharp
from ...operation import Check
from .sharp import IN_PAIRS

ADDED, EACH = "losses added up", "a loss for every row"
REDUCTIONS = {ADDED: "sum", EACH: "none"}
ONE = "dloss = 1"
FLOAT32 = "float32 only"
INDICES, ONE_HOT = "class indices only", "one-hot targets"
OWN_SUM, OWN_MEAN = "its own loss, added up", "its own loss, averaged over the batch"
OWN = {OWN_SUM: "total_cross_entropy", OWN_MEAN: "average_cross_entropy"}
WHAT = {"step": "one prediction", "single": "one sequence", "batch": "batches"}
ONLY = "only "  # ranks follow


def only(ranks: Collection[str]) -> str:
    """Return the claim that these ranks are taken and no others.

    >>> only(["step", "single"])
    'only one prediction or one sequence'
    """
    return ONLY + " or ".join(WHAT[rank] for rank in WHAT if rank in ranks)


def narrowed(check: Check, claims: Collection[str]) -> Check | str:
    """Return what is asked of a loss with these claims, or why this check is not asked of it at all."""
    for claim in claims:
        if claim.startswith(ONLY) and WHAT[check.rank] not in claim.removeprefix(ONLY).split(" or "):
            return claim
        if claim in {INDICES, ONE_HOT} and "probabilities" in check.flags:
            return claim
    arguments, options = dict(check.arguments), dict(check.options)
    for claim, reduction in REDUCTIONS.items():
        if claim in claims and options.setdefault("reduction", reduction) != reduction:
            return claim
    if ONE in claims:
        arguments["dloss"] = np.ones_like(arguments["dloss"]) if np.ndim(arguments["dloss"]) else 1.0
    if EACH in claims and "dloss" in arguments and not np.ndim(arguments["dloss"]):
        logits = np.asarray(arguments["logits"])
        arguments["dloss"] = np.full(logits.shape[:-1], arguments["dloss"], logits.dtype)[()]
    own = next((name for claim, name in OWN.items() if claim in claims), None)
    if own is not None:
        [(name, given)] = [(one, arguments[one]) for one in ("loss_fn", "loss_backward") if one in arguments]
        if "margin" in given or np.min(arguments["targets_seq"]) < 0:
            return "its own loss only"
        arguments[name] = own + given[given.index("cross_entropy") + len("cross_entropy") :]
    changed = any(value is not check.arguments[name] for name, value in arguments.items())
    if not changed and options == check.options:
        return check
    return _asked(check, arguments, options)


def _asked(check: Check, arguments: dict[str, Any], options: dict[str, Any]) -> Check:
    """Return the check with other arguments and options, and the truth of them."""
    wide = {name: _wide(value) for name, value in arguments.items()}
    kept = {name: _wide(value) for name, value in options.items()}
    pairs = IN_PAIRS[check.function](*wide.values(), **kept)
    rests = {name: Sharp((np.asarray(one[0]), np.asarray(one[1]))).rest() for name, one in pairs.items()}
    return replace(check.asking(arguments, options=options, pytorch={}), forms=check.forms).answered(rests)


def _wide(value: Any) -> Any:
    return value.astype(np.float64) if isinstance(value, np.ndarray) and value.dtype.kind == "f" else value
