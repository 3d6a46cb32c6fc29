"""What the text of a function tells before it is called: whether it loops, what it joins, calls and returns."""

import ast
from collections.abc import Iterator, Sequence

from .expressions import called_as, calls_itself, goes_from_the_end, name_of, own_nodes
from .single import returns_a_number
from .taken import Taken

ONE = "1"  # what a one is called that is put beside others
ONES = {"ones", "ones_like", "full", "full_like"}
JOINS = {"concatenate", "cat", "hstack", "vstack", "concat", "row_stack", "column_stack", "append"}
ACTIVATIONS = {"tanh", "relu", "maximum"}
ADDING = {"append", "extend", "insert", "update", "fill"}
REPEATING = {"scan", "fori_loop", "while_loop", "reduce", "accumulate", "map"}  # loops that are calls
Within = tuple[str, list[str]]  # what is called so, and what its items are called


class Source(Taken):
    """A function and those of its author's that it calls, as syntax: nothing of the frameworks."""

    @property
    def repeats(self) -> bool:
        """Whether there is a loop in it, or it calls itself."""
        over = [node.iter for kind in (ast.For, ast.comprehension) for node in self.nodes(kind)]
        written_out = [isinstance(one, ast.Tuple | ast.List | ast.Constant) for one in over]  # names, not steps
        itself = any(map(calls_itself, self.trees))
        return not all(written_out) or any(self.nodes(ast.While)) or bool(self.calls() & REPEATING) or itself

    @property
    def goes_back_in_time(self) -> bool:
        """Whether it goes through something from its end: a loop over ``reversed``, or what is taken off a list."""
        back = any(goes_from_the_end(node.iter) for node in self.nodes(ast.For))
        return back or (any(self.nodes(ast.While)) and "pop" in self.calls())

    def reads_on_the_way_back(self, name: str) -> bool:
        """Whether a name is read in a loop that goes through something from its end, or in any ``while``.

        >>> source = Source((ast.parse("def f(c, d):\\n for t in reversed(range(3)): g(c)\\n g(d)").body[0],))
        >>> source.reads_on_the_way_back("c"), source.reads_on_the_way_back("d")
        (True, False)
        """
        loops = [*(node for node in self.nodes(ast.For) if goes_from_the_end(node.iter)), *self.nodes(ast.While)]
        return any(isinstance(one, ast.Name) and one.id == name for loop in loops for one in ast.walk(loop))

    def goes_through(self, name: str) -> bool:
        """Whether entries are taken of what has a name, or its shape, or there is a loop over it.

        >>> source = Source((ast.parse("def f(a, b, c): return a[0], [i for i in zip(b)], c @ c").body[0],))
        >>> [source.goes_through(one) for one in "abc"]
        [True, True, False]
        """
        over = [node.iter for kind in (ast.For, ast.comprehension) for node in self.nodes(kind)]
        named = (one for node in over for one in ast.walk(node) if isinstance(one, ast.Name))
        return bool(self.written(name)) or any(one.id == name for one in named)

    @property
    def gives_probabilities(self) -> bool:
        """Whether there is a softmax in it, by name or written out."""
        calls = self.calls()
        return bool(calls & {"softmax", "log_softmax", "logsumexp"}) or ("exp" in calls and "sum" in calls)

    @property
    def turns(self) -> bool:
        """Whether something is transposed in it."""
        return any(node.attr in {"T", "mT", "transpose", "swapaxes"} for node in self.nodes(ast.Attribute))

    def takes_one_of(self, names: Sequence[str]) -> bool:
        """Whether one entry is taken of what bears one of these names, as ``W[:, 1]``, or axes have letters."""
        for node in self.nodes(ast.Subscript):
            index = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            if name_of(node.value) in names and any(isinstance(one, ast.Constant | ast.Name) for one in index):
                return True
        return bool(self.calls() & {"einsum", "tensordot", "moveaxis"})

    def joined(self) -> Iterator[list[str]]:
        """Yield the names of what is put end to end."""
        for node in self.nodes(ast.Call):
            first = node.args[0] if node.args and name_of(node.func) in JOINS else None
            if isinstance(first, ast.Tuple | ast.List):
                yield [_name_of(one) for one in first.elts]
        for node in self.nodes(ast.Subscript):  # np.r_[h, x], np.c_[x, h]
            joins = isinstance(node.value, ast.Attribute) and node.value.attr in {"r_", "c_"}
            if joins and isinstance(node.slice, ast.Tuple):
                yield [_name_of(one) for one in node.slice.elts]

    def activated(self) -> set[str]:
        """Return the names of what tanh or relu is taken of as it is."""
        calls = [node for node in self.nodes(ast.Call) if name_of(node.func) in ACTIVATIONS]
        return {one.id for node in calls for one in node.args if isinstance(one, ast.Name)}

    def sums(self) -> set[str]:
        """Return the names of what goes into an activation and is no state itself, and of the lists that hold it.

        >>> source = Source((ast.parse("h = tanh(z)\\nzs.append(z)\\nhs.append(h)\\ns[t] = tanh(u[t])\\ng = tanh(g)"),))
        >>> sorted(source.sums())
        ['u', 'z', 'zs']
        """
        bent = [one for one in self.nodes(ast.Call) if name_of(one.func) in ACTIVATIONS]
        taken = {name_of(one) for call in bent for one in call.args if isinstance(one, ast.Name | ast.Subscript)}
        states = {name_of(one.targets[0]) for one in self.nodes(ast.Assign) if one.value in bent}
        found = taken - states
        calls = [one for one in self.nodes(ast.Call) if getattr(one.func, "attr", "") == "append" and one.args]
        return found | {name_of(one.func.value) for one in calls if name_of(one.args[0]) in found}

    def returned(self) -> list[str]:
        """Return the names of what the function itself returns, as far as each has one; none if it is one value.

        What hands on the call of another returns what that one returns.

        >>> texts = ("def f(x): return Layer.forward(x)", "def forward(x): return h, cache")
        >>> Source(tuple(ast.parse(one).body[0] for one in texts)).returned()
        ['h', 'cache']
        """
        own = next(ast.walk(self.trees[0]), None) if self.trees else None
        found: list[str] = []
        for node in own_nodes(own):
            if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
                found = [called_as(one) for one in node.value.elts]
            elif isinstance(node, ast.Return) and isinstance(node.value, ast.Call):
                named = [getattr(one, "name", "") == name_of(node.value.func) for one in self.trees[1:]]
                if any(named):
                    found = Source(self.trees[1 + named.index(True) :]).returned()
        return found

    def returned_within(self) -> list[str | Within]:
        """Return the names of what the function itself returns, of a tuple or a list in it with those of its items.

        >>> Source((ast.parse("def f(dW, db, h):\\n g = [dW, db]\\n return 0, g, (h, dW)").body[0],)).returned_within()
        ['', ('g', ['dW', 'db']), ('', ['h', 'dW'])]
        """
        own = list(own_nodes(next(ast.walk(self.trees[0]), None))) if self.trees else []
        assigned = [(called_as(one.targets[0]), one.value) for one in own if isinstance(one, ast.Assign)]
        last = next((one.value for one in reversed(own) if isinstance(one, ast.Return) and one.value is not None), None)
        found: list[str | Within] = []
        for one in last.elts if isinstance(last, ast.Tuple) else ():
            values = [value for name, value in assigned if isinstance(one, ast.Name) and name == one.id]
            inside = values[0] if len(values) == 1 else one
            items = inside.elts if isinstance(inside, ast.Tuple | ast.List) else []
            name = called_as(one) if inside is not one or not items else ""
            found.append((name, list(map(called_as, items))) if items else name)
        return found

    def returned_alone(self) -> str:
        """Return the name of the one value that the function itself returns, empty if it is not one with a name."""
        own = next(ast.walk(self.trees[0]), None) if self.trees else None
        found = [node.value for node in own_nodes(own) if isinstance(node, ast.Return)]
        return found[-1].id if found and isinstance(found[-1], ast.Name) else ""

    @property
    def returns_a_number(self) -> bool:
        """Whether what the function itself returns is a single number, as of a loss."""
        return returns_a_number(self.trees[0] if self.trees else None)

    @property
    def keeps(self) -> bool:
        """Whether an attribute is set in it, or something in one.

        >>> [Source((ast.parse(one),)).keeps for one in ("a.h = 1", "a.h[0] += 1", "a.h.append(1)", "h = a.h")]
        [True, True, True, False]
        """
        stored = [one for kind in (ast.Attribute, ast.Subscript) for one in self.nodes(kind)]
        stored = [one for one in stored if isinstance(one.ctx, ast.Store)]
        called = [one.func.value for one in self.nodes(ast.Call) if name_of(one.func) in ADDING]
        return any(isinstance(inner, ast.Attribute) for one in (*stored, *called) for inner in ast.walk(one))

    def grown(self) -> set[str]:
        """Return the names of the lists to which something is appended behind what is last in them."""
        last = {name_of(node.value) for node in self.nodes(ast.Subscript) if ast.unparse(node.slice) == "-1"}
        calls = [node.func for node in self.nodes(ast.Call) if isinstance(node.func, ast.Attribute)]
        return last & {name_of(one.value) for one in calls if one.attr == "append"}

    def squared(self) -> set[str]:
        """Return the names of what is squared, as the state in the slope of tanh is."""
        found = set()
        for node in self.nodes(ast.BinOp):
            power = isinstance(node.op, ast.Pow) and getattr(node.right, "value", 0) == 2
            times = isinstance(node.op, ast.Mult) and ast.unparse(node.left) == ast.unparse(node.right)
            found |= {name_of(node.left)} if power or times else set()
        return found | {name_of(node.args[0]) for node in self.nodes(ast.Call) if node.args and _squares(node)}


def _name_of(node: ast.AST) -> str:
    """Return the name of what is put end to end with others, that of a one if it is ones."""
    called = getattr(node.func, "attr", getattr(node.func, "id", "")) if isinstance(node, ast.Call) else ""
    inner = node.args[0] if isinstance(node, ast.Call) and called == "array" and node.args else node
    inner = inner.elts[0] if isinstance(inner, ast.List) and len(inner.elts) == 1 else inner
    return ONE if called in ONES or isinstance(inner, ast.Constant) else name_of(node)


def _squares(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Attribute) and node.func.attr == "square"
