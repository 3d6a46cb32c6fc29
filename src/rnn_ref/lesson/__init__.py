"""The lesson: three notebooks to fill in, and what their cells call.

``rnn-ref lesson`` writes the notebooks; :func:`check` says of a function in them whether it is right, and what is
wrong; :func:`compare` lays every intermediate beside PyTorch's; :func:`overlooked` tells which mistakes a test does not
see; :func:`gradient_flow`, :func:`error_map` and :func:`sensitivity` are pictures.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .checking import Checked, check
    from .comparison import Comparison, compare
    from .pictures.error_map import error_map
    from .pictures.gradient_flow import gradient_flow
    from .pictures.picture import Picture
    from .pictures.sensitivity import sensitivity
    from .unseen import Overlooked, overlooked

__all__ = [
    "Checked",
    "Comparison",
    "Overlooked",
    "Picture",
    "check",
    "compare",
    "error_map",
    "gradient_flow",
    "overlooked",
    "sensitivity",
]
_ROOMS = {"Checked": "checking", "check": "checking", "Comparison": "comparison", "compare": "comparison"}
_ROOMS |= {"Overlooked": "unseen", "overlooked": "unseen"}
_ROOMS |= {name: f"pictures.{name}" for name in ("error_map", "gradient_flow", "sensitivity")}
_ROOMS["Picture"] = "pictures.picture"


def __getattr__(name: str) -> Any:
    """Load what is asked for, and no more: comparing wants PyTorch, checking does not."""
    import importlib  # noqa: PLC0415

    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_ROOMS[name]}", __name__), name)
