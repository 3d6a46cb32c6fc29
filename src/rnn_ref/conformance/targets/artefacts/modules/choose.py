"""Which reading of a module is meant, where its parameters may be read in several ways."""

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np

from ....._shapes import Array
from .....interop.torch_modules import is_recurrent
from ....operation import Operation
from ....spec.bases import right
from ...raised import Raised
from ...reading.gated.nearness import NEAR
from ...reading.names import parts_of
from ...reading.syntax.gathered import source_of
from ..held import forms_named
from .calls import NONE, UncalledError, form_of
from .read import Read
from .roles import Roles, Sizes, roles_of
from .said import said_in, with_order_said

DOUBT = 10  # so much nearer another equation must be
MOST_TOLD = 6  # parameters


def read(module: Any, sizes: Sizes) -> Read:
    """Read a module. Raises UncalledError."""
    every = with_order_said(module.forward, _as_joined(module, list(roles_of(module, sizes))))
    form = form_of(module, sizes, max((one.states for one in every), default=1))
    found = [
        Read(module, roles, form, sizes, options)
        for roles in every
        if roles.states == form.count
        for options in _options(module, forms_named(roles.names, roles.gates).sequence)
    ]
    if not found:
        shapes = ", ".join(f"{name} {tuple(one.shape)}" for name, one in module.named_parameters())
        raise UncalledError(f"its parameters cannot be read as weights with D = {sizes.D}, H = {sizes.H}: {shapes}")
    one = found[0] if len(found) == 1 else min(found, key=_off)
    if len(found) > 1 and _off(one) >= NEAR:  # another order may be nearer by chance
        said = [other for other in found if other.roles.order == said_in(module.forward, other.roles)]
        one = min(said, key=_off, default=one)
    if others := [] if is_recurrent(module) else _others(one):
        more = f" and {len(others) - MOST_TOLD} others" if len(others) > MOST_TOLD else ""
        told = ", ".join(others[:MOST_TOLD]) + more
        raise UncalledError(f"it is of another kind, for its states depend on {told} too")
    return one


def _others(one: Read) -> list[str]:
    """Return the other parameters on which its states depend. Raises UncalledError, if it does not take any batch."""
    try:
        return one.others
    except Exception as error:
        raise UncalledError(f"it raises {Raised.of(error)}, called with 2 steps of 4 sequences") from error


def _as_joined(module: Any, every: list[Roles]) -> list[Roles]:
    """Return the readings in which input and state stand in the order in which the text joins them, if it says so."""
    first = list(inspect.signature(module.forward).parameters)[:1]
    for names in source_of(module.forward).joined():
        parts = ["x" if name in first else next(iter(parts_of(name)), "") for name in names]
        if parts in (["x", "h"], ["h", "x"]):
            return [one for one in every if all(slot.shared in {"", "".join(parts)} for slot in one.W_xh)]
    return every


def _options(module: Any, sequence: Operation) -> list[dict[str, Any]]:
    """Return the options by which its equation may be chosen: what it says of itself, else all."""
    every = [{}, *({option: value} for option, value in sequence.cell_if)]
    if not is_recurrent(module):
        return every
    own = getattr(module, "nonlinearity", None)
    return [one for one in every if own in one.values()] or [{}]


def _off(one: Read) -> float:
    """Return how far from the right step or sequence a reading is, where only values can tell it from the others.

    It tells readings apart, which differ in the first digits; how right the module is, is for the judge to say. Another
    equation than that of most is meant where its name is in the text, or it is much nearer: else what is wrong is a
    mistake in that of most.
    """
    own, rng = one.own, np.random.default_rng(0)
    operation = own.step if one.form.cell else own.sequence
    lead = (2,) if one.form.cell else (3, 2)
    weights = one.weights
    dtype = weights["W_xh"].dtype
    x = rng.normal(size=(*lead, one.sizes.D)).astype(dtype)
    before = [rng.normal(size=(2, one.sizes.H)).astype(dtype) for _ in range(one.form.count)]
    before = [0 * state for state in before] if one.form.state == NONE else before
    due = _first(right(operation.name)(x, *before, **weights, **one.options), one.form.count)
    got = _first(one.calls("")[operation.name](x, *before), one.form.count)
    off = float(np.abs(got - (due if got.ndim == due.ndim else due[-1])).mean())
    off *= 1 if _mentions(one.module, one.options) else DOUBT
    return off if np.isfinite(off) else np.inf


def _mentions(module: Any, options: Mapping[str, Any]) -> bool:
    """Whether the text of a module has the values of some options in it; there may be none."""
    try:
        text = inspect.getsource(type(module)).lower()
    except (OSError, TypeError):
        text = ""
    return all(isinstance(value, str) and value in text for value in options.values())


def _first(returned: Any, count: int) -> Array:
    """Return the states that are shown, or the last of them."""
    if isinstance(returned, dict):
        return np.asarray(next(iter(returned.values())))
    return np.asarray(returned[0] if count > 1 else returned)
