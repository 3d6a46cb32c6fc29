"""Every public function with one or two arguments spoilt: an error as documented, or the answer to plain arrays.

Whatever is drawn, nothing is written into an argument. What the answer to plain arrays is, other tests say.
"""

import contextlib
import copy
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit_calls import arrays, calls, leaves
from unit_gated import CELLS, T

import rnn_ref

CHECKING = {"allowed_error", "assert_conforms", "check", "check_several", "measure"}  # have tests of their own
REFUSALS = (ValueError, TypeError, NotImplementedError)
Path = tuple[Any, ...]


def gated() -> dict[str, tuple[Callable[..., Any], dict[str, Any]]]:
    found: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {}
    for name, cell in CELLS.items():
        given_ = cell.arrays()
        states = cell.ran(given_)
        up = {f"d{kind}_states": np.cos(one) for kind, one in zip(cell.states, states, strict=True)}
        after = {f"{kind}_states": one for kind, one in zip(cell.states, states, strict=True)}
        weights = {key: value for key, value in given_.items() if key[0] in "Wb"}
        step = {"x_t": given_["X_seq"][0], **{f"{kind}_prev": given_[f"{kind}0"] for kind in cell.states}, **weights}
        found[f"{name} step"] = cell.step, step
        found[f"{name} step back"] = (
            cell.step_back,
            {f"d{kind}_t": np.cos(step[f"{kind}_prev"]) for kind in cell.states} | step,
        )
        found[f"{name} run"] = cell.run, given_
        found[f"{name} run back"] = cell.run_back, up | after | given_
    return found


def stacks() -> dict[str, tuple[Callable[..., Any], dict[str, Any]]]:
    rng = np.random.default_rng(3)
    layers = [
        {"W_xh": rng.normal(size=(3, D)), "W_hh": rng.normal(size=(3, 3)) / 2, "b_h": rng.normal(size=3)}
        for D in (4, 4, 6, 6)
    ]
    X_seq, states0 = rng.normal(size=(T, 2, 4)), (rng.normal(size=(4, 2, 3)),)
    asked = {"X_seq": X_seq, "states0": states0, "layers": layers, "directions": 2, "lengths": np.array([T, 2])}
    run = rnn_ref.stack_forward(rnn_ref.rnn_forward, **asked)
    output = {"W_hy": rng.normal(size=(5, 6)), "b_y": rng.normal(size=5)}
    up = {"dh_states": rng.normal(size=(T, 2, 6)), "dstates_T": (rng.normal(size=(4, 2, 3)),), "run": run}
    both = {"run": rnn_ref.rnn_forward, "run_back": rnn_ref.rnn_backward}
    return {
        "stack_forward": (rnn_ref.stack_forward, {"run": rnn_ref.rnn_forward} | asked),
        "stack_backward": (rnn_ref.stack_backward, {"run_back": rnn_ref.rnn_backward} | up | asked),
        "stack_bptt": (rnn_ref.stack_bptt, both | asked | output | {"targets_seq": rng.integers(5, size=(T, 2))}),
        "stack_parameters": (rnn_ref.stack_parameters, {"layers": layers, "directions": 2} | output),
        "stack_layers": (
            rnn_ref.stack_layers,
            {"parameters": rnn_ref.stack_parameters(layers, directions=2), "directions": 2},
        ),
    }


def optimisers() -> dict[str, tuple[Callable[..., Any], dict[str, Any]]]:
    rng, found = np.random.default_rng(4), {}
    params, grads = ({"W": rng.normal(size=(3, 2)), "b": rng.normal(size=3)} for _ in range(2))
    for kind in (rnn_ref.SGD(momentum=0.9), rnn_ref.Adagrad(), rnn_ref.Adam(amsgrad=True)):
        _, state = kind.step(params, grads, kind.init(params))
        found[type(kind).__name__] = kind.step, {"params": params, "grads": grads, "state": state}
    return found


