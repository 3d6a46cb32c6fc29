"""Find somebody's implementation: a module, an object in one, a Python file, a notebook, or a built-in."""

import contextlib
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import NothingFoundError, TargetError
from ..spec import OPERATIONS
from . import notebook
from .apart.cells import NotebookError
from .builtins import FRAMEWORKS, load_builtin
from .foreign_code import quiet
from .raised import Raised, beside
from .reading.recognise import read_as_it_stands

MOST_TOLD = 4  # functions that cannot be read
Candidates = dict[str, Callable[..., Any]]


def load(target: Any) -> tuple[str, Candidates]:
    """Return the target's name and the functions of the specification found in it.

    ``target`` is None (the reference), text as on the command line, or an object: a module, a dict, a class, an
    instance, or a function that bears one of the names. Raises TargetError.
    """
    if target is None:
        name, holder = "rnn_ref", importlib.import_module("rnn_ref")
    elif isinstance(target, str):
        name, holder = target, _by_text(target)
    else:
        name, holder = getattr(target, "__name__", type(target).__name__), target
    read = read_as_it_stands(holder, _functions(name, holder))
    found = read.candidates
    if not found:
        members = getattr(holder, "__dict__", {}).items()
        classes = [one for one, value in members if inspect.isclass(value) and set(dir(value)) & set(OPERATIONS)]
        hint = f"; a class in it is checked as {name}:{classes[0]}" if classes and isinstance(target, str) else ""
        seen = f"; what was found cannot be read: {'; '.join(read.unread[:MOST_TOLD])}" if read.unread else ""
        raise NothingFoundError(
            f"{name}: none of the functions is in it; looked for {', '.join(OPERATIONS)}{hint}{seen}"
        )
    return name, found


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
    place, attribute = divided(target)
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
    except NotebookError as error:
        raise TargetError(f"{name}: {error}") from error
    except (Exception, SystemExit) as error:
        raise TargetError(f"{name}: cannot be loaded: {Raised.of(error)}") from error


def _make_importable(folder: Path) -> None:
    """Let a target import its neighbours, now and later, from within its functions."""
    if str(folder.resolve()) not in sys.path:
        sys.path.insert(0, str(folder.resolve()))


def _functions(name: str, holder: Any) -> Candidates:
    if inspect.isclass(holder):
        try:
            with quiet():
                holder = holder()
        except (Exception, SystemExit) as error:
            if set(dir(holder)) & set(OPERATIONS):
                raise TargetError(f"{name}: the class cannot be made without arguments: {Raised.of(error)}") from error
            return {}  # it may be read all the same
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
