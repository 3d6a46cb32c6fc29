"""What lies beside the functions that are read and is not judged, though it may well be meant: said in notes."""

import ast
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...spec import OPERATIONS
from ..loading import BACK_LEFT, CALLED_THERE
from .calling.way import Way
from .functions.entries import Entry, is_function
from .gated.names import state_of
from .names import BACK, GATED, parts_of, words_of
from .objects.methods import MethodWay
from .reading import Reading
from .syntax.expressions import name_of
from .syntax.gathered import source_of
from .syntax.source import Source

MOST_TOLD = 4
NO_PART = {
    "train",
    "training",
    "fit",
    "main",
    "test",
    "demo",
    "sample",
    "generate",
    "run",
    "evaluate",
    "predict",
    "init",
}
RECKONING = {
    *("dot", "matmul", "einsum", "linear", "softmax", "log_softmax", "cross_entropy", "nll_loss", "mse_loss", "log"),
    *("concatenate", "cat", "flip", "where", "square", "CrossEntropyLoss"),
}
SEVERAL = {"layers", "params", "parameters", "weights", "cells", "stack"}
FORWARD = {"forward", "__call__", "call", "step", "run", "unroll", "forward_propagation", "forward_pass"}
PEEPHOLES = "its gates see the memory (peepholes), which is another cell than those that are judged"
ALIKE = 2  # arguments, at the least, by which two functions are taken for two of a kind


def not_judged(
    ways: Sequence[Entry],
    candidates: Mapping[str, Callable[..., Any]],
    readings: Mapping[str, Reading],
    functions: Mapping[str, Callable[..., Any]],
    classes: Sequence[type] = (),
) -> list[str]:
    """Return notes: ways back where none is read, what calls what is read or takes the same, and other networks.

    ``functions`` and ``classes`` are all of the file.
    """
    told = [getattr(one, "__reading__", "") for one in candidates.values()]
    left = [one for one in ways if not any(text.startswith(f"{one.way.name}(") for text in told)]
    back = ", ".join(_back(left)[:MOST_TOLD]) if candidates and not _go_back(candidates) else ""
    around = ", ".join(_around(told, functions)[:MOST_TOLD])
    notes = [f"{BACK_LEFT}: {back}"] if back else []
    notes += [f"{CALLED_THERE}: {around}"] if around else []
    alike = _alike(left, readings)[:MOST_TOLD]
    networks = [
        name
        for name in dict.fromkeys([*_networks(ways, told), *_made_of(classes, told)])
        if not any(f" {name}," in note for note in alike)
    ]
    return [*notes, *alike, *([f"not judged: {', '.join(networks[:MOST_TOLD])}"] if networks and candidates else [])]


def _networks(ways: Sequence[Entry], told: Sequence[str]) -> list[str]:
    """Return the ways forward of classes of which nothing is read, though they have the weights, or what is read."""
    found: dict[type, str] = {}
    every = {one.way.maker.kind: one.way.maker for one in ways if isinstance(one.way, MethodWay)}
    read = {kind for kind in every if any(text.startswith(f"{kind.__name__}.") for text in told)}
    left = [one for one in ways if not any(text.startswith(f"{one.way.name}(") for text in told)]
    for one in left:
        if not isinstance(one.way, MethodWay) or one.name not in FORWARD or one.way.maker.kind in read:
            continue
        parts = {part for place in one.way.places for part in place.parts[:1]}
        holds = {type(value) for value in vars(one.way.maker.example).values()} & read
        if {"W_xh", "W_hh"} <= parts or holds:
            found.setdefault(one.way.maker.kind, one.way.name)
    return [*found.values()]


def _made_of(classes: Sequence[type], told: Sequence[str]) -> list[str]:
    """Return the ways forward of classes of which nothing is read, and that make objects of what is, or take some."""
    read = {kind.__name__ for kind in classes if any(text.startswith(f"{kind.__name__}.") for text in told)}
    found = []
    for kind in [one for one in classes if one.__name__ not in read]:
        forward = next((name for name in vars(kind) if name in FORWARD and callable(vars(kind)[name])), "")
        made = vars(kind).get("__init__") if read else None
        handed = SEVERAL & {*inspect.signature(made).parameters} if inspect.isfunction(made) else set()
        if forward and made is not None and (handed or read & source_of(made).calls()):
            found.append(f"{kind.__name__}.{forward}")
    return found


def silent_gates(names: Mapping[str, Any], module: str | None, of_layers: Sequence[Any] = ()) -> list[str]:
    """Return sentences on functions that are called a cell with gates, in a file where none is read but a stack.

    Beside other functions that are right nothing would be said of them.
    """
    functions = {name: one for name, one in names.items() if is_function(one, module) and one not in of_layers}
    for kind in [one for one in names.values() if inspect.isclass(one) and one.__module__ == module]:
        own = [name for name, value in vars(kind).items() if isinstance(value, staticmethod)]
        functions |= {f"{kind.__name__}.{name}": getattr(kind, name) for name in own}
    found = []
    for name, one in functions.items():
        words, takes = set(words_of(name.rpartition(".")[2])), list(inspect.signature(one).parameters)
        if words & {*GATED} and not words & (NO_PART | BACK) and len(takes) > 1 and _reckons(one):
            called = f"{name}({', '.join(takes)})"
            why = PEEPHOLES if _has_peepholes(source_of(one)) else "its arguments or its answer are not understood"
            found.append(f"{called} as a cell with gates: {why}")
    return found


