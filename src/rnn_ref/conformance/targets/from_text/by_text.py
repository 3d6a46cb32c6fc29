"""Where the text of a target leads: to a module, a file, a notebook, a built-in, a program, or an object in one."""

import contextlib
import importlib
import importlib.util
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...errors import LoadingError, TargetError, install
from ...foreign_text import line
from ...misspelt import did_you_mean, nearest, question
from ...spec import OPERATIONS
from .. import taken_apart
from ..apart.cells import endless_loop
from ..apart.text.python2 import PYTHON2, lent
from ..apart.text.sources import NotebookError, decoded, sources_of
from ..apart.unset import unset_in
from ..artefacts import recognise
from ..artefacts.held import Holding
from ..builtins import FRAMEWORKS, load_builtin
from ..foreign_code import quiet
from ..keras_backend import choose_keras_backend
from ..loading import Loading
from ..program.command import as_target, is_program
from ..raised import Raised, beside
from ..reading.names import is_weight
from .beside_files import with_files_beside
from .packages import make_package_importable, package_of

DEFINED = re.compile(r"^(?:(?:async[ \t]+)?def[ \t]+|class[ \t]+)?(\w+)[ \t]*[=(:]", re.MULTILINE)
WORD = re.compile(r"\b[A-Za-z_]\w*\b")
WEIGHTS = {".pt", ".pth", ".ckpt", ".h5", ".hdf5", ".npz", ".safetensors"}
OF_WEIGHTS = "; it holds weights and no code: the file that makes the network is checked"


def by_text(target: str, loading: Loading) -> Any:
    """Return what a target's text leads to: what holds functions, or networks. Raises TargetError."""
    if target in FRAMEWORKS:
        return load_builtin(target)
    if is_program(target):
        from ..program.candidates import load_program  # noqa: PLC0415 - most targets are Python

        return load_program(target)
    place, part = parted(target)
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


def load_layout(place: str) -> Any:
    """Return the user's own layout, ``module:function`` or ``path.py:function``. Raises TargetError."""
    try:
        layout = by_text(place, Loading())
    except TargetError as error:
        raise TargetError(f"layout {error}") from error
    if not callable(layout):
        raise TargetError(f"layout {place}: is of type {type(layout).__name__}, expected a function")
    return layout


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


def parted(target: str) -> tuple[str, str]:
    """Return the place and the part of it that is meant, behind a #, which the name of a file may have as well."""
    places = [target[:i] for i, one in enumerate(target) if one == "#"]
    if not places or Path(divided(target)[0]).is_file():
        return target, ""
    place = next((one for one in places if Path(divided(one)[0]).is_file()), places[0])
    return place, target[len(place) + 1 :]


def _file(path: Path, attribute: str, loading: Loading) -> Any:
    if path.is_dir():
        raise TargetError(f"{path}: is a folder, expected a .py or .ipynb file")
    if not path.is_file():
        there = "is no regular file" if path.exists() else f"no such file{did_you_mean(str(path), _files_beside(path))}"
        raise TargetError(f"{path}: {there}")
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
        return _whole(path, loading)


def _whole(path: Path, loading: Loading) -> Any:
    """Import a file, as Python would; one with relative imports as part of its package."""
    package = package_of(path)
    name = f"{package}.{path.stem}" if package else f"rnn_ref_target_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no file that can be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module.__name__] = module  # dataclasses look their module up
    if old := lent(decoded(path.read_bytes())):
        vars(module).update(old)
        loading.notes.append(PYTHON2)
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
    with with_files_beside(path.parent, loading):
        found = taken_apart.load(path, wanted, package=package, seconds=loading.seconds, supplied=supplied)
    loading.left, loading.notes = found.left, [*found.notes, *loading.notes]
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
    suffixes = {".py", ".ipynb", *recognise.FILES}
    found = [one for one in path.parent.glob("*") if one.suffix in suffixes and one.is_file()]
    return [str(path.with_name(one.name)) for one in found]


def _make_importable(folder: Path) -> None:
    """Let a target import its neighbours, now and later, from within its functions."""
    if str(folder.resolve()) not in sys.path:
        sys.path.insert(0, str(folder.resolve()))
