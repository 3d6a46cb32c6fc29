"""How an array lies: the axis that every dimension is, as a form such as ``("T", "B", "D")``.

A form is written with the letters of the specification's axes; ``1`` is an axis of size one, ``T+`` the steps with the
state before the first of them in front or behind, ``TB`` both in one, steps outside; ``T*`` is a part for each step, of
which the sum is meant. A form that begins with ``list`` is a list over its first axis.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...._shapes import Array

Form = tuple[str, ...]
LIST, PARTS = "list", "T*"


def distinct(axes: Sequence[str]) -> tuple[str, ...]:
    """Return axes that are told apart: the second of two with one name gets a prime, so that a transpose is seen.

    >>> distinct(("H", "H"))
    ('H', "H'")
    """
    return tuple(f"{axis}'" if axis in axes[:place] else axis for place, axis in enumerate(axes))


def there(array: Array, axes: Sequence[str], form: Form) -> Any:
    """Return an array of the specification, with these axes, in a form; nothing is copied that need not be.

    >>> there(np.ones((4, 3, 2)), ("T", "B", "D"), ("D", "1", "B", "T")).shape
    (2, 1, 3, 4)
    """
    letters = [letter for letter in form if letter not in {LIST, "1"}]
    if letters == ["TB", *axes[2:]]:
        return array.reshape(-1, *array.shape[2:])
    moved = array if letters == list(axes) else array.transpose([list(axes).index(letter) for letter in letters])
    dimensions = [letter for letter in form if letter != LIST]
    for place, letter in enumerate(dimensions):
        if letter == "1":
            moved = np.expand_dims(moved, place)
    return list(moved) if form[:1] == (LIST,) else moved


def back(array: Array, axes: Sequence[str], form: Form, sizes: Mapping[str, int]) -> Array:
    """Return what came back in a form as the specification has it; as it is where its dimensions are not the form's.

    >>> back(np.ones((2, 4)), ("T", "H"), ("H", "T"), {}).shape
    (4, 2)
    """
    letters = [letter for letter in form if letter != LIST]
    if array.ndim != len(letters):
        return array
    if letters[:1] == [PARTS]:
        array, letters = array.sum(0), letters[1:]
    ones = tuple(place for place, letter in enumerate(letters) if letter == "1")
    if any(array.shape[place] != 1 for place in ones):
        return array
    array = array.squeeze(ones)
    letters = [letter for letter in letters if letter != "1"]
    if letters[:1] == ["TB"]:
        rows = sizes["T"] * sizes["B"]
        return array.reshape(sizes["T"], sizes["B"], *array.shape[1:]) if len(array) == rows else array
    letters = [letter.rstrip("+") for letter in letters]
    return array.transpose([letters.index(axis) for axis in axes])


def form_of(shape: Sequence[int], axes: Sequence[str], sizes: Mapping[str, int]) -> Form | None:
    """Return the form of what has a shape, if it has exactly these axes; sizes are all different.

    >>> form_of((7, 1, 3), ("T", "H"), {"T": 3, "H": 7})
    ('H', '1', 'T')
    """
    left, form = list(axes), []
    for size in shape:
        exact = next((axis for axis in left if sizes[axis] == size), None)
        if exact is not None:
            form.append(exact)
            left.remove(exact)
        elif size == 1:
            form.append("1")
        elif "T" in left and size == sizes["T"] + 1:
            form.append("T+")
            left.remove("T")
        elif left[:2] == ["T", "B"] and not form and size == sizes["T"] * sizes["B"]:
            form.append("TB")
            left = left[2:]
        else:
            return None
    return tuple(form) if not left else None


def lies_alike(form: Form, *others: Form) -> bool:
    """Return whether an array lies as another does, but for axes of size one, and for all but steps and rows.

    >>> lies_alike(("B", "H"), ("B", "n")), lies_alike(("H", "B"), ("B", "n")), lies_alike(("T", "H"), ("n", "T"))
    (True, False, False)
    """
    return any(_order(form) == _order(other) for other in others)


def without_steps(form: Form) -> Form:
    """Return a form without the axis of the steps.

    >>> without_steps(("B", "T+", "H"))
    ('B', 'H')
    """
    return tuple(letter for letter in form if letter.rstrip("+") != "T")


def _order(form: Form) -> list[str]:
    return [letter.rstrip("+") if letter in {"T", "B", "T+"} else "n" for letter in form if letter not in {LIST, "1"}]


def without_first(array: Array, first: Array, *, behind: bool = False) -> Array:
    """Return T + 1 rows, steps first, without the state before the first step: behind, if that is where it stands.

    Where the rows at both ends are that state, as of a network that is given zeros, it stands where it is known to.

    >>> [without_first(np.array([0.0, 1.0, 0.0]), np.array(0.0), behind=one) for one in (True, False)]
    [array([0., 1.]), array([1., 0.])]
    """
    if array.shape[0] > 1 and np.array_equal(array[-1], first):
        behind = behind or not np.array_equal(array[0], first)
        return array[:-1] if behind else array[1:]
    return array[1:]
