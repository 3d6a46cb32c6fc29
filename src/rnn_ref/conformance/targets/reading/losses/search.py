"""Find out how a loss is called: in ranks and layouts one after the other, until it answers in the shapes due."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from .....loss import cross_entropy
from ....operation import Operation, Rank
from ....spec import loss_claims as claimed
from ....spec.losses.callables import CALLABLES
from ...raised import Raised
from ..axes import LIST, Form
from ..leaves import Leaf, Path, leaves
from ..syntax.expressions import name_of
from ..tensors import is_narrow
from .divisors import EVERY, STEP, Divisor, axes_of_sums, divisors, indexed, multiplied
from .reading import AXES, LISTS, ROWS, Lay, LossReading
from .roles import FUNCTION, GRADIENT, LOGITS, TARGETS, UP, LossWay

SIZES = {"T": 3, "B": 6, "V": 11}
LAYS: Mapping[Rank, tuple[Form, ...]] = {
    "single": (("T", "V"), ("V", "T"), ("list", "T", "V"), ("list", "T", "V", "1")),
    "batch": (
        *(("T", "B", "V"), ("B", "T", "V"), ("list", "T", "B", "V")),
        *(("V", "B", "T"), ("list", "T", "V", "B"), ("B", "V", "T")),
    ),
    "step": (("V",), ("V", "1")),
}  # fmt: skip
KEPT_NAMES = {"p", "ps", "probs", "prob", "probabilities", "cache", "softmax", "y_hat", "log_p", "log_probs", "logp"}


class Search:
    """Tries of one callable as one function of the specification."""

    def __init__(
        self, operation: Operation, way: LossWay, kinds: Sequence[str], before: LossReading | None = None
    ) -> None:
        self.operation, self.way, self.before = operation, way, before
        way.tried_as = operation
        self.kinds = [*kinds, *([LISTS] if "numpy" in kinds else [])]
        self.back = operation.gives_gradients or bool(operation.twin)
        self.why = ""
        self.narrow = False

    def found(self, roles: Mapping[str, str], relayed: Mapping[str, Path]) -> LossReading | None:
        """Return the reading with arguments in these roles, None if it does not answer in the shapes due."""
        targets = next((name for name, role in roles.items() if role == TARGETS), "")
        hots = [False, True]
        if self.before is not None:
            hots = [self.before.one_hot]
        elif FUNCTION in roles.values():  # which is handed what the specification hands it
            hots = [False]
        elif targets and not indexed(self.way.source, targets):
            hots = [True] if multiplied(self.way.source, targets) else [False, True]
        for kind in [self.before.kind] if self.before is not None else self.kinds:
            found: list[LossReading] = []
            for one_hot in hots:
                plain = LossReading(self.operation, self.way, roles, kind, one_hot, before=self.before, relayed=relayed)
                lays = self._lays(plain)
                if lays:
                    found.append(replace(plain, lays=lays, narrow=self.narrow and is_narrow(self.kinds)))
            if found:  # what takes rows tells more than what takes one prediction
                return next((one for one in found if set(one.lays) != {"step"}), found[0])
        return None

    def _lays(self, reading: LossReading) -> dict[Rank, Lay]:
        """Return how logits lie, in the ranks in which it answers."""
        found: dict[Rank, Lay] = {}
        for rank in ("single", "batch", "step"):
            if rank == "step" and not self._has_step():
                continue
            for form in self._forms(reading, rank):
                if found and not _agree(form, next(iter(found.values())).logits):
                    continue
                lay = self._tried(reading, rank, form)
                if lay is not None:
                    found[rank] = lay
                    break
        if "batch" in found and "single" not in found and LIST not in found["batch"].logits and self.before is None:
            of_one = tuple("1" if letter == "B" else letter for letter in found["batch"].logits)
            lay = self._tried(reading, "single", of_one)
            found |= {"single": lay} if lay is not None else {}
        return found

    def _has_step(self) -> bool:
        return all("T" in value.optional for value in self.operation.arguments.values() if "T" in value.axes)

    def _forms(self, reading: LossReading, rank: Rank) -> Sequence[Form]:
        if self.before is not None:
            return [self.before.lays[rank].logits] if rank in self.before.lays else []
        every: Sequence[Form] = LAYS[rank]
        if rank == "single" and self._takes_one_column(reading):
            every = [form for form in every if form != ("V", "T")]
        if reading.one_hot:  # a number tells nothing of the axes: the text does
            every = [form for form in every if self._may_lie(form, rank)]
        return sorted(every, key=self._oddness) if rank == "batch" else every

    def _takes_one_column(self, reading: LossReading) -> bool:
        """Whether the text takes what is the target's out of the first column: ``p[label, 0]``."""
        names = {name for name, role in reading.roles.items() if role == TARGETS}
        taken = [one.slice.elts for one in self.way.source.nodes(ast.Subscript) if isinstance(one.slice, ast.Tuple)]
        return any(name_of(one[0]) in names and getattr(one[1], "value", None) == 0 for one in taken if len(one) == 2)

    def _may_lie(self, form: Form, rank: Rank) -> bool:
        """Whether sums run along the classes, as far as the text says along which axis they run."""
        sums, sizes = axes_of_sums(self.way.source), divisors(self.way.source) - {EVERY, STEP}
        array = [letter for letter in form if letter != "list"]
        columns = sums == {0} or (not sums and 1 in sizes)
        if rank == "step":
            return not sums or sums <= {-1, 0}
        if not sums and not sizes and not self.way.source.repeats:
            return False  # no axis is told: it is of one prediction
        if rank == "batch":
            return array[-1] == "V" and sums <= {-1, 2}
        return form[0] == "list" or (array[0] == "V") == columns

    def _oddness(self, form: Form) -> int:
        """Return how badly a layout goes with how the logits are indexed, and their axes are called."""
        written = [one for name in self.way.signature.parameters for one in self.way.source.written(name)]
        names = [one.lower().split()[1:] for one in written if one.startswith("shape")]
        steps = [one.index(name) for one in names for name in ("t", "seq_len", "steps", "time") if name in one]
        behind = any(one.strip("()").split(",")[0].strip() == ":" and one.count(",") for one in written)
        first = form[0] in {"T", "list"}
        if steps:
            return int((steps[0] == 0) != first)
        return int(behind == first)

    def _tried(self, reading: LossReading, rank: Rank, form: Form) -> Lay | None:
        lay = Lay(form, (), ())
        named = drawn(rank, self.operation)
        self.way.alive()
        try:
            returned = reading.raw(named, lay, {})
            every = list(leaves(returned, self.way.source.returned()))
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            self.why = self.why or f"it raises {Raised.of(error)}"
            return None
        self.narrow = any(leaf.array.dtype == np.float32 for leaf in every)
        found = self._gradient(every, form) if self.back else self._loss(every, lay)
        if found is None:
            shapes = ", ".join(str(leaf.array.shape) for leaf in every if len(leaf.path) <= 1)
            self.why = self.why or f"its answer has other shapes: {shapes or type(returned).__name__}"
        return found

    def _loss(self, every: Sequence[Leaf], lay: Lay) -> Lay | None:
        """Return where the loss stands: a number, else a row of them."""
        shown = [leaf for leaf in every if len(leaf.path) <= 1]
        numbers = [leaf for leaf in shown if leaf.array.size == 1 and leaf.array.ndim <= 2 and "loss" in leaf.name]
        numbers += [leaf for leaf in shown if leaf.array.size == 1 and leaf.array.ndim <= 2]
        if numbers:
            return lay._replace(path=numbers[0].path)
        due = tuple(SIZES[letter] for letter in lay.targets if letter in SIZES)
        rows = [leaf for leaf in shown if due and leaf.array.shape == due]
        whole = self.operation.outputs["loss"].only_if
        return lay._replace(path=rows[0].path, answer=ROWS) if rows and whole else None

    def _gradient(self, every: Sequence[Leaf], form: Form) -> Lay | None:
        letters = tuple(letter for letter in form if letter != "list")
        due = tuple(SIZES.get(letter, 1) for letter in letters)
        fitting = [leaf for leaf in every if len(leaf.path) <= 1 and leaf.array.shape == due]
        named = [leaf for leaf in fitting if not leaf.path or _is_gradient(leaf.name)]
        return Lay(form, named[0].path, letters) if named else None


