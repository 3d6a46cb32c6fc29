"""Find somebody's implementation: a module, an object in one, a Python file, a notebook, or a built-in."""

import contextlib
import importlib
import importlib.util
import inspect
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import LoadingError, NothingFoundError, OutsideError, TargetError, install
from ..foreign_text import line
from ..misspelt import did_you_mean, nearest, question
from ..spec import OPERATIONS
from . import taken_apart
from .apart.cells import endless_loop
from .apart.sources import NotebookError, sources_of
from .apart.unset import unset_in
from .artefacts import recognise
from .artefacts.held import Held, Holding
from .builtins import FRAMEWORKS, load_builtin
from .claimed import by_our_default
from .foreign_code import quiet
from .keras_backend import choose_keras_backend
from .loading import Loading
from .nothing import nothing_in, unread_as
from .packages import make_package_importable, package_of
from .program.command import as_target, is_program
from .raised import Raised, beside
from .reading.layers.own_run import with_own_run
from .reading.names import GATED, is_weight, parts_of
from .reading.recognise import Recognised, read_as_it_stands, recognised

DEFINED = re.compile(r"^(?:(?:async[ \t]+)?def[ \t]+|class[ \t]+)?(\w+)[ \t]*[=(:]", re.MULTILINE)
WORD = re.compile(r"\b[A-Za-z_]\w*\b")
WEIGHTS = {".pt", ".pth", ".ckpt", ".h5", ".hdf5", ".npz", ".safetensors"}
OF_WEIGHTS = "; it holds weights and no code: the file that makes the network is checked"
LOOP = "(a loop written by hand leaves none in a file: there the source is checked, as model.py:NAME)"
MOST_TOLD = 4  # functions that cannot be read
Candidates = dict[str, Callable[..., Any]]


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
        name, holder = target, _by_text(target, loading)
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
        found |= _modules_beside(holder, found, loading)
    if not found:
        held = _held_in_classes(holder) if inspect.ismodule(holder) and not loading.meant else None
        if held is not None and held.networks:
            return Loaded(name, {}, held)
        raise _nothing_read(name, holder, read, unmade)
    loading.notes += [f"not read: {one}" for one in read.unread[:MOST_TOLD]]
    own = {one: by_our_default(one, found[one]) for one in every if found.get(one) is every[one]}
    return Loaded(name, {**found, **own})


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
        by_hand = _by_hand(holder, loading)
        return Loaded(name, by_hand, None if by_hand else artefact)
    return Loaded(name, dict(artefact))


def _by_hand(holder: Any, loading: Loading) -> Candidates:
    """Return what somebody has written out beside a network of a framework's own layers: that is what is to be judged.

    Nothing if no recurrent function can be read of it.
    """
    own = [one for one in vars(holder).values() if getattr(one, "__module__", None) == holder.__name__] if (
        inspect.ismodule(holder)
    ) else []  # fmt: skip
    written = {one.__name__: one for one in own if not recognise.is_artefact(one) and _is_written_out(one)}
    if not written:
        return {}
    found = recognised(written, {}, holder.__name__, loading)
    if not any(OPERATIONS[one].recurrent for one in found.candidates if one in OPERATIONS):
        return {}
    loading.notes += [f"not read: {one}" for one in found.unread[:MOST_TOLD]]
    return found.candidates | _modules_beside(holder, found.candidates, loading)


def _is_written_out(thing: Any) -> bool:
    """Whether the text of a class or a function bends sums itself, without a framework."""
    try:
        text = inspect.getsource(thing)
    except (OSError, TypeError):
        return False
    return bool(re.search(r"tanh\(|maximum\(|relu\(", text)) and not re.search(r"\b(nn|torch|tf|keras|jnp|jax)\.", text)


def _modules_beside(holder: Any, found: dict[str, Any], loading: Loading) -> Candidates:
    """Return the functions of the classes of modules of a file of several, which know more than their methods tell.

    What was read otherwise of a class that does something else is left out. What is not judged is told: a class that
    joins others, or has no interface of a recurrent one.
    """
    added: dict[str, Any] = {}
    silent: list[str] = []
    for name in recognise.artefacts_of(holder):
        one = getattr(holder, name)
        functions: Any = None
        own = {key for key, call in found.items() if re.match(rf"{name}\b", getattr(call, "__reading__", ""))}
        try:
            with quiet():
                functions = recognise.of_object(one, name) if inspect.isclass(one) and _may_recur(one) else None
        except OutsideError:
            for key in own:
                found.pop(key)
            own = set()
        except TargetError:
            functions = None
        fresh = {} if functions is None or isinstance(functions, Holding) else dict(functions)
        fresh = {key: call for key, call in fresh.items() if key not in added and (key not in found or key in own)}
        added |= fresh
        silent += [] if fresh or own or not inspect.isclass(one) else [name]
    silent = [name for name in silent if not any(f" {name}." in note for note in loading.notes)]  # its method is told
    loading.notes += [f"not judged: {', '.join(silent)}"] if silent and (found or added) else []
    return added


