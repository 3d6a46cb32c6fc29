"""Methods of objects that hold the weights of a cell with gates: every array of the object is a place for one."""

import contextlib
import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..calling.leaving import AFTER, RETURNED
from ..calling.place import Place
from ..names import is_gradient, of_what, weights_of
from ..objects.maker import SIZES, Maker
from ..objects.methods import MethodWay, methods_of
from ..syntax.class_text import class_source
from .names import is_back


class HoldingWay(MethodWay):
    """A method of objects that are made for every size; what it returns is all that is looked at."""

    prefix = ()

    def __init__(self, maker: Maker, method: str) -> None:
        super().__init__(maker, method)
        held = [Place("attribute", name, needed=False, path=path) for path in maker.holding.everywhere
                if (name := maker.holding.weight_at(path))]  # fmt: skip
        held = [place for place in self.places if place.kind == "constructor"] or held
        self.places = [place for place in self.places if place.kind not in {"attribute", "constructor"}] + held

    def call(self, values: Mapping[Place, Any], sizes: Mapping[str, int]) -> Any:
        """Call the method of a new object with values in their places; what it returned.

        A bias that has no place here, as one of a single gate, is none.
        """
        for place in self.places:
            if place.kind == "attribute" and place not in values and place.called.lower().startswith("b"):
                shape = self.maker.holding.shapes[place.path]
                if max(shape, default=0) == SIZES["H"]:
                    values = {**values, place: np.zeros([sizes["H"] if size == SIZES["H"] else size for size in shape])}
        return super().call(values, sizes)[RETURNED]


class BackWay(MethodWay):
    """A method that goes on where another has just been called: what it returned, and the gradients the object holds.

    Gradients in a list lie in the order of a list of weights that is as long.
    """

    prefix = (("key", RETURNED),)

    def __init__(self, maker: Maker, method: str) -> None:
        super().__init__(maker, method, after=True)

    def call(self, values: Mapping[Place, Any], sizes: Mapping[str, int]) -> Any:
        """Call it; what it returned, and by name what gradients there are."""
        answer = super().call(values, sizes)
        return {RETURNED: answer[RETURNED], **self._held(answer[AFTER])}

    def _held(self, after: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in after.items():
            if not is_gradient(name):
                continue
            entries = value if isinstance(value, list | tuple) else []
            names = next((one for one in self._lists(after) if len(one) == len(entries)), [])
            found |= {f"d{of}": one for of, one in zip(names, entries, strict=False) if of}
            found |= {f"d{of_what(key)}": one for key, one in value.items()} if isinstance(value, Mapping) else {}
            found |= {f"d{of_what(name)}": value} if hasattr(value, "shape") and of_what(name) else {}
        return found

    def _lists(self, after: Mapping[str, Any]) -> Iterator[list[str]]:
        """Yield what the entries of lists of weights are called."""
        for name, value in after.items():
            if isinstance(value, list | tuple) and not is_gradient(name):
                names = class_source(self.maker.kind).items_of(name)
                if len(names) == len(value) and all(map(weights_of, names)):
                    yield names


def ways_back(maker: Maker) -> Iterator[BackWay]:
    """Yield the methods of a class that may go back where another has been called."""
    for method in methods_of(maker.kind):
        if is_back(method):
            with contextlib.suppress(TypeError, ValueError):
                yield BackWay(maker, method)


def methods(kind: type, peers: Sequence[type]) -> Iterator[HoldingWay]:
    """Yield the methods of a class, of which objects can be made."""
    try:
        maker = Maker(kind, peers)
        for method in methods_of(kind):
            if inspect.signature(getattr(maker.example, method)).parameters:
                yield HoldingWay(maker, method)
    except KeyboardInterrupt:
        raise
    except BaseException:  # it is made in another way
        return
