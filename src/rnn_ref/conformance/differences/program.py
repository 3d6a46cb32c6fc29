"""Running somebody's program as it stands, as ``__main__``, where it cannot write, send, or wait."""

import ast
import contextlib
import os
import sys
import time
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..targets.apart.cells import statements
from ..targets.apart.text.sources import sources_of
from ..targets.foreign_code import quiet

MAIN = "__main__"
FORBIDDEN = {
    *("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.truncate", "os.chmod", "os.chown", "os.link", "os.symlink"),
    *("os.kill", "os.killpg", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "os.startfile"),
    *("shutil.copyfile", "shutil.move", "shutil.rmtree", "subprocess.Popen", "pty.spawn", "webbrowser.open"),
    *("socket.connect", "socket.bind", "socket.sendto", "urllib.Request", "ftplib.connect", "smtplib.connect"),
    *("sqlite3.connect",),
}
_FREE = [False]  # whether this process does something itself


class Program:
    """The text of a file or of a notebook, ready to be run."""

    def __init__(self, path: Path) -> None:
        """Read and parse it; statements that are no Python are left out."""
        sources = sources_of(path)
        every, _ = statements(sources)
        self.path, self.text = path, "\n".join(one.text for one in sources)
        self._own: dict[str, bool] = {}
        self._seen, self._modules = 0, frozenset({MAIN})
        self.tree = ast.Module([one.node for one in every], [])
        self.code = compile(self.tree, str(path), "exec")

    def is_own(self, filename: str) -> bool:
        """Whether code of a file is the program's: its own, or that of a file beside it."""
        if filename not in self._own:
            self._own[filename] = filename == str(self.path) or Path(filename).parent == self.path.parent
        return self._own[filename]

    @property
    def modules(self) -> frozenset[str]:
        """The modules whose objects are the program's."""
        if len(sys.modules) != self._seen:
            self._seen, every = len(sys.modules), list(sys.modules.items())
            beside = [name for name, one in every if self.is_own(getattr(one, "__file__", None) or "")]
            self._modules = frozenset({MAIN, *beside})
        return self._modules

    def run(self) -> None:
        """Run it to its end, or to where it raises."""
        module = types.ModuleType(MAIN)
        module.__file__ = str(self.path)
        sys.modules[MAIN], sys.argv = module, [str(self.path)]
        sys.path.insert(0, str(self.path.parent))
        time.sleep = lambda _: None
        hold_back()
        with quiet(), contextlib.suppress(BaseException):
            exec(self.code, vars(module))


def hold_back() -> None:
    """Let this process write, send and start nothing from now on, but for what is ``free``."""
    sys.addaudithook(_forbid)


@contextlib.contextmanager
def free() -> Iterator[None]:
    """Let this process do what the program may not."""
    _FREE[0] = True
    try:
        yield
    finally:
        _FREE[0] = False


def _forbid(event: str, arguments: tuple[Any, ...]) -> None:
    refused = _writes(*arguments) if event == "open" else event in FORBIDDEN
    if refused and not _FREE[0]:
        raise PermissionError(f"{event}: not while the program is only watched")


def _writes(path: Any, mode: Any, flags: Any) -> bool:
    if path == os.devnull:
        return False
    by_flags = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
    return bool(by_flags) or (isinstance(mode, str) and bool({*mode} & {*"wax+"}))
