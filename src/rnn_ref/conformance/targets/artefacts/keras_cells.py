"""A class of Keras cells, ``call(inputs, states) -> output, states``: one is made, with weights drawn at random.

Which variable is which weight is found as of PyTorch's modules, by shapes and names; what only values can tell, as what
it is nearest to.
"""

import inspect
import re
from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Any

import numpy as np

from ...._shapes import Array
from ...errors import TargetError
from ...operation import Operation
from ...spec.bases import right
from ..raised import Raised
from ..reading.gated.nearness import NEAR
from .held import Forms, Held, Holding, Mark, forms_named, marked, options_told, told
from .modules.roles import Roles, Sizes, roles_of
from .modules.said import said_in, with_order_said

SIZES = Sizes(3, 5)
ROWS = 2
DOUBT = 10  # so much nearer another equation must be


def is_cell(kind: type) -> bool:
    """Whether a class of layers needs states beside its inputs, by the signature of its ``call``."""
    try:
        takes = [*inspect.signature(kind.call).parameters.values()][2:3]  # type: ignore[attr-defined]
    except (AttributeError, TypeError, ValueError):
        return False
    needed = [one.name.lower() for one in takes if one.default is one.empty]
    return bool(needed) and re.search(r"state|hidden|prev|carry|^h", needed[0]) is not None


def held_in_class(kind: type) -> Holding:
    """Return a cell of a class as a network that holds its weights. Raises TargetError."""
    return Holding([held_cell("", _made(kind), SIZES)], [])


def sizes_in(layer: Any) -> Sizes:
    """Return the sizes of the cell of a layer: inputs as the layer has been given, else by its first matrix."""
    size = getattr(layer.cell, "state_size", 0)
    H = int(next(iter(size)) if isinstance(size, list | tuple) else size)
    try:
        return Sizes(int(layer.input.shape[-1]), H)
    except (AttributeError, TypeError, ValueError):
        return Sizes(next((int(one.shape[0]) for one in layer.cell.weights if len(one.shape) == 2), 0), H)


def held_cell(part: str, made: Any, sizes: Sizes) -> Held:
    """Return a cell as a network that holds its weights. Raises TargetError."""
    cell, named = _Cell(made, sizes), type(made).__name__
    every = with_order_said(made.call, [one for one in roles_of(cell, sizes) if one.states == cell.states])
    if not every:
        shapes = ", ".join(f"{name} {one.shape}" for name, one in cell.arrays.items())
        told_sizes = f"D = {sizes.D}, H = {sizes.H}"
        raise TargetError(f"{named}: its variables cannot be read as weights with {told_sizes}: {shapes}")
    found = [(cell.off(*one), *one) for one in _possible(every)]
    off, roles, options = min(found, key=itemgetter(0))
    if off >= NEAR:  # another order may be nearer by chance
        said = [one for one in found if one[1].order == said_in(made.call, one[1])]
        _, roles, options = min(said, key=itemgetter(0), default=(off, roles, options))
    own = _forms(roles).step

    def step(x_t: Array, *others: Array, **_: Any) -> Any:
        found = cell(x_t, *others[: cell.states])
        return found[0] if cell.states == 1 else tuple(found)

    weights = roles.read(cell.arrays, sizes)
    reading = told(f"keras {named}", weights, "one step", roles.told(), *options_told(options))
    calls = {own.name: marked(step, Mark(reading))}
    return Held(part, weights, options, reading, calls=calls, lacks=roles.lacking)