EVERY: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    **{name: (one.function, one.arguments) for name, one in calls().items()}, **gated(), **stacks(), **optimisers()
}  # fmt: skip


def named(function: Any) -> str:
    owner = getattr(function, "__self__", None)
    return type(owner).__name__ if owner is not None else str(getattr(function, "func", function).__name__)


def test_every_public_function_is_among_them() -> None:
    public = {name for name in rnn_ref.__all__ if callable(getattr(rnn_ref, name))} - CHECKING
    assert {named(function) for function, _ in EVERY.values()} == public


class Tagged(np.ndarray[Any, Any]):
    """An array of a class of one's own."""


class Odd:
    """What answers whatever it is asked for."""

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError("no array")


def strided(one: Any) -> Any:
    wide = np.zeros((*one.shape[:-1], 2 * one.shape[-1]), one.dtype) if one.ndim else one.copy()
    view = wide[..., ::2] if one.ndim else wide
    view[...] = one
    return view


def read_only(one: Any) -> Any:
    one = one.copy()
    one.flags.writeable = False
    return one


def filled(value: Any) -> Callable[[Any], Any]:
    def fill(one: Any) -> Any:
        one = one.copy()
        one.flat[one.size // 2 : one.size // 2 + 1] = (
            value if one.dtype.kind == "f" else int(np.clip(np.nan_to_num(value), -9, 9))
        )
        return one

    return fill


SAME: dict[str, Callable[[Any], Any]] = {  # the same numbers
    "strided": strided,
    "Fortran's order": np.asfortranarray,
    "reversed": lambda one: np.flip(np.flip(one).copy()),
    "read-only": read_only,
    "on no boundary": lambda one: np.frombuffer(b"\0" + one.tobytes(), np.uint8)[1:].view(one.dtype).reshape(one.shape),
    "swapped": lambda one: np.ascontiguousarray(one.swapaxes(0, -1)).swapaxes(0, -1) if one.ndim else one,
}
VALUES = {str(value): filled(value) for value in (np.nan, np.inf, -np.inf, 1e308, -1e308, 5e-324, -0.0, 1e30)}
SHAPES: dict[str, Callable[[Any], Any]] = {
    "one axis more": lambda one: one[np.newaxis],
    "an axis of one at the end": lambda one: one[..., np.newaxis],
    "one axis less": lambda one: one[0] if one.ndim else one,
    "transposed": lambda one: one.T,
    "one entry less": lambda one: one[:-1] if one.ndim else one,
    "one entry more": lambda one: np.concatenate([one, one[:1]]) if one.ndim else one,
    "empty": lambda one: one[:0] if one.ndim else one,
    "flat": np.ravel,
    "a number": lambda one: one.flat[0] if one.size else one,
    "of one": lambda one: one[:1, ...] if one.ndim else one,
    "wide": lambda one: np.broadcast_to(one, (10**6, *one.shape)),
}
DTYPES = {
    kind: (lambda one, kind=kind: one.astype(kind, copy=False))
    for kind in (
        "float32",
        "float16",
        "longdouble",
        "complex64",
        "complex128",
        "int64",
        "uint8",
        "bool",
        "object",
        "S8",
        ">f8",
        ">i4",
    )
}
TYPES: dict[str, Callable[[Any], Any]] = {
    "list": lambda one: one.tolist(),
    "tuple of rows": lambda one: tuple(one) if one.ndim else one,
    "matrix": lambda one: one.view(np.matrix if one.ndim == 2 else Tagged),
    "masked": np.ma.masked_array,
    "Tagged": lambda one: one.view(Tagged),
    "None": lambda _: None,
    "text": lambda _: "text",
    "Odd": lambda _: Odd(),
    "dict": lambda _: {},
    "a function": lambda _: len,
    "memoryview": memoryview,
}
CHANGES = SAME | VALUES | SHAPES | DTYPES | TYPES


def places(value: Any, path: Path = ()) -> list[Path]:
    """Return where arrays lie in arguments."""
    if isinstance(value, np.ndarray):
        return [path]
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list | tuple) else ()
    return [one for key, item in items for one in places(item, (*path, key))]


