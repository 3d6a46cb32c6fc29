"""Penalties on weights that a loss has beside what is asked of it: by what argument they are weighed."""

import ast
from typing import Any

from ..names import plain, words_of
from .expressions import name_of
from .source import Source

WEIGHING = {
    *("reg", "regularization", "regularisation", "regstrength", "l2", "l2reg", "regl2", "l2lambda", "lambdal2"),
    *("lam", "lambd", "lambda", "lmbda", "weightdecay", "wd", "ridge", "penalty"),
}
LOSSES = {"loss", "cost", "objective", "obj", "error"}


def weighs_a_penalty(source: Source, name: str, default: Any) -> bool:
    """Whether an argument weighs what is added to a loss, so that with 0 it adds nothing.

    One that stands in gradients alone is none: they are then of another function than the loss.

    >>> texts = "loss += reg * (W ** 2).sum()", "dW += reg * W"
    >>> [weighs_a_penalty(Source((ast.parse(one),)), "reg", 0.1) for one in texts]
    [True, False]
    """
    if plain(name) not in WEIGHING or not isinstance(default, float):
        return False
    changed = [(one.target, one.value) for one in source.nodes(ast.AugAssign)]
    changed += [(target, one.value) for one in source.nodes(ast.Assign) for target in one.targets]
    return any(
        LOSSES & {*words_of(name_of(target))}
        and any(name in {getattr(one, "id", ""), getattr(one, "attr", "")} for one in ast.walk(value))
        for target, value in changed
    )
