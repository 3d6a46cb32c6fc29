"""Inputs for every function of the registry, drawn from its record, and what the reference answers."""

import numpy as np

import rnn_ref
from rnn_ref.conformance.spec import OPERATIONS
from rnn_ref.conformance.spec.losses.callables import CALLABLES

OPTIONS = {
    "cross_entropy": ({}, {"reduction": "sum"}, {"reduction": "none", "label_smoothing": 0.1}, {"ignore_index": 0}),
    "rnn_bptt": ({}, {"reduction": "mean", "ignore_index": 0}),
    "gru_cell_step": ({}, {"reset_after": False}),
    "gru_forward": ({}, {"reset_after": False}),
    "gru_cell_backward": ({}, {"reset_after": False}),
    "gru_backward": ({}, {"reset_after": False}),
}
OPTIONS["cross_entropy_backward"] = OPTIONS["cross_entropy"]
PLAIN = [name for name, one in OPERATIONS.items() if all(value.kind != "parts" for value in one.arguments.values())]
CASES = [(name, options) for name in PLAIN for options in OPTIONS.get(name, ({},))]
IDS = ["-".join([name, *map(str, options.values())]) for name, options in CASES]


def sizes(rng, most=12):
    """Draw a size for every axis; B is 0 for one sequence in a third of all cases."""
    found = {axis: int(rng.integers(1, most)) for axis in "TBDHV"}
    return found | {"V": found["V"] + 1, "B": 0 if rng.random() < 1 / 3 else found["B"]}


def drawn(name, dtype, rng, size, options=()):
    """Return the arguments of a function by name: weights of 1/√fan-in, states that its forward gives."""
    operation, found = OPERATIONS[name], {}
    for argument in operation.arguments.values():
        if argument.name == "dloss" and "reduction" in options and options["reduction"] == "none":
            argument = argument._replace(only_if=())  # noqa: PLW2901
        shape = [length(axis, size) for axis in ([] if argument.only_if else argument.axes) if axis != "B" or size["B"]]
        if argument.kind == "classes":
            found[argument.name] = rng.integers(size["V"], size=shape)
        elif argument.kind == "function":
            found[argument.name] = f"total_cross_entropy{'_backward' if 'backward' in argument.name else ''}"
        else:
            fan_in = shape[-1] if argument.name in operation.weights else 1
            found[argument.name] = (rng.normal(size=shape) / np.sqrt(fan_in)).astype(dtype)
    twin = OPERATIONS.get(operation.twin)
    if twin and twin.outputs.keys() & found.keys():
        given = {argument: found[argument] for argument in twin.arguments}
        made = answered(twin.name, given, options if twin.cell_if else ())
        found |= {output: one for output, one in made.items() if output in found}
    return {
        one: value.item() if np.ndim(value) == 0 and hasattr(value, "item") else value for one, value in found.items()
    }


def length(axis, size):
    return int(axis[0]) * size[axis[1:]] if axis[0].isdigit() else size[axis]


def answered(name, inputs, options=()):
    """Return the reference's answers by output."""
    given = {one: CALLABLES[value] if isinstance(value, str) else value for one, value in inputs.items()}
    unpacked = OPERATIONS[name].unpacked(getattr(rnn_ref, name)(**given, **dict(options)))
    return {output: np.array(value) for output, value in unpacked.items()}


def wide(inputs):
    """Return the same numbers as float64."""
    return {name: a.astype(np.float64) if getattr(a, "dtype", None) == np.float32 else a for name, a in inputs.items()}
