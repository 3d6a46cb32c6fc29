"""The instrument: checks anybody's implementation against the reference.

``check`` is all of it in one call. The folders follow the way of a check: ``operation`` is the record of a function,
``numbers`` the arithmetic in which its equation is judged, ``spec`` all that belongs to a family of functions,
``cases`` the checks, ``targets`` finds a candidate, ``run`` calls it, ``judge`` compares its answers with the truth,
``given`` judges arrays that come without a target, ``mistakes`` makes, finds and explains what can go wrong,
``diagnose`` names it, ``reports`` tells it, and ``project`` knows by name what a project checks and what was asked of
it before.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .cases.frozen import VectorsError
    from .checking import check
    from .errors import TargetError
    from .given.measured import Measure, Measured
    from .given.undecided import UndecidedError
    from .reports.findings import Unchecked
    from .reports.report import ConformanceError, Report, Reports
    from .reports.schema import schema
    from .several import check_several
    from .testing.parametrize import parametrize_with_checks

__all__ = [
    "ConformanceError",
    "Measure",
    "Measured",
    "Report",
    "Reports",
    "TargetError",
    "Unchecked",
    "UndecidedError",
    "VectorsError",
    "check",
    "check_several",
    "parametrize_with_checks",
    "schema",
]

# Looked up where they are asked for: the child process in which a target runs needs few of these modules.
_MODULE_OF = {
    "ConformanceError": "reports.report",
    "Measure": "given.measured",
    "Measured": "given.measured",
    "Report": "reports.report",
    "Reports": "reports.report",
    "TargetError": "errors",
    "Unchecked": "reports.findings",
    "UndecidedError": "given.undecided",
    "VectorsError": "cases.frozen",
    "check": "checking",
    "check_several": "several",
    "parametrize_with_checks": "testing.parametrize",
    "schema": "reports.schema",
}

if not TYPE_CHECKING:  # a name that is misspelt is an error there

    def __getattr__(name: str) -> Any:
        if name not in _MODULE_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(importlib.import_module(f".{_MODULE_OF[name]}", __name__), name)
        return value
