"""An instance of a module, with the weights that it holds: itself as a recurrent network, or PyTorch's own in it."""

import re
from collections.abc import Iterator
from typing import Any

from .....interop.torch_modules import is_recurrent, layers_of
from ....errors import TargetError
from ...reading.syntax.gathered import source_of
from ..held import Held, Holding, told
from . import around, whole
from .calls import NONE, UncalledError
from .choose import read
from .outputs import left_out
from .read import Read, called
from .roles import Sizes


def held_in(module: Any) -> Holding:
    """Return what an instance holds: itself as a recurrent network, or those that are modules of it."""
    good, refused = [], []
    if getattr(module, "forward", None) is None:  # TorchScript compiles PyTorch's own into what can only be held
        raise TargetError(f"{_named(module)}: it has no forward of its own and cannot be called, expected a module")
    inside = list(_recurrent(module))
    if inside[0][1] is not module:
        refused.append(around.told_of(module))
    for name, one in inside:
        try:
            good += list(_held(name, one))
        except (UncalledError, NotImplementedError) as error:
            refused.append(f"{name or type(one).__name__}: {error}")
    if len(good) == 1:
        good = [Held(**{**vars(good[0]), "part": ""})]
    return Holding(good, refused)


def _recurrent(module: Any) -> Iterator[tuple[str, Any]]:
    """Yield a module itself, if it returns all states, or is nothing but a cell, else PyTorch's own ones in it."""
    inside = [(name, one) for name, one in module.named_modules() if is_recurrent(one)]
    if not inside or inside[0][0] == "":
        yield "", module
        return
    try:
        whole = len(inside) == 1 and len(list(layers_of(inside[0][1]))) == 1 and read(module, _sizes(module))
    except (UncalledError, NotImplementedError) as error:
        if getattr(error, "fault", False):
            raise TargetError(f"{type(module).__name__}: cannot be read as a recurrent network: {error}") from error
        whole = False
    alone = len(list(module.parameters())) == len(list(inside[0][1].parameters()))
    if whole and (whole.form.states or (whole.form.cell and alone)):
        yield "", module
    else:
        yield from inside


def _held(name: str, module: Any) -> Iterator[Held]:
    layers = list(layers_of(module)) if is_recurrent(module) else []
    if len(layers) <= 1:
        layers = []
    for one in layers if _is_pytorchs_inside(module) else ():
        sizes = Sizes(one.module.input_size, one.module.hidden_size)
        more = f"{name}.{one.name}".strip(".")
        yield _as_held(more, _named(module), read(one.module, sizes), reverse=one.reverse)
    if layers:
        yield whole.held_whole_module(name, _named(module), module)
    if not layers:
        yield _as_held(name, _named(module), read(module, _sizes(module)))


def _is_pytorchs_inside(module: Any) -> bool:
    """Whether what a module does in one layer is what PyTorch does: a copy of that layer is PyTorch's own."""
    forward = getattr(type(module), "forward", None)  # none of what TorchScript has compiled
    of_torch = getattr(forward, "__module__", None) or type(module).__module__
    return of_torch.startswith("torch.") or "super" in source_of(forward).calls()


def _as_held(name: str, kind: str, found: Read, *, reverse: bool = False) -> Held:
    weights = found.weights
    narrow = {str(one.dtype) for one in weights.values()} - {"float32", "float64"}
    if narrow:
        raise NotImplementedError(f"its weights are {', '.join(narrow)}, expected float32 or float64")
    layer = f"{name.rpartition('.')[2]} in a copy of one layer" if reverse or re.search(r"l\d+$", name) else ""
    reading = told(kind, weights, layer, "from the end of the sequence" if reverse else "", found.told)
    takes = found.form.state != NONE
    shares, suspected = found.shares, tuple(map(called, found.unused))
    calls = found.calls(reading)
    suspected = suspected if shares else ()
    own = (name, weights, found.options, reading, reverse, takes, None, calls, shares, suspected)
    return Held(*own, lacks=found.roles.lacking)


def _named(module: Any) -> str:
    ours = type(module).__module__.startswith("torch.")
    return f"{'nn.' if ours else ''}{type(module).__name__}{left_out(type(module))}"


def _sizes(module: Any) -> Sizes:
    """Return the sizes of an instance: by its attributes, else by the shapes of its matrices. Raises UncalledError."""
    for one in module.modules():
        if isinstance(getattr(one, "input_size", None), int) and isinstance(getattr(one, "hidden_size", None), int):
            return Sizes(one.input_size, one.hidden_size)
    shapes = [tuple(one.shape) for one in module.parameters() if one.ndim == 2]
    for H in {min(shape) for shape in shapes}:
        state = [shape for shape in shapes if set(shape) in ({H}, {3 * H, H}, {4 * H, H})]
        for shape in shapes if state else ():
            rows = max(state[0])
            if shape is not state[0] and rows in shape:
                return Sizes(shape[0] if shape[1] == rows else shape[1], H)
    for rows, columns in shapes:
        if rows < columns:
            return Sizes(columns - rows, rows)
    raise UncalledError(f"its sizes cannot be told by input_size and hidden_size, nor by its matrices {shapes}")
