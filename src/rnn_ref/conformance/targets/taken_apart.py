"""Take the functions out of a notebook or a file, with whatever they reach, and leave the rest of it alone.

A learner's notebook plots, prints and trains between its functions, and so does many a file. Running that would be
slow or never end, may write and delete files, and would fail for reasons that are not the functions' own. What is run
is told in ``apart/slicing.py``.
"""

import ast
import importlib.util
import sys
import types
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .apart.cells import Unparsed, statements
from .apart.closures import closures_in
from .apart.loops import AT_MARGIN, loops_back_in, loops_in, words
from .apart.running import Failed, raising, run
from .apart.slicing import Placed, Wanted, needed
from .apart.stand_ins import is_lent
from .apart.statements import DEFINITIONS, Statement, flat
from .apart.text.python2 import PYTHON2, lent
from .apart.text.sources import Source, sources_of
from .apart.unset import unset_in
from .loading import BACK_LEFT, LENT, LOOP_LEFT
from .raised import Raised, beside

TOLD = 5  # of things of one kind, how many a report tells


@dataclass(frozen=True)
class Apart:
    """What was taken out of a program."""

    module: types.ModuleType
    definitions: tuple[str, ...]  # the functions and classes outside of all others that are there, in their order
    unset: Mapping[str, BaseException]  # by name: what was raised where it should have been bound
    unparsed: tuple[Unparsed, ...]  # what is no Python
    left: str  # which lines are left alone, in words, empty if none is
    notes: tuple[str, ...]  # sentences on what could not be run, and on what is no Python


def taken_apart(
    sources: Sequence[Source],
    wanted: Iterable[str] | None = None,
    *,
    supplied: Collection[str] = (),
    module: types.ModuleType | None = None,
    folder: Path = Path(),
    seconds: float | None = None,
) -> Apart:
    """Run what the wanted functions need, and return them in a module.

    Parameters
    ----------
    sources : sequence of Source
        The cells of a notebook, or a file as a list of one; see ``sources_of``.
    wanted : iterable of str, optional
        The functions, classes or other objects. None: all functions and classes; of those, what a function that takes
        something and returns something reads when it is called is made as well, and what methods read.
    supplied : collection of str
        Globals that the caller binds before it calls the functions, such as weights: they are not made.
    module : module, optional
        In which it is run; a new one without it.
    folder : Path
        Where files of the program's own are that the functions may use a package by.
    seconds : float, optional
        What all of it may take, where the system has a clock that interrupts; what takes longer is left unset.

    Examples
    --------
    >>> found = taken_apart([Source("mine.py", "W = plot(1)\\ndef f(x): return x\\nf(W)")])
    >>> found.definitions, found.module.f(3), found.left
    (('f',), 3, 'lines 1 and 3')
    """
    every, unparsed = statements(sources)
    definitions = list(_definitions(every))
    called = [name for name, node in definitions if _may_be_meant(node)] if wanted is None else [*wanted]
    bound = [name for name, _ in definitions] if wanted is None else ()
    module = module or types.ModuleType("rnn_ref_target")
    vars(module).update(
        {name: one for source in sources if source.is_old for name, one in lent(source.text, old=True).items()}
    )
    placed = needed(every, Wanted(called, bound, supplied), folder)
    postponed = any(isinstance(one.node, ast.ImportFrom) and one.node.module == "__future__" for one in every)
    failed = run(placed, module, called, postponed=postponed, seconds=seconds)
    unset = unset_in(vars(module))
    functions = {name for name, node in definitions if not isinstance(node, ast.ClassDef)}
    for name in unset.keys() & (functions if wanted is None else set(called)):
        setattr(module, name, raising(name, unset[name]))
    there = dict.fromkeys(name for name, _ in definitions if name in vars(module))
    silent = [one for one in unparsed if not {*called} & {*one.names}]  # the others raise it, when they are called
    ours = [name for name, one in vars(module).items() if is_lent(one)]
    notes = (*_first(map(_on_unparsed, silent)), *_first(map(_on_failed, failed)), *_on_lent(ours))
    notes += (PYTHON2,) if any(one.is_old for one in sources) else ()
    left = "" if any(one.is_cell for one in sources) else _lines_left(every, placed)
    return Apart(module, tuple(there), unset, tuple(unparsed), left, notes)


def load(
    path: Path,
    wanted: Iterable[str] | None,
    *,
    supplied: Collection[str] = (),
    package: str = "",
    seconds: float | None = None,
) -> Apart:
    """Take the wanted functions out of a notebook or a file, or all of them; see ``taken_apart``.

    A function that cannot be parsed raises the SyntaxError when it is called; where none of the functions is found,
    that is raised here. So it is where there are only such functions in a file, which Python refuses as a whole.
    Raises NotebookError too.
    """
    wanted = None if wanted is None else set(wanted)
    name = f"{package}.{path.stem}" if package else f"rnn_ref_target_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path) if path.suffix == ".py" else None
    module = importlib.util.module_from_spec(spec) if spec else types.ModuleType(name)
    sys.modules[module.__name__] = module  # dataclasses look their module up
    sources, folder = sources_of(path), path.parent
    found = taken_apart(sources, wanted, supplied=supplied, module=module, folder=folder, seconds=seconds)
    there = set(found.definitions) if wanted is None else wanted & vars(module).keys()
    broken = {name for one in found.unparsed for name in one.names} if path.suffix == ".py" else set()
    if found.unparsed and not there - broken:
        raise found.unparsed[0].error
    return found


