"""One check of one target, from finding it to the report."""

import os
import time
from collections.abc import Iterable, Mapping
from typing import Any

from . import vectors
from .circumstances import check_options, command, environment
from .judge import Result, judge
from .plan import excuse_unclaimed, selected, unclaimed, undeclared
from .report import Report
from .sandbox import MEMORY, TIMEOUT, ChildSession
from .session import LocalSession, Session
from .suite import FUNCTIONS, Check
from .target import TargetError
from .verdict import FunctionReport, verdict_of


def check(
    target: Any = None,
    *,
    only: str | None = None,
    require: Iterable[str] = (),
    dtype: str | None = None,
    rank: str | None = None,
    timeout: float = TIMEOUT,
    memory: int = MEMORY,
) -> Report:
    """Check an implementation and return the report.

    Parameters
    ----------
    target : str, path, module, dict, class or instance, optional
        What is checked; text as on the command line (``pkg.module``, ``pkg.module:object``, ``path.py``,
        ``path.ipynb``, or a built-in: ``torch``, ``jax``, ``keras``, ``onnxruntime``). None checks the reference.
    only : str, optional
        Check ids to run: a part of them, or a pattern as for files.
    require : iterable of str
        Functions that must be there; others may be missing.
    dtype : {"float32", "float64", "both"}, optional
        The precision the target claims. Without it both are asked, but float32 alone of built-ins that claim no more.
    rank : {"step", "single", "batch", "both"}, optional
        Whether it claims one prediction (cross_entropy), one sequence, batches, or both. Without it, that is found out.
    timeout : float
        Seconds that loading the target, and each of its functions, may take. A target given as text runs in a child
        process; an object is called in this one, without limits.
    memory : int
        MiB of address space that the child may take, where the system can limit it.

    Returns
    -------
    Report
        ``report.ok``, ``report.to_json()``, ``report.raise_if_failed()``.

    Raises
    ------
    TargetError
        There is nothing that can be checked.
    ValueError
        An option that does not exist.

    Examples
    --------
    >>> import rnn_ref
    >>> rnn_ref.check({"rnn_cell_step": rnn_ref.rnn_cell_step}).ok
    True
    """
    target = os.fspath(target) if isinstance(target, os.PathLike) else target
    required = (require,) if isinstance(require, str) else tuple(require)
    check_options(required, dtype, rank, timeout, memory)
    start = time.perf_counter()
    checks, _ = vectors.load()
    asked = selected(checks, only)
    if not asked:
        raise TargetError(f"no check matches {only!r}; rnn-ref check --list prints them")
    planned = _with_generic(checks, {one.id for one in asked})
    reasons = {one.id: reason for one in checks if (reason := unclaimed(one, rank, dtype, target))}
    askable = {function: [one for one in mine if one.id not in reasons] for function, mine in planned.items()}
    session = _session(target, askable, timeout, memory)
    try:
        results = {
            function: _run(session, function, planned[function], askable[function], reasons, rank)
            for function in planned
            if function in session.found
        }
    finally:
        session.close()
    wanted = {one.id for one in asked}
    results = {function: [one for one in mine if one.id in wanted] for function, mine in results.items()}
    functions = _functions(session, planned, results, command(target, rank, dtype))
    flat = [result for mine in results.values() for result in mine]
    _check_complete(session.name, asked, functions, flat)
    required_missing = tuple(name for name in required if name not in session.found)
    return Report(session.name, functions, flat, environment(), time.perf_counter() - start, required_missing)


def _with_generic(checks: Iterable[Check], wanted: set[str]) -> dict[str, list[Check]]:
    """Return the wanted checks by function, and with them all generic ones, by which is found out what it takes."""
    planned = {}
    for function in FUNCTIONS:
        mine = [one for one in checks if one.function == function]
        if any(one.id in wanted for one in mine):
            planned[function] = [one for one in mine if one.id in wanted or "generic" in one.flags]
    return planned


def _session(target: Any, checks: Mapping[str, list[Check]], timeout: float, memory: int) -> Session:
    if target is None or isinstance(target, str):
        return ChildSession(target, checks, timeout, memory)
    return LocalSession(target)


def _run(
    session: Session,
    function: str,
    planned: list[Check],
    askable: list[Check],
    reasons: Mapping[str, str],
    rank: str | None,
) -> list[Result]:
    """Run one function's checks and weigh what the errors mean."""
    found = session.found[function]
    if found.stub:
        return [
            Result(one.id, one.function, "skipped", "not implemented yet", dtype=one.dtype, rank=one.rank)
            for one in planned
        ]
    calls = {one.id: outcomes for one, outcomes in zip(askable, session.run(function, askable), strict=True)}
    options = {name for one in planned for name in one.options}
    results = []
    for one in planned:
        reason = reasons.get(one.id)
        if not reason and undeclared(one, found):
            reason = f"options not among its arguments ({', '.join(sorted(options - set(found.keywords or ())))})"
        skipped = Result(one.id, one.function, "skipped", reason or "", dtype=one.dtype, rank=one.rank)
        results.append(skipped if reason else judge(one, calls[one.id]))
    return excuse_unclaimed(results, {one.id: one for one in planned}, rank)


def _functions(
    session: Session, planned: Iterable[str], results: Mapping[str, list[Result]], again: str
) -> dict[str, FunctionReport]:
    functions = {}
    for function in planned:
        if function not in session.found:
            functions[function] = FunctionReport("missing")
        elif session.found[function].stub:
            functions[function] = FunctionReport("not-implemented")
        elif any(result.status != "skipped" for result in results[function]):
            functions[function] = verdict_of(results[function], again)
    return functions


def _check_complete(
    name: str, asked: list[Check], functions: Mapping[str, FunctionReport], results: list[Result]
) -> None:
    """Make sure that there is a result for everything that was planned, and that something was checked at all."""
    missing = {name for name, function in functions.items() if function.verdict == "missing"}
    planned = [one.id for one in asked if one.function not in missing]
    if sorted(result.id for result in results) != sorted(planned):
        raise RuntimeError(f"{len(planned)} checks planned, {len(results)} results")
    stubs = any(function.verdict == "not-implemented" for function in functions.values())
    if not stubs and not any(result.status != "skipped" for result in results):
        reasons = ", ".join(sorted({result.message for result in results})) or "none of its functions is asked for"
        raise TargetError(f"{name}: nothing to check: {reasons}")
