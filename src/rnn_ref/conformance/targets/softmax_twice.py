"""A softmax in front of a loss that takes one: that of a module's own, and PyTorch's cross-entropy in the same file.

It is asked as ``cross_entropy``, of the softmax of logits, so that what it does to a loss is seen in numbers.
"""

import ast
import inspect
import sys
from collections.abc import Callable, Sequence
from typing import Any

from .reading.syntax.class_text import class_source
from .reading.syntax.expressions import called_as, own_nodes
from .reading.syntax.gathered import source_of

LOSSES = {"CrossEntropyLoss", "cross_entropy"}
OF_PROBABILITIES = {"NLLLoss", "nll_loss", "BCELoss", "MSELoss", "log", "log_softmax", "LogSoftmax"}  # not so sure then
LOSS = "cross_entropy"


def softmax_twice(holder: Any) -> dict[str, Callable[..., Any]]:
    """Return the loss of a file one of whose modules answers with probabilities, where it takes logits; else nothing.

    Others there may be in that one.
    """
    torch = sys.modules.get("torch")
    if torch is None or not inspect.ismodule(holder):
        return {}
    own = [one for one in vars(holder).values() if inspect.isclass(one) and one.__module__ == holder.__name__]
    kinds = [one for one in own if issubclass(one, torch.nn.Module)]
    around = [one for one in kinds if {other.__name__ for other in kinds} - {one.__name__} <= class_source(one).calls()]
    called, outside = _called_in(holder) if len(around) == 1 else (set(), set())
    if not called & LOSSES or called & OF_PROBABILITIES or not _answers_with_a_softmax(around[0]):
        return {}
    methods = {name: one for name, one in vars(around[0]).items() if inspect.isfunction(one) and name != "forward"}
    if not all(source_of(one).calls() & {"self", "forward"} for name, one in methods.items() if name in outside):
        return {}  # which may hand out logits

    def candidate(logits: Any, targets: Any) -> Any:
        z, y = torch.as_tensor(logits), torch.as_tensor(targets)
        rows = torch.softmax(z, -1).reshape(-1, z.shape[-1])
        wanted = y.reshape(rows.shape) if y.is_floating_point() else y.reshape(-1).long()
        return torch.nn.functional.cross_entropy(rows, wanted).numpy()

    candidate.__name__ = LOSS
    candidate.__reading__ = f"{around[0].__name__}.forward, its softmax, and {', '.join(called & LOSSES)} of that"  # type: ignore[attr-defined]
    return {LOSS: candidate}


def _called_in(holder: Any) -> tuple[set[str], set[str]]:
    """Return the names of what is called anywhere in a file, and of what is outside of its classes."""
    try:
        tree = ast.parse(inspect.getsource(holder))
    except (OSError, TypeError, SyntaxError):
        return set(), set()
    outside = [one for one in tree.body if not isinstance(one, ast.ClassDef)]
    return _calls([tree]), _calls(outside)


def _calls(trees: Sequence[ast.AST]) -> set[str]:
    calls = [node.func for one in trees for node in ast.walk(one) if isinstance(node, ast.Call)]
    return {getattr(one, "attr", getattr(one, "id", "")) for one in calls}


def _answers_with_a_softmax(kind: Any) -> bool:
    """Whether what the forward of a module returns, or the first of it, is what a softmax made last."""
    made = {
        called_as(node.targets[0])
        for node in class_source(kind).nodes(ast.Assign)
        if isinstance(node.value, ast.Call) and getattr(node.value.func, "attr", "") == "Softmax"
    }
    trees = source_of(kind.forward).trees
    body = trees[0].body if trees and isinstance(trees[0], ast.FunctionDef) else []  # what is done whatever it is for
    returned = body[-1].value if body and isinstance(body[-1], ast.Return) else None
    last = returned.elts[0] if isinstance(returned, ast.Tuple) and returned.elts else returned
    if isinstance(last, ast.Name):
        bound = [one for one in own_nodes(trees[0]) if isinstance(one, ast.Assign) and last.id in _names(one)]
        last = bound[-1].value if bound and bound[-1] in body else None
    func = last.func if isinstance(last, ast.Call) else None
    return getattr(func, "attr", getattr(func, "id", "")) in {"softmax", *made}


def _names(node: ast.Assign) -> set[str]:
    return {one.id for target in node.targets for one in ast.walk(target) if isinstance(one, ast.Name)}
