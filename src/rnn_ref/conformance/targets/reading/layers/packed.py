"""Layers as one argument holds them: a list with a tuple, a dict or a record of weights for every layer."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, NamedTuple

from ..names import parts_of
from ..syntax.expressions import name_of
from ..syntax.source import Source

NUMBERED = "numbered dict"  # one dict, with the number of the layer at the end of every key
BY_WORD = "dict of dicts"  # one for each direction

PYTORCH = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


class Packed(NamedTuple):
    """How the weights of all layers are handed over."""

    argument: str
    key: str  # under which the list stands in the argument, empty where it is the argument
    kind: str  # of what holds the weights of one layer: tuple, dict or record
    names: tuple[str, ...]  # what the weights are called there, in their order
    output: str  # the key of the output layer's weight and bias, empty if there is none
    layers: int = 0  # how many there are, where keys are numbered one by one
    start: int = 1  # the number of the first
    words: tuple[str, ...] = ()  # for the directions of one layer, in the place of numbers

    @property
    def numbered(self) -> bool:
        """Whether the number of a layer stands in every key."""
        return self.kind == NUMBERED

    def key_of(self, name: str, k: int) -> str:
        """Return the key of a weight of a layer, where keys are numbered."""
        if self.words and not self.layers:  # layers of two directions
            return name.format(k // len(self.words)) + self.words[k % len(self.words)]
        if self.words:
            return name.format(self.words[k])
        return name.format(k + self.start) if "{}" in name else f"{name}{k + self.start}"

    def value(self, layers: Sequence[Mapping[str, Any]], layer: Any) -> Any:
        """Return what is handed over, of weights by their names; ``layer`` is the output layer's weight and bias."""
        if self.kind == NUMBERED:
            held = {self.key_of(name, k): one[name] for k, one in enumerate(layers) for name in self.names}
            return held | dict(zip(self.output.split(), layer, strict=False))
        if self.kind == BY_WORD:
            return {
                word: {name: one[name] for name in self.names} for word, one in zip(self.words, layers, strict=True)
            }
        every = [self._one({name: one[name] for name in self.names}) for one in layers]
        if not self.key:
            return every
        return {self.key: every, **({self.output: layer} if self.output else {})}

    def _one(self, weights: dict[str, Any]) -> Any:
        """Return the weights of one layer as it is held."""
        if self.kind == "record":
            return SimpleNamespace(**weights)
        return weights if self.kind == "dict" else tuple(weights.values())


def packed_in(source: Source, arguments: Sequence[str]) -> Iterator[Packed]:
    """Yield how a function's arguments may hold layers, as its text goes through them.

    >>> tree = ast.parse("def f(x, p): return [x @ W for W, U, b in p['layers']]").body[0]
    >>> next(packed_in(Source((tree,)), ["x", "p"]))[:4]
    ('p', 'layers', 'tuple', ('W', 'U', 'b'))
    """
    looked_up = [(ast.Name(""), ast.Name(name)) for name in arguments if _at_places(source, ast.Name(name))]
    for target, over in [*_gone_through(source), *looked_up]:
        argument, key = _root(over)
        if argument not in arguments:
            continue
        if isinstance(target, ast.Tuple | ast.List):
            names, kind = [name_of(one) for one in target.elts], "tuple"
        else:
            var = name_of(target)
            keys, dotted = source.keys_of(var), source.attributes(var)
            keys = list(dict.fromkeys([*keys, *_at_places(source, over)])) if not dotted else keys
            names, kind = (keys, "dict") if keys else (dotted, "record")
            names = names or source.unpacked(var)
            kind = kind if keys or dotted else "tuple"
        known = [one for one in names if parts_of(one)[:1] and parts_of(one)[0][:2] in {"W_", "b_"}]
        if len(known) >= 2 and (kind == "tuple") <= (len(known) == len(names)):
            yield Packed(
                argument, key, kind, tuple(names if kind == "tuple" else known), _output(source, argument, key)
            )


def numbered_in(source: Source, arguments: Sequence[str]) -> Iterator[Packed]:
    """Yield how an argument may hold layers under keys that are numbered, and the output layer's beside them.

    >>> text = "def f(x, p): return x @ p['Wx1'] @ p['Wh1'] @ p['Wx2'] @ p['Wh2'] @ p['Wy']"
    >>> found = next(numbered_in(Source((ast.parse(text).body[0],)), ["x", "p"]))
    >>> found.argument, sorted(found.names), found.output, found.layers
    ('p', ['Wh', 'Wx'], 'Wy', 2)
    """
    for argument in arguments:
        keys = source.keys_of(argument)
        bases = list(dict.fromkeys(key[:-1] for key in keys if key[-1:].isdigit()))
        counts = {base: {int(key[-1]) for key in keys if key[:-1] == base and key[-1:].isdigit()} for base in bases}
        every = {tuple(sorted(numbers)) for numbers in counts.values()}
        rest = [key for key in keys if not key[-1:].isdigit()]
        layer = [key for part in ("W_hy", "b_y") for key in rest if part in parts_of(key)[:1]]
        if len(bases) >= 2 and every in ({(1, 2)}, {(1, 2, 3)}) and len(layer) == len(rest) <= 2:
            yield Packed(argument, "", NUMBERED, tuple(bases), " ".join(layer), max(max(every)))