def _is_gradient(name: str) -> bool:
    known = name.lower() in KEPT_NAMES or name.lower().startswith(("prob", "soft", "log"))
    return not name or (GRADIENT.fullmatch(name) is not None and not known)


def _agree(form: Form, other: Form) -> bool:
    """Whether logits of two ranks lie alike: classes last in both, or in neither."""
    first, second = ([letter for letter in one if letter not in {"list", "1"}][-1] == "V" for one in (form, other))
    columns = ("1" in form, "1" in other)
    return first == second or any(columns)


def drawn(rank: Rank, operation: Operation) -> dict[str, Any]:
    """Return logits and targets of a rank, drawn at random, and what else may be asked for."""
    rng = np.random.default_rng(1)
    axes = next(axes for one, axes in AXES.values() if one == rank)
    shape = [SIZES[axis] for axis in axes]
    back = "_backward" if operation.twin else ""
    return {
        LOGITS: rng.normal(size=shape),
        TARGETS: rng.integers(0, SIZES["V"], shape[:-1]) if rank != "step" else np.asarray(4),
        UP: 1.25,
        FUNCTION: CALLABLES[f"total_cross_entropy{back}"],
    }


class Mode(NamedTuple):
    """How a loss reduces: ``mean``, ``sum``, ``none``, or ``steps``, an average over the batch added up over time."""

    name: str
    told: str


