"""What is found in a file that has no function to read: functions that others make, and loops outside of all."""

import inspect
from pathlib import Path

from ..spec import OPERATIONS
from .apart.loops import NAME, words
from .beside_modules import Candidates
from .loading import Loading
from .reading.recognise import recognised
from .taken_apart import load_closures, load_loops, loops_back


def in_closures(path: Path, loading: Loading) -> Candidates:
    """Return what is in functions that others make and hand out, read as methods of a class."""
    apart = load_closures(path, loading.seconds)
    if apart is None:
        return {}
    classes = {name: one for name in apart.definitions if inspect.isclass(one := getattr(apart.module, name))}
    found = recognised(classes, {}, apart.module.__name__, loading).candidates
    loading.notes += apart.notes if found else []
    return found


def in_loops(path: Path, loading: Loading, unread: list[str]) -> Candidates:
    """Return what is in loops outside of all functions, put into functions; what could not be read is told."""
    apart = load_loops(path, loading.seconds)
    if apart is None:
        return {}
    read = recognised(vars(apart.module), {}, apart.module.__name__, loading)
    if not read.candidates:
        unread += read.unread or [f"{words(one)}, outside of all functions" for one in apart.definitions if NAME in one]
        return {}
    told = [getattr(one, "__reading__", "") for one in read.candidates.values()]
    taken = [words(one) for one in apart.definitions if any(text.startswith(f"{one}(") for text in told)]
    loading.notes += [f"{one} is read as a function: it stands outside of all" for one in taken]
    back = any(OPERATIONS[one].gives_gradients for one in read.candidates if one in OPERATIONS)
    loading.notes += [*([] if back else loops_back(path)), *apart.notes]
    return read.candidates
