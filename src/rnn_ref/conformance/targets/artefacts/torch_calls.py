"""How a PyTorch module is called, found by shapes: one step or a sequence, batch first or time first, which state.

Nothing is compared with the right answer here. A module is a cell where it takes one step and what it answers to one
row does not depend on the others; it is batch first where its attribute says so, else where its answers depend on the
past along that axis alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ..raised import Raised
from .torch_roles import Sizes

NONE, PLAIN, LAYERED = "not taken", "(B, H)", "(1, B, H)"  # how the state before is taken
LENGTHS = (2, 3, 4, 5, 7)  # of which two differ from D and H


class UncalledError(Exception):
    """A module cannot be called as a recurrent one; the text says what was tried."""


@dataclass(frozen=True)
class Form:
    """How a module is called, and what it returns."""

    cell: bool
    batch_first: bool = False
    state: str = PLAIN
    states: bool = False  # whether it returns all of them
    last: bool = False  # whether it returns the last one, beside them or alone
    optional: bool = True  # whether the state before may be left out

    @property
    def told(self) -> str:
        """Write it in words."""
        if self.cell:
            return "one step"
        order = "batch first" if self.batch_first else "time first"
        returned = " and ".join(["all states"] * self.states + ["the last state"] * self.last)
        return f"{order}, h0 {self.state}, returns {returned}"

    def run(self, module: Any, X: Any, h: Any, H: int) -> tuple[Any, Any]:
        """Call a module with inputs (T, B, D), or (B, D) of a cell, and a state (B, H) or None.

        Return all states (T, B, H) and the last (B, H), None for what there is not.
        """
        if self.cell:
            found = _tensors(module(X) if h is None else module(X, h))
            return None, next((one for one in found if tuple(one.shape) == (len(X), H)), None)
        T, B = X.shape[:2]
        before = () if h is None or self.state == NONE else (h[None] if self.state == LAYERED else h,)
        found = _tensors(module(X.transpose(0, 1) if self.batch_first else X, *before), T)
        order = (B, T, H) if self.batch_first else (T, B, H)
        states = next((one for one in found if tuple(one.shape) == order), None)
        others = [one for one in found if one is not states and tuple(one.shape) in {(1, B, H), (B, H)}]
        last = others[0].reshape(B, H) if others else None
        return (states.transpose(0, 1) if self.batch_first and states is not None else states), last


def form_of(module: Any, sizes: Sizes) -> Form:
    """Find out how a module is called. Raises UncalledError."""
    import torch  # noqa: PLC0415

    B, T = [one for one in LENGTHS if one not in sizes][:2]
    like = next(module.parameters())
    generator = torch.Generator().manual_seed(0)
    X = torch.randn(T, B, sizes.D, generator=generator).to(like)
    h = torch.randn(B, sizes.H, generator=generator).to(like).tanh()
    raised: list[str] = []
    cell = _tried(Form(cell=True), module, X[0], h, sizes.H, raised)
    one_step = cell is not None and not _depends(cell, module, X[0], h, sizes.H)
    of_its_row = one_step and _depends_on_state(module, X[0], h, sizes.H)
    if one_step and "cell" in type(module).__name__.lower():
        return _optional(cell, module, X[0], sizes.H)
    tried = [_tried(one, module, X, h, sizes.H, raised) for one in _forms(module)]
    found = [(one, _depends(one, module, X, h, sizes.H)) for one in tried if one]
    telling = [one for one, depends in found if depends] or ([] if of_its_row else [one for one, _ in found])
    if telling:
        return _optional(min(telling, key=lambda one: not one.states), module, X, sizes.H)
    if one_step:
        return _optional(cell, module, X[0], sizes.H)
    raise UncalledError(f"called with x ({T}, {B}, {sizes.D}) and h0 (1, {B}, {sizes.H}): {raised[-1]}")


def _forms(module: Any) -> Iterator[Form]:
    """Yield the ways to call it with a sequence, those that tell most first."""
    known = getattr(module, "batch_first", None)
    for state in (LAYERED, PLAIN, NONE):
        for batch_first in [known] if isinstance(known, bool) else [False, True]:
            yield Form(cell=False, batch_first=batch_first, state=state)


def _tried(form: Form, module: Any, X: Any, h: Any, H: int, raised: list[str]) -> Form | None:
    """Return the form with what is returned, None if it does not fit."""
    import torch  # noqa: PLC0415

    try:
        with torch.no_grad():
            states, last = form.run(module, X, h, H)
    except Exception as error:
        raised.append(str(Raised.of(error)))
        return None
    if states is None and last is None:
        raised.append("it answers nothing of the shape of a state")
        return None
    return replace(form, states=states is not None, last=last is not None)


def _depends(form: Form, module: Any, X: Any, h: Any, H: int) -> bool:
    """Whether what comes last depends on what is first on the first axis: on the past, if that axis is time."""
    import torch  # noqa: PLC0415

    changed = X.clone()
    changed[0] += 1
    with torch.no_grad():
        one, other = (form.run(module, given, h, H) for given in (X, changed))
    if form.cell:
        return not torch.equal(one[1][1:], other[1][1:])
    if one[0] is None:
        return not torch.equal(one[1], other[1])
    return not torch.equal(one[0][-1], other[0][-1])


def _depends_on_state(module: Any, x: Any, h: Any, H: int) -> bool:
    """Whether a row of one step depends on the state of that row: what takes the first state alone is no cell."""
    import torch  # noqa: PLC0415

    changed = h.clone()
    changed[1:] += 1
    with torch.no_grad():
        one, other = (Form(cell=True).run(module, x, given, H)[1] for given in (h, changed))
    return not torch.equal(one[1:], other[1:])


def _optional(form: Form | None, module: Any, X: Any, H: int) -> Form:
    """Return the form, and whether the state before may be left out."""
    form = form or Form(cell=True)
    return replace(form, optional=_tried(form, module, X, None, H, []) is not None)


def _tensors(answer: Any, steps: int = 0) -> list[Any]:
    """Return the tensors of an answer; a list of as many states as there are steps is one."""
    import torch  # noqa: PLC0415

    if isinstance(answer, torch.Tensor):
        return [answer]
    if not isinstance(answer, list | tuple):
        return []
    if steps and isinstance(answer, list) and len(answer) == steps:
        return [torch.stack([_tensors(one)[0] for one in answer])]
    return [tensor for one in answer for tensor in _tensors(one, steps)]
