"""The package that a file belongs to, for the sake of its imports from there."""

import contextlib
import importlib.util
import re
import sys
import types
from pathlib import Path

from ..apart.text.sources import decoded

_RELATIVE = re.compile(r"^[ \t]*from[ \t]+(\.+)", re.MULTILINE)


def make_package_importable(path: Path) -> None:
    """Let a file in a package import that by its name, behind all else that can be imported."""
    folder = path.resolve().parent
    while (folder / "__init__.py").is_file():
        folder = folder.parent
    if folder != path.resolve().parent and str(folder) not in sys.path:
        sys.path.append(str(folder))


def package_of(path: Path, *, broken: bool = False) -> str:
    """Return the name of the package to which a file's relative imports refer, "" if it has none.

    The package can be imported from then on: from its folder if that is found under its name, else under another one.
    What its ``__init__.py`` raises, is raised here, unless the package may be ``broken``.
    """
    depth = max(map(len, _RELATIVE.findall(decoded(path.read_bytes()))), default=0)
    if not depth:
        return ""
    folders = [path.resolve().parent]
    while len(folders) < depth or (folders[-1].parent / "__init__.py").is_file():
        folders.append(folders[-1].parent)
    names = [folder.name for folder in reversed(folders)]
    if _is_taken(names[0], folders[-1]):
        names[0] = f"rnn_ref_target_{names[0]}"
    for i, folder in enumerate(reversed(folders), 1):
        with contextlib.suppress(*((Exception, SystemExit) if broken else ())):
            _enter(".".join(names[:i]), folder)
    return ".".join(names)


def _is_taken(name: str, folder: Path) -> bool:
    """Whether a name stands for another package than the one in the folder."""
    known = sys.modules.get(name)
    if known is not None:
        return str(folder) not in list(getattr(known, "__path__", ()))
    with contextlib.suppress(ImportError, ValueError):
        spec = importlib.util.find_spec(name)
        return spec is not None and str(folder) not in list(spec.submodule_search_locations or ())
    return True


def _enter(name: str, folder: Path) -> None:
    """Have a folder be the package of this name."""
    if name in sys.modules:
        return
    init = folder / "__init__.py"
    if not init.is_file():
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].__path__ = [str(folder)]
        return
    spec = importlib.util.spec_from_file_location(name, init, submodule_search_locations=[str(folder)])
    if spec is None or spec.loader is None:
        return
    sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[name])
