"""Methods of objects that hold the weights of a cell with gates, and are told targets."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ...calling.leaving import AFTER, RETURNED
from ...calling.place import Place
from ...names import is_gradient, of_what, weights_of
from ...objects.made_by import SIZES
from ...objects.maker import Maker
from ...objects.methods import MethodWay, methods_of
from ...syntax.class_text import class_source


class LossWay(MethodWay):
    """A method that takes inputs and targets: what it returned, and the gradients the object holds then."""

    prefix = (("key", RETURNED),)

    def __init__(self, maker: Maker, method: str) -> None:
        super().__init__(maker, method)
        held = [Place("attribute", name, needed=False, path=path) for path in maker.holding.everywhere
                if (name := maker.holding.weight_at(path))]  # fmt: skip
        held = [place for place in self.places if place.kind == "constructor"] or held
        self.places = [place for place in self.places if place.kind not in {"attribute", "constructor"}] + held

    def call(self, values: Mapping[Place, Any], sizes: Mapping[str, int]) -> Any:
        """Call the method of a new object with values in their places; what it returned, and what gradients it holds.

        A bias that has no place here, as one of a single gate, is none.
        """
        for place in self.places:
            if place.kind == "attribute" and place not in values and place.called.lower().startswith("b"):
                shape = self.maker.holding.shapes[place.path]
                if max(shape, default=0) == SIZES["H"]:
                    values = {**values, place: np.zeros([sizes["H"] if size == SIZES["H"] else size for size in shape])}
        answer = super().call(values, sizes)
        return {RETURNED: answer[RETURNED], **gradients_held(answer[AFTER], self.maker.kind)}


def gradients_held(after: Mapping[str, Any], kind: type) -> dict[str, Any]:
    """Return the gradients that an object holds, by name."""
    found: dict[str, Any] = {}
    for name, value in after.items():
        if not is_gradient(name):
            continue
        entries = value if isinstance(value, list | tuple) else []
        names = next((one for one in _lists(after, kind) if len(one) == len(entries)), [])
        found |= {f"d{of}": one for of, one in zip(names, entries, strict=False) if of}
        found |= {f"d{of_what(key)}": one for key, one in value.items()} if isinstance(value, Mapping) else {}
        found |= {f"d{of_what(name)}": value} if hasattr(value, "shape") and of_what(name) else {}
    return found


def _lists(after: Mapping[str, Any], kind: type) -> Iterator[list[str]]:
    """Yield what the entries of lists of weights are called."""
    for name, value in after.items():
        if isinstance(value, list | tuple) and not is_gradient(name):
            names = class_source(kind).items_of(name)
            if len(names) == len(value) and all(map(weights_of, names)):
                yield names


def loss_methods(kind: type, peers: Sequence[type], wanted: Callable[[Any], bool]) -> Iterator[LossWay]:
    """Yield the methods of a class that are wanted, of which objects can be made."""
    names = [name for name in methods_of(kind) if wanted(getattr(kind, name))]
    try:
        ways = [LossWay(Maker(kind, peers), name) for name in names]
    except KeyboardInterrupt:
        raise
    except BaseException:  # it is made in another way
        return
    yield from ways
