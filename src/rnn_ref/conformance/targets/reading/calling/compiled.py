"""Calls of JAX code, compiled as a whole: run step by step, every operation is compiled by itself, for every shape.

What cannot be traced, or is given something else than arrays, numbers and texts, is called as it stands.
"""

import contextlib
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

PLAIN = (bool, int, float, str, type(None))
OPTIONS = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}  # of the compiler: in haste


ORIGINAL = "_torchdynamo_inline"  # under which PyTorch keeps it


class Compiled:
    """A function of arrays that is called again and again, in the same and in other shapes."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.traced: bool = True  # until it is seen that it cannot be
        self._known: dict[Any, Callable[..., Any]] = {}

    def __call__(self, positional: Sequence[Any], named: Mapping[str, Any]) -> Any:
        """Return what the function returns."""
        jax = sys.modules.get("jax")
        tree = getattr(jax, "tree_util", None)
        if jax is None or tree is None or not self.traced:
            return self.function(*positional, **named)
        leaves, structure = tree.tree_flatten((list(positional), dict(named)))
        arrays = [one for one in leaves if isinstance(one, jax.Array)]
        rest = tuple(None if isinstance(one, jax.Array) else (type(one), one) for one in leaves)
        if not arrays or not all(one is None or isinstance(one[1], PLAIN) for one in rest):
            return self.function(*positional, **named)
        key = structure, rest
        if key not in self._known:
            self._known[key] = self._with(jax, structure, rest)
        try:
            return self._known[key](arrays)
        except (jax.errors.JAXTypeError, jax.errors.JAXIndexError):  # it looks at numbers, or keeps what is traced
            self.traced = False
        except TypeError as error:
            if "JAX type" not in str(error):  # it answers with something else than arrays
                raise
            self.traced = False
        return self.function(*positional, **named)

    def _with(self, jax: Any, structure: Any, rest: tuple[Any, ...]) -> Callable[..., Any]:
        """Return the function of the arrays alone, with all else as it is."""

        def called(arrays: list[Any]) -> Any:
            given = iter(arrays)
            leaves = [next(given) if one is None else one[1] for one in rest]
            positional, named = jax.tree_util.tree_unflatten(structure, leaves)
            return self.function(*positional, **named)

        return jax.jit(called, compiler_options=OPTIONS)  # type: ignore[no-any-return]


def of_jax(function: Callable[..., Any]) -> bool:
    """Whether a function's module knows JAX, and can be compiled by it."""
    known = getattr(inspect.unwrap(function), "__globals__", {}).values()
    names = (
        str(getattr(one, "__name__", "")) if inspect.ismodule(one) else getattr(one, "__module__", "") for one in known
    )
    return any(str(name).partition(".")[0] == "jax" for name in names)


def as_python(function: Callable[..., Any], *, fitting: bool) -> contextlib.AbstractContextManager[Any]:
    """Have JAX run as Python where many shapes are tried, each of which would be compiled."""
    return sys.modules["jax"].disable_jit() if fitting and of_jax(function) else contextlib.nullcontext()


@contextlib.contextmanager
def brief_tracebacks() -> Iterator[None]:
    """Have JAX leave tracebacks as they are for a while: to cut its own places out takes longer than most tries."""
    config = getattr(sys.modules.get("jax"), "config", None)
    before = getattr(config, "jax_traceback_filtering", None)
    if config is None or before is None:
        yield
        return
    config.update("jax_traceback_filtering", "off")
    try:
        yield
    finally:
        config.update("jax_traceback_filtering", before)


def with_texts_of_scripts(values: Iterable[Any]) -> None:
    """Note on functions that TorchScript has compiled what they were written as, by which they are read."""
    for one in values:
        if type(one).__name__ == "ScriptFunction" and inspect.isfunction(own := getattr(one, ORIGINAL, None)):
            one.__wrapped__, one.__name__ = own, own.__name__
