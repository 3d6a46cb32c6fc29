"""Find somebody's implementation: a module, an object in one, a Python file, a notebook, or a built-in."""

import contextlib
import importlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import NothingFoundError, OutsideError, TargetError
from ..spec import OPERATIONS
from .artefacts import recognise
from .artefacts.held import Holding
from .beside_modules import MOST_TOLD, Candidates, around_cells, by_hand, held_in_classes, modules_beside
from .claimed import by_our_default
from .foreign_code import quiet
from .from_text.beside_files import imported_from_beside
from .from_text.by_text import by_text
from .loading import Loading
from .nothing import nothing_in, unread_as
from .raised import Raised
from .reading.layers.own_run import with_own_run
from .reading.recognise import Recognised, read_as_it_stands
from .softmax_twice import softmax_twice
from .taken_apart import loops_left
from .without_functions import in_closures, in_loops

LOOP = "(a loop written by hand leaves none in a file: there the source is checked, as model.py:NAME)"
FORWARDS = {name for name, one in OPERATIONS.items() if not one.gives_gradients}
BEHIND_TWICE = "not judged until that is mended: the network in front of it"


class UnmadeError(TargetError):
    """No object of a class can be made without arguments."""


class Loaded(NamedTuple):
    """A target: its name, the functions found in it, or the networks that it holds in their place."""

    name: str
    functions: Candidates
    holding: Holding | None = None


def load(target: Any, loading: Loading | None = None) -> tuple[str, Candidates]:
    """Return the target's name and the functions of the specification found in it.

    ``target`` is None (the reference), text as on the command line, or an object: a module, a dict, a class, an
    instance, or a function that bears one of the names. ``loading`` says how a file is loaded, and is told what there
    is to say of it. Raises TargetError.
    """
    loaded = load_any(target, loading)
    return loaded.name, loaded.functions


def load_any(target: Any, loading: Loading | None = None) -> Loaded:
    """Return the functions found in a target, or the networks that it holds. Raises TargetError."""
    loading = loading or Loading()
    if target is None:
        name, holder = "rnn_ref", importlib.import_module("rnn_ref")
    elif isinstance(target, str):
        name, holder = target, by_text(target, loading)
    else:
        name, holder = getattr(target, "__name__", type(target).__name__), target
    unmade: TargetError | None = None
    try:
        every = {} if isinstance(holder, Holding) else with_own_run(_functions(name, holder))
    except UnmadeError as error:  # it may be read all the same, with sizes
        every, unmade = {}, error
    if not every and not loading.meant:
        try:
            artefact = _artefact(name, holder)
        except OutsideError:
            if twice := softmax_twice(holder):
                loading.notes.append(BEHIND_TWICE)
                return Loaded(name, twice)
            raise
        except TargetError as error:  # what is no artefact may be read
            artefact, unmade = None, error
        if artefact:
            return _of_artefact(name, holder, artefact, loading)
    read = read_as_it_stands(holder, {one: every[one] for one in every if one not in loading.meant}, loading)
    if lost := {one: its for one, its in loading.meant.items() if one not in read.candidates}:
        raise TargetError(f"{name}: {'; '.join(unread_as(one, its, holder, read.unread) for one, its in lost.items())}")
    found = read.candidates
    if inspect.ismodule(holder) and not every and not loading.meant:
        found |= modules_beside(holder, found, loading)
        found = softmax_twice(holder) | found if found else found
    if not found:
        return _elsewhere(Loaded(name, {}), target, holder, read, unmade, loading)
    unread = [one for one in read.unread if not _read_after_all(one, found)]
    loading.notes += [f"not read: {one}" for one in unread[:MOST_TOLD]]
    loading.notes += loops_left(path) if (path := _file_of(target)) and not loading.meant else []
    own = {one: by_our_default(one, found[one]) for one in every if found.get(one) is every[one]}
    return Loaded(name, {**found, **own})


def _read_after_all(unread: str, found: Mapping[str, Any]) -> bool:
    """Whether what is not read as one way forward is read as another, of another cell."""
    name, _, meant = unread.partition(": ")[0].partition("(")
    backwards = meant.rpartition(" as ")[2] not in FORWARDS
    return not backwards and any(
        one in FORWARDS and getattr(candidate, "__reading__", "").partition("(")[0] == name
        for one, candidate in found.items()
    )


