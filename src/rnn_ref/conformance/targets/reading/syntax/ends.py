"""What an argument is called that says where sequences end, or which of their steps count."""

import inspect
import re
from collections.abc import Mapping

ENDS = r"(\w+_)?(lengths?|lens?|seq_?lens?)"
MASKS = r"(\w+_)?masks?"


def told_by(parameters: Mapping[str, inspect.Parameter]) -> str:
    """Return the argument that says where sequences end, a length of each before a mask; empty if there is none.

    >>> told_by(inspect.signature(lambda x, mask, seq_lens=None: x).parameters)
    'seq_lens'
    """
    return ends_in(parameters) or next((name for name in parameters if re.fullmatch(MASKS, name.lower())), "")


def ends_in(parameters: Mapping[str, inspect.Parameter]) -> str:
    """Return the argument that has a length of each sequence; empty if there is none."""
    return next((name for name in parameters if re.fullmatch(ENDS, name.lower())), "")
