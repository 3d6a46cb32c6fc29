"""Wrong functions as learners write them, by which the diagnosis is measured: see ``scripts/diagnosis_table.py``.

Nothing here is made from the catalogue's edits; from it come only the slugs and what they mean.
"""

from .bed import implementations
from .blame import blame
from .blind import blind
from .outside import outside
from .pairs import pairs
from .written import STYLES, Outside, PassedOn, Written, Written2, styles

__all__ = [
    "STYLES",
    "Outside",
    "PassedOn",
    "Written",
    "Written2",
    "blame",
    "blind",
    "implementations",
    "outside",
    "pairs",
    "styles",
]
