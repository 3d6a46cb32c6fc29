"""One check of one target, from finding it to the report."""

import importlib.metadata
import platform
import shlex
import sys
import time
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from . import vectors
from .execute import perform
from .judge import Result, judge
from .plan import CLAIMS, excuse_unclaimed, reason_to_skip, selected
from .report import Report
from .suite import FUNCTIONS, Check
from .target import TargetError, is_stub, load
from .verdict import FunctionReport, verdict_of


def check(
    target: Any = None,
    *,
    only: str | None = None,
    require: Iterable[str] = (),
    dtype: str | None = None,
    rank: str | None = None,
) -> Report:
    """Check an implementation and return the report.

    Parameters
    ----------
    target : str, module, dict, class or instance, optional
        What is checked; text as on the command line (``pkg.module``, ``pkg.module:object``, ``path.py``,
        ``path.ipynb``, ``torch``). None checks the reference itself.
    only : str, optional
        Check ids to run: a part of them, or a pattern as for files.
    require : iterable of str
        Functions that must be there; others may be missing.
    dtype : {"float32", "float64", "both"}, optional
        The precision the target claims.
    rank : {"single", "batch", "both"}, optional
        Whether it claims one sequence, batches, or both. Without it, that is found out.

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
    required = tuple(require)
    _check_options(required, dtype, rank)
    start = time.perf_counter()
    checks, _ = vectors.load()
    asked = selected(checks, only)
    if not asked:
        raise TargetError(f"no check matches {only!r}; rnn-ref check --list prints them")
    name, found = load(target)
    command = _command(target, rank, dtype)
    functions: dict[str, FunctionReport] = {}
    results: list[Result] = []
    for function in FUNCTIONS:
        mine = {one.id for one in asked if one.function == function}
        if mine and function not in found:
            functions[function] = FunctionReport("missing")
        if not mine or function not in found:
            continue
        every = {
            one.id: one for one in checks if one.function == function and (one.id in mine or "generic" in one.flags)
        }
        of_function = [result for result in _run(found[function], every, dtype, rank) if result.id in mine]
        if len(of_function) != len(mine):
            raise RuntimeError(f"{function}: {len(mine)} checks planned, {len(of_function)} results")
        results += of_function
        stub = is_stub(found[function])
        functions[function] = FunctionReport("not-implemented") if stub else verdict_of(of_function, command)
    if not any(result.status != "skipped" for result in results) and "not-implemented" not in _verdicts(functions):
        reasons = ", ".join(sorted({result.message for result in results})) or "none of its functions is asked for"
        raise TargetError(f"{name}: nothing to check: {reasons}")
    seconds = time.perf_counter() - start
    return Report(name, functions, results, _environment(), seconds, required)


def _command(target: Any, rank: str | None, dtype: str | None) -> str:
    """Return the command line that repeats this check, for as far as the target has a name there."""
    words = ["rnn-ref", "check", *([target] if isinstance(target, str) else [])]
    words += [word for option, value in (("--rank", rank), ("--dtype", dtype)) if value for word in (option, value)]
    return shlex.join(words)


def _run(candidate: Any, checks: Mapping[str, Check], dtype: str | None, rank: str | None) -> list[Result]:
    """Run one function's checks; all its generic ones are among them, by which is found out what it takes."""
    if is_stub(candidate):
        return [Result(one.id, one.function, "skipped", "not implemented yet") for one in checks.values()]
    results = []
    for one in checks.values():
        reason = reason_to_skip(one, candidate, rank, dtype)
        skipped = Result(one.id, one.function, "skipped", reason or "")
        results.append(skipped if reason else judge(one, perform(candidate, one)))
    return excuse_unclaimed(results, checks, rank)


def _verdicts(functions: Mapping[str, FunctionReport]) -> set[str]:
    return {function.verdict for function in functions.values()}


def _check_options(required: tuple[str, ...], dtype: str | None, rank: str | None) -> None:
    unknown = [name for name in required if name not in FUNCTIONS]
    if unknown:
        raise ValueError(f"check: require names {', '.join(unknown)}, expected some of {', '.join(FUNCTIONS)}")
    if dtype not in {None, "float32", "float64", "both"}:
        raise ValueError(f"check: dtype is {dtype!r}, expected 'float32', 'float64' or 'both'")
    if rank is not None and rank not in CLAIMS:
        raise ValueError(f"check: rank is {rank!r}, expected {', '.join(map(repr, CLAIMS))}")


def _environment() -> dict[str, str | None]:
    try:
        torch = importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        torch = None
    return {
        "python": sys.version.split()[0],
        "numpy": np.__version__,
        "torch": torch,
        "oracle": "vectors",
        "platform": platform.platform(),
    }
