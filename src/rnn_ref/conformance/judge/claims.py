"""Which checks a target is given, and which results count: what a target does not claim is not held against it."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..operation import RANKS, Check
from ..run.session import Found
from ..targets.builtins import FRAMEWORKS
from .result import Result

CLAIMS = {"step": ("step",), "single": ("step", "single"), "batch": ("batch",), "both": RANKS}  # by --rank
WHAT = {"step": "one prediction", "single": "one sequence", "batch": "a batch"}
FAULTS = tuple(
    f"raised {name}" for name in ("NameError", "UnboundLocalError", "AttributeError", "ImportError", "Modul")
)
ONLY = {"step": "one prediction only", "single": "one sequence only", "batch": "batches only"}


def unclaimed(check: Check, rank: str | None, dtype: str | None, target: Any = None) -> str | None:
    """Return why this check is not asked of a target that claims this rank and precision, or None."""
    if dtype not in {None, "both"} and check.dtype != dtype:
        return f"--dtype {dtype} claimed"
    claims = FRAMEWORKS[target].claims if isinstance(target, str) and target in FRAMEWORKS else None
    if dtype is None and claims not in {None, check.dtype}:
        return f"{check.dtype} not claimed by {target} (--dtype both insists)"
    if rank is not None and check.rank not in CLAIMS[rank]:
        return f"--rank {rank} claimed"
    return None


def undeclared(check: Check, found: Found) -> bool:
    """Whether the check asks for a keyword that the function does not declare: it is judged on those it does."""
    # the default of an option is asked of those that have it
    implied = [name for flag, name in check.operation.implied.items() if flag in check.flags]
    return not all(found.declares(name) for name in [*check.options, *implied])


def excuse_unclaimed(
    results: list[Result], checks: Mapping[str, Check], claimed: str | None, *, indices_only: bool = False
) -> list[Result]:
    """Turn into skips what only shows that a function does not claim to take one rank, or class probabilities.

    A rank is not taken where all its generic checks raise; or where they raise or give other shapes, as ``np.outer``
    does with a batch, while every generic check of another rank is right. Class probabilities, where all raise, or it
    has been found that they are not read as such (``indices_only``).
    """
    excuses: dict[str, str] = {}
    refused = {} if claimed is not None else _refused({rank: _generic(results, checks, rank) for rank in RANKS})
    accepted = [rank for rank in RANKS if _generic(results, checks, rank) and rank not in refused]
    for rank, cause in refused.items() if accepted else ():
        reason = f"{_only(accepted)} ({WHAT[rank]} {cause}; --rank both insists)"
        excuses |= {id_: reason for id_, check in checks.items() if check.rank == rank}
    by_probability = [result for result in results if "probabilities" in checks[result.id].flags]
    raises = all(result.status in {"error", "skipped"} for result in by_probability)
    if by_probability and accepted and (raises or indices_only):
        reason = f"class indices only{'' if raises else ' (its answers to class probabilities ignore them)'}"
        excuses |= {result.id: reason for result in by_probability if result.id not in excuses}
    return [_excused(result, excuses[result.id]) if result.id in excuses else result for result in results]


def _refused(generic: Mapping[str, list[Result]]) -> dict[str, str]:
    """Return the ranks that are not taken, each with what came of them."""
    some_right = any(mine and all(result.status == "passed" for result in mine) for mine in generic.values())
    refused = {}
    for rank, mine in generic.items():
        raises = [result.status == "error" and not result.message.startswith(FAULTS) for result in mine]
        if mine and all(raises):
            refused[rank] = mine[0].message.partition(":")[0]
        elif some_right and mine and all(r or result.misshapen for r, result in zip(raises, mine, strict=True)):
            refused[rank] = "gave other shapes"
    return refused


def _excused(result: Result, reason: str) -> Result:
    if result.status == "skipped":
        return result
    return Result(result.id, result.function, "skipped", reason, dtype=result.dtype, rank=result.rank)


def _only(accepted: Sequence[str]) -> str:
    return ONLY["single"] if list(accepted) == ["step", "single"] else " and ".join(ONLY[rank] for rank in accepted)


def _generic(results: list[Result], checks: Mapping[str, Check], rank: str) -> list[Result]:
    return [
        result
        for result in results
        if checks[result.id].rank == rank and "generic" in checks[result.id].flags and result.status != "skipped"
    ]
