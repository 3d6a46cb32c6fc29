"""How a PyTorch module is called, found by shapes: one step or a sequence, batch first or time first, which state.

Nothing is compared with the right answer here. A module is a cell where it takes one step and what it answers to one
row does not depend on the others; it is batch first where its attribute says so, else where its answers depend on the
past along that axis alone, unless its author says which axis is which.
"""

import ast
import contextlib
import inspect
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from .....interop.torch_modules import is_recurrent
from ...apart.faults import telling
from ...raised import Raised
from ...reading.calling.masks import ENDS, MASKS
from ...reading.syntax.documented import is_batch_first
from ...reading.syntax.source import Source
from .roles import Sizes

NONE, PLAIN, LAYERED = "not taken", "(B, H)", "(1, B, H)"  # how the states before are taken
LENGTHS = (2, 3, 4, 5, 7)  # of which two differ from D and H
MEMORIES = r"cs|c_?(all|seq|states?|out)|(all_?)?(cells|memories|states)|cell_?(states|seq)"  # of all steps


class UncalledError(Exception):
    """A module cannot be called as a recurrent one; the text says what was tried, or what it raises at every call."""

    def __init__(self, text: str, *, fault: bool = False) -> None:
        super().__init__(text)
        self.fault = fault  # whether that is an exception that no argument is the reason of


@dataclass(frozen=True)
class Form:
    """How a module is called, and what it returns."""

    cell: bool
    batch_first: bool = False
    state: str = PLAIN
    states: bool = False  # whether it returns all of those that it shows
    last: bool = False  # whether it returns the last ones, beside them or alone
    known: bool = False  # whether that is known: where inputs are as many as units, other things have these shapes too
    optional: bool = True  # whether the states before may be left out
    count: int = 1  # how many states there are: that which is shown, and a memory
    joined: bool = True  # whether they are handed over as one argument, if there are two
    ends: str = ""  # the argument that says where sequences end
    second: bool = False  # whether that comes before the states
    needs_ends: bool = False
    memories: bool = False  # whether what is returned second is called the memories of all steps

    @property
    def told(self) -> str:
        """Write it in words."""
        memory = self.count > 1
        if self.cell:
            return "one step" + (f", takes {'(h, c)' if self.joined else 'h, c'}" if memory else "")
        order = "batch first" if self.batch_first else "time first"
        before = f"h0 {self.state}" if not memory else f"{'(h0, c0)' if self.joined else 'h0, c0'} {self.state}"
        if self.memories:
            return f"{order}, {before}, returns all states and all memories"
        returned = " and ".join(["all states"] * self.states + ["the last state"] * self.last)
        return f"{order}, {before}, returns {returned}{' and memory' if memory and self.last else ''}"

    def run(self, module: Any, X: Any, before: tuple[Any, ...] | None, H: int) -> tuple[Any, tuple[Any, ...]]:
        """Call a module with inputs (T, B, D), or (B, D) of a cell, and states (B, H) or None.

        Return all states (T, B, H) that are shown, None if they are not returned, and the last ones (B, H).
        """
        given = self._given(before)
        if self.cell:
            found = tensors_in(_plainly(module, X, *given))
            return None, self._last([one for one in found if tuple(one.shape) == (len(X), H)])
        if self.memories:
            states, memories = self.of_all_steps(module, X, before, H)
            return states, (states[-1], memories[-1])
        T, B = X.shape[:2]
        found = tensors_in(self.called(module, X.transpose(0, 1) if self.batch_first else X, given, T), T)
        order = (B, T, H) if self.batch_first else (T, B, H)
        states = next((one for one in found if tuple(one.shape) == order and (self.states or not self.known)), None)
        ends = {(1, B, H), (B, H)} if self.last or not self.known else set()
        others = [one for one in found if one is not states and tuple(one.shape) in ends]
        shown = states.transpose(0, 1) if self.batch_first and states is not None else states
        return shown, self._last([one.reshape(B, H) for one in others])

    def of_all_steps(self, module: Any, X: Any, before: tuple[Any, ...] | None, H: int) -> list[Any]:
        """Return what a module returns of all steps, each (T, B, H): the states, and the memories."""
        T, B = X.shape[:2]
        given = self._given(before)
        found = tensors_in(self.called(module, X.transpose(0, 1) if self.batch_first else X, given, T), T)
        due = [one for one in found if tuple(one.shape) == ((B, T, H) if self.batch_first else (T, B, H))]
        return [one.transpose(0, 1) if self.batch_first else one for one in due]

    def called(self, module: Any, x: Any, given: tuple[Any, ...], steps: int, ends: Any = None) -> Any:
        """Call a module with a sequence as it takes it; where its sequences end is said if that is asked or needed."""
        import torch  # noqa: PLC0415

        if not self.ends or (ends is None and not self.needs_ends):
            return _plainly(module, x, *given)
        rows = len(x) if self.batch_first else x.shape[1]
        told = torch.full((rows,), steps) if ends is None else ends
        if self.second:
            return _plainly(module, x, told, *given)
        return _plainly(module, x, *given, **{self.ends: told})

    def _given(self, before: tuple[Any, ...] | None) -> tuple[Any, ...]:
        """Return the states before as it takes them."""
        if before is None or self.state == NONE:
            return ()
        shaped = tuple(one[None] if self.state == LAYERED else one for one in before)
        return (shaped,) if self.joined and self.count > 1 else shaped

    def _last(self, found: list[Any]) -> tuple[Any, ...]:
        """Return the states after the last step: the first of what has their shape, and as a memory the last of it."""
        return tuple(found[:1]) if self.count == 1 or len(found) < 2 else (found[0], found[-1])


