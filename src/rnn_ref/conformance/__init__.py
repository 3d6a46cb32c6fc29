"""The instrument: checks anybody's implementation against the reference.

``check`` is all of it in one call. The rooms follow the way of a check: ``suite`` and ``cases`` say what is asked,
``vectors`` holds the frozen answers, ``target`` finds the candidate, ``execute`` calls it, ``judge`` compares under
``tolerance``, ``verdict`` and ``report`` say what came of it; ``instrument`` runs them in that order.
"""

from .instrument import check
from .parametrize import parametrize_with_checks
from .report import ConformanceError, Report
from .target import TargetError
from .vectors import VectorsError

__all__ = ["ConformanceError", "Report", "TargetError", "VectorsError", "check", "parametrize_with_checks"]