def _held_in_classes(holder: Any) -> Holding:
    """Return what the classes of modules of a file hold of the framework's own, of each that is no part of another."""
    names = [name for name in recognise.artefacts_of(holder) if inspect.isclass(getattr(holder, name))]
    whole = recognise.outermost(names, holder)
    networks: list[Held] = []
    told: set[str] = set()
    for name in sorted(names, key=lambda one: one not in whole):
        if name in told:
            continue
        with contextlib.suppress(TargetError), quiet():
            found = recognise.of_object(getattr(holder, name), name)
            if isinstance(found, Holding) and found.networks:
                notes = tuple(f"not judged: {one}" for one in found.refused)
                networks += [
                    replace(one, part=f"{name}.{one.part}".strip("."), notes=(*one.notes, *notes))
                    for one in found.networks
                ]
                told |= {one for one in names if one not in recognise.outermost([one, name], holder)} - {name}
    return Holding(networks, [])


def _may_recur(kind: type) -> bool:
    """Whether a module of a file of several may be a recurrent one: it takes a state or has a loop, and bends."""
    forward = getattr(kind, "forward", None) or getattr(kind, "call", None)
    try:
        text = inspect.getsource(forward)  # type: ignore[arg-type]
        takes = [*inspect.signature(forward).parameters][2:]  # type: ignore[arg-type]
    except (OSError, TypeError, ValueError):
        return True
    state = any(set(parts_of(one)[:1]) & {"h", "states"} or re.search("h|state|c0|hx", one) for one in takes)
    through_time = re.search(r"\bwhile\b|\bfor\b.*\bin\b(?!.*self\.)", text)  # not through layers of its own
    recurs = re.search("|".join(["tanh|igmoid|relu|cell|self.act|rnn|layer", *GATED]), text)
    return bool((state or through_time) and recurs)


def load_layout(place: str) -> Any:
    """Return the user's own layout, ``module:function`` or ``path.py:function``. Raises TargetError."""
    try:
        layout = _by_text(place, Loading())
    except TargetError as error:
        raise TargetError(f"layout {error}") from error
    if not callable(layout):
        raise TargetError(f"layout {place}: is of type {type(layout).__name__}, expected a function")
    return layout


def _by_text(target: str, loading: Loading) -> Any:
    if target in FRAMEWORKS:
        return load_builtin(target)
    if is_program(target):
        from .program.candidates import load_program  # noqa: PLC0415 - most targets are Python

        return load_program(target)
    place, _, part = target.partition("#")
    if Path(place).suffix in recognise.FILES:
        return _artefact_file(Path(place))
    place, attribute = divided(place if part else target)
    first = attribute.partition(".")[0]
    dotted = all(part.isidentifier() for part in place.split("."))
    if dotted and not place.endswith((".py", ".ipynb")) and not Path(place).is_file():
        holder = _module(place, first, loading)
    else:
        holder = _file(Path(place), first, loading)
    if first in (unset := unset_in(getattr(holder, "__dict__", {}))):
        raise LoadingError(f"{target}: cannot be loaded: {Raised.of(unset[first])}")
    for part in attribute.split(".") if attribute else ():
        try:
            holder = getattr(holder, part)
        except AttributeError:
            close = did_you_mean(part, [one for one in dir(holder) if not one.startswith("__")])
            raise TargetError(f"{target}: {place} has no {part}{close}") from None
        except Exception as error:
            raise TargetError(f"{target}: {part} cannot be read: {Raised.of(error)}") from error
    return holder


def _artefact_file(path: Path) -> Holding:
    if not path.is_file():
        raise TargetError(f"{path}: no such file")
    with _foreign(str(path), path.parent):
        try:
            return recognise.of_file(path)
        except TargetError:
            raise
        except Exception as error:  # of the framework, in whose files no place helps
            raise LoadingError(f"{path}: cannot be loaded: {line(error)}", str(error)) from error


def divided(target: str) -> tuple[str, str]:
    """Return the place and the object in it; a colon may also belong to the path of a file, or to a drive."""
    place, _, attribute = target.rpartition(":")
    if not place or Path(target).is_file() or not all(part.isidentifier() for part in attribute.split(".")):
        return target, ""
    return place, attribute


