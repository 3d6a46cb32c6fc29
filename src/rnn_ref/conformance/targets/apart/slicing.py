"""Take a program apart: which of its statements are run for the sake of some of its functions.

The rule. Walk the statements from the last to the first with the names that are needed after each, in the beginning
those of the functions. A statement is run if

- it binds such a name: an import, a definition, an assignment, a loop; ``from x import *`` may bind any;
- it changes what such a name stands for (``changing.py``): ``table[0] = 1``, ``table.append(1)``, a decorator;
- it configures what the functions use (``configuring.py``).

What such a statement reads is needed before it, and what it binds in any case is not. What the functions read is needed
at the end, when they are called; what they change themselves then, no statement has to change for them. Of an ``if``
only those statements are run that are needed; other blocks are run as a whole. Nothing else is run, and no
``while True`` without a ``break`` at all.
"""

import ast
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from .changing import Changes
from .configuring import configures
from .meanings import Meanings, packages
from .statements import Statement, is_endless


class Placed(NamedTuple):
    """A statement that is to be run, its file name, and the names that it binds."""

    node: ast.stmt
    filename: str
    binds: frozenset[str]


class Wanted(NamedTuple):
    """For the sake of which names statements are run."""

    called: Collection[str]  # functions and classes that are going to be used
    bound: Collection[str] = ()  # those that are only to be there: what they read when called is not made for them
    supplied: Collection[str] = ()  # globals that somebody else binds before the functions are called


def needed(statements: Sequence[Statement], wanted: Wanted, folder: Path) -> list[Placed]:
    """Return the statements that the wanted functions need, in their order.

    Functions may use a package by way of a file in the ``folder``.

    >>> from .statements import statement
    >>> lines = [statement(node, "") for node in ast.parse("a = 1; b = train(); f = lambda: a").body]
    >>> [ast.unparse(one.node) for one in needed(lines, Wanted(["f"]), Path())]
    ['a = 1', 'f = lambda: a']
    """
    meanings = Meanings(statements)
    changes = Changes(statements, {*wanted.called, *wanted.bound}, meanings)
    alone = _Slice(statements, wanted, changes, lambda _: False)
    used = packages((one.node for one in alone.run if not one.parts), folder)
    return _Slice(statements, wanted, changes, lambda node: configures(node, used, meanings)).nodes


class _Slice:
    """The statements that are needed: walked through again until it is known what the functions read when called."""

    def __init__(
        self,
        statements: Sequence[Statement],
        wanted: Wanted,
        changes: Changes,
        configures: Callable[[ast.stmt], bool],
    ) -> None:
        self._changes, self._configures, self._supplied = changes, configures, set(wanted.supplied)
        self._called = set(wanted.called)  # and what is needed for those after the last statement
        self._reads: defaultdict[str, set[str]] = defaultdict(set)  # what functions behind a name read when called
        self._made_of: defaultdict[str, set[str]] = defaultdict(set)  # what was read to make what is behind a name
        known = -1
        while known != (known := self._known()):
            self.run: list[Statement] = []
            self.nodes = self._block(statements, self._called | set(wanted.bound))[0]
            self._called |= self._read_when_called(self._called)

    def _known(self) -> int:
        return len(self._called) + sum(map(len, (*self._reads.values(), *self._made_of.values())))

    def _block(self, block: Sequence[Statement], live: set[str]) -> tuple[list[Placed], set[str]]:
        """Return which statements of a block are needed, and the names needed before it, given those after it."""
        nodes: list[Placed] = []
        for one in reversed(block):
            if is_endless(one.node):
                continue
            made = (self._changes.made(one) & live) - self._supplied
            branches = [self._block(part, live) for part in one.parts]
            divided = any(inside for inside, _ in branches)
            if not (made or divided or "*" in one.binds or (not one.parts and self._configures(one.node))):
                continue
            self.run.append(one)
            for name in made | one.binds:
                self._reads[name] |= one.reads_later
                self._made_of[name] |= one.reads
            before = set().union(*(needed for _, needed in branches)) if branches else live - one.settles
            live = before | one.reads | self._read_when_called(one.reads)
            inside = [nodes for nodes, _ in branches]
            binds = one.binds.union(*(part.binds for nodes in inside for part in nodes))
            nodes.append(Placed(_with_branches(one.node, inside), one.filename, frozenset(binds)))
        return nodes[::-1], live

    def _read_when_called(self, names: Iterable[str]) -> set[str]:
        """Return what is read, through any number of steps, when what is behind the names is called."""
        read: set[str] = set()
        seen: set[str] = set()
        pending = set(names)
        while pending:
            seen.add(name := pending.pop())
            read |= self._reads.get(name, set())
            pending |= (self._reads.get(name, set()) | self._made_of.get(name, set())) - seen
        return read


def _with_branches(node: ast.stmt, branches: Sequence[list[Placed]]) -> ast.stmt:
    """Return an ``if`` with what is needed of its branches, and any other statement as it is."""
    if not (branches and isinstance(node, ast.If)):
        return node
    body, orelse = ([one.node for one in branch] for branch in branches)
    empty = ast.copy_location(ast.Pass(), node)
    return ast.copy_location(ast.If(node.test, body or [empty], orelse), node)
