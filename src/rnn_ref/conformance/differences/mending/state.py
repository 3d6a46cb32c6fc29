"""What code can reach, as it is now, to be made so again: numbers in arrays, and what lists, dicts and objects hold."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..arrays import inside

MOST, LARGEST = 2000, 100_000  # things that are kept, and numbers in an array


class State:
    """Everything that can be reached from somewhere, up to a size."""

    def __init__(self, roots: Mapping[str, Any], own: frozenset[str]) -> None:
        """Keep it; objects are looked into if they are of the modules ``own``."""
        self._back: list[Callable[[], Any]] = []
        seen, todo = {id(roots)}, [*roots.values()]
        while todo and len(self._back) < MOST:
            one = todo.pop(0)
            if id(one) in seen:
                continue
            seen.add(id(one))
            todo += [other for _, other in inside(one, own)]
            if back := _back_to(one, own):
                self._back.append(back)

    def restore(self) -> None:
        """Make it as it was."""
        for back in self._back:
            back()


def _back_to(one: Any, own: frozenset[str]) -> Callable[[], Any] | None:
    if isinstance(one, np.ndarray):
        kept = one.copy()
        is_kept = one.flags.writeable and one.size <= LARGEST and one.dtype != object
        return (lambda: np.copyto(one, kept)) if is_kept else None
    if isinstance(one, dict):
        return _back_to_items(one, {**one})
    if isinstance(one, list):
        items = [*one]
        return lambda: one.__setitem__(slice(None), items)
    if type(one).__module__ in own and hasattr(one, "__dict__"):
        return _back_to_items(vars(one), {**vars(one)})
    return None


def _back_to_items(one: dict[Any, Any], items: dict[Any, Any]) -> Callable[[], None]:
    def back() -> None:
        for key in [key for key in one if key not in items]:
            del one[key]
        one.update(items)

    return back
