"""Is it right in another convention? Then it is no mistake but a layout, or another form of what is returned."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..judge.result import FAILING
from ..judge.verdict import FunctionReport, verdict_of
from ..operation import Check
from ..spec import OPERATIONS
from ..targets import layouts
from ..targets.convention import Convention

SAYS = {
    "keras": "the layout of Keras (weights transposed, batch before time)",
    "batch-first": "another layout (batch before time)",
    "torch": "PyTorch's layout (a leading axis in h0, classes on axis 1)",
    "onnx": "the layout of ONNX (W, R and B stacked, with an axis for the direction)",
}


def in_another_convention(
    examination: Any, function: str, others: Mapping[str, FunctionReport]
) -> tuple[str, str] | None:
    """Return the slug and a sentence, if the function conforms in another convention.

    A single weight that is transposed is a mistake, not a layout; so the output layer's counts as one only where a
    recurrent function of the same target has it too.
    """
    if examination.options.convention != Convention():
        return None
    operation = OPERATIONS[function]
    layer = operation.weights and not operation.recurrent
    for name in layouts.LAYOUTS:
        alone = layer and not any(other.mistake == f"layout-{name}" for other in others.values())
        different = [check for check in examination.planned[function] if layouts.changes(name, check)]
        if not different or alone or _right_as_it_is(examination, function, different):
            continue
        if _conforms(examination, function, Convention(name)):
            return f"layout-{name}", f"right in {SAYS[name]}; if that is what it claims: --layout {name}"
    if operation.states and _conforms(examination, function, Convention(returns="pair")):
        return "returns-pair", "right, as a pair of all states and the last; if that is what it claims: --returns pair"
    return None


def _right_as_it_is(examination: Any, function: str, different: Sequence[Check]) -> bool:
    """Whether a generic check passes as things are that would be another in a convention, which then is not meant.

    Arrays with one axis more can keep a right program from where it goes wrong.
    """
    passed = {result.id for result in examination.results[function] if result.status == "passed"}
    return any("generic" in check.flags and check.id in passed for check in different)


def _conforms(examination: Any, function: str, convention: Convention) -> bool:
    """Whether all that ran conforms, and with it generic checks for which the convention makes a difference.

    A rank that is answered in the right shape as things are is claimed: a convention in which it raises is no excuse.
    A few small checks are asked first: arrays in a layout that is not meant can lead to answers without measure.
    """
    if not _may_conform(examination, function, convention):
        return False
    results, _ = examination.asked_otherwise(function, convention)
    ran = {result.id: result for result in results if result.status != "skipped"}
    telling = [
        check
        for check in examination.planned[function]
        if check.id in ran and "generic" in check.flags and (not convention.layout or _differs(convention, check))
    ]
    claimed = {
        result.rank
        for result in examination.results[function]
        if result.status not in {"skipped", "error"} and not result.misshapen
    }
    if not claimed <= {result.rank for result in ran.values()}:
        return False
    return bool(telling) and verdict_of(list(ran.values()), "").verdict == "conforms"


def _may_conform(examination: Any, function: str, convention: Convention) -> bool:
    """Whether one of the smallest generic checks, one of each rank, is right in it."""
    generic = [one for one in examination.planned[function] if "generic" in one.flags and one.dtype == "float64"]
    first: dict[str, Check] = {}
    for check in sorted(generic, key=lambda one: sum(map(np.size, one.arguments.values()))):
        if check.id not in examination.reasons and (not convention.layout or _differs(convention, check)):
            first.setdefault(check.rank, check)
    if not first:
        return True
    results, _ = examination.asked_otherwise(function, convention, list(first.values()))
    return any(result.status not in {*FAILING, "skipped"} for result in results)


def _differs(convention: Convention, check: Check) -> bool:
    return convention.known_layout is not None and layouts.changes(convention.known_layout, check)
