"""A class of modules that looks tokens up in an embedding: asked with vectors, which stand in the embedding's rows.

Whatever is done with the tokens themselves (their shape is looked at, the first is padding) is done as ever: every one
is another, and none is 0.
"""

import functools
import inspect
from typing import Any

from .roles import Sizes

GIVEN = "_rnn_ref_given"  # what a class notes whose vectors are handed over as rows


def without_embedding(cls: Any, module: Any, sizes: Sizes) -> type | None:
    """Return the class with vectors for tokens, None if it looks up nothing, or in more than one place."""
    import torch  # noqa: PLC0415

    found = [name for name, one in module.named_modules() if isinstance(one, torch.nn.Embedding)]
    if len(found) != 1 or module.get_submodule(found[0]).embedding_dim != sizes.D:
        return None

    class Rows(torch.nn.Module):  # type: ignore[misc]
        """The vectors in the order of the tokens."""

        def forward(self, tokens: Any) -> Any:
            return self.rows[tokens]

    def made(self: Any, *positional: Any, **named: Any) -> None:
        cls.__init__(self, *positional, **named)
        owner, _, last = found[0].rpartition(".")
        setattr(self.get_submodule(owner), last, Rows())

    @functools.wraps(cls.forward)
    def forward(self: Any, x: Any, *positional: Any, **named: Any) -> Any:
        rows = x.reshape(-1, x.shape[-1])
        self.get_submodule(found[0]).rows = torch.cat([torch.zeros_like(rows[:1]), rows])
        tokens = torch.arange(1, 1 + len(rows)).reshape(x.shape[:-1])
        return cls.forward(self, tokens, *positional, **named)

    own = {"__init__": made, "forward": forward, "__module__": cls.__module__, "__qualname__": cls.__qualname__}
    looked_up: Any = type(cls.__name__, (cls,), {**own, GIVEN: found[0]})
    looked_up.__signature__ = inspect.signature(cls)
    return looked_up  # type: ignore[no-any-return]


def given_as_rows(cls: type) -> str:
    """Return in words which embedding of a class is handed vectors."""
    name = getattr(cls, GIVEN, "")
    return f", vectors in the rows of {name}" if name else ""