def _plainly(module: Any, *positional: Any, **named: Any) -> Any:
    """Call a module; one that is compiled by TorchScript is not compiled anew for all the shapes that are asked."""
    import torch  # noqa: PLC0415

    if not isinstance(module, torch.jit.ScriptModule):
        return module(*positional, **named)
    with torch.jit.optimized_execution(should_optimize=False):
        return module(*positional, **named)


def form_of(module: Any, sizes: Sizes, count: int = 1) -> Form:
    """Find out how a module of so many states is called. Raises UncalledError."""
    import torch  # noqa: PLC0415

    B, T = [one for one in LENGTHS if one not in sizes][:2]
    like = next(module.parameters())
    generator = torch.Generator().manual_seed(0)
    X = torch.randn(T, B, sizes.D, generator=generator).to(like)
    h = tuple(torch.randn(B, sizes.H, generator=generator).to(like).tanh() for _ in range(count))
    raised: list[tuple[bool, int, str]] = []  # how telling it is, and what was raised
    ways = [True] if count == 1 else [True, False]
    cells = [_tried(Form(cell=True, count=count, joined=one), module, X[0], h, sizes.H, raised) for one in ways]
    cell = next(filter(None, cells), None)
    one_step = cell is not None and not _depends(cell, module, X[0], h, sizes.H)
    of_its_row = cell is not None and one_step and _depends_on_state(cell, module, X[0], h, sizes.H)
    if one_step and "cell" in type(module).__name__.lower():
        return _optional(cell, module, X[0], sizes.H)
    found: list[tuple[Form, bool]] = []
    for said in dict.fromkeys((_said(module), getattr(module, "batch_first", None))):
        forms = [replace(one, count=count, joined=joined) for joined in ways for one in _forms(module, said, count)]
        tried = [_tried(one, module, X, h, sizes.H, raised) for one in forms if not found]
        found += [(one, _depends(one, module, X, h, sizes.H)) for one in tried if one]
    telling = [one for one, depends in found if depends] or ([] if of_its_row else [one for one, _ in found])
    if telling:
        return _optional(min(telling, key=lambda one: not one.states), module, X, sizes.H)
    if one_step:
        return _optional(cell, module, X[0], sizes.H)
    before = "h0" if count == 1 else "(h0, c0)"
    fault, line, text = max(reversed(raised), key=lambda one: one[:2])
    called = f"called with x ({T}, {B}, {sizes.D}) and {before} (1, {B}, {sizes.H})"
    raise UncalledError(f"it raises {text}, {called}" if line else f"{called}: {text}", fault=fault)


def _said(module: Any) -> Any:
    """Return whether batches are first by an attribute, or by what its author says."""
    return getattr(module, "batch_first", is_batch_first(type(module), next(iter(_takes(module)), "")))


def _takes(module: Any) -> dict[str, inspect.Parameter]:
    """Return what a module is called with; the method of one that is compiled by TorchScript names itself as well."""
    own = inspect.signature(module.forward).parameters
    return {name: one for name, one in own.items() if name != "self"}


def _forms(module: Any, known: Any, count: int) -> Iterator[Form]:
    """Yield the ways to call it with a sequence, those that tell most first; whether batches are first may be known."""
    called = _returned(type(module)) if count > 1 else []
    memories = len(called) == 2 and called[0] != called[1] and re.fullmatch(MEMORIES, called[1].lower()) is not None
    told = told_ends(module)
    masked = re.fullmatch(MASKS, "".join([*_takes(module)][1:2]).lower())  # what stands there is no state
    for state in (NONE,) if masked else (LAYERED, PLAIN, NONE):
        for batch_first in [known] if isinstance(known, bool) else [False, True]:
            form = Form(cell=False, batch_first=batch_first, state=state, **told)
            yield from [replace(form, memories=True), form] if memories else [form]


def told_ends(module: Any) -> dict[str, Any]:
    """Return by which argument a module is told where sequences end, whether it is the second, and has to be there."""
    names = _takes(module)
    ends = next((name for name in names if re.fullmatch(ENDS, name)), "")
    needs = bool(ends) and names[ends].default is inspect.Parameter.empty
    return {"ends": ends, "second": [*names][1:2] == [ends], "needs_ends": needs}


