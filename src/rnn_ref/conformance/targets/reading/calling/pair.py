"""Two functions as one: a way forward, and one that goes back from targets and from what the first has made."""

from collections.abc import Iterator, Mapping
from typing import Any

from ..leaves import at
from ..names import parts_of, plain
from ..syntax.source import Source
from .place import Place
from .way import Way

Path = tuple[Any, ...]


class PairWay(Way):
    """A function that is called with what another returned; weights go to both, and targets to the second."""

    def __init__(self, first: Way, second: Way, relayed: Mapping[Place, Path]) -> None:
        self.__dict__.update(second.__dict__)
        self.first, self.second, self.relayed = first, second, relayed
        self.name = f"{second.name} after {first.name}"
        known = {(one.kind, one.name, one.entry) for one in first.places}
        self.own = [one for one in second.places if one not in relayed and not _is_container(one, first)]
        self.places = [*first.places, *(one for one in self.own if (one.kind, one.name, one.entry) not in known)]
        self.own += [one for one in first.places if _is_container(one, second)]
        self.source = Source(tuple(dict.fromkeys((*second.source.trees, *first.source.trees))))

    def call(self, values: Mapping[Place, Any], sizes: Mapping[str, int]) -> Any:
        """Call both; what the second returned."""
        by_name = {(place.kind, place.name, place.entry): value for place, value in values.items()}
        returned = self.first.call({one: values[one] for one in self.first.places if one in values}, sizes)
        handed = {one: by_name[key] for one in self.own if (key := (one.kind, one.name, one.entry)) in by_name}
        handed |= {place: at(returned, path) for place, path in self.relayed.items()}
        return self.second.call(handed, sizes)


def _is_container(place: Place, other: Way) -> bool:
    """Whether a place is in something that holds weights, which the other takes under the same name."""
    return place.kind not in {"global", "attribute"} and any(
        one.name == place.name and {one.kind, place.kind} != {"argument"} for one in other.places
    )


def pairs(first: Way, second: Way) -> Iterator[PairWay]:
    """Yield both as one, if the second takes what the first returns beside what the first takes."""
    names = [plain(name) for name in first.source.returned()]
    alone = plain(first.source.returned_alone())
    known = {(one.kind, one.name, one.entry) for one in first.places}
    relayed: dict[Place, Path] = {}
    for place in second.places:
        called = plain(place.name)
        if place.kind != "argument" or place.parts[:1] == ("targets",) or _is_container(place, first):
            continue
        if called in names:
            relayed[place] = (("item", names.index(called)),)
        elif alone and called == alone:
            relayed[place] = ()
        elif "cache" in parts_of(place.name):
            caches = [number for number, name in enumerate(names) if "cache" in parts_of(name)]
            relayed[place] = (("item", caches[0] if caches else len(names) - 1),) if names else ()
        elif (place.kind, place.name, place.entry) not in known and place.needed and not _is_container(place, first):
            return
    if relayed:
        yield PairWay(first, second, relayed)
