"""Files beside a target, which it imports: what cannot be imported whole is taken apart, as the target is.

A module that a course or a repository shares may read data that is not there, plot, or train: the functions in it are
what the target has use for.
"""

import ast
import contextlib
import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..apart.cells import endless_loop, statements
from ..apart.running import within
from ..apart.text.sources import NotebookError, sources_of
from ..loading import Loading
from ..raised import Raised
from ..taken_apart import taken_apart

PATIENCE = 5.0  # seconds in which such an import must end


@contextlib.contextmanager
def with_files_beside(folder: Path, loading: Loading) -> Iterator[None]:
    """Have the files below a folder imported so, and what is to be said of them noted."""
    finder = _Finder(folder.resolve(), loading)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


def imported_from_beside(path: Path) -> list[Path]:
    """Return the files beside a file, or below its folder, that it imports, in the order of its lines."""
    every = statements(sources_of(path))[0]
    names = [name for one in every for node in ast.walk(one.node) for name in _modules(node)]
    places = [path.parent.joinpath(*name.split(".")) for name in dict.fromkeys(names)]
    files = [one for place in places for one in (place.with_suffix(".py"), place / "__init__.py") if one.is_file()]
    return [one for one in files if one.resolve() != path.resolve()]


def _modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom) or node.level > 1:
        return []
    inside = [f"{node.module}.{alias.name}" if node.module else alias.name for alias in node.names]
    return [*filter(None, [node.module]), *inside]


class _Finder(importlib.abc.MetaPathFinder):
    """Finds what Python finds, if it is a file of Python in the folder or below it."""

    def __init__(self, folder: Path, loading: Loading) -> None:
        self._folder, self._loading = folder, loading

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return the specification of a module beside the target, None of any other."""
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None or not isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            return None
        where = Path(spec.loader.path).resolve()
        if not where.is_relative_to(self._folder) or "site-packages" in where.parts:
            return None
        spec.loader = _Loader(spec.loader.name, spec.loader.path, self._loading)
        return spec


class _Loader(importlib.machinery.SourceFileLoader):
    """Imports a file whole, or else what can be taken out of it."""

    def __init__(self, name: str, path: str, loading: Loading) -> None:
        super().__init__(name, path)
        self._loading = loading

    def exec_module(self, module: types.ModuleType) -> None:
        """Run a module, or of one that raises or does not end the functions and classes. Raises what it raises."""
        path, begun = Path(self.path), dict(vars(module))
        error: BaseException = TimeoutError("it never ends")
        if not endless_loop(*sources_of(path)):
            try:
                with within(min(PATIENCE, self._loading.seconds or PATIENCE)):
                    super().exec_module(module)
                return
            except (Exception, SystemExit) as raised:
                error = raised
        vars(module).clear()
        vars(module).update(begun)
        with contextlib.suppress(NotebookError):
            found = taken_apart(sources_of(path), module=module, folder=path.parent, seconds=self._loading.seconds)
            if found.definitions:
                self._loading.notes.append(f"{path.name} is taken apart: imported whole it raises {Raised.of(error)}")
                return
        raise error
