"""Arguments that switch something on or off, and how they are handed over: as in use, with all that can be shown."""

import inspect
import sys
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from ..names import plain
from ..syntax.source import Source
from ..syntax.switches import is_activation, turns_nothing

TRAINING = {"train", "training", "istrain", "istraining", "trainmode", "trainingmode"}  # drops units by chance
ALL_STATES = {"returnsequences", "returnallstates", "returnall"}  # options by which all states are shown
AFTER = {"linearbeforereset", "resetafter"}  # where the reset gate stands, as ONNX and Keras call it
BACKWARDS = {"gobackwards", "backward", "backwards", "reverse", "reversed"}  # steps go from the last to the first
BACKWARDS |= {f"is{one}" for one in BACKWARDS}
SHOWING = ALL_STATES | {"returncache", "returncaches", "withcache", "returnintermediates"}


def flags_of(parameters: Mapping[str, inspect.Parameter], tested: Collection[str] = ()) -> dict[str, bool]:
    """Return the flags that are handed over with another value than they have by default, if they have one.

    What by its name turns the steps round may be anything, unless it is ``tested`` for its truth.

    >>> flags_of(inspect.signature(lambda x, train=True, return_cache=False, verbose=False: x).parameters)
    {'train': False, 'return_cache': True}
    >>> flags_of(inspect.signature(lambda x, backwards, reverse: x).parameters, ["backwards"])
    {'backwards': False}
    """
    turning = {name: False for name in parameters if plain(name) in BACKWARDS and name in tested}
    wanted = turning | {
        name: plain(name) not in TRAINING for name in parameters if plain(name) in TRAINING | SHOWING | AFTER
    }
    kinds = {name: parameters[name].default for name in wanted}
    return {
        name: value
        for name, value in wanted.items()
        if kinds[name] is inspect.Parameter.empty or kinds[name] is (not value)
    }


def needed_switches(source: Source, parameters: Mapping[str, inspect.Parameter]) -> dict[str, Any]:
    """Return the arguments that have to be there and are no arrays: what turns sequences round, so that nothing does.

    A function that is applied to the sums is tanh.
    """
    needed = [name for name, one in parameters.items() if one.default is one.empty and one.kind is not one.VAR_KEYWORD]
    turning = {name: value for name in needed if (value := turns_nothing(source, name)) is not None}
    return turning | {name: tanh for name in needed if is_activation(source, name)}


def named(switches: Mapping[str, Any]) -> dict[str, Any]:
    """Return with what arguments are called, a function by its name.

    >>> named({"reverse": False, "act": tanh})
    {'reverse': False, 'act': 'tanh'}
    """
    return {name: getattr(value, "__name__", value) for name, value in switches.items()}


def tanh(value: Any) -> Any:
    """Return tanh of an array of any framework."""
    if hasattr(value, "detach"):
        return value.tanh()
    return (sys.modules["jax"].numpy if type(value).__module__.startswith("jax") else np).tanh(value)
