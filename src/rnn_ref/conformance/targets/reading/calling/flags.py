"""Arguments that switch something on or off, and how they are handed over: as in use, with all that can be shown."""

import inspect
from collections.abc import Mapping

from ..names import plain

TRAINING = {"train", "training", "istrain", "istraining", "trainmode", "trainingmode"}  # drops units by chance
ALL_STATES = {"returnsequences", "returnallstates", "returnall"}  # options by which all states are shown
AFTER = {"linearbeforereset", "resetafter"}  # where the reset gate stands, as ONNX and Keras call it
SHOWING = ALL_STATES | {"returncache", "returncaches", "withcache", "returnintermediates"}


def flags_of(parameters: Mapping[str, inspect.Parameter]) -> dict[str, bool]:
    """Return the flags that are handed over with another value than they have by default, if they have one.

    >>> flags_of(inspect.signature(lambda x, train=True, return_cache=False, verbose=False: x).parameters)
    {'train': False, 'return_cache': True}
    """
    wanted = {name: plain(name) not in TRAINING for name in parameters if plain(name) in TRAINING | SHOWING | AFTER}
    kinds = {name: parameters[name].default for name in wanted}
    return {
        name: value
        for name, value in wanted.items()
        if kinds[name] is inspect.Parameter.empty or kinds[name] is (not value)
    }