def _made(kind: type) -> Any:
    """Return a cell of a class, built and called. Raises TargetError."""
    import keras  # noqa: PLC0415

    filtered = keras.config.is_traceback_filtering_enabled()
    keras.config.disable_traceback_filtering()  # so that what its own code raises is told in its own words
    try:
        made = kind(*_given(kind))
        size = getattr(made, "state_size", SIZES.H)
        count = len(size) if isinstance(size, list | tuple) else 1
        made(*_arguments(np.ones((ROWS, SIZES.D), np.float32), [np.ones((ROWS, SIZES.H), np.float32)] * count))
    except Exception as error:
        sizes = ", ".join(map(str, _given(kind)))
        raise TargetError(f"{kind.__name__}({sizes}) cannot be called: it raises {Raised.of(error)}") from error
    finally:
        if filtered:
            keras.config.enable_traceback_filtering()
    rng = np.random.default_rng(0)
    for one in made.weights:
        one.assign((rng.normal(size=tuple(one.shape)) / 2).astype(np.float32))
    return made


def _given(kind: type) -> list[int]:
    """Return the sizes that a constructor wants: inputs where it is asked for them, else units."""
    own = inspect.signature(kind).parameters.values()
    wanted = [one.name for one in own if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD]
    return [SIZES.D if re.search(r"^in|input|feature", name) else SIZES.H for name in wanted]


def _arguments(x_t: Array, states: list[Array]) -> tuple[Any, Any]:
    import keras  # noqa: PLC0415

    return keras.ops.convert_to_tensor(x_t), [keras.ops.convert_to_tensor(one) for one in states]


class _Cell:
    """A cell of NumPy's arrays."""

    def __init__(self, made: Any, sizes: Sizes) -> None:
        self._made, self._sizes = made, sizes
        size = getattr(made, "state_size", sizes.H)
        self.states = len(size) if isinstance(size, list | tuple) else 1
        self.arrays = {self._name(one): np.asarray(one.numpy()) for one in made.weights}

    def _name(self, variable: Any) -> str:
        path = str(getattr(variable, "path", variable.name)).rpartition(f"{self._made.name}/")[2]
        return path.replace("/", ".")

    def named_parameters(self) -> Iterator[tuple[str, Array]]:
        """Yield the variables with their names."""
        yield from self.arrays.items()

    def named_modules(self) -> Iterator[tuple[str, Any]]:
        """Yield nothing: its layers keep x W, as it does itself."""
        yield from ()

    def __call__(self, x_t: Array, *before: Array) -> list[Array]:
        """Return the states after a step, the shown one first; of one sequence or of several."""
        import keras  # noqa: PLC0415

        dtype = next(iter(self.arrays.values())).dtype
        rows = [np.atleast_2d(one).astype(dtype) for one in (x_t, *before)]
        shown, after = self._made(*_arguments(rows[0], rows[1:]))
        after = list(after) if isinstance(after, list | tuple) else [after]
        found = [np.asarray(keras.ops.convert_to_numpy(one)) for one in (shown, *after[1:])]
        return [one[0] if np.ndim(x_t) == 1 else one for one in found]

    def off(self, roles: Roles, options: Mapping[str, Any]) -> float:
        """Return how far a step is from the right one, if the variables are these weights."""
        rng = np.random.default_rng(1)
        given = [rng.normal(size=(ROWS, size)) for size in (self._sizes.D, *[self._sizes.H] * self.states)]
        due = right(_forms(roles).step.name)(*given, **roles.read(self.arrays, self._sizes), **options)
        due = due[0] if self.states > 1 else due
        off = float(np.abs(self(*given)[0] - due).mean()) * (DOUBT if options and not self._mentions(options) else 1)
        return off if np.isfinite(off) else np.inf

    def _mentions(self, options: Mapping[str, Any]) -> bool:
        """Whether the text of its class names the values of options that are called by names."""
        try:
            text = inspect.getsource(type(self._made)).lower()
        except (OSError, TypeError):
            return False
        return all(not isinstance(value, str) or value in text for value in options.values())


def _forms(roles: Roles) -> Forms:
    return forms_named(roles.names, roles.gates)


def _possible(every: list[Roles]) -> Iterator[tuple[Roles, dict[str, Any]]]:
    for roles in every:
        step: Operation = _forms(roles).step
        yield from ((roles, dict(one)) for one in [(), *([pair] for pair in step.cell_if)])