def _has_peepholes(source: Source) -> bool:
    """Whether a gate is taken of a sum in which the memory stands, multiplied by its own weights.

    >>> texts = "i = sigmoid(a + p * c_prev)", "c = sigmoid(f) * c_prev"
    >>> [_has_peepholes(Source((ast.parse(one),))) for one in texts]
    [True, False]
    """
    gates = [one for one in source.nodes(ast.Call) if re.search("sig|logistic", name_of(one.func).lower())]
    products = [one for gate in gates for part in gate.args for one in ast.walk(part) if isinstance(one, ast.BinOp)]
    sides = [side for one in products if isinstance(one.op, ast.Mult) for side in (one.left, one.right)]
    return any(state_of(name_of(side), 2) == "c" for side in sides)


def _around(told: Sequence[str], functions: Mapping[str, Callable[..., Any]]) -> list[str]:
    """Return the functions that call what is read, and what calls these: the rest of a network, or its loss."""
    read = {name for name in functions if any(re.match(rf"(.*, )?{re.escape(name)}\(", text) for text in told)}
    calls = {name: source_of(one).calls() for name, one in functions.items() if name not in read}
    found = [name for name, called in calls.items() if read and called & _networks_taken(functions[name])]
    reached = {*read, *found}
    for _ in calls:
        more = [name for name, called in calls.items() if called & reached and name not in reached]
        reached |= {*more}
        found += more
    left = [name for name in found if not set(words_of(name)) & NO_PART]
    return [name for name in left if _reckons(functions[name]) or _goes_through_layers(functions[name], reached)]


def _networks_taken(function: Callable[..., Any]) -> set[str]:
    """Return the arguments of a function that are a network, by their names: ``net(X, state)``."""
    return {name for name in inspect.signature(function).parameters if "parameters" in parts_of(name)}


def _goes_through_layers(function: Callable[..., Any], reached: set[str]) -> bool:
    """Whether a function calls one of some in a loop, and takes several layers or their weights."""
    takes = {word for name in inspect.signature(function).parameters for word in words_of(name)}
    loops = Source(source_of(function).trees[:1]).nodes(ast.For)
    called = {name_of(one.func) for loop in loops for one in ast.walk(loop) if isinstance(one, ast.Call)}
    return bool(takes & SEVERAL and called & reached)


def _reckons(function: Callable[..., Any]) -> bool:
    """Whether a function does something with arrays itself, more than to call others."""
    own = Source(source_of(function).trees[:1])
    return bool(own.calls() & RECKONING) or any(isinstance(one.op, ast.MatMult) for one in own.nodes(ast.BinOp))


def _go_back(candidates: Mapping[str, Any]) -> bool:
    return any(OPERATIONS[name].twin or OPERATIONS[name].gives_gradients for name in candidates if name in OPERATIONS)


def _back(left: Sequence[Entry]) -> list[str]:
    """Return the functions that go back, by their names."""
    meant = BACK | {"bptt"}
    back = [one for one in left if set(words_of(one.name)) & meant or one.name.lower().endswith("backward")]
    return list(dict.fromkeys(one.way.name for one in back if not is_of_a_loss(one.way.name)))


def is_of_a_loss(name: str) -> bool:
    """Whether something is a method of a class that is a loss, by its name.

    >>> is_of_a_loss("MSELoss.backward"), is_of_a_loss("lossFun"), is_of_a_loss("Net.loss")
    (True, False, False)
    """
    owner, dot, _ = name.partition(".")
    return bool(dot) and bool({"loss", "mse", "criterion"} & set(words_of(owner)))


def _alike(left: Sequence[Entry], readings: Mapping[str, Reading]) -> list[str]:
    """Return notes on those that take what a way forward takes that is read, and have no part in it, nor it in them."""
    notes: dict[str, str] = {}
    for name, reading in readings.items():
        takes = list(reading.way.signature.parameters)
        forward = not reading.operation.gives_gradients and len(takes) >= ALIKE
        for way in [one.way for one in left] if forward else ():
            apart = not _calls(reading.way, way) and not _calls(way, reading.way)
            if list(way.signature.parameters) == takes and apart:
                note = f"not judged: {way.name}, which takes what {reading.way.name} takes"
                notes.setdefault(way.name, f"{note} (--as {name}={way.name} asks it)")
    return list(notes.values())


def _calls(caller: Way, called: Way) -> bool:
    """Whether the text of one function has the name of another in it, unless both are called so."""
    own, name = (way.name.rpartition(".")[2] for way in (caller, called))
    text = "\n".join(map(ast.unparse, caller.source.trees))
    return own != name and re.search(rf"\b{re.escape(name)}\b", text) is not None
