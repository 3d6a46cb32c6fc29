"""The instrument: checks anybody's implementation against the reference.

``check`` is all of it in one call. The rooms follow the way of a check: ``suite`` and ``cases`` say what is asked,
``vectors`` holds the frozen answers, ``target`` finds the candidate, ``execute`` calls it, ``judge`` compares under
``tolerance``, ``verdict`` and ``report`` say what came of it; ``examine`` runs them in that order. ``table``,
``junit`` and ``markdown`` render the report, ``delivery`` brings it where it was asked for.
"""

from .instrument import check
from .parametrize import parametrize_with_checks
from .report import ConformanceError, Report
from .report_schema import schema
from .reports import Reports, Unchecked
from .several import check_several
from .target import TargetError
from .vectors import VectorsError

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