def counted_in(source: Source, arguments: Sequence[str]) -> Iterator[Packed]:
    """Yield how an argument may hold layers under keys with the number of any layer in them.

    >>> text = "def f(x, p): return [x @ p['W%d' % k] + h @ p[f'U{k}'] + p['b' + str(k)] for k in range(2)]"
    >>> [(one.names, one.start) for one in counted_in(Source((ast.parse(text).body[0],)), ["x", "p"])]
    [(('U{}', 'W{}', 'b{}'), 0), (('U{}', 'W{}', 'b{}'), 1)]
    """
    for argument in arguments:
        own = source.also_called(argument)
        keys = {_counted(node.slice) for node in source.nodes(ast.Subscript) if name_of(node.value) in own}
        names = tuple(sorted(key for key in keys if key and parts_of(without_number(key))[:1]))
        if len(names) >= 2:
            yield from (Packed(argument, "", NUMBERED, names, "", start=start) for start in (0, 1))


def as_pytorch(source: Source, arguments: Sequence[str]) -> Iterator[Packed]:
    """Yield how an argument may hold layers under PyTorch's names, however they are put together.

    >>> text = "def f(x, sd): return [sd['%s_l%d' % (n, k)] for k in range(2) for n in ('weight_ih', 'weight_hh')]"
    >>> [(one.argument, one.words) for one in as_pytorch(Source((ast.parse(text).body[0],)), ["x", "sd"])]
    [('sd', ())]
    """
    texts = [node.value for node in source.nodes(ast.Constant) if isinstance(node.value, str)]
    looked_up = {name_of(node.value) for node in source.nodes(ast.Subscript)}
    if not {"weight_ih", "weight_hh"} <= {*texts}:
        return
    names = tuple(f"{name}_l{{}}" for name in PYTORCH if name in texts)
    words = ("", "_reverse") if any("_reverse" in text for text in texts if len(text.split()) == 1) else ()
    for argument in [one for one in arguments if one in looked_up and parts_of(one)[:1] not in {("x",), ("h",)}]:
        yield Packed(argument, "", NUMBERED, names, "", start=0, words=words)


def without_number(key: str) -> str:
    """Return a key with the number of any layer in it without that.

    >>> without_number("weight_ih_l{}"), without_number("layer{}_W")
    ('weight_ih', 'W')
    """
    return re.sub(r"_?(l|layer)?_?\{\}_?", "", key)


def _counted(node: ast.AST) -> str:
    """Return a text with one number put into it, as a format of it; empty if it is none."""
    match node:
        case ast.BinOp(ast.Constant(str(text)), ast.Mod()) if len(re.findall("%[dis]", text)) == 1:
            return re.sub("%[dis]", "{}", text)
        case ast.BinOp(ast.Constant(str(text)), ast.Add(), ast.Call()):
            return text + "{}"
        case ast.Call(ast.Attribute(ast.Constant(str(text)), "format"), [_]) if text.count("{}") == 1:
            return text
        case ast.JoinedStr(parts) if sum(isinstance(one, ast.FormattedValue) for one in parts) == 1:
            return "".join(str(one.value) if isinstance(one, ast.Constant) else "{}" for one in parts)
    return ""


def _gone_through(source: Source) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Yield what a loop goes through, and the names for each: without counting, and one by one where two are zipped.

    So is what is looked up by the place in a loop: ``W, U, b = layers[k]``.
    """
    for kind in (ast.For, ast.comprehension):
        for node in source.nodes(kind):
            yield from _pairs(node.target, node.iter)
    for node in source.nodes(ast.Assign):
        target, value = node.targets[0], node.value
        both = isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
        for one, other in zip(target.elts, value.elts, strict=False) if both else [(target, value)]:
            if isinstance(other, ast.Subscript) and isinstance(other.slice, ast.Name):
                yield one, other.value


def _at_places(source: Source, over: ast.AST) -> list[str]:
    """Return the keys that are looked up in what stands at some place of a list: ``layers[k]["Wx"]``.

    >>> sorted(_at_places(Source((ast.parse("h = p[k]['Wx'] @ x + p[0]['b']"),)), ast.Name("p")))
    ['Wx', 'b']
    """
    found = []
    for node in source.nodes(ast.Subscript):
        at, key = node.value, node.slice
        if isinstance(at, ast.Subscript) and isinstance(key, ast.Constant) and isinstance(key.value, str):
            found += [key.value] if ast.unparse(at.value) == ast.unparse(over) else []
    return found


def _pairs(target: Any, over: Any) -> Iterator[tuple[ast.AST, ast.AST]]:
    called = name_of(over.func) if isinstance(over, ast.Call) else ""
    if called == "enumerate" and isinstance(target, ast.Tuple) and len(target.elts) == 2:
        yield from _pairs(target.elts[1], over.args[0])
    elif called == "zip" and isinstance(target, ast.Tuple) and len(target.elts) == len(over.args):
        for one, other in zip(target.elts, over.args, strict=True):
            yield from _pairs(one, other)
    else:
        yield target, over


def _root(node: ast.AST) -> tuple[str, str]:
    """Return the name of an argument, and the key under which something is looked up in it."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
        return (node.value.id, node.slice.value) if isinstance(node.value, ast.Name) else ("", "")
    return (node.id, "") if isinstance(node, ast.Name) else ("", "")


def _output(source: Source, argument: str, key: str) -> str:
    """Return the other key of an argument, from which two names are unpacked: the output layer's."""
    for node in source.nodes(ast.Assign):
        name, other = _root(node.value)
        pair = isinstance(node.targets[0], ast.Tuple) and len(node.targets[0].elts) == 2
        if name == argument and other not in {"", key} and pair:
            return other
    return ""
