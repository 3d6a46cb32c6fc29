"""What a module does with PyTorch's own recurrent networks in it, where that is wrong whatever the module is for.

What it joins them to is its author's affair, and not judged. But a loop that never hands on a state that its cell
returned has no memory, what answers from the last sequence of a batch alone has taken it for the last step, and what is
told where sequences end and answers from behind that has left it out.
"""

import inspect
import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from .....interop.torch_modules import is_recurrent
from ...reading.calling.masks import ENDS, ends_in
from ..held import WRONG
from .beyond import BEYOND, looks_beyond
from .calls import raised_by

STEPS, ROWS = 5, 4  # of the sequences that it is asked with, in whichever order it takes them
Call = tuple[Any, list[Any], list[Any]]  # of a cell: the input, the states before, and those that it returned


def told_of(module: Any) -> str:
    """Return a sentence on a module around others: what is wrong with it, else that it is not judged."""
    named, (raised, fault) = type(module).__name__, raised_by(module)
    if raised and fault:
        return f"{WRONG}{named} itself: it raises {raised}"
    found = next(filter(None, (_fault(module, given) for given in _inputs(module))), "")
    if found:
        return f"{WRONG}{named} itself: {found}"
    return f"{named} itself, how it joins what is in it{f'; it raises {raised}' if raised else ''}"


def _inputs(module: Any) -> Iterator[Any]:
    """Yield vectors and tokens for a module that takes nothing but a sequence, or its end beside it."""
    import torch  # noqa: PLC0415

    kinds = inspect.Parameter
    taken = inspect.signature(module.forward).parameters.values()
    needed = [one for one in taken if one.default is kinds.empty and one.kind <= kinds.KEYWORD_ONLY]
    width = next((one.input_size for one in module.modules() if is_recurrent(one)), 1)
    like = next((one for one in module.parameters() if one.is_floating_point()), torch.ones(()))
    if len([one for one in needed if not re.fullmatch(ENDS, one.name.lower())]) == 1:
        drawn = torch.randn(STEPS, ROWS, width, generator=torch.Generator().manual_seed(0))
        yield drawn.to(like)
        yield torch.arange(STEPS * ROWS).reshape(STEPS, ROWS) % 3


def _fault(module: Any, given: Any) -> str:
    """Return what is wrong with how it deals with its networks, "" if nothing is, or it does not take the input."""
    found = ""
    training = [(one, one.training) for one in module.modules()]
    module.eval()
    try:
        ends = ends_in(inspect.signature(module.forward).parameters)
        if ends and not ends.lower().startswith("max") and looks_beyond(module, given, ends):
            found = BEYOND.format(ends)
        found = found or _not_handed_on(module, given) or _one_row_only(module, given)
    except Exception:  # it takes other inputs, or has answers of another kind
        found = ""
    finally:
        for one, was in training:
            one.training = was
    return found


def _not_handed_on(module: Any, given: Any) -> str:
    """Return which state that a cell returns is never handed to its next step."""
    import torch  # noqa: PLC0415

    calls: dict[str, list[Call]] = {}

    def note(name: str, cell: Any, handed: tuple[Any, ...], returned: Any) -> None:
        after = list(returned) if isinstance(returned, tuple) else [returned]
        before = handed[1] if len(handed) > 1 else None
        before = list(before) if isinstance(before, tuple) else [before] if before is not None else []
        calls.setdefault(name, []).append((handed[0], before or [torch.zeros_like(one) for one in after], after))

    cells = [(name, one) for name, one in module.named_modules() if isinstance(one, torch.nn.RNNCellBase)]
    hooks = [one.register_forward_hook(partial(note, name)) for name, one in cells]
    try:
        with torch.no_grad():
            module(given)
    finally:
        for hook in hooks:
            hook.remove()
    for name, ones in calls.items():
        fixed = [_is_fixed([(before[k], after[k]) for _, before, after in ones]) for k in range(len(ones[0][2]))]
        forgets = any(fixed) and len(ones) > 2 and (not all(fixed) or _goes_through(given, [one[0] for one in ones]))
        if forgets:
            states = " and ".join(state for state, same in zip("hc", fixed, strict=False) if same)
            return f"its loop hands {name} the same {states} at every step, never what the step before returned"
    return ""


def _is_fixed(steps: Sequence[tuple[Any, Any]]) -> bool:
    """Whether a state is the same before every step, though a step before the last returned another."""
    before = {_bytes(one) for one, _ in steps}
    return len(before) == 1 and {_bytes(one) for _, one in steps[:-1]} != before


def _bytes(tensor: Any) -> bytes:
    return bytes(tensor.detach().cpu().numpy().tobytes())


def _goes_through(given: Any, inputs: list[Any]) -> bool:
    """Whether a cell's inputs are the steps of a sequence."""
    import torch  # noqa: PLC0415

    ways = [given.unbind(axis) for axis in (0, 1)] if given.ndim == 3 else []
    return any(len(way) == len(inputs) and all(map(torch.equal, way, inputs)) for way in ways)


def _one_row_only(module: Any, given: Any) -> str:
    """Return which layer's answer is used of the last sequence of a batch alone."""
    import torch  # noqa: PLC0415

    layers = [(name, one) for name, one in module.named_modules() if isinstance(one, torch.nn.RNNBase)]
    for name, layer in layers:
        first, last = layer.batch_first, (STEPS if layer.batch_first else ROWS) - 1
        if {last} in _rows(module, given, layer, last + 1):
            meant = "the last step is [:, -1]" if first else "batches are second; is batch_first=True meant?"
            return f"it answers from the last sequence of a batch alone: {name} has batch_first={first}, so {meant}"
    return ""


def _rows(module: Any, given: Any, layer: Any, count: int) -> list[set[int]]:
    """Return for each answer of a module on which sequences of a batch it depends through the states of all steps.

    That is where nan in a sequence's states comes out.
    """
    import torch  # noqa: PLC0415

    found: list[set[int]] = []
    for row in range(count):

        def spoil(layer: Any, _: Any, returned: Any, row: int = row) -> Any:
            states = returned[0].clone()
            states.select(0 if layer.batch_first else 1, row).fill_(torch.nan)
            return states, returned[1]

        hook = layer.register_forward_hook(spoil)
        try:
            with torch.no_grad():
                answer = module(given)
        finally:
            hook.remove()
        answers = answer if isinstance(answer, tuple) else (answer,)
        found = found or [set() for _ in answers]
        for rows, one in zip(found, answers, strict=True):
            rows.update({row} if one.isnan().any() else ())
    return found
