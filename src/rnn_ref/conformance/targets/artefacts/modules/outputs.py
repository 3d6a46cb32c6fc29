"""A class of modules whose answer is that of its output layer, of all states or of the last: read without that layer.

Which layer that is, the shapes of its weight tell. It is the last thing that is done, and nothing but that, if it makes
of the answer without it the answer with it.
"""

import contextlib
import inspect
from typing import Any

from ....errors import OutsideError
from .calls import UncalledError
from .choose import read
from .made import made_of
from .roles import Sizes
from .tokens import given_as_rows

LEFT_OUT = "_rnn_ref_left_out"  # what a class without its output layers notes


def without_output_layer(cls: type, module: Any, sizes: Sizes) -> type | None:
    """Return the class without its output layer, None if it has none of which that can be told.

    ``module`` is one of the class, of these sizes. Raises OutsideError if more is done with what the layer answers.
    """
    gates = {count * sizes.H for count in (1, 2, 3, 4)}
    layers = {name: one for name, one in module.named_modules() if type(one).__name__ == "Linear"}
    found = [name for name, one in layers.items() if one.in_features == sizes.H and one.out_features not in gates]
    if len(found) != 1:
        return None
    bare = _bare(cls, found[0])
    other = made_of(bare, sizes, "float32")
    if _is_last(other, module, layers[found[0]], sizes):
        return bare
    with contextlib.suppress(UncalledError):
        read(other, sizes)
        raise OutsideError(f"{cls.__name__}: what it does with the answer of its output layer {found[0]} is not known")
    return None


def left_out(cls: type) -> str:
    """Return in words what a class is read without."""
    name = getattr(cls, LEFT_OUT, "")
    return given_as_rows(cls) + (f", its output layer {name} left out" if name else "")


def _bare(cls: Any, name: str) -> type:
    """Return a class whose modules have nothing in the place of a layer."""

    def made(self: Any, *positional: Any, **named: Any) -> None:
        import torch  # noqa: PLC0415

        cls.__init__(self, *positional, **named)
        owner, _, last = name.rpartition(".")
        setattr(self.get_submodule(owner), last, torch.nn.Identity())

    own = {"__init__": made, "__module__": cls.__module__, "__qualname__": cls.__qualname__, LEFT_OUT: name}
    bare: Any = type(cls.__name__, (cls,), own)
    bare.__signature__ = inspect.signature(cls)
    return bare  # type: ignore[no-any-return]


def _is_last(other: Any, module: Any, layer: Any, sizes: Sizes) -> bool:
    """Whether the layer makes of what is answered without it what is answered with it."""
    import torch  # noqa: PLC0415

    other.load_state_dict({name: one for name, one in module.state_dict().items() if name in other.state_dict()})
    before = [torch.zeros(*shape, sizes.H) for shape in ((1, 2), (2,), (1, 4), (4,))]  # of a batch in either axis
    for shape in ((4, 2, sizes.D), (2, sizes.D)):
        for states in ((), *((h,) for h in before), *(((h, h),) for h in before), *((h, h) for h in before)):
            try:
                with torch.no_grad():
                    whole, inner = (_first(one(torch.ones(shape), *states)) for one in (module, other))
                    if torch.allclose(layer(inner), whole, atol=1e-6):
                        return True
            except Exception:  # it takes other shapes
                continue
    return False


def _first(answer: Any) -> Any:
    return answer[0] if isinstance(answer, list | tuple) else answer
