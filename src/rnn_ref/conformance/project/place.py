"""Where the project is, and what a target is called in it, from whichever folder and however it is named."""

import importlib.util
import inspect
import os
import sys
from pathlib import Path
from typing import Any

from ..targets.builtins import FRAMEWORKS
from ..targets.from_text.by_text import divided, parted
from ..targets.program.command import is_program, seen_elsewhere, words_of

MARK, FILE = "pyproject.toml", "rnn_ref.json"  # the configuration, and the record of what was asked
SOURCES = ("", "src")  # folders of a project in which its modules are


def current_folder() -> Path:
    """Return the current folder, the root where it was deleted."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return Path(os.sep)


def nearest(start: Path, *names: str) -> Path | None:
    """Return the nearest folder, from one upwards, that has one of these files."""
    return next((one for one in (start, *start.parents) if any((one / name).is_file() for name in names)), None)


def file_of(target: Any) -> Path | None:
    """Return the file that a target is, or is defined in; None for what has none, such as a module by its name."""
    if isinstance(target, str) and is_program(target):
        files = [Path(word) for word in words_of(target) if Path(word).is_file()]
        return next((one for one in files if not one.is_absolute()), files[-1] if files else None)  # no interpreter
    if isinstance(target, str):
        place = divided(parted(target)[0])[0]
        return Path(place) if is_path(place) or (place and Path(place).exists()) else None
    module = target if inspect.ismodule(target) else sys.modules.get(getattr(target, "__module__", None) or "")
    file = getattr(module, "__file__", None)
    return Path(file) if file else None


def identity(target: Any, folder: Path) -> str | None:
    """Return what a target is called in the project: its file as seen from there, or the module; None if it has none.

    The same file has the same name from every folder, and as the module of that file.

    >>> identity("lib/../mine.py:Net", Path.cwd()), identity("torch", Path.cwd()), identity({}, Path.cwd())
    ('mine.py:Net', 'torch', None)
    """
    if target is None:
        return "rnn_ref"
    if isinstance(target, str) and is_program(target):
        return seen_elsewhere(target, Path.cwd(), folder)
    if isinstance(target, str):
        return target if target in FRAMEWORKS else _of_text(target, folder)
    if inspect.ismodule(target):
        file = getattr(target, "__file__", None)
        inside = file and Path(file).resolve().is_relative_to(folder.resolve())
        return _seen(Path(file), folder) if file and inside else target.__name__
    module = sys.modules.get(getattr(target, "__module__", None) or "")
    if module is None or not (inspect.isclass(target) or inspect.isfunction(target)):
        return None
    return f"{identity(module, folder)}:{target.__qualname__}"


def seen_from_here(text: str, folder: Path) -> str:
    """Return a target as the project's folder names it, as it is named from the current folder.

    >>> seen_from_here("torch", Path.cwd() / "project")
    'torch'
    >>> seen_from_here("mine.py:Net", Path.cwd() / "project")
    'project/mine.py:Net'
    """
    if is_program(text):
        return seen_elsewhere(text, folder, Path.cwd())
    place, attribute = divided(text)
    if text in FRAMEWORKS or not (is_path(place) or (folder / place).exists()):
        return text
    return _joined(_seen(folder / place, Path.cwd()), attribute)


def is_path(place: str) -> bool:
    """Whether a text is the path of a file, not the name of a module."""
    return not is_program(place) and (place.endswith((".py", ".ipynb")) or "/" in place or os.sep in place)


def is_known(text: str) -> bool:
    """Whether a target may be there: all but a word that is no file, no module and no built-in."""
    word = text.isidentifier() and text not in FRAMEWORKS and not any(map(Path.exists, map(Path, (text, f"{text}.py"))))
    return not word or importlib.util.find_spec(text) is not None


def shown(path: Path) -> str:
    """Return a path as a message names it: as seen from the current folder."""
    return _seen(path, Path.cwd())


def _of_text(text: str, folder: Path) -> str:
    place, attribute = divided(text)
    if is_path(place) or Path(place).exists():
        return _joined(_seen(Path(place), folder), attribute)
    inside = Path(*place.split("."))
    roots = [Path.cwd(), *(folder / source for source in SOURCES)]
    files = [file for root in roots for file in (root / f"{inside}.py", root / inside / "__init__.py")]
    return _joined(next((_seen(file, folder) for file in files if file.is_file()), place), attribute)


def _joined(place: str, attribute: str) -> str:
    return f"{place}:{attribute}" if attribute else place


def _seen(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(resolved(path), resolved(folder))).as_posix()


def resolved(path: Path) -> Path:
    """Return where a path leads to; of a link to itself, where that is."""
    try:
        return path.resolve()
    except RuntimeError:  # so Python before 3.13 says it
        return path.absolute()