def mode_of(reading: LossReading) -> Mode:
    """Return how a loss reduces, by its text and its shapes."""
    if any(lay.answer == ROWS for lay in reading.lays.values()):
        return Mode("none", "a loss for every row")
    if set(reading.lays) == {"step"}:
        return Mode("mean", "")
    every, lay = divisors(reading.way.source, of_loss=True), reading.lays.get("batch")
    if not every or (lay is None and every == {STEP}):
        return Mode("sum", "added up")
    if lay is None:
        return Mode("mean", "averaged")
    over = _divided_by(every, lay)
    if over == {"B"}:
        return Mode("steps", "averaged over the batch, added up over steps")
    return Mode("mean", "averaged") if over == {"T", "B"} else Mode("sum", "added up")


def divides_by_what_is_kept(reading: LossReading) -> bool:
    """Whether what is averaged at every step is divided by how many targets its mask keeps, found out by trying."""
    named, lay = drawn("batch", reading.operation), reading.lays["batch"]
    kept = np.arange(SIZES["B"]) > np.arange(SIZES["T"])[:, np.newaxis]  # at no two steps as many
    named[TARGETS] = np.where(kept, named[TARGETS], claimed.IGNORED)
    try:
        found = reading.answer(named, reading.raw(named, lay, {}), lay)["loss"]
        due = sum(cross_entropy(*one) for one in zip(named[LOGITS], named[TARGETS], strict=True))
        return bool(np.isclose(found, due, rtol=1e-4))  # in float32 too; divided by another count it is off by a tenth
    except KeyboardInterrupt:
        raise
    except BaseException:
        return False


def of_rows(reading: LossReading) -> LossReading:
    """Return a reading without batches, where what it divides by is the number of rows only in what has no batch."""
    every, lay = divisors(reading.way.source, of_loss=True), reading.lays.get("batch")
    number = lay is not None and lay.answer == () and "single" in reading.lays and STEP not in every
    if lay is None or not number or len(_divided_by(every, lay)) != 1:
        return reading
    if "T" not in _divided_by(every, reading.lays["single"]):
        return reading  # of one sequence it is 1
    return replace(reading, lays={rank: one for rank, one in reading.lays.items() if rank != "batch"})


def _divided_by(every: set[Divisor], lay: Lay) -> set[str]:
    """Return the axes of rows by whose sizes a loss is divided."""
    letters = [letter for letter in lay.targets if letter != "list"]
    over: set[str] = set()
    for one in every:
        whole = one == EVERY or (isinstance(one, int) and not -len(letters) <= one < len(letters))
        over |= {"B"} if one == STEP else set(letters) if whole else {letters[int(one)]}
    return over


def ranks_claimed(reading: LossReading, operation: Operation) -> tuple[str, ...]:
    """Return the claim of the ranks that it takes, if it does not take all."""
    ranks: list[Rank] = ["single", "batch"]
    if all("T" in value.optional for value in operation.arguments.values() if "T" in value.axes):
        ranks.append("step")
    return () if set(ranks) <= set(reading.lays) else (claimed.only(list(reading.lays)),)


def relays(before: LossReading, roles: Mapping[str, str]) -> Iterator[dict[str, Path]]:
    """Yield what goes from the way forward's answer into arguments of the way back: by name, else what is beside."""
    names = before.way.source.returned()
    kept = [name for name, role in roles.items() if role == "kept"]
    if not kept:
        yield {}
        return
    losses = {lay.path for lay in before.lays.values()}
    beside = [(("item", place),) for place in range(len(names)) if (("item", place),) not in losses]
    found = {name: (("item", names.index(name)),) for name in kept if name in names}
    if len(found) == len(kept):
        yield found
    elif len(kept) == 1 and beside:
        yield {kept[0]: beside[-1]}