def load_loops(path: Path, seconds: float | None = None) -> Apart | None:
    """Return the loops of a file or a notebook that has no functions, each as a function; None if there is none."""
    sources = sources_of(path)
    every = statements(sources)[0]
    loops = loops_in(every)
    if not loops:
        return None
    written = Source(f"{path}, its loops as functions", "\n\n".join(one.text for one in loops), is_cell=True)
    return taken_apart([*sources, written], [one.name for one in loops], folder=path.parent, seconds=seconds)


def load_closures(path: Path, seconds: float | None = None) -> Apart | None:
    """Return the functions of a file that make others, each as a class; None if there is none."""
    sources = sources_of(path)
    classes = closures_in(statements(sources)[0])
    if not classes:
        return None
    written = Source(f"{path}, its closures as classes", "\n\n".join(one.text for one in classes), is_cell=True)
    found = taken_apart([*sources, written], [one.name for one in classes], folder=path.parent, seconds=seconds)
    notes = [f"{one.function} is read as a class, {one.name}: what it makes are methods" for one in classes]
    return replace(found, notes=(*notes, *found.notes))


def loops_back(path: Path) -> list[str]:
    """Return notes on the loops of a file or a notebook that go back, where they are not judged."""
    return [f"{BACK_LEFT}: {words(name)}" for name in loops_back_in(statements(sources_of(path))[0])]


def loops_left(path: Path) -> list[str]:
    """Return notes on the loops of a file or a notebook through which a network goes, outside of all functions."""
    sources = sources_of(path)
    if not any(AT_MARGIN.search(one.text) for one in sources):
        return []
    loops = [one for one in loops_in(statements(sources)[0]) if not one.goes_back]
    return [f"{LOOP_LEFT} {words(one.name)}, outside of all functions" for one in loops]


def load_whole_notebook(path: Path, seconds: float | None = None) -> types.ModuleType:
    """Run all cells of a notebook. Raises what the first statement that fails raises, NotebookError and SyntaxError."""
    every, unparsed = statements(sources_of(path))
    if unparsed:
        raise unparsed[0].error
    module = types.ModuleType(f"rnn_ref_target_{path.stem}")
    sys.modules[module.__name__] = module
    for one in every:
        for failed in run([Placed(one.node, one.filename, frozenset())], module, seconds=seconds):
            raise failed.error
    return module


def _definitions(every: Iterable[Statement]) -> Iterator[tuple[str, ast.AST]]:
    for one in flat(every):
        if isinstance(one.node, DEFINITIONS):
            yield one.node.name, one.node


def _may_be_meant(node: ast.AST) -> bool:
    """Whether it may be called for its answer: a class, or a function that takes something and returns something."""
    if isinstance(node, ast.ClassDef):
        return True
    arguments = getattr(node, "args", None)
    takes = arguments is not None and any(isinstance(part, ast.arg) for part in ast.walk(arguments))
    return takes and any(isinstance(part, ast.Return) and part.value is not None for part in ast.walk(node))


def _lines_left(every: Iterable[Statement], placed: Iterable[Placed]) -> str:
    """Return the lines of the statements that are not run, in words: of those that do more than define and import."""
    done = {line for one in placed for line in _span(one.node)}
    ranges: list[list[int]] = []
    again = False  # whether the statement before is left as well
    for one in every:
        begin, *_, end = _span(one.node) * 2
        quiet = isinstance(one.node, DEFINITIONS | ast.Import | ast.ImportFrom) or _is_text(one.node)
        if quiet or begin in done:
            again = again and begin not in done
        elif again:
            ranges[-1][1] = end
        else:
            ranges.append([begin, end])
            again = True
    told = [f"{begin}-{end}" if end > begin else str(begin) for begin, end in ranges]
    told = [*told[:TOLD], "others"] if len(told) > TOLD else told
    words = " and ".join(filter(None, [", ".join(told[:-1]), *told[-1:]]))
    return f"line{'s' if len(told) > 1 or '-' in words else ''} {words}" if told else ""


def _span(node: ast.stmt) -> list[int]:
    return list(range(node.lineno, (node.end_lineno or node.lineno) + 1))


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _on_unparsed(one: Unparsed) -> str:
    where = Raised("", file=beside(one.error.filename or ""), line=one.error.lineno).place
    return f"left out, for it is no Python: {where}: {one.error.msg}"


def _on_failed(one: Failed) -> str:
    raised = Raised.of(one.error)
    if one.lent:
        return f"a text of ours in place of a file that is not there: {raised.shown}"
    what = f"{raised.type}: {raised.message}" if raised.message else raised.type
    return f"left out, for it raises {what}" + (f": {raised.shown}" if raised.shown else "")


def _on_lent(names: Sequence[str]) -> Iterator[str]:
    if names:
        yield f"{LENT}: {', '.join(names)}"


def _first(sentences: Iterable[str]) -> Iterator[str]:
    told = list(sentences)
    yield from told[:TOLD]
    if len(told) > TOLD:
        yield f"left out as well: {len(told) - TOLD} more"
