"""The report as one self-contained page of HTML: no script, and nothing is fetched from anywhere."""

from .page import to_html
from .section import function_section

__all__ = ["function_section", "to_html"]
