"""What the text of a function takes out of things: by keys, by places, with a dot."""

import ast
import functools
from collections.abc import Iterator
from typing import Any, NamedTuple

from .expressions import entries_of, key_of, name_of, texts_of


class Taken(NamedTuple):
    """A function and those of its author's that it calls, as syntax: what they take out of what they are given."""

    trees: tuple[ast.AST, ...]

    def nodes(self, kind: type) -> Iterator[Any]:
        """Yield the nodes of one kind."""
        yield from _by_kind(self.trees).get(kind, ())

    def calls(self) -> set[str]:
        """Return the names of what is called."""
        return {name_of(node.func) for node in self.nodes(ast.Call)}

    def tested(self) -> set[str]:
        """Return the names of what is asked by itself whether it is true: ``if turned:``."""
        asked = [node.test for kind in (ast.If, ast.IfExp) for node in self.nodes(kind)]
        return {node.id for node in asked if isinstance(node, ast.Name)}

    def keys_of(self, name: str) -> list[str]:
        """Return the texts by which something of a name is looked up, in their order."""
        names = self.also_called(name)
        found = [key_of(node.slice) for node in self.nodes(ast.Subscript) if name_of(node.value) in names]
        for node in self.nodes(ast.Call):  # params.get("b_h", 0)
            got = isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args
            found += [key_of(node.args[0])] if got and getattr(node.func.value, "id", "") in names else []
        return list(dict.fromkeys(filter(None, found)))

    def also_called(self, name: str) -> set[str]:
        """Return the names by which something goes: its own, and others to which it is assigned as it is."""
        plain = [node for node in self.nodes(ast.Assign) if isinstance(node.value, ast.Name) and node.value.id == name]
        return {name, *(one.id for node in plain for one in node.targets if isinstance(one, ast.Name))}

    def listed_keys_of(self, name: str) -> list[str]:
        """Return the texts by which something is looked up in turn: ``(params[k] for k in ("Wx", "Wh", "b"))``."""
        found: list[str] = []
        for node in self.nodes(ast.comprehension):
            found += texts_of(node.iter) if self._looks_up(name, name_of(node.target)) else []
        for node in self.nodes(ast.For):
            found += texts_of(node.iter) if self._looks_up(name, name_of(node.target)) else []
        return list(dict.fromkeys(found))

    def _looks_up(self, name: str, key: str) -> bool:
        """Whether something of a name is looked up by a variable."""
        return any(name_of(one.value) == name and isinstance(one.slice, ast.Name) and one.slice.id == key
                   for one in self.nodes(ast.Subscript))  # fmt: skip

    def looked_up(self) -> list[str]:
        """Return the texts by which anything is looked up, in their order."""
        found: list[Any] = [
            node.slice.value
            for node in self.nodes(ast.Subscript)
            if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str)
        ]
        for kind in (ast.Tuple, ast.List):
            found += [one.value for node in self.nodes(kind) for one in node.elts if isinstance(one, ast.Constant)]
        found += [
            node.args[0].value
            for node in self.nodes(ast.Call)
            if name_of(node.func) == "get" and node.args and isinstance(node.args[0], ast.Constant)
        ]
        return list(dict.fromkeys(one for one in found if isinstance(one, str)))

    def unpacked(self, name: str) -> list[str]:
        """Return the names into which something is unpacked, or that are taken off it with a dot."""
        for node in self.nodes(ast.Assign):
            target = node.targets[0]
            if isinstance(target, ast.Tuple | ast.List) and entries_of(node.value) == name:
                return [name_of(one) for one in target.elts]
        return []

    def split_into(self, name: str) -> int:
        """Return into how many parts of one size something is split, 0 if it is not.

        >>> Taken((ast.parse("a, b, c = np.split(W, 3)"),)).split_into("W")
        3
        """
        for node in self.nodes(ast.Assign):
            value, target = node.value, node.targets[0]
            if isinstance(value, ast.Call) and name_of(value.func) in {"split", "chunk", "array_split"}:
                method = getattr(value.func, "value", None)
                whole = [*value.args[:1], method]
                if isinstance(target, ast.Tuple | ast.List) and any(getattr(one, "id", "") == name for one in whole):
                    return len(target.elts)
        return 0

    def cut_in_two(self, name: str) -> int:
        """Return how many times a size the first part has of what is cut there into two, 0 if it is not.

        >>> Taken((ast.parse("b = B[:4 * n] + B[4 * n:]"),)).cut_in_two("B")
        4
        """
        every = [one.slice for one in self.nodes(ast.Subscript) if name_of(one.value) == name]
        slices = [one for one in every if isinstance(one, ast.Slice)]
        rests = {ast.unparse(one.lower) for one in slices if one.upper is None and one.lower is not None}
        for first in [one.upper for one in slices if one.lower is None]:
            match first:
                case ast.BinOp(ast.Constant(int(count)), ast.Mult()) if ast.unparse(first) in rests:
                    return count
        return 0

    def taken_one_by_one(self, name: str) -> list[str]:
        """Return the names of what is taken out of something by its place, if all of it is: ``h = cache[1]``.

        >>> Taken((ast.parse("x, h = np.array(c[0]), c[1]\\nb = c[2] if len(c) > 2 else 0"),)).taken_one_by_one("c")
        ['x', 'h', 'b']
        """
        found: dict[int, str] = {}
        for node in self.nodes(ast.Assign):
            target, value = node.targets[0], node.value
            several = isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
            pairs = zip(target.elts, value.elts, strict=False) if several else [(target, value)]
            for one, taken in pairs:
                value = taken.body if isinstance(taken, ast.IfExp) else taken  # w[2] if len(w) > 2 else None
                while isinstance(value, ast.Call) and len(value.args) == 1:
                    value = value.args[0]
                place = getattr(value.slice, "value", None) if isinstance(value, ast.Subscript) else None
                if isinstance(place, int) and name_of(value) == name:
                    found.setdefault(place, name_of(one))
        return [found[place] for place in range(len(found))] if set(found) == {*range(len(found))} else []

    def taken_apart(self, name: str) -> list[str]:
        """Return the names of what is in something: it is unpacked at once, or all of it is taken out by its place."""
        one_by_one = self.taken_one_by_one(name)
        return self.unpacked(name) or (one_by_one if len(one_by_one) > 1 else [])

    def attributes(self, name: str) -> list[str]:
        """Return what is taken off something with a dot."""
        found = [
            node.attr
            for node in self.nodes(ast.Attribute)
            if isinstance(node.value, ast.Name) and node.value.id == name
        ]
        return list(dict.fromkeys(found))

    def spread(self, name: str) -> list[str]:
        """Return the names of the functions to which something is handed with two stars."""
        return [
            name_of(node.func)
            for node in self.nodes(ast.Call)
            for keyword in node.keywords
            if keyword.arg is None and isinstance(keyword.value, ast.Name) and keyword.value.id == name
        ]

    def written(self, name: str) -> list[str]:
        """Return in words how something is indexed: ``x[t]``, ``x[:, t]``, ``x.T``, and what its shape is called."""
        found = []
        for node in self.nodes(ast.Subscript):
            if isinstance(node.value, ast.Name) and node.value.id == name:
                found.append(ast.unparse(node.slice))
        for node in self.nodes(ast.Assign):
            shape = node.value
            if (
                isinstance(shape, ast.Attribute)
                and shape.attr == "shape"
                and isinstance(shape.value, ast.Name)
                and shape.value.id == name
                and isinstance(node.targets[0], ast.Tuple)
            ):
                found.append("shape " + " ".join(name_of(one) for one in node.targets[0].elts))
        return found


@functools.lru_cache(256)
def _by_kind(trees: tuple[ast.AST, ...]) -> dict[type, list[ast.AST]]:
    """Return all nodes of trees by their kind, which are asked for again and again."""
    found: dict[type, list[ast.AST]] = {}
    for tree in trees:
        for node in ast.walk(tree):
            found.setdefault(type(node), []).append(node)
    return found
