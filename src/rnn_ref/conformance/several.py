"""Several targets: folders and patterns of files written out, checked some at a time."""

import glob
import os
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from .. import __version__
from .cases.asked import all_questions
from .errors import NothingFoundError, TargetError
from .examine import examine_all
from .operation import SUITE
from .options import Options, options_of
from .reports.findings import Findings, Unchecked
from .reports.journal import Journal, key_of
from .reports.report import Report, Reports
from .reports.shelf import Arranged, Shelf
from .run.sandbox import close_all
from .targets.artefacts.recognise import FILES
from .targets.program.command import is_program

LEFT = "not checked: the check was interrupted before"
SOON = 0.05  # seconds after which to look again whether all has ended
Progress = Callable[[int, int, str], None]  # done, of how many, which


def is_several(target: str) -> bool:
    """Whether a text stands for files that are to be looked for: a folder, or a pattern that is no file itself."""
    path = Path(target)
    return not is_program(target) and (path.is_dir() or (glob.has_magic(target) and not path.exists()))


def written_out(targets: Iterable[str]) -> list[str]:
    """Return the targets, folders and patterns replaced by the files in them. Raises TargetError if one has none."""
    found: dict[str, None] = {}  # in order, each once
    for target in targets:
        files = list(_files(target)) if is_several(target) else [target]
        if not files:
            raise TargetError(f"{target}: no .py and no .ipynb file")
        found |= dict.fromkeys(files)
    return list(found)


def check_several(
    targets: Iterable[str],
    *,
    jobs: int = 1,
    progress: Progress | None = None,
    resume: str | os.PathLike[str] | None = None,
    executor: Executor | None = None,
    **options: Any,
) -> Reports:
    """Check several targets and return a report on each, in their order.

    Whatever happens to one of them stands in its report, and the others have theirs.

    Parameters
    ----------
    targets : iterable of str
        As for ``check``, and folders and patterns such as ``submissions/*.ipynb``.
    jobs : int
        How many are checked at a time.
    progress : callable, optional
        Is called with how many are done, of how many, and the last one's name.
    resume : path, optional
        A file in which what is finished is kept, line by line. Targets that are in it, and have not changed, are not
        checked again: so a check that was interrupted goes on.
    executor : concurrent.futures.Executor, optional
        By whom targets are checked, in place of ``jobs`` threads of this process: a pool of processes, or whatever has
        that interface (Dask's ``Client().get_executor()``, MPI's, Ray's). Its workers need this package, and the files
        under the same names. Those that are lost with a worker are checked again here. It is left open.
    **options
        As for ``check``.

    Raises
    ------
    TargetError
        A folder or a pattern stands for no file.
    ValueError
        An option that does not exist.

    Examples
    --------
    >>> check_several(["rnn_ref", "no_such_file.py"], only="rnn_cell_step/*").ok
    False
    """
    if jobs < 1:
        raise ValueError(f"check_several: jobs is {jobs}, expected 1 or above")
    asked = options_of(options)
    named = [(name, asked) for name in written_out(targets)]
    journal = None if resume is None else Path(resume)
    return examine_several(named, jobs=jobs, progress=progress, resume=journal, executor=executor)


def examine_several(
    targets: Sequence[tuple[str, Options]],
    *,
    jobs: int = 1,
    progress: Progress | None = None,
    resume: Path | None = None,
    stopped: Callable[[Reports], None] = lambda part: None,
    executor: Executor | None = None,
) -> Reports:
    """Check targets, each with options of its own, and return a report on each, in their order.

    ``stopped`` is given what is finished when the check is interrupted.
    """
    journal = Journal(resume) if resume is not None else None
    keys = [key_of(target, options, __version__) if journal else "" for target, options in targets]
    shelf = Shelf()
    done: dict[int, list[int]] = {}  # the places of a target's reports on the shelf

    def keep(i: int, found: Sequence[Findings | Unchecked]) -> None:
        done[i] = [shelf.put(one) for one in found]

    def take(i: int, found: Sequence[Findings | Unchecked]) -> None:
        keep(i, found)
        if journal:
            journal.add(keys[i], found)
        if progress:
            progress(len(done), len(targets), _called(*targets[i]))

    for i, key in enumerate(keys if journal else ()):
        if journal and (known := journal.known(key)) is not None:
            keep(i, known)

    def together() -> Reports:
        order: list[int | Unchecked] = []
        for i, named in enumerate(targets):
            order += done.get(i) or [Unchecked(_called(*named), LEFT, left=True)]
        return Reports(Arranged(shelf, order))

    try:
        for pool in (executor, None) if executor else (None,):
            todo = {i: named for i, named in enumerate(targets) if i not in done}
            if pool is not None:
                _work(pool, todo, take)
            elif todo:
                _work_here(jobs, todo, take)
    except BaseException:
        stopped(together())
        raise
    return together()


def _work_here(jobs: int, todo: Mapping[int, tuple[str, Options]], take: Callable[..., None]) -> None:
    """Check targets in threads of this process."""
    for seed, oracle in {(options.seed, options.oracle) for _, options in todo.values()}:
        all_questions(seed, oracle, (SUITE,))  # once, before several want them
    with ThreadPoolExecutor(jobs) as pool:
        _work(pool, todo, take, ours=True)


def _work(
    pool: Executor, todo: Mapping[int, tuple[str, Options]], take: Callable[..., None], *, ours: bool = False
) -> None:
    """Have targets checked, and take every report as it comes; those that a foreign executor loses stay undone.

    What goes wrong with a target is told in its report. So an exception is the executor's own: a worker that is gone,
    or that cannot unpack what it is sent. Each has another type for that.
    """
    futures = {pool.submit(_examine_each, *named): i for i, named in todo.items()}
    try:
        for future in as_completed(list(futures)):
            i = futures.pop(future)  # which would hold what was found out
            if ours or not isinstance(future.exception(), Exception):
                take(i, future.result())
    except BaseException:
        for future in futures:
            future.cancel()
        while ours and not all(future.done() for future in futures):  # one about to start its child did not see it
            close_all()
            time.sleep(SOON)
        raise


def _called(target: str, options: Options) -> str:
    return options.name or target


def _examine_each(target: str, options: Options) -> Sequence[Report | Unchecked]:
    name = _called(target, options)
    try:
        return examine_all(target, options)
    except NothingFoundError as error:
        return [Unchecked(name, str(error), empty=not (options.require or options.recorded))]
    except TargetError as error:
        return [Unchecked(name, str(error))]
    except Exception as error:  # a fault of ours, which is no reason for the others to have no report
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(frame.filename).name}:{frame.lineno}"
        return [Unchecked(name, f"an error in rnn_ref itself; no verdict: {type(error).__name__}: {error} ({place})")]


def _files(target: str) -> Iterator[str]:
    """Yield the Python files and notebooks of a folder or pattern, none that is hidden or a copy kept by an editor.

    A pattern may also mean models in files.
    """
    path = Path(target)
    places = [path] if path.is_dir() else [Path(one) for one in sorted(glob.glob(target, recursive=True))]  # noqa: PTH207
    for place in places:
        kinds = {".py", ".ipynb"} | (set() if place.is_dir() else FILES.keys())
        inside = sorted(place.rglob("*")) if place.is_dir() else [place]
        for file in inside:
            hidden = any(part.startswith(".") or part == "__pycache__" for part in file.relative_to(place).parts)
            if file.suffix in kinds and file.is_file() and not hidden:
                yield str(file)