def _elsewhere(
    nothing: Loaded, target: Any, holder: Any, read: Recognised, unmade: TargetError | None, loading: Loading
) -> Loaded:
    """Return what classes hold, or what a file imports from beside it, where nothing is found. Raises TargetError."""
    if inspect.ismodule(holder) and not loading.meant:
        held = held_in_classes(holder)
        if held.networks:
            return nothing._replace(holding=held)
    path = _file_of(target)
    if path and not (unmade or loading.meant) and (found := in_closures(path, loading)):
        return nothing._replace(functions=found)
    if path and not (unmade or loading.meant):
        unread = [*read.unread] if read.tried or read.unread else read.unread  # the functions are what is told then
        if found := in_loops(path, loading, unread):
            loading.notes += [f"not read: {one}" for one in read.unread[:MOST_TOLD]]
            return nothing._replace(functions=found)
    if path and not (read.tried or read.unread or unmade):
        beside = _in_a_file_beside(path, loading)
        if beside is not None:
            return beside._replace(name=nothing.name)
    raise _nothing_read(nothing.name, holder, read, unmade)


def _file_of(target: Any) -> Path | None:
    """Return the file of Python, or the notebook, that a target is as a whole."""
    path = Path(target) if isinstance(target, str) else Path()
    return path if path.suffix in {".py", ".ipynb"} and path.is_file() else None


def _in_a_file_beside(path: Path, loading: Loading) -> Loaded | None:
    """Return what is in the first file that a file imports from beside it, where it has nothing of its own."""
    if loading.beside:
        return None
    for file in imported_from_beside(path):
        inner = replace(loading, beside=True, notes=[])
        with contextlib.suppress(TargetError):
            found = load_any(str(file), inner)
            loading.notes += [f"read in {file.name}, which it imports", *inner.notes]
            return found
    return None


def _nothing_read(name: str, holder: Any, read: Recognised, unmade: TargetError | None) -> TargetError:
    """Return what is raised where no function is found: why a class cannot be made, unless what is read tells more."""
    if unmade is not None and not (isinstance(unmade, UnmadeError) and read.tried and read.unread):
        return unmade  # if it could be made with sizes, what that raised tells more
    kind = TargetError if read.tried else NothingFoundError  # what looks like the functions is not nothing
    return kind(nothing_in(name, holder, read.unread[:MOST_TOLD], tried=read.tried))


def _artefact(name: str, holder: Any) -> recognise.Functions | Holding | None:
    """Return what a framework's object is read as; of a file, the one of which the others are only parts."""
    own = recognise.outermost(recognise.artefacts_of(holder), holder) if inspect.ismodule(holder) else []
    thing = getattr(holder, own[0]) if len(own) == 1 else holder
    with quiet():
        found = recognise.of_object(thing, name)
    if isinstance(found, Holding) and not found.networks:
        why = "; ".join(found.refused) or f"no node or layer of a known kind {LOOP}"
        raise NothingFoundError(f"{name}: no recurrent network in it that can be judged: {why}")
    return found


def _of_artefact(name: str, holder: Any, artefact: recognise.Functions | Holding, loading: Loading) -> Loaded:
    if isinstance(artefact, Holding):
        written = by_hand(holder, loading) or around_cells(holder, artefact, loading)
        if not written and (written := softmax_twice(holder)):
            loading.notes.append(BEHIND_TWICE)
        return Loaded(name, written, None if written else artefact)
    return Loaded(name, softmax_twice(holder) | dict(artefact))


def _functions(name: str, holder: Any) -> Candidates:
    if inspect.isclass(holder) and not (recognise.is_artefact(holder) and not set(dir(holder)) & set(OPERATIONS)):
        try:
            with quiet():
                holder = holder()
        except (Exception, SystemExit) as error:
            raise UnmadeError(f"{name}: the class cannot be made without arguments: {Raised.of(error)}") from error
    found = {}
    for function in OPERATIONS:
        try:
            value = holder[function] if isinstance(holder, Mapping) else getattr(holder, function)
        except (KeyError, AttributeError):
            continue
        except Exception as error:
            raise TargetError(f"{name}: {function} cannot be read: {Raised.of(error)}") from error
        found[function] = value if callable(value) else _no_function(function, value)
    if not found and getattr(holder, "__name__", None) in OPERATIONS and callable(holder):
        return {holder.__name__: holder}
    return found


def _no_function(name: str, value: Any) -> Callable[..., Any]:
    """Stand in for something that bears a function's name, to say what it is."""

    def candidate(*_: Any, **__: Any) -> Any:
        raise TypeError(f"{name} is of type {type(value).__name__}, expected a function")

    return candidate
