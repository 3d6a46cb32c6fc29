"""Find somebody's implementation: a module, an object in one, a Python file, a notebook, or a built-in."""

import ast
import contextlib
import importlib
import importlib.util
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from . import notebook
from .execute import quiet, told
from .suite import FUNCTIONS

BUILTINS = {"torch": "rnn_ref.conformance.builtin_torch"}
INSTALL = {"torch": 'pip install "rnn_ref[torch]"'}

Candidates = dict[str, Callable[..., Any]]


class TargetError(Exception):
    """There is nothing that can be checked; the text says why in one line."""


def load(target: Any) -> tuple[str, Candidates]:
    """Return the target's name and the functions of the specification found in it.

    ``target`` is None (the reference), text as on the command line, or an object: a module, a dict, a class or an
    instance. Raises TargetError.
    """
    if target is None:
        name, holder = "rnn_ref", importlib.import_module("rnn_ref")
    elif isinstance(target, str):
        name, holder = target, _by_text(target)
    else:
        name, holder = getattr(target, "__name__", type(target).__name__), target
    found = _functions(name, holder)
    if not found:
        raise TargetError(f"{name}: none of the functions is in it; looked for {', '.join(FUNCTIONS)}")
    return name, found


def is_stub(candidate: Callable[..., Any]) -> bool:
    """Whether the body is nothing but docstring, ``pass``, ``...`` or ``raise NotImplementedError``."""
    try:
        source = textwrap.dedent(inspect.getsource(inspect.unwrap(candidate)))
        function = ast.parse(source).body[0]
    except (OSError, TypeError, SyntaxError, IndexError):
        return False
    return isinstance(function, ast.FunctionDef) and all(map(_says_nothing, function.body))


def _says_nothing(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Raise):
        raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
        return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
    constant = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return constant or isinstance(statement, ast.Pass)


def _by_text(target: str) -> Any:
    if target in BUILTINS:
        return _builtin(target)
    place, _, attribute = target.rpartition(":") if ":" in target[2:] else (target, "", "")
    if place.endswith((".py", ".ipynb")) or "/" in place or Path(place).exists():
        holder = _file(Path(place))
    else:
        holder = _module(place)
    for part in attribute.split(".") if attribute else ():
        if not hasattr(holder, part):
            raise TargetError(f"{target}: {place} has no {part}")
        holder = getattr(holder, part)
    return holder


def _builtin(name: str) -> Any:
    try:
        return importlib.import_module(BUILTINS[name])
    except ImportError as error:
        raise TargetError(f"{name}: not installed; {INSTALL[name]}") from error


def _file(path: Path) -> Any:
    if path.is_dir():
        raise TargetError(f"{path}: is a folder, expected a .py or .ipynb file")
    if not path.is_file():
        raise TargetError(f"{path}: no such file")
    if path.suffix == ".ipynb":
        with _foreign(str(path), path.parent):
            return notebook.load(path, FUNCTIONS)
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
        with _importable(Path.cwd()):
            known = known or importlib.util.find_spec(name.partition(".")[0])
    except (ImportError, ValueError):
        known = None
    if known is None:
        raise TargetError(f"{name}: no such module, file or built-in ({', '.join(BUILTINS)})")
    with _foreign(name, Path.cwd()):
        return importlib.import_module(name)


@contextlib.contextmanager
def _foreign(name: str, folder: Path) -> Iterator[None]:
    """Run foreign code at import: its neighbours importable, its prints swallowed, its failures one clear line."""
    try:
        with _importable(folder), quiet():
            yield
    except SyntaxError as error:
        where = f"{notebook.place(error.filename) or name}, line {error.lineno}"
        raise TargetError(f"{where}: syntax error: {error.msg}") from error
    except notebook.NotebookError as error:
        raise TargetError(f"{name}: {error}") from error
    except (Exception, SystemExit) as error:
        raise TargetError(f"{name}: cannot be loaded: {told(error)}") from error


@contextlib.contextmanager
def _importable(folder: Path) -> Iterator[None]:
    sys.path.insert(0, str(folder.resolve()))
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):
            sys.path.remove(str(folder.resolve()))


def _functions(name: str, holder: Any) -> Candidates:
    if inspect.isclass(holder):
        try:
            with quiet():
                holder = holder()
        except Exception as error:
            raise TargetError(f"{name}: the class cannot be made without arguments: {told(error)}") from error
    if isinstance(holder, Mapping):
        found = {function: holder[function] for function in FUNCTIONS if function in holder}
    else:
        found = {function: getattr(holder, function) for function in FUNCTIONS if hasattr(holder, function)}
    return {function: candidate for function, candidate in found.items() if callable(candidate)}
