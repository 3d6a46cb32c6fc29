"""What somebody's loss does not offer, and what is asked of it instead: another reduction, no gradient from above.

A loss that adds up where the specification's averages is asked for the sum, with the option that says so. The truth is
worked out anew, in twice the precision of float64.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np

from ..operation import Check
from .losses.sharp import IN_PAIRS
from .truth import ask_in_pairs

ADDED, EACH = "losses added up", "a loss for every row"
REDUCTIONS = {ADDED: "sum", EACH: "none"}
ONE = "dloss = 1"
NO_OPTIONS = "no options"
IGNORES = "no options, -100 ignored"
FLOAT32 = "float32 only"
INDICES, ONE_HOT = "class indices only", "one-hot targets"
OWN_SUM, OWN_MEAN = "its own loss, added up", "its own loss, averaged over the batch"
OWN_KEPT = "its own loss, averaged over what its mask keeps"
MASKED = "a mask with zeros"  # nothing is claimed: it is asked of what takes a mask
OWN = {OWN_SUM: "total_cross_entropy", OWN_MEAN: "average_cross_entropy", OWN_KEPT: "average_cross_entropy"}
OWN_LOSS = "own loss"  # the flag of checks in which the function that is handed over need not be called
OVER_ALL = "average_over_all_cross_entropy"
WHAT = {"step": "one prediction", "single": "one sequence", "batch": "batches"}
IGNORED = -100  # a target that takes no part
ONLY = " only"  # behind ranks


def only(ranks: Collection[str]) -> str:
    """Return the claim that these ranks are taken and no others.

    >>> only(["step", "single"])
    'one prediction or one sequence only'
    """
    return " or ".join(WHAT[rank] for rank in WHAT if rank in ranks) + ONLY


def narrowed(check: Check, claims: Collection[str]) -> Check | str:
    """Return what is asked of a loss with these claims, or why this check is not asked of it at all."""
    if check.function not in IN_PAIRS:
        return check
    refused = _refused(check, claims)
    if refused:
        return refused
    arguments, options = dict(check.arguments), dict(check.options)
    for claim in REDUCTIONS.keys() & set(claims):
        options["reduction"] = REDUCTIONS[claim]
    if ONE in claims:
        arguments["dloss"] = np.ones_like(arguments["dloss"]) if np.ndim(arguments["dloss"]) else 1.0
    if EACH in claims and "dloss" in arguments and not np.ndim(arguments["dloss"]):
        logits = np.asarray(arguments["logits"])
        each = np.full(logits.shape[:-1], arguments["dloss"], logits.dtype)
        arguments["dloss"] = each if each.ndim else each.item()
    for claim, loss in OWN.items():
        if claim in claims:
            masked = _masked(check, claims) if MASKED in claims else {}
            arguments |= masked
            name, given = _handed(check)
            check = replace(check, flags=(*check.flags, OWN_LOSS))
            own = OVER_ALL if masked and claim == OWN_MEAN else loss
            arguments[name] = given.replace(given.removesuffix("_backward"), own)
    changed = any(value is not check.arguments[name] for name, value in arguments.items())
    return _asked(check, arguments, options) if changed or options != check.options else check


def _refused(check: Check, claims: Collection[str]) -> str:
    """Return the claim for which a check is not asked, empty if it is."""
    for claim in claims:
        taken = set(claim.removesuffix(ONLY).split(" or ")) & set(WHAT.values())
        rank = claim.endswith(ONLY) and bool(taken) and WHAT[check.rank] not in taken
        shares = claim in {INDICES, ONE_HOT} and "probabilities" in check.flags
        reduction = check.options.get("reduction", REDUCTIONS.get(claim)) != REDUCTIONS.get(claim)
        others = claim in {NO_OPTIONS, IGNORES} and bool(check.options.keys() - {"reduction"})
        others = others or (claim == NO_OPTIONS and "ignores" in check.flags)
        if rank or shares or others or (claim in REDUCTIONS and reduction):
            return claim
        if claim in OWN and ("margin" in _handed(check)[1] or np.min(check.arguments["targets_seq"]) < 0):
            return "its own loss only"
    return ""


def _masked(check: Check, claims: Collection[str]) -> dict[str, Any]:
    """Return the targets with some that take no part; nothing for the checks in which all are kept.

    Where the loss divides by what is kept, that is something at every step.
    """
    targets = check.arguments["targets_seq"]
    if check.forms or not {"generic", "size"} & set(check.flags):
        return {}
    steps, row = np.arange(len(targets)).reshape(-1, *[1] * (targets.ndim - 1)), np.arange(targets[0].size)
    out = (steps + (row if targets.ndim > 1 else 0)) % 3 == 1
    if OWN_KEPT in claims:
        out = out & (row > 0)
    return {"targets_seq": np.where(out, IGNORED, targets)}


def _handed(check: Check) -> tuple[str, str]:
    """Return the argument that is a function, and which one it is in this check."""
    [(name, given)] = [(one.name, check.arguments[one.name])
                       for one in check.operation.arguments.values() if one.kind == "function"]  # fmt: skip
    return name, str(given)


def _asked(check: Check, arguments: dict[str, Any], options: dict[str, Any]) -> Check:
    """Return the check with other arguments and options, and the truth of them."""
    answers = ask_in_pairs(check.function, arguments, options)
    return replace(check.asking(arguments, options=options, pytorch={}), forms=check.forms).answered(answers)