def changed(value: Any, path: Path, change: Callable[[Any], Any]) -> Any:
    """Return the same arguments with one of their arrays changed."""
    if not path:
        return change(value)
    if isinstance(value, dict):
        return value | {path[0]: changed(value[path[0]], path[1:], change)}
    new = [changed(one, path[1:], change) if i == path[0] else one for i, one in enumerate(value)]
    return type(value)(*new) if hasattr(value, "_fields") else type(value)(new)


class Drawn(NamedTuple):
    name: str
    spoilt: tuple[tuple[Path, str], ...]


@st.composite
def drawn(draw: Any, name: str) -> Drawn:
    where = st.sampled_from(places(EVERY[name][1]))
    spoilt = draw(
        st.lists(st.tuples(where, st.sampled_from(list(CHANGES))), min_size=1, max_size=2, unique_by=lambda one: one[0])
    )
    return Drawn(name, tuple(spoilt))


def answer(function: Callable[..., Any], arguments: Any) -> Any:
    with np.errstate(all="ignore"):
        return function(**arguments)


def bits(value: Any) -> list[Any]:
    """Return what tells whether an argument was written into."""
    return [(one.shape, str(one.dtype), one.tobytes() if one.size < 10**5 else None) for one in arrays(value)]


def tried(one: Drawn) -> None:
    function, plain = EVERY[one.name]
    arguments, refused = plain, False
    for path, how in one.spoilt:
        with contextlib.suppress(TypeError, ValueError):  # that cannot be made of this array
            arguments = changed(arguments, path, CHANGES[how])
    before = bits(arguments)
    found = None
    try:
        found = answer(function, arguments)
    except REFUSALS as error:
        refused = True
        documented(error)
    assert bits(arguments) == before
    kinds = {how for _, how in one.spoilt}
    if kinds <= SAME.keys():
        assert not refused
        due = answer(function, copy.deepcopy(plain))
        for mine, right in zip(numbers(found), numbers(due), strict=True):
            np.testing.assert_allclose(mine, right, rtol=1e-12, atol=1e-12 * max(1.0, np.abs(right).max(initial=0.0)))
            assert mine.dtype == right.dtype
    elif kinds <= SAME.keys() | VALUES.keys() and not refused:
        due = answer(function, copy.deepcopy(plain))
        shapes = [[(value.shape, value.dtype) for value in numbers(each)] for each in (found, due)]
        assert shapes[0] == shapes[1]


def documented(error: Exception) -> None:
    told = str(error)
    assert told.startswith(tuple(rnn_ref.__all__)), told
    assert ": " in told, told
    assert len(told) < 500, told


def numbers(value: Any) -> list[Any]:
    return [np.asarray(leaf) for leaf in leaves([value]) if isinstance(leaf, np.ndarray | np.number | float)]


@pytest.mark.parametrize("name", EVERY)
def test_an_error_as_documented_or_the_answer(name: str) -> None:
    """Each array spoilt in each way, alone: drawn at random, one kind of integers in one argument was seldom met."""
    for path in places(EVERY[name][1]):
        for how in CHANGES:
            tried(Drawn(name, ((path, how),)))


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("other", [None, "text", Odd(), {}, [], 2.5], ids=lambda one: type(one).__name__)
def test_so_it_is_of_what_holds_arrays_of_settings_and_of_functions(name: str, other: Any) -> None:
    function, plain = EVERY[name]
    for key in [key for key, value in plain.items() if not isinstance(value, np.ndarray)]:
        try:
            answer(function, plain | {key: other})
        except REFUSALS as error:
            documented(error)


@pytest.mark.slow
@pytest.mark.parametrize("name", EVERY)
@settings(max_examples=400)
@given(data=st.data())
def test_an_error_as_documented_or_the_answer_often(name: str, data: Any) -> None:
    tried(data.draw(drawn(name)))
