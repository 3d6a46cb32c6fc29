"""What else is judged of a file that holds modules of a framework: what is written by hand, and every class."""

import contextlib
import inspect
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..errors import OutsideError, TargetError
from ..spec import OPERATIONS
from .artefacts import recognise
from .artefacts.held import WRONG, Held, Holding, beside
from .foreign_code import quiet
from .loading import Loading
from .reading.calling.masks import ends_in
from .reading.names import GATED, parts_of
from .reading.recognise import recognised
from .reading.syntax.class_text import class_source

MOST_TOLD = 4  # functions that cannot be read
Candidates = dict[str, Callable[..., Any]]


def around_cells(holder: Any, found: Holding, loading: Loading) -> Candidates:
    """Return the functions of classes of a file that do more than a layer of the framework, and that another one holds.

    They go through time by its cells, or take lengths. Nothing where what holds them is wrong itself.
    """
    if not inspect.ismodule(holder) or any(one.startswith(WRONG) for one in found.refused):
        return {}
    return modules_beside(holder, {}, loading, _does_more)


def _does_more(kind: type) -> bool:
    """Whether the text of a class makes a cell, or its forward is told where sequences end."""
    takes = inspect.signature(kind.forward).parameters if hasattr(kind, "forward") else {}
    return bool(ends_in(takes)) or any(name.lower().endswith("cell") for name in class_source(kind).calls())


def modules_beside(
    holder: Any, found: dict[str, Any], loading: Loading, asked: Callable[[type], bool] = lambda _: True
) -> Candidates:
    """Return the functions of the classes of modules of a file of several, which know more than their methods tell.

    What was read otherwise of a class that does something else is left out. What is not judged is told: a class that
    joins others, or has no interface of a recurrent one.
    """
    added: dict[str, Any] = {}
    silent: list[str] = []
    for name in recognise.artefacts_of(holder):
        one = getattr(holder, name)
        functions: Any = None
        own = {key for key, call in found.items() if re.match(rf"{name}\b", getattr(call, "__reading__", ""))}
        try:
            with quiet():
                functions = (
                    recognise.of_object(one, name) if inspect.isclass(one) and _may_recur(one) and asked(one) else None
                )
        except OutsideError:
            for key in own:
                found.pop(key)
            own = set()
        except TargetError:
            functions = None
        fresh = {} if functions is None or isinstance(functions, Holding) else dict(functions)
        fresh = {key: call for key, call in fresh.items() if key not in added and (key not in found or key in own)}
        added |= fresh
        silent += [] if fresh or own or not inspect.isclass(one) else [name]
    silent = [name for name in silent if not any(f" {name}." in note for note in loading.notes)]  # its method is told
    loading.notes += [f"not judged: {', '.join(silent)}"] if silent and (found or added) else []
    return added


def by_hand(holder: Any, loading: Loading) -> Candidates:
    """Return what somebody has written out beside a network of a framework's own layers: that is what is to be judged.

    Nothing if no recurrent function can be read of it.
    """
    own = [one for one in vars(holder).values() if getattr(one, "__module__", None) == holder.__name__] if (
        inspect.ismodule(holder)
    ) else []  # fmt: skip
    written = {one.__name__: one for one in own if not recognise.is_artefact(one) and _is_written_out(one)}
    if not written:
        return {}
    found = recognised(written, {}, holder.__name__, loading)
    if not any(OPERATIONS[one].recurrent for one in found.candidates if one in OPERATIONS):
        return {}
    loading.notes += [f"not read: {one}" for one in found.unread[:MOST_TOLD]]
    return found.candidates | modules_beside(holder, found.candidates, loading)


def held_in_classes(holder: Any) -> Holding:
    """Return what the classes of modules of a file hold of the framework's own, of each that is no part of another."""
    names = [name for name in recognise.artefacts_of(holder) if inspect.isclass(getattr(holder, name))]
    whole = recognise.outermost(names, holder)
    networks: list[Held] = []
    told: set[str] = set()
    for name in sorted(names, key=lambda one: one not in whole):
        if name in told:
            continue
        with contextlib.suppress(TargetError), quiet():
            found = recognise.of_object(getattr(holder, name), name)
            if isinstance(found, Holding) and found.networks:
                notes = tuple(map(beside, found.refused))
                networks += [
                    replace(one, part=f"{name}.{one.part}".strip("."), notes=(*one.notes, *notes))
                    for one in found.networks
                ]
                told |= {one for one in names if one not in recognise.outermost([one, name], holder)} - {name}
    return Holding(networks, [])


def _is_written_out(thing: Any) -> bool:
    """Whether the text of a class or a function bends sums itself, without a framework."""
    try:
        text = inspect.getsource(thing)
    except (OSError, TypeError):
        return False
    return bool(re.search(r"tanh\(|maximum\(|relu\(", text)) and not re.search(r"\b(nn|torch|tf|keras|jnp|jax)\.", text)


def _may_recur(kind: type) -> bool:
    """Whether a module of a file of several may be a recurrent one: it takes a state or has a loop, and bends."""
    forward = getattr(kind, "forward", None) or getattr(kind, "call", None)
    try:
        text = inspect.getsource(forward)  # type: ignore[arg-type]
        own = [one for name, one in vars(kind).items() if f"self.{name}(" in text and inspect.isfunction(one)]
        text += "".join(map(inspect.getsource, own))
        takes = [*inspect.signature(forward).parameters][2:]  # type: ignore[arg-type]
    except (OSError, TypeError, ValueError):
        return True
    state = any(set(parts_of(one)[:1]) & {"h", "states"} or re.search("h|state|c0|hx", one) for one in takes)
    through_time = re.search(r"\bwhile\b|\bfor\b.*\bin\b(?!.*self\.)", text)  # not through layers of its own
    recurs = re.search("|".join(["tanh|igmoid|relu|cell|self.act|rnn|layer", *GATED]), text)
    return bool((state or through_time) and recurs)
