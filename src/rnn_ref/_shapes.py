"""The one shape and dtype check, by which every public function vets its arrays.

A layout such as ``"W_hh: H H, X_seq: T [B] D, h0: [B] H"`` names each array's axes. The first array to use an axis
fixes its size, the first with ``[B]`` decides for all whether there is a batch, and the first array fixes the dtype:
weights therefore stand first, and an error can say who fixed what was expected. An axis that begins with a digit is
that many times the axis after it: a GRU's W_hh is ``3H H``, a block of H rows for each of its gates.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from numbers import Real
from typing import Any, Literal, NoReturn

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Reduction = Literal["none", "mean", "sum"]  # a loss for each position, their mean over the weights, or their sum
OneLoss = Literal["mean", "sum"]  # of which there is a gradient
ActivationName = Literal["tanh", "relu"]
States = Sequence[Array] | Array  # a list of T arrays (H,) or (B, H), or one array (T, …, H)

# The layouts of recurrent weights, of which W_hh comes first: it alone fixes H.
RECURRENT = "W_hh: H H, W_xh: H D, b_h: H"
GATED = "W_hh: 3H H, W_xh: 3H D, b_xh: 3H, b_hh: 3H"  # a GRU's, gates r, z, n
LSTM = "W_hh: 4H H, W_xh: 4H D, b_h: 4H"  # gates i, f, g, o
PROJECTED = "W_hr: P H, W_hh: 4H P, W_xh: 4H D, b_h: 4H"  # an LSTM's that shows P of the H that it remembers
DTYPES = tuple(np.dtype(name) for name in ("float32", "float64", "complex128"))


def check(function: str, layout: str, **arrays: object) -> None:
    """Raise the four-fact error for the first array that does not fit the layout."""
    sizes: dict[str, tuple[int, str]] = {}
    batch: tuple[bool, str] | None = None
    parsed = _parse(layout)
    for name, single, batched in parsed:
        array = check_array(function, name, arrays[name])
        check_dtype(function, name, array, parsed[0][0], arrays[parsed[0][0]].dtype)  # type: ignore[attr-defined]
        if single != batched and batch is None:
            batch = (array.ndim == len(batched), name)
        wanted = batched if batch and batch[0] else single
        if array.ndim != len(wanted):
            _wrong_rank(function, name, array, wanted, batched, sizes, batch)
        stacked = False
        for axis, size in zip(wanted, array.shape, strict=True):
            if size == 0:
                raise ValueError(f"{function}: {name} has shape {array.shape}, expected {axis} >= 1")
            if axis[0].isdigit():
                stacked = True
            elif sizes.setdefault(axis, (size, name))[0] != size:
                _wrong_size(function, name, array, wanted, axis, sizes)
        if stacked:
            _check_stacked(function, name, array, wanted, sizes)


def _check_stacked(
    function: str, name: str, array: Array, wanted: tuple[str, ...], sizes: dict[str, tuple[int, str]]
) -> None:
    """Raise ValueError unless every axis like 3H is that many times its base, whose size is known by now."""
    for axis, size in zip(wanted, array.shape, strict=True):
        if axis[0].isdigit() and size != int(axis[0]) * sizes[axis[1:]][0]:
            base, source = sizes[axis[1:]]
            raise ValueError(
                f"{function}: {name} has shape {array.shape}, expected {_expected_shape(wanted, sizes)}; "
                f"{axis[1:]}={base} is from {source}, and {axis} is {axis[0]} blocks of it, one for each gate"
            )


def check_array(function: str, name: str, value: object) -> Array:
    """Return ``value`` if it is a plain NumPy array, else raise TypeError."""
    if type(value) not in (np.ndarray, np.memmap):
        advice = f"; np.asarray({name}) converts" if _converts(value) else ""
        raise TypeError(f"{function}: {name} is of type {type(value).__name__}, expected numpy.ndarray{advice}")
    return value  # type: ignore[return-value]


def made_array(function: str, name: str, value: object, expected: str) -> Array:
    """Return what NumPy makes of a value, or raise TypeError if it makes nothing of it."""
    try:
        return np.asarray(value)
    except Exception as error:  # rows of different lengths, or whatever somebody else's ``__array__`` raises
        raise TypeError(
            f"{function}: {name} is of type {type(value).__name__}, of which NumPy makes no array; expected {expected}"
        ) from error


def _converts(value: object) -> bool:
    """Whether NumPy makes an array of numbers of it, with an axis."""
    if not isinstance(value, list | tuple | np.ndarray) and not hasattr(value, "__array__"):
        return False
    try:
        made = np.asarray(value)
    except Exception:  # of somebody else's ``__array__``
        return False
    return made.ndim > 0 and made.dtype.kind in "biufc"


def check_mapping(function: str, name: str, value: object) -> None:
    """Raise TypeError unless arrays come by name."""
    if not isinstance(value, Mapping):
        raise TypeError(
            f"{function}: {name} is of type {type(value).__name__}, expected a dict of arrays by name "
            "(of rnn_bptt's gradients: grads.parameters)"
        )


def check_function(function: str, name: str, value: object) -> None:
    """Raise TypeError unless what is to be called can be."""
    if not callable(value):
        raise TypeError(f"{function}: {name} is of type {type(value).__name__}, expected a callable")


def check_several(function: str, name: str, value: object, what: str) -> None:
    """Raise TypeError unless what there are several of comes in a list or a tuple."""
    if not isinstance(value, list | tuple):
        raise TypeError(f"{function}: {name} is of type {type(value).__name__}, expected a list or tuple of {what}")


def checked_number(function: str, name: str, value: object, expected: str) -> float:
    """Return a setting as Python's number: beside one of NumPy's, float32 arrays would become float64."""
    if isinstance(value, np.ndarray) and value.shape == () and value.dtype.kind in "iuf":
        return float(value)
    if isinstance(value, bool) or not isinstance(value, Real):
        kind = f"array of shape {value.shape}" if isinstance(value, np.ndarray) else type(value).__name__
        raise TypeError(f"{function}: {name} is of type {kind}, expected {expected}")
    return float(value)


def check_flag(function: str, name: str, value: object) -> None:
    """Raise TypeError unless a switch is True or False."""
    if not isinstance(value, bool | np.bool):
        raise TypeError(f"{function}: {name} is of type {type(value).__name__}, expected bool: True or False")


def check_dtype(function: str, name: str, array: Array, first: str, dtype: np.dtype[Any]) -> None:
    """Raise TypeError unless ``array`` has a supported dtype, and the one that ``first`` has."""
    if array.dtype not in DTYPES:
        expected = f"{dtype}; {dtype} is from {first}" if dtype in DTYPES else "float32 or float64"
        target = dtype if dtype in DTYPES else "float64"
        raise TypeError(
            f"{function}: {name} has dtype {array.dtype}, expected {expected}; {name}.astype(np.{target}) converts"
        )
    if array.dtype != dtype:
        raise TypeError(
            f"{function}: {name} has dtype {array.dtype}, expected {dtype}; {dtype} is from {first}; "
            f"{name}.astype(np.{dtype}) converts"
        )


def stack(function: str, name: str, states: States) -> Array:
    """Make one array (T, …) of a list of T arrays; an array is returned as it is.

    >>> import numpy as np
    >>> stack("f", "h_states", [np.zeros(3), np.ones(3)]).shape
    (2, 3)
    """
    if not isinstance(states, list | tuple):
        return check_array(function, name, states)
    if not states:
        raise ValueError(f"{function}: {name} is an empty {type(states).__name__}, expected T >= 1 arrays")
    for t, state in enumerate(states):
        if t and type(state) is np.ndarray and state.shape == states[0].shape and state.dtype == states[0].dtype:
            continue  # as the first, which has been checked
        check_array(function, f"{name}[{t}]", state)
        if state.shape != states[0].shape:
            raise ValueError(
                f"{function}: {name}[{t}] has shape {state.shape}, expected {states[0].shape}; from {name}[0]"
            )
        check_dtype(function, f"{name}[{t}]", state, f"{name}[0]", states[0].dtype)
    return np.concatenate(states).reshape(len(states), *states[0].shape) if states[0].ndim else np.stack(states)


def rows(array: Array) -> Array:
    """Flatten all axes but the last: (T, B, H) and (T, H) and (H,) become (rows, H)."""
    return array.reshape(-1, array.shape[-1])


def row_blocks(array: Array) -> list[slice]:
    """Return slices of the first axis, of 256 kB: what is made of one block stays in the processor's cache."""
    step = max(1, 2**18 * len(array) // array.nbytes)
    return [slice(start, start + step) for start in range(0, len(array), step)]


def wide(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the dtype in which long sums are kept: float64 for float32, itself for the others."""
    return np.result_type(dtype, np.float64)


@cache
def _parse(layout: str) -> tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]:
    """Return of every array the name, the axes of one sequence and those of a batch."""
    pairs = (entry.split(":") for entry in layout.split(","))
    return tuple(
        (name.strip(), tuple(axes.replace("[B]", "").split()), tuple(axes.replace("[B]", "B").split()))
        for name, axes in pairs
    )


def _expected_shape(axes: Iterable[str], sizes: dict[str, tuple[int, str]]) -> str:
    """Write the expected shape, with the sizes known so far: ``(T, B, D=4)``."""
    known = {axis: size for axis, (size, _) in sizes.items()}
    known |= {axis: int(axis[0]) * known[axis[1:]] for axis in axes if axis[0].isdigit() and axis[1:] in known}
    parts = [f"{axis}={known[axis]}" if axis in known else axis for axis in axes]
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"


def _wrong_rank(
    function: str,
    name: str,
    array: Array,
    wanted: tuple[str, ...],
    batched: tuple[str, ...],
    sizes: dict[str, tuple[int, str]],
    batch: tuple[bool, str] | None,
) -> NoReturn:
    expected, why = _expected_shape(wanted, sizes), ""
    if "B" in batched and batch is not None:
        if batch[1] == name:
            expected += f" or {_expected_shape(batched, sizes)}"
        else:
            why = f"; B={sizes['B'][0]} is from {batch[1]}" if batch[0] else f"; {batch[1]} has no batch axis"
    known = [axis for axis in wanted if axis in sizes and axis != "B"]
    why += "".join(f"; {axis}={sizes[axis][0]} is from {sizes[axis][1]}" for axis in known)
    raise ValueError(f"{function}: {name} has shape {array.shape}, expected {expected}{why}")


def _wrong_size(
    function: str, name: str, array: Array, wanted: tuple[str, ...], axis: str, sizes: dict[str, tuple[int, str]]
) -> NoReturn:
    size, source = sizes[axis]
    why = "both axes equal" if source == name else f"{axis}={size} is from {source}"
    others = {known: fixed for known, fixed in sizes.items() if fixed[1] != name}
    raise ValueError(f"{function}: {name} has shape {array.shape}, expected {_expected_shape(wanted, others)}; {why}")
