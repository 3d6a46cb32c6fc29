"""An embedding among the weights: it is handed over as rows with a one in each, as the specification's inputs are."""

import re
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..leaves import as_numbers
from ..names import plain
from .place import Place

EMBEDDING = ("embedding",)  # what is looked up by tokens before there are inputs
OF_TOKENS = r"(w?emb(ed)?|w?embeddings?|embeds|(emb(edding)?|lookup|word|token)?table|lookup|wordvectors|wte|e|we|ew)"


def with_embedding(entries: list[Place], *, joined: bool = False) -> list[Place]:
    """Return entries of which an embedding is marked as one, where something else is the weight of the input.

    That may be the weight of state and input, where these are ``joined``.

    >>> [one.parts for one in with_embedding([Place("key", "p", "emb"), Place("key", "p", "Wx", ("W_xh",))])]
    [('embedding',), ('W_xh',)]
    """

    def is_one(place: Place) -> bool:
        owner, _, last = place.called.rpartition(".")
        name = owner.rpartition(".")[2] if owner and last == "weight" else last  # embedding.weight, of a module
        return re.fullmatch(OF_TOKENS, plain(name)) is not None

    others = {part for place in entries if not is_one(place) for part in place.parts[:1]}
    of_gates = [place for place in entries if place.parts[:1] == ("W_hh",)]
    known = "W_xh" in others or len(of_gates) > 1 or (joined and bool(of_gates))
    return [place._replace(parts=EMBEDDING, needed=False) if known and is_one(place) else place for place in entries]


def has_embedding(way: Any) -> bool:
    """Whether inputs are looked up in rows that are among the arguments of a way, or that its object holds."""
    return way.looks_up or any(place.parts == EMBEDDING for place in way.places)


def plain_rows(values: Mapping[Place, Any], sizes: Mapping[str, int]) -> Any:
    """Return rows of an embedding, each with a one in it, as the specification's inputs have: of the weights' kind."""
    weight = next((one for place, one in values.items() if set(place.parts) & {"W_xh", "W_hh"}), None)
    rows: Any = np.eye(sizes.get("D", 1), dtype=getattr(as_numbers(weight), "dtype", None))
    if hasattr(weight, "detach"):
        return sys.modules["torch"].from_numpy(rows)
    return sys.modules["jax"].numpy.asarray(rows) if type(weight).__module__.startswith("jax") else rows
