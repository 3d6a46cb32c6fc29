"""The lesson: two notebooks to fill in, and what their cells call.

``rnn-ref lesson`` writes the notebooks; :func:`check` says of a function in them whether it is right, and what is
wrong; :func:`compare` lays every intermediate beside PyTorch's.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .checking import Checked, check
    from .comparison import Comparison, compare

__all__ = ["Checked", "Comparison", "check", "compare"]
_ROOMS = {"Checked": "checking", "check": "checking", "Comparison": "comparison", "compare": "comparison"}


def __getattr__(name: str) -> Any:
    """Load what is asked for, and no more: comparing wants PyTorch, checking does not."""
    import importlib  # noqa: PLC0415

    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_ROOMS[name]}", __name__), name)