def _file(path: Path, attribute: str, loading: Loading) -> Any:
    if path.is_dir():
        raise TargetError(f"{path}: is a folder, expected a .py or .ipynb file")
    if not path.is_file():
        raise TargetError(f"{path}: no such file{did_you_mean(str(path), _files_beside(path))}")
    if path.suffix not in {".py", ".ipynb"}:
        hint = f"; a program is checked as {as_target(path)}" if os.access(path, os.X_OK) else ""
        hint = OF_WEIGHTS if path.suffix in WEIGHTS else hint
        raise TargetError(f"{path}: expected a .py or .ipynb file{hint}")
    make_package_importable(path)
    with _foreign(str(path), path.parent):
        if loading.how == "apart" or (path.suffix == ".ipynb" and loading.how is None):
            return _apart(path, attribute, loading, "")
        if path.suffix == ".ipynb":
            return taken_apart.load_whole_notebook(path)
        if loading.how is None and (line := endless_loop(*sources_of(path))):
            why = f"it never ends: the loop in line {line} has no break"
            raise LoadingError(f"{path}: cannot be loaded: {why}", why)
        return _whole(path)


def _whole(path: Path) -> Any:
    """Import a file, as Python would; one with relative imports as part of its package."""
    package = package_of(path)
    name = f"{package}.{path.stem}" if package else f"rnn_ref_target_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no file that can be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module.__name__] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def _apart(path: Path, attribute: str, loading: Loading, package: str) -> Any:
    """Take what is looked for out of a file or a notebook."""
    if path.suffix == ".py" and not package:
        package = package_of(path, broken=True)
    text = "\n".join(source.text for source in sources_of(path))
    networks = {name for name, one in OPERATIONS.items() if one.recurrent}  # others have names that many give
    told = loading.every or bool(loading.meant) or bool(loading.doubtful)
    foreign = told or not networks & set(DEFINED.findall(text))  # all of it is to be read then
    wanted = [attribute] if attribute else None if foreign else OPERATIONS
    supplied = {name for name in WORD.findall(text) if is_weight(name)} if foreign else ()
    found = taken_apart.load(path, wanted, package=package, seconds=loading.seconds, supplied=supplied)
    loading.left, loading.notes = found.left, [*found.notes]
    return found.module


def _module(name: str, attribute: str, loading: Loading) -> Any:
    try:
        known = importlib.util.find_spec(name.partition(".")[0])
        _make_importable(Path.cwd())
        known = known or importlib.util.find_spec(name.partition(".")[0])
    except (ImportError, ValueError):
        known = None
    if known is None and Path(name).is_dir():
        raise TargetError(f"{name}: is a folder, expected a .py or .ipynb file")
    if known is None:
        files = {Path(one).stem: one for one in _files_beside(Path(name))}
        close = question([files.get(one, one) for one in nearest(name, [*FRAMEWORKS, *files])])
        raise TargetError(f"{name}: no such module, file or built-in ({', '.join(FRAMEWORKS)}){close}")
    with _foreign(name, Path.cwd()):
        if loading.how != "apart":
            return importlib.import_module(name)
        spec = importlib.util.find_spec(name)
        if spec is None or not str(spec.origin).endswith(".py"):
            raise ImportError(f"{name} is not a file of Python, and cannot be taken apart")
        return _apart(Path(str(spec.origin)), attribute, loading, spec.parent or "")


@contextlib.contextmanager
def _foreign(name: str, folder: Path) -> Iterator[None]:
    """Run foreign code at import: its neighbours importable, its prints swallowed, its failures one clear line."""
    _make_importable(folder)
    choose_keras_backend()
    try:
        with quiet():
            yield
    except SyntaxError as error:
        line = "" if error.lineno is None else f", line {error.lineno}"
        where = beside(error.filename or name)
        raise LoadingError(f"{where}{line}: syntax error: {error.msg}") from error
    except TargetError:
        raise
    except NotebookError as error:
        raise TargetError(f"{name}: {error}") from error
    except (Exception, SystemExit) as error:
        raised = Raised.of(error)
        lacking = error.name if isinstance(error, ModuleNotFoundError) else None
        hint = f"; {install(lacking)}" if lacking in FRAMEWORKS else ""
        raise LoadingError(f"{name}: cannot be loaded: {raised}{hint}", f"imported whole it raises {raised}") from error


def _files_beside(path: Path) -> list[str]:
    """Return the Python files and notebooks in a path's folder, as they would be named in its place."""
    found = [one for one in path.parent.glob("*") if one.suffix in {".py", ".ipynb", *recognise.FILES}]
    return [str(path.with_name(one.name)) for one in found]


def _make_importable(folder: Path) -> None:
    """Let a target import its neighbours, now and later, from within its functions."""
    if str(folder.resolve()) not in sys.path:
        sys.path.insert(0, str(folder.resolve()))


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
