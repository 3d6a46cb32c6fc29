"""Methods of objects that hold the weights of a cell with gates: every array of the object is a place for one."""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..calling.leaving import RETURNED
from ..calling.place import Place
from ..objects.maker import SIZES, Maker
from ..objects.methods import MethodWay, methods_of


class HoldingWay(MethodWay):
    """A method of objects that are made for every size; what it returns is all that is looked at."""

    prefix = ()

    def __init__(self, maker: Maker, method: str) -> None:
        super().__init__(maker, method)
        held = [Place("attribute", name, needed=False, path=path) for path in maker.holding.everywhere
                if (name := maker.holding.weight_at(path))]  # fmt: skip
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
