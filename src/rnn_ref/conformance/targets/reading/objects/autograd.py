"""Classes with a forward and a backward method that are given a context, as two functions."""

import inspect
from collections.abc import Callable
from typing import Any


class Context:
    """What such methods keep things in: attributes, and tensors that are saved."""

    saved_tensors: tuple[Any, ...] = ()

    def __init__(self, arguments: int) -> None:
        self.needs_input_grad = (True,) * arguments

    def save_for_backward(self, *tensors: Any) -> None:
        """Keep tensors for the way back."""
        self.saved_tensors = tensors

    def mark_dirty(self, *_: Any) -> None:
        """Take note of nothing."""

    mark_non_differentiable = set_materialize_grads = mark_dirty


def has_context(kind: type) -> bool:
    """Whether both methods of a class are static, and the class is called by ``apply``."""
    ways = [inspect.getattr_static(kind, name, None) for name in ("forward", "backward")]
    return all(isinstance(one, staticmethod) for one in ways) and hasattr(kind, "apply")


def functions_of(kind: Any) -> list[Callable[..., Any]]:
    """Return the way forward and the way back, which goes on where the way forward has just been."""
    last: list[Context] = []

    def forward(*arguments: Any) -> Any:
        last[:] = [Context(len(arguments))]
        return kind.forward(last[0], *arguments)

    def backward(*gradients: Any) -> Any:
        return kind.backward(last[0], *gradients)

    for one, method in ((forward, kind.forward), (backward, kind.backward)):
        signature = inspect.signature(method)
        rest = list(signature.parameters.values())[1:]
        one.__signature__ = signature.replace(parameters=rest)  # type: ignore[attr-defined]
        one.__wrapped__ = method  # type: ignore[attr-defined]
        one.__name__ = f"{kind.__name__}.{method.__name__}"
    return [forward, backward]