def _returned(kind: type) -> list[str]:
    """Return what the text of a class calls what its ``forward`` returns, a pair or more; none if it does not say."""
    with contextlib.suppress(OSError, TypeError, SyntaxError, StopIteration):
        body = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
        own = next(one for one in ast.walk(body) if isinstance(one, ast.FunctionDef) and one.name == "forward")
        return Source((own,)).returned()
    return []


def _tried(form: Form, module: Any, X: Any, h: Any, H: int, raised: list[tuple[bool, int, str]]) -> Form | None:
    """Return the form with what is returned, None if it does not fit."""
    import torch  # noqa: PLC0415

    try:
        with torch.no_grad():
            states, last = form.run(module, X, h, H)
    except Exception as error:
        raised.append((*telling(error), str(Raised.of(error))))
        return None
    if states is None and not last:
        raised.append((False, 0, "it answers nothing of the shape of a state"))
        return None
    return replace(form, states=states is not None, last=bool(last), known=True)


def _depends(form: Form, module: Any, X: Any, h: Any, H: int) -> bool:
    """Whether what comes last depends on what is first on the first axis: on the past, if that axis is time."""
    import torch  # noqa: PLC0415

    changed = X.clone()
    changed[0] += 1
    with torch.no_grad():
        one, other = (form.run(module, given, h, H) for given in (X, changed))
    if form.cell:
        return not torch.equal(one[1][0][1:], other[1][0][1:])
    if one[0] is None:
        return not torch.equal(one[1][0], other[1][0])
    return not torch.equal(one[0][-1], other[0][-1])


def _depends_on_state(form: Form, module: Any, x: Any, h: Any, H: int) -> bool:
    """Whether a row of one step depends on the state of that row: what takes the first state alone is no cell."""
    import torch  # noqa: PLC0415

    changed = tuple(one.clone() for one in h)
    for one in changed:
        one[1:] += 1
    with torch.no_grad():
        one, other = (form.run(module, x, given, H)[1][0] for given in (h, changed))
    return not torch.equal(one[1:], other[1:])


def batch_first_of(module: Any, sizes: Sizes) -> list[bool]:
    """Return whether batches are first, of a module that answers in two directions: what it says, else what depends.

    Along the axis of time what comes last depends on what is first.
    """
    import torch  # noqa: PLC0415

    if isinstance(said := _said(module), bool):
        return [said]
    found = []
    for first in (False, True):
        X = torch.ones(4, 2, sizes.D)
        changed = X.clone()
        changed[0] += 1
        try:
            with torch.no_grad():
                turned = [one.transpose(0, 1) if first else one for one in (X, changed)]
                form = Form(cell=False, batch_first=first, state=NONE, **told_ends(module))
                one, other = (tensors_in(form.called(module, given, (), 4), 4)[0] for given in turned)
        except Exception:  # it takes states, or lengths of others
            continue
        one, other = (answer.transpose(0, 1) if first else answer for answer in (one, other))
        found += [first] if not torch.equal(one[-1], other[-1]) else []
    return found


def _optional(form: Form | None, module: Any, X: Any, H: int) -> Form:
    """Return the form, and whether the state before may be left out."""
    form = form or Form(cell=True)
    return replace(form, optional=_tried(form, module, X, None, H, []) is not None)


def raised_by(module: Any) -> tuple[str, bool]:
    """Return what a module that takes one sequence raises, if it raises at tokens and at vectors in any order.

    And whether that is an exception that no argument is the reason of.
    """
    import torch  # noqa: PLC0415

    kinds = inspect.Parameter
    needed = [one for one in _takes(module).values() if one.default is kinds.empty and one.kind <= kinds.KEYWORD_ONLY]
    width = next((one.input_size for one in module.modules() if is_recurrent(one)), 1)
    given = [torch.ones(shape, dtype=torch.int64) for shape in ((3,), (3, 1), (1, 3))]
    given += [torch.ones(shape) for shape in ((3, 1, width), (1, width, 3), (3, width))]
    raised: list[tuple[bool, int, str]] = []
    for one in given if len(needed) == 1 else ():
        try:
            with torch.no_grad():
                module(one)
        except Exception as error:
            raised.append((*telling(error), str(Raised.of(error))))
    fault, _, text = max(raised, key=lambda one: one[:2], default=(False, 0, ""))
    return (text, fault) if len(raised) == len(given) else ("", False)


def tensors_in(answer: Any, steps: int = 0) -> list[Any]:
    """Return the tensors of an answer; a list of as many states as there are steps is one."""
    import torch  # noqa: PLC0415

    if isinstance(answer, torch.Tensor):
        return [answer]
    if not isinstance(answer, list | tuple):
        return []
    if steps and isinstance(answer, list) and len(answer) == steps:
        return [torch.stack([tensors_in(one)[0] for one in answer])]
    return [tensor for one in answer for tensor in tensors_in(one, steps)]
