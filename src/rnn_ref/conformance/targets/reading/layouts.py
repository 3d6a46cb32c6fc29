"""The layouts that foreign code is tried in, one after the other: weights, vectors, sequences, biases."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ...operation import Rank
from .axes import LIST, Form
from .calling.masks import Mask

VECTORS: Mapping[Rank, tuple[Form, ...]] = {  # with n for the axis of the numbers
    "batch": (("B", "n"), ("n", "B")),
    "single": (("n",), ("1", "n"), ("n", "1")),
}
SEQUENCES: Mapping[Form, tuple[Form, ...]] = {  # by the vector, the sequences that are made of it
    ("B", "n"): (("T", "B", "n"), ("B", "T", "n"), (LIST, "T", "B", "n")),
    ("n", "B"): (
        *(("n", "B", "T"), (LIST, "T", "n", "B"), ("T", "n", "B")),
        *(("B", "n", "T"), ("n", "T", "B"), ("B", "T", "n")),
    ),
    ("n",): (("T", "n"), (LIST, "T", "n"), ("n", "T")),
    ("1", "n"): (("T", "1", "n"), ("1", "T", "n"), (LIST, "T", "1", "n"), ("T", "n")),
    ("n", "1"): (("T", "n", "1"), (LIST, "T", "n", "1"), ("n", "1", "T"), ("T", "n"), ("n", "T"), (LIST, "T", "n")),
}  # fmt: skip
WITH_LAYER = {"batch": (("1", "B", "n"),), "single": (("1", "1", "n"),)}  # a state with an axis for the layer
BIASES: tuple[Form, ...] = (("n",), ("n", "1"), ("1", "n"))
BIASES_OF: Mapping[Form, tuple[Form, ...]] = {  # by the vector to which they are added
    ("n",): BIASES[:1],
    ("B", "n"): (("n",), ("1", "n"), ("n", "1")),  # the last where rows are turned inside
    ("1", "n"): (("n",), ("1", "n"), ("n", "1")),
    ("n", "B"): (("n", "1"),),
    ("n", "1"): (("n", "1"),),
}
INDICES: Mapping[Rank, tuple[Form, ...]] = {"single": ((LIST, "T"), ("T",)), "batch": (("T", "B"), ("B", "T"))}


class Layout(NamedTuple):
    """How arrays lie in one rank."""

    rank: Rank
    left: bool  # whether weights stand to the left of what they multiply: W x, not x W
    bias: Form
    vector: Form
    sequence: Form
    state: Form
    indices: bool = False  # whether inputs are class indices
    one_hot: bool = False  # whether targets are rows or columns with a one in them
    of_one: bool = False  # whether one sequence is a batch of one
    last: bool = False  # whether there are targets of the last step alone
    mask: Mask | None = None  # of the steps that count, where it has to be there

    def form(self, axes: Sequence[str], part: str) -> Form:
        """Return the form of an array of the specification with these axes."""
        if part.startswith("W_"):
            return tuple(axes) if self.left else tuple(axes[::-1])
        if part.startswith("b_"):
            return filled(self.bias, axes[0])
        if part == "targets":
            return self._of_targets(axes)
        if part == "x" and self.indices and "T" not in axes:  # of one step
            return tuple(axes)
        if part == "h" or axes[0] != "T":
            return filled(self.state if part == "h" else self.vector, axes[-1])
        inner = [letter for letter in self.vector if letter != "B" and self.indices and part != "x"]
        return filled((*self.sequence, *inner), axes[-1])  # of what is there for each of the classes

    def _of_targets(self, axes: Sequence[str]) -> Form:
        """Return the form of targets: rows with a one or with real numbers in them, or classes."""
        sequence = self.sequence if "n" in self.sequence or not self.one_hot else ("T", *self.vector)
        form = self.vector if self.last else sequence if axes else ()
        if self.one_hot:
            return filled(form, "V")
        letters = {LIST, "T", "B", "1"} if self.of_one else {LIST, "T", "B"}
        return tuple(letter for letter in form if letter in letters)


def filled(form: Form, axis: str) -> Form:
    """Return a form with an axis in the place of that of the numbers."""
    return tuple(axis if letter == "n" else letter for letter in form)


def layouts(
    rank: Rank,
    *,
    sequence: bool,
    written: Sequence[str],
    bias: bool,
    fixed: Layout | None = None,
    layer_of_state: bool = False,
    beside: Form = (),
) -> Iterator[Layout]:
    """Yield layouts of a rank; ``written`` is how the inputs are indexed, by which sequences of a shape are told apart.

    Where that says nothing, they lie as they do in the function ``beside``.

    A state with an axis for its layer comes first where something is taken off it (``layer_of_state``), else last. With
    one that is ``fixed`` already, in another rank, only what the rank adds is tried.
    """
    columns = fixed is not None and fixed.vector == ("n", "B")
    vectors = (("n", "1"), ("n",)) if columns else VECTORS[rank]
    for vector in vectors if fixed is None or columns else VECTORS[rank][:2]:
        sequences = _in_order(SEQUENCES[vector], written, beside) if sequence else ((),)
        for one in sequences:
            with_layer = WITH_LAYER[rank] if sequence and vector in {("B", "n"), ("n",), ("1", "n")} else ()
            for state in (*with_layer, vector) if layer_of_state else (vector, *with_layer):
                for left in (True, False) if fixed is None else (fixed.left,):
                    for form in BIASES_OF[vector] if bias else BIASES[:1]:
                        of_one = fixed is not None and len(one) == len(fixed.sequence)
                        yield Layout(rank, left, form, vector, one, state, of_one=of_one)


def with_classes(rank: Rank, *, sequence: bool, bias: bool, written: Sequence[str]) -> Iterator[Layout]:
    """Yield layouts in which inputs are class indices."""
    for one in layouts(rank, sequence=False, written=written, bias=bias):
        for form in _in_order(INDICES[rank], written) if sequence else ((),):
            yield one._replace(sequence=form, indices=True)


def is_of_one(sequence: Sequence[str], other: Sequence[str]) -> bool:
    """Whether a form of one sequence is that of a batch: without the axis of the batch, or with one of size one."""
    of_one = [["1" if one == "B" else one for one in other], [one for one in other if one != "B"]]
    return list(sequence) in of_one


STEPS = {"t", "tx", "t_x", "seq_len", "seqlen", "seq_length", "steps", "n_steps", "num_steps", "time", "length", "s"}


def _in_order(forms: Sequence[Form], written: Sequence[str], beside: Form = ()) -> list[Form]:
    """Return the forms with those in front that agree with how a sequence is indexed."""
    return sorted(forms, key=lambda form: (-agreement(form, written), form != beside))


def agreement(form: Form, written: Sequence[str]) -> int:
    """Return how well a form agrees with how a sequence is indexed, 0 if nothing is known of it."""
    letters = [letter for letter in form if letter != LIST]
    time = letters.index("T")
    found = 0
    for one in written:
        if one.startswith("shape"):
            names = [name.lower() for name in one.split()[1:]]
            steps = [place for place, name in enumerate(names) if name in STEPS]
            found += 2 * (bool(steps) and len(names) == len(letters) and steps[0] == time)
        elif one.count(":") and "," in one and one.strip("()").split(",")[0].strip() == ":":
            places = [place for place, index in enumerate(one.strip("()").split(",")) if ":" not in index]
            found += bool(places) and places[0] == time
        elif ":" not in one and "," not in one:
            found += time == 0
        elif re.fullmatch(r"(\w+):\1 ?\+ ?1", one):  # a row for each step, of a matrix
            found += letters == ["T", "n"]
    return found


def told(layout: Layout, *, sequence: bool) -> str:
    """Return a layout in a few words.

    >>> told(Layout("batch", False, ("n",), ("B", "n"), ("B", "T", "n"), ("B", "n")), sequence=True)
    'x W, sequences (B, T, n)'
    """
    words = ["W x" if layout.left else "x W"]
    form = layout.sequence if sequence else layout.vector
    inner = ", ".join(letter for letter in form if letter != LIST)
    words.append(f"{'class indices, ' if layout.indices else ''}{'sequences' if sequence else 'vectors'} "
                 f"{'list of ' if LIST in form else ''}({inner})")  # fmt: skip
    if layout.one_hot:
        words.append("one-hot targets")
    if layout.last:
        words.append("targets of the last step alone")
    if layout.mask is not None:
        words.append(layout.mask.told)
    if layout.bias != ("n",):
        words.append(f"biases ({', '.join(layout.bias)})")
    return ", ".join(words)
