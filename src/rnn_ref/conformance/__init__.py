"""The instrument: checks anybody's implementation against the reference.

``check`` is all of it in one call. The rooms follow the way of a check: ``operation`` and ``cases`` say what is asked,
``vectors`` holds the frozen answers, ``target`` finds the candidate, ``execute`` calls it, ``judge`` compares under
``tolerance``, ``diagnose`` names the mistake, ``verdict`` and ``report`` say what came of it; ``examine`` runs them in
that order. ``table``, ``junit`` and ``markdown`` render the report, ``delivery`` brings it where it was asked for.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .cases.frozen import VectorsError
    from .checking import check
    from .errors import TargetError
    from .reports.report import ConformanceError, Report
    from .reports.schema import schema
    from .reports.several import Reports, Unchecked
    from .several import check_several
    from .testing.parametrize import parametrize_with_checks

__all__ = [
    "ConformanceError",
    "Report",
    "Reports",
    "TargetError",
    "Unchecked",
    "VectorsError",
    "check",
    "check_several",
    "parametrize_with_checks",
    "schema",
]

# Looked up where they are asked for: the child process in which a target runs needs few of these rooms.
_ROOM_OF = {
    "ConformanceError": "reports.report",
    "Report": "reports.report",
    "Reports": "reports.several",
    "TargetError": "errors",
    "Unchecked": "reports.several",
    "VectorsError": "cases.frozen",
    "check": "checking",
    "check_several": "several",
    "parametrize_with_checks": "testing.parametrize",
    "schema": "reports.schema",
}


def __getattr__(name: str) -> Any:
    if name not in _ROOM_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(f".{_ROOM_OF[name]}", __name__), name)
    return value
