"""One layer in two directions, as arguments hold its weights: under names that end in words for forth and back."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..names import parts_of
from ..syntax.expressions import name_of
from ..syntax.source import Source
from .packed import BY_WORD, NUMBERED, Packed

WORDS = (  # for the two directions
    ("f", "b"),
    ("fw", "bw"),
    ("fwd", "bwd"),
    ("fwd", "rev"),
    ("forward", "backward"),
    ("l", "r"),
    ("l2r", "r2l"),
    ("ltr", "rtl"),
    ("left", "right"),
)


def directed(names: Sequence[str]) -> Iterator[tuple[tuple[str, str], list[str]]]:
    """Yield words for both directions, and the names with both of them, with a place in that of the word.

    >>> dict(directed(["x", "Wx_f", "Wx_b", "bf", "bb"]))
    {('f', 'b'): ['Wx_{}', 'b{}']}
    """
    for words in WORDS:
        forth, back = words
        found = []
        for name in names:
            for pattern, made in ((rf"(.+){forth}", "{}{{}}"), (rf"{forth}(_.+)", "{{}}{}")):
                match = re.fullmatch(pattern, name)
                template = made.format(match[1]) if match else ""
                if template and template.format(back) in names and template not in found:
                    found.append(template)
        if found:
            yield words, found


def directed_in(source: Source, arguments: Sequence[str]) -> Iterator[Packed]:
    """Yield how an argument may hold the weights of both directions: in one dict, or in one for each.

    >>> text = "def f(x, p): return run(x, p['Wx_f'], p['Wh_f'], p['b_f']), run(x, p['Wx_b'], p['Wh_b'], p['b_b'])"
    >>> next(directed_in(Source((ast.parse(text).body[0],)), ["x", "p"])).names
    ('Wx_{}', 'Wh_{}', 'b_{}')
    """
    for argument in arguments:
        keys = source.keys_of(argument)
        for words, templates in directed(keys):
            names = tuple(one for one in templates if parts_of(without_word(one))[:1])
            if len(names) >= 2:
                yield Packed(argument, "", NUMBERED, names, "", 2, words=words)
        for words in [one for one in WORDS if {*one} <= {*keys}]:
            inner = list(dict.fromkeys(_inside(source, argument, words[0])))
            known = tuple(one for one in inner if parts_of(one)[:1] and parts_of(one)[0][:2] in {"W_", "b_"})
            if len(known) >= 2:
                yield Packed(argument, "", BY_WORD, known, "", 2, words=words)


def without_word(template: str) -> str:
    """Return a name with a place for a word in it without that.

    >>> without_word("Wx_{}"), without_word("{}_W")
    ('Wx', 'W')
    """
    return template.replace("{}", "").strip("_")


def groups_of(names: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """Return the arguments of both directions, by their names without the words; none if only one thing has two."""
    for words, templates in directed(names):
        weights = [one for one in templates if parts_of(without_word(one))[:1]]
        if len(weights) >= 2:
            return {without_word(one): tuple(map(one.format, words)) for one in weights}
    return {}


def _inside(source: Source, argument: str, word: str) -> Iterator[str]:
    """Yield the keys that are looked up in what an argument has under a word."""

    def is_it(node: Any) -> bool:
        return isinstance(node, ast.Subscript) and name_of(node.value) == argument and (
            isinstance(node.slice, ast.Constant) and node.slice.value == word
        )  # fmt: skip

    for node in source.nodes(ast.Subscript):
        if is_it(node.value) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
            yield node.slice.value
    for node in source.nodes(ast.Assign):
        target, value = node.targets[0], node.value
        both = isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
        for one, other in zip(target.elts, value.elts, strict=False) if both else [(target, value)]:
            yield from source.keys_of(name_of(one)) if is_it(other) else ()
    functions = {one.name: one for one in source.trees if isinstance(one, ast.FunctionDef)}
    for node in source.nodes(ast.Call):
        called = functions.get(name_of(node.func))
        for place, one in enumerate(node.args):
            if called is not None and is_it(one) and place < len(called.args.args):
                yield from source.keys_of(called.args.args[place].arg)
