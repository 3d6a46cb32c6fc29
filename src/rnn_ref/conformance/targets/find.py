"""Find somebody's implementation: a module, an object in one, a Python file, a notebook, or a built-in."""

import contextlib
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import NothingFoundError, TargetError
from ..spec import OPERATIONS
from . import notebook
from .apart.cells import NotebookError
from .artefacts import recognise
from .artefacts.held import Holding
from .builtins import FRAMEWORKS, load_builtin
from .foreign_code import quiet
from .raised import Raised, beside

Candidates = dict[str, Callable[..., Any]]


class Loaded(NamedTuple):
    """A target: its name, the functions found in it, or the networks that it holds in their place."""

    name: str
    functions: Candidates
    holding: Holding | None = None


def load(target: Any) -> tuple[str, Candidates]:
    """Return the target's name and the functions of the specification found in it.

    ``target`` is None (the reference), text as on the command line, or an object: a module, a dict, a class, an
    instance, or a function that bears one of the names. Raises TargetError.
    """
    loaded = load_any(target)
    return loaded.name, loaded.functions


def load_any(target: Any) -> Loaded:
    """Return the functions found in a target, or the networks that it holds. Raises TargetError."""
    if target is None:
        name, holder = "rnn_ref", importlib.import_module("rnn_ref")
    elif isinstance(target, str):
        name, holder = target, _by_text(target)
    else:
        name, holder = getattr(target, "__name__", type(target).__name__), target
    found = {} if isinstance(holder, Holding) else _functions(name, holder)
    if not found:
        artefact = _artefact(name, holder)
        if isinstance(artefact, Holding):
            return Loaded(name, {}, artefact)
        found = dict(artefact or {})
    if not found:
        members = getattr(holder, "__dict__", {}).items()
        classes = [one for one, value in members if inspect.isclass(value) and set(dir(value)) & set(OPERATIONS)]
        classes = classes or (recognise.artefacts_of(holder) if inspect.ismodule(holder) else [])
        hint = f"; a class in it is checked as {name}:{classes[0]}" if classes and isinstance(target, str) else ""
        raise NothingFoundError(f"{name}: none of the functions is in it; looked for {', '.join(OPERATIONS)}{hint}")
    return Loaded(name, found)


def _artefact(name: str, holder: Any) -> recognise.Functions | Holding | None:
    """Return what a framework's object is read as; of a file that defines one alone, that one."""
    own = recognise.artefacts_of(holder) if inspect.ismodule(holder) else []
    thing = getattr(holder, own[0]) if len(own) == 1 else holder
    with quiet():
        found = recognise.of_object(thing, name)
    if isinstance(found, Holding) and not found.networks:
        raise NothingFoundError(f"{name}: no recurrent network in it that can be judged: {'; '.join(found.refused)}")
    return found


def load_layout(place: str) -> Any:
    """Return the user's own layout, ``module:function`` or ``path.py:function``. Raises TargetError."""
    try:
        layout = _by_text(place)
    except TargetError as error:
        raise TargetError(f"layout {error}") from error
    if not callable(layout):
        raise TargetError(f"layout {place}: is of type {type(layout).__name__}, expected a function")
    return layout


def _by_text(target: str) -> Any:
    if target in FRAMEWORKS:
        return load_builtin(target)
    place, _, part = target.partition("#")
    if Path(place).suffix in recognise.FILES:
        return _artefact_file(Path(place))
    place, attribute = divided(place if part else target)
    dotted = all(part.isidentifier() for part in place.split("."))
    if dotted and not place.endswith((".py", ".ipynb")) and not Path(place).is_file():
        holder = _module(place)
    else:
        holder = _file(Path(place), attribute.partition(".")[0])
    for part in attribute.split(".") if attribute else ():
        try:
            holder = getattr(holder, part)
        except AttributeError:
            raise TargetError(f"{target}: {place} has no {part}") from None
        except Exception as error:
            raise TargetError(f"{target}: {part} cannot be read: {Raised.of(error)}") from error
    return holder


def _artefact_file(path: Path) -> Holding:
    if not path.is_file():
        raise TargetError(f"{path}: no such file")
    with _foreign(str(path), path.parent):
        return recognise.of_file(path)


def divided(target: str) -> tuple[str, str]:
    """Return the place and the object in it; a colon may also belong to the path of a file, or to a drive."""
    place, _, attribute = target.rpartition(":")
    if not place or Path(target).is_file() or not all(part.isidentifier() for part in attribute.split(".")):
        return target, ""
    return place, attribute


def _file(path: Path, attribute: str) -> Any:
    if path.is_dir():
        raise TargetError(f"{path}: is a folder, expected a .py or .ipynb file")
    if not path.is_file():
        raise TargetError(f"{path}: no such file")
    if path.suffix == ".ipynb":
        with _foreign(str(path), path.parent):
            return notebook.load(path, [attribute] if attribute else OPERATIONS)
    spec = importlib.util.spec_from_file_location(f"rnn_ref_target_{path.stem}", path)
    if path.suffix != ".py" or spec is None or spec.loader is None:
        raise TargetError(f"{path}: expected a .py or .ipynb file")
    module = importlib.util.module_from_spec(spec)
    with _foreign(str(path), path.parent):
        sys.modules[module.__name__] = module  # dataclasses look their module up
        spec.loader.exec_module(module)
    return module


def _module(name: str) -> Any:
    try:
        known = importlib.util.find_spec(name.partition(".")[0])
        _make_importable(Path.cwd())
        known = known or importlib.util.find_spec(name.partition(".")[0])
    except (ImportError, ValueError):
        known = None
    if known is None and Path(name).is_dir():
        raise TargetError(f"{name}: is a folder, expected a .py or .ipynb file")
    if known is None:
        raise TargetError(f"{name}: no such module, file or built-in ({', '.join(FRAMEWORKS)})")
    with _foreign(name, Path.cwd()):
        return importlib.import_module(name)


@contextlib.contextmanager
def _foreign(name: str, folder: Path) -> Iterator[None]:
    """Run foreign code at import: its neighbours importable, its prints swallowed, its failures one clear line."""
    _make_importable(folder)
    try:
        with quiet():
            yield
    except SyntaxError as error:
        line = "" if error.lineno is None else f", line {error.lineno}"
        where = beside(error.filename or name)
        raise TargetError(f"{where}{line}: syntax error: {error.msg}") from error
    except TargetError:
        raise
    except NotebookError as error:
        raise TargetError(f"{name}: {error}") from error
    except (Exception, SystemExit) as error:
        raise TargetError(f"{name}: cannot be loaded: {Raised.of(error)}") from error


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
            raise TargetError(f"{name}: the class cannot be made without arguments: {Raised.of(error)}") from error
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
