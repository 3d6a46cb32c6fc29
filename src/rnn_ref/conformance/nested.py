"""Arguments and answers that are made of several arrays, and the names of their parts: ``layers[2].W_hh``.

The instrument knows plain arrays by name. A list of dicts of weights is taken apart for it, and put together again for
the candidate. A number in brackets is a place in a list or a tuple, a word behind a dot the key of a dict or the field
of a NamedTuple.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_STEP = re.compile(r"\[(\d+)\]|\.(\w+)")


def head(name: str) -> str:
    """Return the argument or output to which a part belongs.

    >>> head("layers[2].W_hh"), head("X_seq")
    ('layers', 'X_seq')
    """
    return re.split(r"[\[.]", name, maxsplit=1)[0]


def parts(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield what a value is made of, by name; what is no dict, list or tuple is one part.

    >>> list(parts("layers", [{"b_h": 1}, {"b_h": 2}]))
    [('layers[0].b_h', 1), ('layers[1].b_h', 2)]
    """
    if isinstance(value, Mapping) or hasattr(value, "_asdict"):
        for key, one in (value if isinstance(value, Mapping) else value._asdict()).items():
            yield from parts(f"{name}.{key}", one)
    elif isinstance(value, list | tuple):
        for place, one in enumerate(value):
            yield from parts(f"{name}[{place}]", one)
    else:
        yield name, value


def whole(values: Mapping[str, Any]) -> dict[str, Any]:
    """Put parts together: dicts where names have dots, tuples where they have brackets, lists of what is a dict.

    >>> whole({"X_seq": 0, "states0[0]": 1, "layers[0].b_h": 2, "layers[1].b_h": 3})
    {'X_seq': 0, 'states0': (1,), 'layers': [{'b_h': 2}, {'b_h': 3}]}
    """
    tree: dict[Any, Any] = {}
    for name, value in values.items():
        path = [head(name), *(word or int(place) for place, word in _STEP.findall(name))]
        inside = tree
        for step in path[:-1]:
            inside = inside.setdefault(step, {})
        inside[path[-1]] = value
    return {name: _grown(one) for name, one in tree.items()}


def _grown(tree: Any) -> Any:
    """Return a tree of dicts with those in their places that have numbers for keys: lists and tuples."""
    if not isinstance(tree, dict):
        return tree
    grown = {key: _grown(one) for key, one in tree.items()}
    if not all(isinstance(key, int) for key in grown):
        return grown
    every = [grown[place] for place in sorted(grown)]
    return every if any(isinstance(one, dict | tuple) for one in every) else tuple(every)
