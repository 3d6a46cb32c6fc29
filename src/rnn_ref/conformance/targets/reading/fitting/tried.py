"""The layouts in which a function is tried, and the forms of gradients from above, the likeliest first."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ....operation import Rank
from ..axes import LIST, Form
from ..calling.masks import MASK, MASKED, OF_STEP, Mask
from ..calling.place import Place
from ..layouts import BIASES_OF, VECTORS, Layout, is_of_one, layouts, with_classes
from .behind import ups_of_the_last
from .task import Task


def layouts_tried(
    task: Task, given: Mapping[Place, str], rank: Rank, fixed: Layout | None, *, indices: bool
) -> Iterator[Layout]:
    """Yield the layouts of a rank, those in which inputs are class indices or those in which they are not.

    With one that is ``fixed`` already, in another rank, only what the rank adds is tried.
    """
    has_targets = "targets" in given.values()
    targets = (True,) if task.real else (True, False) if task.one_hot and has_targets else (False,)
    ends: tuple[bool, ...] = (False, True) if task.has_last and task.sequence and has_targets else (False,)
    ends = task.ends_of_up or ((False, True) if task.behind else ends[::-1] if task.last_first else ends)
    for last in ends if fixed is None else (fixed.last,):
        for one_hot in targets if fixed is None else (fixed.one_hot,):
            for one in _layouts_of_inputs(task, given, rank, fixed, indices=indices):
                for mask in _masks(task, fixed or one) if MASK in given.values() else (None,):
                    yield one._replace(one_hot=one_hot, last=last, mask=mask)


def _masks(task: Task, known: Layout) -> Sequence[Mask]:
    """Return the masks that may be handed over by which all steps count."""
    if known.mask is not None:
        return (known.mask,)
    if not task.sequence:
        return [one for one in OF_STEP if not one.padding]
    steps = ["B" if letter == "1" else letter for letter in known.sequence if letter in {"T", "B", "1"}]
    alike = [one for one in MASKED if steps in (["T"], [*one.axes[:2]])]
    others = [one for one in MASKED if known.rank == "batch" and "1" not in one.axes and one not in alike]
    return [one for one in (*alike, *others) if not one.padding]


def _layouts_of_inputs(
    task: Task, given: Mapping[Place, str], rank: Rank, fixed: Layout | None, *, indices: bool
) -> Iterator[Layout]:
    bias = bool({"b_h", "b_xh", "b_hh", "b_y"} & set(given.values()))
    if task.forward is not None:
        known = [task.forward.layouts[rank]] if rank in task.forward.layouts else []
        for one in known:
            forms = BIASES_OF.get(one.vector, ()) if one.vector != ("n",) else BIASES_OF["1", "n"]
            own = forms if bias and fixed is None else ()  # the way forward may take several
            for form in dict.fromkeys((one.bias if fixed is None else fixed.bias, *own)):
                yield one._replace(of_one=one.of_one and fixed is not None, bias=form)
            states = _vector_of_states(task, rank)
            if task.has_targets and states not in {(), one.vector}:  # inputs were turned into what states are
                yield one._replace(vector=states, sequence=("T", *states), state=states)
                if rank == "single":
                    yield one._replace(vector=states, sequence=("T", "n"), state=states)
        return
    if not indices:
        for one in layouts(
            *(rank,), sequence=task.sequence, written=task.written, bias=bias, fixed=fixed,
            layer_of_state=task.layer_of_state, beside=task.way.beside,
        ):  # fmt: skip
            of_one = fixed is None and rank == "single" and one.sequence[:2] == ("1", "T")  # a batch of one
            if not of_one and (fixed is None or not task.sequence or is_of_one(one.sequence, fixed.sequence)):
                yield one
    elif "x" in given.values():
        yield from with_classes(rank, sequence=task.sequence, written=task.written, bias=bias)


def _vector_of_states(task: Task, rank: Rank) -> Form:
    """Return how the states of a step lie that its own way forward returns, empty if that is not known."""
    first = task.forward.outputs.get(rank, {}) if task.forward is not None else {}
    forms = [one.form for every in first.values() for one in every if one.form and {"T", "T+"} & {*one.form}]
    inner = [tuple("n" if one == "H" else one for one in form if one not in {LIST, "T", "T+"}) for form in forms]
    return next((one for one in inner if one in VECTORS[rank]), ())


def ups_tried(task: Task, layout: Layout) -> list[Any]:
    """Return the forms in which gradients from above may be taken, that of the states first."""
    if not task.goes_back:
        return [()]
    axes = [axis for axis in ("T", "B", "H") if (axis != "T" or task.sequence)]
    axes = [axis for axis in axes if axis != "B" or layout.rank == "batch"]
    state = layout.form(axes[-1:] if len(axes) == 1 else axes[-2:], "h") if not task.sequence else ()
    if not task.sequence:
        return [state]
    if layout.last:
        return ups_of_the_last(layout)
    states = layout.form(axes, "states")
    first = task.forward.outputs.get(layout.rank, {}) if task.forward is not None else {}
    forms = [one.form for every in first.values() for one in every if one.form and {"T", "T+"} & {*one.form}]
    known = [tuple("T" if letter == "T+" else letter for letter in form) for form in forms]
    inner = tuple(letter for letter in states if letter not in {LIST, "T"})
    known.sort(key=lambda form: form not in forms)
    every = [*known, states, (LIST, "T", *inner), ("T", *inner)]
    return list(dict.fromkeys(every))
