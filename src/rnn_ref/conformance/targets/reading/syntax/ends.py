"""What an argument is called that says where sequences end, or which of their steps count, and what it may take."""

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Ends = Callable[[Any, int], Any]  # makes of lengths and T what an argument takes

ENDS = r"(\w+_)?(lengths?|lens?|seq_?lens?)"
MASKS = r"(\w+_)?masks?"


def counting(ends: Any, T: int) -> Any:
    """Return which steps count, (T, B), of sequences with these ends."""
    return np.arange(T)[:, np.newaxis] < ends


MASKED: dict[str, Ends] = {
    "mask (B, T)": lambda ends, T: counting(ends, T).T.astype(float),
    "mask (T, B)": lambda ends, T: counting(ends, T).astype(float),
    "mask (B, T, 1)": lambda ends, T: counting(ends, T).T[..., np.newaxis].astype(float),
    "mask (T, B, 1)": lambda ends, T: counting(ends, T)[..., np.newaxis].astype(float),
    "mask (B, T) of what is padding": lambda ends, T: 1 - counting(ends, T).T.astype(float),
    "mask (T, B) of what is padding": lambda ends, T: 1 - counting(ends, T).astype(float),
}
MASKED |= {f"{form}, true or false": lambda ends, T, made=made: made(ends, T) > 0 for form, made in MASKED.items()}  # type: ignore[misc]
OF_STEP: dict[str, Ends] = {  # a mask that one step takes
    "mask (B)": lambda ends, _: np.ones(len(ends)),
    "mask (B, 1)": lambda ends, _: np.ones((len(ends), 1)),
    "mask (B) of what is padding": lambda ends, _: np.zeros(len(ends)),
    "mask (B, 1) of what is padding": lambda ends, _: np.zeros((len(ends), 1)),
}


def laid(form: str, ends: Any, T: int, dtype: Any) -> Any:
    """Return a mask as it lies in a form, of a kind of numbers, unless it is true or false."""
    made = {**MASKED, **OF_STEP}[form](ends, T)
    return made if made.dtype == bool else made.astype(dtype)


def told_by(parameters: Mapping[str, inspect.Parameter]) -> str:
    """Return the argument that says where sequences end, a length of each before a mask; empty if there is none.

    >>> told_by(inspect.signature(lambda x, mask, seq_lens=None: x).parameters)
    'seq_lens'
    """
    return ends_in(parameters) or next((name for name in parameters if re.fullmatch(MASKS, name.lower())), "")


def ends_in(parameters: Mapping[str, inspect.Parameter]) -> str:
    """Return the argument that has a length of each sequence; empty if there is none."""
    return next((name for name in parameters if re.fullmatch(ENDS, name.lower())), "")
