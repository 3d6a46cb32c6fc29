"""What one expression says: the name at its root, the text by which it looks up, the order of a loop."""

import ast
import functools
import re
from collections.abc import Iterator

TURNED = {"T", "mT"}  # which say nothing of what is turned
WORKED_OUT = {"dot", "matmul", "sum", "mean", "outer", "einsum", "multiply", "tensordot", "inner", "mm", "divide"}


@functools.lru_cache(256)
def walked(tree: ast.AST) -> tuple[ast.AST, ...]:
    """Return all nodes of a tree, which nobody changes."""
    return tuple(ast.walk(tree))


def name_of(node: ast.AST | None) -> str:
    """Return the name at the root of an expression, empty where it has none: of ``self.h[-1]`` it is ``h``."""
    while isinstance(node, ast.Subscript | ast.Starred | ast.Call):
        if isinstance(node, ast.Call):
            inner = node.func.value if isinstance(node.func, ast.Attribute) else None
            named = isinstance(inner, ast.Name | ast.Subscript) and not (
                isinstance(inner, ast.Name) and inner.id in {"np", "numpy", "torch", "jnp", "jax", "F"}
            )
            if isinstance(node.func, ast.Name) or (isinstance(node.func, ast.Attribute) and not named):
                if node.args and not _is_called(node):
                    node = node.args[0]
                    continue
                return getattr(node.func, "id", "") or getattr(node.func, "attr", "")
            node = inner
            continue
        node = node.value
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def called_as(node: ast.AST) -> str:
    """Return what a value is called that is returned, empty if it is worked out on the spot.

    >>> [called_as(ast.parse(one, mode="eval").body) for one in ("dx.T", "np.stack(dx, 1)", "x.T @ dz", "dz.sum(0)")]
    ['dx', 'dx', '', '']
    """
    while isinstance(node, ast.Subscript | ast.Starred) or (isinstance(node, ast.Attribute) and node.attr in TURNED):
        node = node.value
    if isinstance(node, ast.Call) and (getattr(node.func, "attr", "") or getattr(node.func, "id", "")) in WORKED_OUT:
        return ""
    return name_of(node)


def _is_called(node: ast.Call) -> bool:
    """Whether what is called is more telling than its first argument: a bare name that is no conversion."""
    conversions = {"list", "tuple", "float", "copy", "array", "asarray", "stack", "concatenate", "cat", "vstack"}
    called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    return called not in conversions


def own_nodes(tree: ast.AST | None) -> Iterator[ast.AST]:
    """Yield the nodes of a function, none of those inside it."""
    for node in ast.iter_child_nodes(tree) if tree is not None else ():
        if not isinstance(node, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            yield node
            yield from own_nodes(node)


def goes_from_the_end(over: ast.AST) -> bool:
    """Whether what is looped over is gone through from its end."""
    if not isinstance(over, ast.Call):
        return ast.unparse(over).endswith("[::-1]")
    downwards = len(over.args) == 3 and ast.unparse(over.args[2]) == "-1"
    return downwards or name_of(over.func) in {"reversed", "flip"} or ast.unparse(over).endswith("[::-1]")


def calls_itself(tree: ast.AST) -> bool:
    """Whether a function calls itself, or a method itself on the same object: not one of that name of another."""
    own = getattr(tree, "name", "")
    called = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    plainly = any(isinstance(one, ast.Name) and one.id == own for one in called)
    on_itself = [one.value for one in called if isinstance(one, ast.Attribute) and one.attr == own]
    return plainly or any(isinstance(one, ast.Name) and one.id in {"self", "cls"} for one in on_itself)


def key_of(node: ast.AST) -> str:
    """Return the text by which something is looked up; one with a number in it is that of the first layer.

    >>> [key_of(ast.parse(one, mode="eval").body) for one in ('"weight_ih_l%d" % k', 'f"bias_hh_l{k}"')]
    ['weight_ih_l0', 'bias_hh_l0']
    """
    match node:
        case ast.Constant(str(text)):
            return text
        case ast.BinOp(ast.Constant(str(text)), ast.Mod()) if "_l%" in text:
            return re.sub("%[ids]", "0", text)
        case ast.JoinedStr(parts):
            text = "".join(str(one.value) if isinstance(one, ast.Constant) else "0" for one in parts)
            return text if text.endswith("_l0") else ""
    return ""


def entries_of(node: ast.AST) -> str:
    """Return the name of what is unpacked, also entry by entry: ``[p.copy() for p in params]``, ``map(f, params)``."""
    if isinstance(node, ast.IfExp):  # zeros, if there is none
        node = node.orelse if isinstance(node.orelse, ast.Name) else node.body
    if isinstance(node, ast.ListComp | ast.GeneratorExp):
        node = node.generators[0].iter
    elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"list", "tuple", "map"} and node.args:
        node = node.args[-1]
    return node.id if isinstance(node, ast.Name) else ""


def texts_of(node: ast.AST) -> list[str]:
    """Return the texts of a tuple or list, or of one that is split into words."""
    if isinstance(node, ast.Tuple | ast.List):
        return [one.value for one in node.elts if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    split = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "split"
    word = node.func.value if split else None  # type: ignore[attr-defined]
    return word.value.split() if isinstance(word, ast.Constant) and isinstance(word.value, str) else []
