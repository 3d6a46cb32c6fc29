"""Which checks a target is given, and which results count: what a target does not claim is not held against it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..operation import RANKS, Check
from ..run.forms import INTEGERS
from ..spec import DTYPES
from ..targets.builtins import FRAMEWORKS
from ..targets.claimed import Claimed
from ..targets.raised import Raised
from .raising import CALLS, Raising
from .result import Result

KIND = "kind: "  # before a flag that is a kind itself, in words: of what the checks with it are asked
CLAIMS = {"step": ("step",), "single": ("step", "single"), "batch": ("batch",), "both": RANKS}  # by --rank
KINDS = {
    "probabilities": "class probabilities",
    "reversed": "arrays in reversed memory",
    "read-only": "read-only arrays",
} | {kind: f"targets of type {kind}" for kind in INTEGERS}  # of arguments, by the flag of the checks that have them
FAULTS = {"NameError", "UnboundLocalError", "ImportError", "ModuleNotFoundError"}  # whatever is asked
OF_RANKS = FAULTS | {"AttributeError"}  # every rank is asked with arrays
WHAT = {"step": "one prediction", "single": "one sequence", "batch": "a batch"}
ONLY = {"step": "one prediction only", "single": "one sequence only", "batch": "batches only"}


def unclaimed(
    check: Check, rank: str | None, dtype: str | None, target: Any = None, claimed: Claimed | None = None
) -> str | None:
    """Return why this check is not asked of a target that claims this rank and precision, or None.

    What the user says goes before what a built-in ``target``, or the function itself (``claimed``), says.
    """
    claimed = claimed or Claimed()
    name = target if isinstance(target, str) else getattr(target, "__name__", type(target).__name__)
    if dtype not in {None, "both"} and check.dtype != dtype:
        return f"--dtype {dtype} claimed"
    claims = FRAMEWORKS[target].claims if isinstance(target, str) and target in FRAMEWORKS else None
    dtypes = claimed.dtypes if claims is None else (claims,)
    if dtype is None and dtypes is not None and check.dtype not in dtypes:
        return f"{check.dtype} not claimed by {name} (--dtype both insists)"
    if rank is not None and check.rank not in CLAIMS[rank]:
        return f"--rank {rank} claimed"
    if rank is None and claimed.ranks is not None and check.rank not in claimed.ranks:
        return f"{CALLS[check.rank]} not claimed by {name} (--rank both insists)"
    callables = [one.name for one in check.operation.arguments.values() if one.kind == "function"]
    if callables and not claimed.callables:
        return f"{callables[0]} is a function, which cannot be handed to a program"
    return None


def excuse_unclaimed(
    results: list[Result],
    checks: Mapping[str, Check],
    claimed: object,
    *,
    indices_only: bool = False,
    dtype: str | None = None,
) -> list[Result]:
    """Turn into skips what only shows that a function does not claim to take one rank, or one kind of argument.

    A kind of argument (class probabilities, a list for an array, a precision, unless one is insisted on by ``dtype``)
    is not taken where all checks with it raise, and of the same rank no generic check without it. A rank is not taken
    where all its generic checks raise; or where they raise or give other shapes, as ``np.outer`` does with a batch,
    while every generic check of another rank is right.
    An axis of size one that is left over, or lost, is no sign of another rank, nor are axes in another order: that is
    wrong.
    What is skipped because it raises keeps what and where. Class probabilities are not taken either where it has been
    found that they are not read as such (``indices_only``).
    """
    left = _by_kind(results, checks, DTYPES if dtype is None else ())
    generic = _generic([result for result in results if result.id not in left], checks)
    refused = {} if claimed is not None else _refused(generic)
    accepted = [rank for rank, mine in generic.items() if mine and rank not in refused]
    for result in results if accepted else ():
        if result.id in left:
            continue
        if result.rank in refused:
            left[result.id] = _of_rank(result, refused, accepted)
        elif indices_only and "probabilities" in checks[result.id].flags:
            left[result.id] = _skipped(result, "class indices only (its answers to class probabilities ignore them)")
    return [result if result.status == "skipped" else left.get(result.id, result) for result in results]


def _by_kind(results: Sequence[Result], checks: Mapping[str, Check], dtypes: Sequence[str]) -> dict[str, Result]:
    """Return the checks that are skipped because of the kind of their arguments, by id."""
    ran = [result for result in results if result.status != "skipped"]
    flagged = _flagged(checks)
    own = {flag.removeprefix(KIND): ids for flag, ids in flagged.items() if flag.startswith(KIND)}
    kinds = [(what, flagged[flag]) for flag, what in KINDS.items() if flag in flagged]
    kinds += own.items()
    kinds += [(f"arrays of {dtype}", {id_ for id_, one in checks.items() if one.dtype == dtype}) for dtype in dtypes]
    raising = set[str]().union(*(ids for ids in own.values() if _all_raise(ran, ids)))
    with_lists: dict[str, set[str]] = {}
    for id_, check in checks.items():
        for name, form in check.forms.items():
            if form == "list":
                with_lists.setdefault(name, set()).add(id_)
    for name, ids in with_lists.items():
        kinds += [(f"lists for {name}", ids), (f"arrays for {name}", checks.keys() - ids)]
    left: dict[str, Result] = {}
    for what, ids in kinds:
        mine = [result for result in ran if result.id in ids]
        if not mine or not _all_raise(mine, ids):
            continue
        beside = raising if what in own else set()  # a function of one kind raises at each of the others
        others = _generic([result for result in ran if result.id not in ids | beside], checks)
        taken = [rank for rank, some in others.items() if some and all(one.status != "error" for one in some)]
        insist = "--dtype both" if what.rpartition(" ")[2] in dtypes else ""
        left |= {
            one.id: _raising(one, Raising(what, one.raised, insist)) for one in mine if one.raised and one.rank in taken
        }
    return left


def _flagged(checks: Mapping[str, Check]) -> dict[str, set[str]]:
    """Return the checks with every flag, by id."""
    found: dict[str, set[str]] = {}
    for id_, check in checks.items():
        for flag in check.flags:
            found.setdefault(flag, set()).add(id_)
    return found


def _all_raise(ran: Sequence[Result], ids: set[str]) -> bool:
    return all(_raises(one, FAULTS) for one in ran if one.id in ids)


def _refused(generic: Mapping[str, list[Result]]) -> dict[str, Raised | None]:
    """Return the ranks that are not taken, each with what it raises, None if it only gives other shapes."""
    some_right = any(mine and all(result.status == "passed" for result in mine) for mine in generic.values())
    refused = {}
    for rank, mine in generic.items():
        raises = [_raises(result, OF_RANKS) for result in mine]
        shapes = [some_right and result.misshapen and not result.same_axes for result in mine]
        if mine and all(r or s for r, s in zip(raises, shapes, strict=True)):
            refused[rank] = next((result.raised for result in mine if result.raised), None)
    return refused


def _raises(result: Result, faults: set[str]) -> bool:
    """Whether a check raised, and not for a fault that has nothing to do with what was asked."""
    return result.status == "error" and result.raised is not None and result.raised.type not in faults


def _of_rank(result: Result, refused: Mapping[str, Raised | None], accepted: Sequence[str]) -> Result:
    """Skip a check of a rank that is not taken; where it did not raise itself, what is said is what others raised."""
    raised = result.raised or refused[result.rank]
    if raised:
        return _raising(result, Raising(CALLS[result.rank], raised, "--rank both"))
    return _skipped(result, f"{_only(accepted)} ({WHAT[result.rank]} gave other shapes; --rank both insists)")


def _raising(result: Result, why: Raising) -> Result:
    return replace(_skipped(result, why.not_asked), left_out=why)


def _skipped(result: Result, reason: str) -> Result:
    return Result(result.id, result.function, "skipped", reason, dtype=result.dtype, rank=result.rank)


def _only(accepted: Sequence[str]) -> str:
    return ONLY["single"] if list(accepted) == ["step", "single"] else " and ".join(ONLY[rank] for rank in accepted)


def _generic(results: Sequence[Result], checks: Mapping[str, Check]) -> dict[str, list[Result]]:
    """Return the results that tell whether a rank is taken, by rank; where arrays are not taken, those of lists."""
    ran = [result for result in results if result.status != "skipped"]
    telling = [result for result in ran if "generic" in checks[result.id].flags]
    telling = telling or [result for result in ran if "list" in checks[result.id].flags]
    return {rank: [result for result in telling if result.rank == rank] for rank in RANKS}
