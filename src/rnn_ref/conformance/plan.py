"""Which checks a target is given, and which results count: what a target does not claim is not held against it."""

import fnmatch
from collections.abc import Iterable, Mapping

from .judge import Result
from .session import Found
from .suite import RANKS, Check

CLAIMS = {"step": ("step",), "single": ("step", "single"), "batch": ("batch",), "both": RANKS}
WHAT = {"step": "one prediction", "single": "one sequence", "batch": "a batch"}
FAULTS = tuple(
    f"raised {name}" for name in ("NameError", "UnboundLocalError", "AttributeError", "ImportError", "Modul")
)
ONLY = {"step": "one prediction only", "single": "one sequence only", "batch": "batches only"}


def selected(checks: Iterable[Check], only: str | None) -> list[Check]:
    """Return the checks whose id or function matches the pattern, by shell rules or as a part of it."""
    if only is None:
        return list(checks)
    patterns = (only, f"*{only}*")
    return [check for check in checks if any(fnmatch.fnmatchcase(check.id, pattern) for pattern in patterns)]


def unclaimed(check: Check, rank: str | None, dtype: str | None) -> str | None:
    """Return why this check is not asked of a target that claims this rank and precision, or None."""
    if dtype not in {None, "both"} and check.dtype != dtype:
        return f"--dtype {dtype} claimed"
    if rank is not None and check.rank not in CLAIMS[rank]:
        return f"--rank {rank} claimed"
    return None


def undeclared(check: Check, found: Found) -> str | None:
    """Return why this check is not asked of this function, or None: it is judged on the keywords it declares."""
    names = [name for name in check.options if not found.declares(name)]
    return f"{', '.join(names)} not among its arguments" if names else None


def excuse_unclaimed(results: list[Result], checks: Mapping[str, Check], claimed: str | None) -> list[Result]:
    """Turn into skips the errors of one function that only show what it does not claim to take.

    A rank all of whose generic checks raise, while another rank's do not; class probabilities, where all raise.
    """
    excuses: dict[str, str] = {}
    accepted = [rank for rank in RANKS if _generic(results, checks, rank) and not _all_raise(results, checks, rank)]
    for rank in RANKS if claimed is None else ():
        if accepted and _generic(results, checks, rank) and _all_raise(results, checks, rank):
            cause = _generic(results, checks, rank)[0].message.partition(":")[0]
            reason = f"{_only(accepted)} ({WHAT[rank]} {cause}; --rank both insists)"
            excuses |= {id_: reason for id_, check in checks.items() if check.rank == rank}
    by_probability = [result for result in results if "probabilities" in checks[result.id].flags]
    if by_probability and accepted and all(result.status in {"error", "skipped"} for result in by_probability):
        excuses |= {result.id: "class indices only" for result in by_probability if result.id not in excuses}
    return [_excused(result, excuses[result.id]) if result.id in excuses else result for result in results]


def _excused(result: Result, reason: str) -> Result:
    return result if result.status == "skipped" else Result(result.id, result.function, "skipped", reason)


def _only(accepted: list[str]) -> str:
    return ONLY["single"] if accepted == ["step", "single"] else " and ".join(ONLY[rank] for rank in accepted)


def _generic(results: list[Result], checks: Mapping[str, Check], rank: str) -> list[Result]:
    return [
        result
        for result in results
        if checks[result.id].rank == rank and "generic" in checks[result.id].flags and result.status != "skipped"
    ]


def _all_raise(results: list[Result], checks: Mapping[str, Check], rank: str) -> bool:
    """Whether every generic check raises, and not for a fault that has nothing to do with shapes."""
    return all(
        result.status == "error" and not result.message.startswith(FAULTS) for result in _generic(results, checks, rank)
    )
