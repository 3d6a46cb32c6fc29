"""A class of modules: made for every check with its sizes, the weights copied in."""

import inspect
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from .....interop.torch_modules import is_recurrent
from ....errors import TargetError
from ..held import Holding, forms_named, mark_of, marked
from . import layers
from .calls import NONE, UncalledError
from .choose import read
from .instances import held_in
from .made import OWN, kept_or_made, made_of, plainest, takes_double, takes_none
from .outputs import left_out, without_output_layer
from .read import Call, Read
from .roles import Sizes
from .tokens import without_embedding


def functions_of(cls: type) -> dict[str, Call] | Holding:
    """Return the functions of a class of modules, made for every check with its sizes and weights.

    One into which not all weights can be copied (it has no bias) or which takes no state is judged as an instance, with
    the weights that it begins with. Raises TargetError.
    """
    module, kept = made_of(cls, OWN, "float32"), dict[Any, Any]()
    if takes_none(cls):
        return held_in(module)

    def made(*given: Any) -> Any:
        return kept_or_made(kept, cls, *given)

    if both := layers.two_directions(cls, module, made):
        return both
    try:
        probe = read(module, OWN)
    except UncalledError as error:
        if any(is_recurrent(one) for one in module.modules()) and not is_recurrent(module) and not error.fault:
            return held_in(module)
        bare = None if error.fault else without_embedding(cls, module, OWN) or without_output_layer(cls, module, OWN)
        if bare is not None:
            return functions_of(bare)
        raise TargetError(f"{cls.__name__}: cannot be read as a recurrent network: {error}") from error
    claims = None if takes_double(cls, probe.form) else "float32"
    offered = _offered(cls, probe)
    stacks = layers.stack_functions(cls, probe, made, claims, offered) if probe.roles.takes_all else {}
    if not probe.roles.takes_all or probe.form.state == NONE:
        return stacks or held_in(probe.module)
    plain = "".join(f", {name}={value}" for name, value in plainest(cls).items())
    calls = probe.calls(f"{cls.__name__}(D, H{plain}), {probe.told}{left_out(cls)}")
    declared = {option: value for option, (_, value) in offered.items()}
    found = {
        name: marked(
            _with_weights(cls, probe, name, offered),
            replace(mark_of(call), dtype=claims),
            options=probe.options or declared,
            only=not declared,
        )
        for name, call in calls.items()
    }
    for call in () if stacks else found.values():  # of several layers nothing is known then
        call.__claims__ = (*call.__claims__, *layers.one_alone(cls))  # type: ignore[attr-defined]
    return stacks | found


def _offered(cls: type, probe: Read) -> dict[str, tuple[str, Any]]:
    """Return the options that the constructor has, each with its name there and its default."""
    own = inspect.signature(cls).parameters
    sequence = forms_named(probe.roles.names, probe.roles.gates).sequence
    asked = {option for option, _ in sequence.cell_if}
    theirs = {"activation": ("nonlinearity", "activation"), "reset_after": ("reset_after",)}
    found = {
        option: (name, own[name].default)
        for option in asked
        for name in theirs[option]
        if name in own and isinstance(own[name].default, str | bool)
    }
    handed_on = any(one.kind is one.VAR_KEYWORD for one in own.values()) and is_recurrent(probe.module)
    known = {option: (name, getattr(probe.module, name, None)) for option in asked for name in theirs[option][:1]}
    return {**{option: pair for option, pair in known.items() if handed_on and isinstance(pair[1], str)}, **found}


def _with_weights(cls: type, probe: Read, function: str, offered: Mapping[str, tuple[str, Any]]) -> Call:
    """Return a function that makes the module, copies the weights in, and calls it; one sequence is a batch of one."""
    count, kept = len(probe.roles.names), dict[Any, Any]()

    def call(*arguments: Any, **options: Any) -> Any:
        arrays = [np.asarray(one) for one in arguments[:-count]]
        weights = dict(zip(probe.roles.names, arguments[-count:], strict=True))
        sizes = Sizes(weights["W_xh"].shape[1], weights["W_hh"].shape[1])
        single = arrays[-1].ndim == 1  # a state before
        if single:
            arrays = [np.expand_dims(one, -2) for one in arrays]
        more = {offered[option][0]: value for option, value in options.items() if option in offered}
        module = kept_or_made(kept, cls, sizes, str(arrays[-1].dtype), more)
        probe.roles.fill(dict(module.named_parameters()), weights, sizes, probe.unused)
        found = Read(module, probe.roles, probe.form, sizes, probe.options).calls("")[function](*arrays)
        return _without_batch(found, set(weights)) if single else found

    return call


def _without_batch(found: Any, weights: set[str]) -> Any:
    if isinstance(found, dict):
        return type(found)({name: one if name in weights else one.squeeze(-2) for name, one in found.items()})
    return tuple(one.squeeze(-2) for one in found) if isinstance(found, tuple) else found.squeeze(-2)
