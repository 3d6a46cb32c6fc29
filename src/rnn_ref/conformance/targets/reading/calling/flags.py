"""Arguments that switch something on or off, and how they are handed over: as in use, with all that can be shown."""

import inspect
from collections.abc import Collection, Mapping

from ..names import plain

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
