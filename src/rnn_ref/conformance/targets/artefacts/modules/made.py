"""How a module of a class is made: with sizes for the arguments of its constructor, by their names."""

import inspect
import re
from collections.abc import Mapping
from typing import Any

from ....errors import TargetError
from ...raised import Raised
from .calls import Form
from .layers import BOTH, LAYERS
from .roles import Sizes

OWN = Sizes(3, 5)  # of a class, to find out how it is read
OUTPUTS = 37  # of a class that wants to know how many: no size of a state that is asked


def kept_or_made(kept: dict[Any, Any], cls: type, sizes: Sizes, dtype: str, more: Mapping[str, Any]) -> Any:
    """Return the module of this size that was made before, if there is one: what it keeps between calls is to show."""
    key = (sizes, dtype, *more.items())
    if key not in kept:
        kept[key] = made_of(cls, sizes, dtype, more)
    return kept[key]


def made_of(cls: type, sizes: Sizes, dtype: str, more: Mapping[str, Any] | None = None) -> Any:
    """Make a module of a class, always the same, in a precision. Raises TargetError."""
    import torch  # noqa: PLC0415

    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            given = _given(cls, sizes)
            named = {**given, **plainest(cls), **(more or {})}
            return cls(*([] if given or takes_none(cls) else sizes), **named).eval().to(getattr(torch, dtype))
    except Exception as error:
        raise TargetError(f"{cls.__name__}({sizes.D}, {sizes.H}) cannot be made: {Raised.of(error)}") from error


def _given(cls: type, sizes: Sizes) -> dict[str, Any]:
    """Return the sizes for the arguments that the constructor wants, by their names, else input before hidden.

    Nothing if it wants less than two: it takes any then.
    """
    parameters = list(inspect.signature(cls).parameters.values())
    wanted = [one.name for one in parameters if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD]
    if len(wanted) < 2:  # as nn.RNN
        return {}
    left: list[Any] = [sizes.D, sizes.H]
    given: dict[str, Any] = {}
    for name in wanted:
        if re.search("layer|depth", name):
            given[name] = 1
        elif re.search("drop", name):
            given[name] = 0
        elif name == "device":
            given[name] = "cpu"
        elif re.search("revers|backward|bidir|batch_first", name):
            given[name] = False
        elif re.search("hid|units|state", name) and sizes.H in left:
            given[name] = left.pop(left.index(sizes.H))
        elif re.search("out|vocab|class", name) or not left:
            given[name] = OUTPUTS
        else:
            given[name] = left.pop(0)
    return given


def takes_none(cls: type) -> bool:
    """Whether a constructor takes nothing: its sizes stand in its text."""
    return not inspect.signature(cls).parameters


def plainest(cls: type) -> dict[str, Any]:
    """Return the options with which a class is one layer in one direction, where it is not of itself."""
    own = inspect.signature(cls).parameters
    layers = {name: 1 for name, one in own.items() if re.fullmatch(LAYERS, name) and one.default != 1}
    both = {name: False for name, one in own.items() if re.fullmatch(BOTH, name) and one.default is True}
    return {name: value for name, value in (layers | both).items() if own[name].default is not own[name].empty}


def takes_double(cls: type, form: Form) -> bool:
    """Whether modules of a class answer in float64 where they are made in that."""
    import torch  # noqa: PLC0415

    X = torch.ones((2, OWN.D) if form.cell else (2, 2, OWN.D), dtype=torch.float64)
    module = made_of(cls, OWN, "float64")
    try:
        ones = (X.new_ones(2, OWN.H),) * form.count
        found = [form.run(module, X, before, OWN.H) for before in [ones, *([None] if form.optional else [])]]
    except Exception:
        return False
    return all((last[0] if states is None else states).dtype == torch.float64 for states, last in found)
