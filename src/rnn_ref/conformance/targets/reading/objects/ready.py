"""What is done to an object before its methods are asked: it gets weights, a first state, and plain rows to look up."""

import ast
import contextlib
import inspect
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .....interop.gates import GATED_KINDS
from ..calling.embedding import OF_TOKENS
from ..names import GATED, parts_of, plain, weights_of, words_of
from ..syntax.class_text import class_source
from ..syntax.expressions import name_of
from .inside import values_in
from .made_by import TEXTS, text_of

GATES = dict(zip(GATED, GATED_KINDS, strict=True))  # how many there are, of which one is no sigmoid
BUILDING = {
    "build",
    "init",
    "initialize",
    "initialise",
    "initparams",
    "initweights",
    "initializeweights",
    "setup",
    "reset",
}


def made_ready(made: Any, sizes: Mapping[str, int], setter: str = "", listed: Sequence[str] = ()) -> Any:
    """Return an object that has just been made, with all that it is asked with."""
    made = _built(made, sizes, setter, listed)
    return with_plain_embeddings(_with_first_states(made, sizes), sizes)


def setter_of(kind: type) -> tuple[str, list[str]]:
    """Return the method of a class that is told weights and nothing else: ``init_weights(W_ih, W_hh, b)``.

    Of one that is told a list of them, what they are called where it takes that apart.
    """
    for name, method in vars(kind).items():
        if inspect.isfunction(method) and name != "__init__":
            arguments = [*inspect.signature(method).parameters][1:]
            told = [weights_of(one) for one in arguments]
            is_step = {("x",), ("h",)} <= {parts_of(one)[:1] for one in arguments}
            if all(told) and not is_step and sum(parts[0].startswith("W_") for parts in told) >= 2:
                return name, []
            listed = class_source(kind).unpacked(arguments[0]) if len(arguments) == 1 else []
            if sum(part.startswith("W_") for one in listed for part in weights_of(one)[:1]) >= 2:
                return name, listed
    return "", []


def gates_of(kind: type) -> int:
    """Return how many gates stand in one matrix of a class, by its name or its text; 1 of a cell without gates."""
    named = next((gates for name, gates in GATES.items() if name in words_of(kind.__name__)), 0)
    sigmoids = sum("sig" in name_of(node.func).lower() for node in class_source(kind).nodes(ast.Call))
    return named or max((gates for gates in GATED_KINDS if gates - 1 <= sigmoids), default=1)


def holds_arrays(made: Any) -> bool:
    """Whether an object holds arrays yet."""
    return any(hasattr(value, "shape") for _, value in values_in(made))


def _built(made: Any, sizes: Mapping[str, int], setter: str = "", listed: Sequence[str] = ()) -> Any:
    """Return an object with its weights, which some are made when a layer is called first, or told; or told a shape."""
    if holds_arrays(made):
        return made
    if setter:
        D, H, V = (sizes.get(axis, 1) for axis in "DHV")
        rows = H * gates_of(type(made))
        shapes = {"W_xh": (rows, D), "W_hh": (rows, H), "W_hy": (V, H), "b_y": (V,)}
        method = getattr(made, setter)
        names = listed or inspect.signature(method).parameters
        zeros = {name: np.zeros(shapes.get((*weights_of(name), "")[0], (rows,))) for name in names}
        for lying in (zeros, {name: one.T.copy() for name, one in zeros.items()}):  # one may insist on either
            with contextlib.suppress(AssertionError, ValueError, TypeError):
                method(list(lying.values())) if listed else method(**lying)
                return made
        method(list(zeros.values())) if listed else method(**zeros)
        return made
    shape = tuple(sizes.get(axis, 1) for axis in ("B", "T", "D"))
    own = [name for name in dir(type(made)) if not name.startswith("__") or name == "__call__"]
    names = [name for name in own if plain(name) in BUILDING or name in {"__call__", "forward", "call"}]
    for name in sorted(names, key=lambda one: one != "__call__"):
        told: set[str] = set()
        with contextlib.suppress(TypeError, ValueError):
            told = {word for one in inspect.signature(getattr(made, name)).parameters for word in words_of(one)}
        tried = ((text_of(sizes),),) if told & TEXTS else ((np.zeros(shape),), (shape,), ())
        for arguments in tried:
            with contextlib.suppress(Exception):
                getattr(made, name)(*arguments)
                if holds_arrays(made):
                    return made
    return made


def _with_first_states(made: Any, sizes: Mapping[str, int]) -> Any:
    """Return an object with the states that it makes at the first call, and of which it asks whether they are there."""
    own = [name for name, value in vars(made).items() if value is None] if hasattr(made, "__dict__") else []
    for name in set(own) & class_source(type(made)).made_when_missing():
        if parts_of(name)[:1] == ("h",):
            setattr(made, name, np.zeros(sizes.get("H", 1)))
    return made


def with_plain_embeddings(made: Any, sizes: Mapping[str, int]) -> Any:
    """Return an object whose rows of an embedding are the inputs that the specification has: with a one in each."""
    square = (sizes.get("D"), sizes.get("D"))
    for path, value in values_in(made):
        names = [plain(one) for _, key in path for one in str(key).removesuffix(".weight").split(".")]
        if getattr(value, "shape", ()) == square and any(re.fullmatch(OF_TOKENS, name) for name in names):
            rows = value.data if hasattr(value, "detach") else value
            if isinstance(rows, np.ndarray) or hasattr(rows, "detach"):
                rows[...] = rows.new_tensor(np.eye(len(rows))) if hasattr(rows, "detach") else np.eye(len(rows))
    return made
