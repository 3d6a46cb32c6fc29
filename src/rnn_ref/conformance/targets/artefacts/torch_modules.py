"""A PyTorch module, with the interface of its own recurrent ones: a class made for every check, an instance as it is.

Of a memory a module returns what stands in it after the last step alone. A gradient that reaches it at an earlier step
is asked of the sequence that ends there.
"""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from ...._shapes import Array
from ....interop.torch_modules import is_recurrent, layers_of
from ...errors import TargetError
from ...operation import Operation
from ...spec.bases import right
from ..raised import Raised
from . import torch_layers, torch_stacks
from .held import (
    SUM,
    Forms,
    Held,
    Holding,
    Mark,
    States,
    forms_named,
    mark_of,
    marked,
    options_told,
    through_time,
    told,
)
from .torch_calls import NONE, Form, UncalledError, form_of
from .torch_roles import Roles, Sizes, Slots, roles_of

OWN = Sizes(3, 5)  # of a class, to find out how it is read
DOUBT = 10  # so much nearer another equation must be
OUTPUTS = 37  # of a class that wants to know how many: no size of a state that is asked
Call = Callable[..., Any]


class Read:
    """A module with its weights: its parameters read as weights, and how it is called."""

    def __init__(
        self, module: Any, roles: Roles, form: Form, sizes: Sizes, options: Mapping[str, Any] | None = None
    ) -> None:
        self.module, self.roles, self.form, self.sizes = module, roles, form, sizes
        self.options = options or {}  # by which its equation is chosen

    @property
    def weights(self) -> dict[str, Array]:
        """The weights that it holds."""
        return self.roles.read({name: _array(one) for name, one in self.module.named_parameters()}, self.sizes)

    @property
    def told(self) -> str:
        """How it was read."""
        unused = [f"{_called(one)} takes no part" for one in self.unused]
        return ", ".join([self.form.told, self.roles.told(), *options_told(self.options), *unused])

    @property
    def shares(self) -> dict[str, Array]:
        """The biases whose sum stands for both, by their own names."""
        both = self.roles.biases if SUM in self.roles.names else []
        arrays = {name: _array(one) for name, one in self.module.named_parameters()}
        none: Slots = ()
        alone = [self.roles._replace(b_xh=one, b_hh=none).read(arrays, self.sizes)[SUM] for one in both]
        return {_called(one): array for one, array in zip(both, alone, strict=True)}

    @property
    def leaves_out(self) -> bool:
        """Whether it is handed no state where that is all zeros."""
        return self.form.optional and self.form.state != NONE

    @property
    def own(self) -> Forms:
        """The functions that it has."""
        return forms_named(self.roles.names, self.roles.gates)

    @cached_property
    def unused(self) -> list[Slots]:
        """The biases on which nothing depends."""
        return [one for one in self.roles.biases if not any(self._takes_part(slot.parameter) for slot in one)]

    def calls(self, reading: str) -> dict[str, Call]:
        """Return its functions."""
        own = self.own
        if self.form.cell:
            mark = Mark(reading, leaves_out=self.leaves_out)
            found: dict[str, Call] = {own.step.name: marked(self._step, mark)}
            derived = Mark(f"{reading}, by autograd", derives=own.step.name)
            back = {own.step_back.name: marked(self._step_back, derived)} if own.step_back else {}
            return found | (back if self.form.state != NONE else {})
        sequence = through_time(self._run, reading, own.sequence)
        found = {own.sequence.name: marked(sequence, Mark(reading, leaves_out=self.leaves_out))}
        whole = self.form.states and (self.form.last or self.form.count == 1)
        if own.sequence_back and whole and self.form.state != NONE:
            derived = Mark(f"{reading}, by autograd", derives=own.sequence.name)
            found[own.sequence_back.name] = marked(self._back, derived)
        return found

    def _run(self, X_seq: Array, before: States | None) -> tuple[Array | None, States]:
        import torch  # noqa: PLC0415

        X = _tensor(X_seq)
        given = None if before is None else tuple(map(_tensor, before))
        if given is None and not self.form.optional and self.form.state != NONE:
            given = (X.new_zeros(X.shape[1], self.sizes.H),) * self.form.count
        with torch.no_grad():
            states, last = self.form.run(self.module, X, given, self.sizes.H)
        return None if states is None else _array(states), tuple(map(_array, last))

    def _step(self, x_t: Array, *arguments: Array, **__: Any) -> Any:
        import torch  # noqa: PLC0415

        before = arguments[: self.form.count]
        given = tuple(map(_tensor, before)) if any(map(np.any, before)) or not self.form.optional else None
        with torch.no_grad():
            found = tuple(map(_array, self.form.run(self.module, _tensor(x_t), given, self.sizes.H)[1]))
        return found[0] if self.form.count == 1 else found

    def _step_back(self, *arguments: Any, **_: Any) -> dict[str, Array]:
        return self._gradients(self.own.step, self.own.step_back, arguments)

    def _back(self, *arguments: Any, **_: Any) -> dict[str, Array]:
        return self._gradients(self.own.sequence, self.own.sequence_back, arguments)

    def _gradients(self, operation: Any, back: Any, arguments: tuple[Any, ...]) -> dict[str, Array]:
        """Return the gradients by autograd, under the names of the operation's arguments."""
        import torch  # noqa: PLC0415

        names, count = list(operation.arguments)[: 1 + self.form.count], self.form.count
        given = dict(zip(back.arguments, arguments, strict=False))
        leaves = [_tensor(given[name]).requires_grad_() for name in names]
        self.module.zero_grad(set_to_none=True)
        outputs, upstream = self._reached(leaves[0], tuple(leaves[1:]), [_tensor(one) for one in arguments[:count]])
        reached = [one for one in zip(outputs, upstream, strict=True) if one[0].requires_grad]
        torch.autograd.backward(*zip(*reached, strict=True))  # what is constant has no gradient
        own = {name: _gradient(one) for name, one in self.module.named_parameters()}
        self.module.zero_grad(set_to_none=True)
        return dict(zip(names, map(_gradient, leaves), strict=True)) | self.roles.gradients(own, self.sizes)

    def _reached(self, X: Any, before: tuple[Any, ...], above: list[Any]) -> tuple[list[Any], list[Any]]:
        """Return what the gradients from above reach: all states that are shown, and memories at every step's end."""
        if self.form.memories:
            return self.form.of_all_steps(self.module, X, before, self.sizes.H), above
        states, last = self.form.run(self.module, X, before, self.sizes.H)
        if self.form.cell or states is None:
            return list(last), above
        outputs, upstream = [states], above[:1]
        for t, dc_t in enumerate(above[1] if len(above) > 1 else ()):
            if dc_t.any():
                ended = last if t + 1 == len(X) else self.form.run(self.module, X[: t + 1], before, self.sizes.H)[1]
                outputs.append(ended[1])
                upstream.append(dc_t)
        return outputs, upstream

    def _takes_part(self, parameter: str) -> bool:
        """Whether the answer depends on a parameter."""
        import torch  # noqa: PLC0415

        one = dict(self.module.named_parameters())[parameter]
        X = torch.ones((2, self.sizes.D) if self.form.cell else (2, 2, self.sizes.D), dtype=one.dtype)
        before = (X.new_ones(2, self.sizes.H),) * self.form.count
        states, last = self.form.run(self.module, X, before, self.sizes.H)
        answer = last[0] if states is None else states
        if not answer.requires_grad:
            return False
        (found,) = torch.autograd.grad(answer.sum(), [one], allow_unused=True)
        return found is not None and bool(found.any())


def read(module: Any, sizes: Sizes) -> Read:
    """Read a module. Raises UncalledError."""
    every = list(roles_of(module, sizes))
    form = form_of(module, sizes, max((one.states for one in every), default=1))
    found = [
        Read(module, roles, form, sizes, options)
        for roles in every
        if roles.states == form.count
        for options in _options(module, forms_named(roles.names, roles.gates).sequence)
    ]
    if not found:
        shapes = ", ".join(f"{name} {tuple(one.shape)}" for name, one in module.named_parameters())
        raise UncalledError(f"its parameters cannot be read as weights with D = {sizes.D}, H = {sizes.H}: {shapes}")
    return found[0] if len(found) == 1 else min(found, key=_off)


def _options(module: Any, sequence: Operation) -> list[dict[str, Any]]:
    """Return the options by which its equation may be chosen: what it says of itself, else all."""
    every = [{}, *({option: value} for option, value in sequence.cell_if)]
    if not is_recurrent(module):
        return every
    own = getattr(module, "nonlinearity", None)
    return [one for one in every if own in one.values()] or [{}]


def _off(one: Read) -> float:
    """Return how far from the right step or sequence a reading is, where only values can tell it from the others.

    It tells readings apart, which differ in the first digits; how right the module is, is for the judge to say. Another
    equation than that of most is meant where its name is in the text, or it is much nearer: else what is wrong is a
    mistake in that of most.
    """
    own, rng = one.own, np.random.default_rng(0)
    operation = own.step if one.form.cell else own.sequence
    lead = (2,) if one.form.cell else (3, 2)
    weights = one.weights
    dtype = weights["W_xh"].dtype
    x = rng.normal(size=(*lead, one.sizes.D)).astype(dtype)
    before = [rng.normal(size=(2, one.sizes.H)).astype(dtype) for _ in range(one.form.count)]
    due = _first(right(operation.name)(x, *before, **weights, **one.options), one.form.count)
    got = _first(one.calls("")[operation.name](x, *before), one.form.count)
    off = float(np.abs(got - (due if got.ndim == due.ndim else due[-1])).mean())
    off *= 1 if _mentions(one.module, one.options) else DOUBT
    return off if np.isfinite(off) else np.inf


def _mentions(module: Any, options: Mapping[str, Any]) -> bool:
    """Whether the text of a module has the values of some options in it; there may be none."""
    try:
        text = inspect.getsource(type(module)).lower()
    except (OSError, TypeError):
        text = ""
    return all(isinstance(value, str) and value in text for value in options.values())


def _first(returned: Any, count: int) -> Array:
    """Return the states that are shown, or the last of them."""
    if isinstance(returned, dict):
        return np.asarray(next(iter(returned.values())))
    return np.asarray(returned[0] if count > 1 else returned)


def functions_of(cls: type) -> dict[str, Call] | Holding:
    """Return the functions of a class of modules, made for every check with its sizes and weights.

    One into which not all weights can be copied (it has no bias) or which takes no state is judged as an instance, with
    the weights that it begins with. Raises TargetError.
    """
    module, kept = _made(cls, OWN, "float32"), dict[Any, Any]()

    def made(*given: Any) -> Any:
        return kept_or_made(kept, cls, *given)

    if both := torch_layers.two_directions(cls, module, made):
        return both
    try:
        probe = read(module, OWN)
    except UncalledError as error:
        if any(is_recurrent(one) for one in module.modules()) and not is_recurrent(module) and not error.fault:
            return held_in(module)
        raise TargetError(f"{cls.__name__}: cannot be read as a recurrent network: {error}") from error
    if not probe.roles.takes_all or probe.form.state == NONE:
        return held_in(probe.module)
    claims = None if _takes_double(cls, probe.form) else "float32"
    plain = "".join(f", {name}={value}" for name, value in plainest(cls).items())
    calls = probe.calls(f"{cls.__name__}(D, H{plain}), {probe.told}")
    offered = _offered(cls, probe)
    declared = {option: value for option, (_, value) in offered.items()}
    stacks = torch_layers.stack_functions(cls, probe, made, claims)
    return stacks | {
        name: marked(
            _with_weights(cls, probe, name, offered),
            replace(mark_of(call), dtype=claims),
            options=probe.options or declared,
            only=not declared,
        )
        for name, call in calls.items()
    }


def _offered(cls: type, probe: Read) -> dict[str, tuple[str, Any]]:
    """Return the options that the constructor has, each with its name there and its default."""
    own = inspect.signature(cls).parameters
    sequence = forms_named(probe.roles.names, probe.roles.gates).sequence
    asked = {option for option, _ in sequence.cell_if}
    theirs = {"activation": ("nonlinearity", "activation"), "reset_after": ("reset_after",)}
    return {
        option: (name, own[name].default)
        for option in asked
        for name in theirs[option]
        if name in own and isinstance(own[name].default, str | bool)
    }


def _with_weights(cls: type, probe: Read, function: str, offered: Mapping[str, tuple[str, Any]]) -> Call:
    """Return a function that makes the module, copies the weights in, and calls it; one sequence is a batch of one."""
    count, kept = len(probe.roles.names), dict[Any, Any]()

    def call(*arguments: Any, **options: Any) -> Any:
        arrays = [np.asarray(one) for one in arguments[:-count]]
        weights = dict(zip(probe.roles.names, arguments[-count:], strict=True))
        sizes = Sizes(weights["W_xh"].shape[1], weights["W_hh"].shape[1])
        single = arrays[-1].ndim == 1  # a state before
        if single:
            arrays = [np.expand_dims(one, -2) for one in arrays]
        more = {offered[option][0]: value for option, value in options.items() if option in offered}
        module = kept_or_made(kept, cls, sizes, str(arrays[-1].dtype), more)
        probe.roles.fill(dict(module.named_parameters()), weights, sizes, probe.unused)
        found = Read(module, probe.roles, probe.form, sizes, probe.options).calls("")[function](*arrays)
        return _without_batch(found, set(weights)) if single else found

    return call


def _without_batch(found: Any, weights: set[str]) -> Any:
    if isinstance(found, dict):
        return type(found)({name: one if name in weights else one.squeeze(-2) for name, one in found.items()})
    return tuple(one.squeeze(-2) for one in found) if isinstance(found, tuple) else found.squeeze(-2)


def kept_or_made(kept: dict[Any, Any], cls: type, sizes: Sizes, dtype: str, more: Mapping[str, Any]) -> Any:
    """Return the module of this size that was made before, if there is one: what it keeps between calls is to show."""
    key = (sizes, dtype, *more.items())
    if key not in kept:
        kept[key] = _made(cls, sizes, dtype, more)
    return kept[key]


def _made(cls: type, sizes: Sizes, dtype: str, more: Mapping[str, Any] | None = None) -> Any:
    """Make a module of a class, always the same, in a precision. Raises TargetError."""
    import torch  # noqa: PLC0415

    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            return cls(*_given(cls, sizes), **{**plainest(cls), **(more or {})}).eval().to(getattr(torch, dtype))
    except Exception as error:
        raise TargetError(f"{cls.__name__}({sizes.D}, {sizes.H}) cannot be made: {Raised.of(error)}") from error


def _given(cls: type, sizes: Sizes) -> list[int]:
    """Return the sizes for the arguments that the constructor wants, by their names, else input before hidden."""
    parameters = list(inspect.signature(cls).parameters.values())
    wanted = [one.name for one in parameters if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD]
    if len(wanted) < 2:  # as nn.RNN, which takes any
        return [sizes.D, sizes.H]
    left, given = [sizes.D, sizes.H], []
    for name in wanted:
        if re.search("layer", name):
            given.append(1)
        elif re.search("revers|backward|bidir|batch_first", name):
            given.append(False)
        elif re.search("hid|units|state", name) and sizes.H in left:
            given.append(left.pop(left.index(sizes.H)))
        elif re.search("out|vocab|class", name) or not left:
            given.append(OUTPUTS)
        else:
            given.append(left.pop(0))
    return given


def plainest(cls: type) -> dict[str, Any]:
    """Return the options with which a class is one layer in one direction, where it is not of itself."""
    own = inspect.signature(cls).parameters
    layers = {name: 1 for name, one in own.items() if re.fullmatch(torch_layers.LAYERS, name) and one.default != 1}
    both = {name: False for name, one in own.items() if re.fullmatch(torch_layers.BOTH, name) and one.default is True}
    return {name: value for name, value in (layers | both).items() if own[name].default is not own[name].empty}


def _takes_double(cls: type, form: Form) -> bool:
    import torch  # noqa: PLC0415

    X = torch.ones((2, OWN.D) if form.cell else (2, 2, OWN.D), dtype=torch.float64)
    module = _made(cls, OWN, "float64")
    try:
        ones = (X.new_ones(2, OWN.H),) * form.count
        found = [form.run(module, X, before, OWN.H) for before in [ones, *([None] if form.optional else [])]]
    except Exception:
        return False
    return all((last[0] if states is None else states).dtype == torch.float64 for states, last in found)


def held_in(module: Any) -> Holding:
    """Return what an instance holds: itself as a recurrent network, or those that are modules of it."""
    good, refused = [], []
    inside = list(_recurrent(module))
    if inside[0][1] is not module:
        refused.append(f"{type(module).__name__} itself, how it joins what is in it")
    for name, one in inside:
        try:
            good += list(_held(name, one))
        except (UncalledError, NotImplementedError) as error:
            refused.append(f"{name or type(one).__name__}: {error}")
    if len(good) == 1:
        good = [Held(**{**vars(good[0]), "part": ""})]
    return Holding(good, refused)


def _recurrent(module: Any) -> Iterator[tuple[str, Any]]:
    """Yield a module itself, if it returns all states, or is nothing but a cell, else PyTorch's own ones in it."""
    inside = [(name, one) for name, one in module.named_modules() if is_recurrent(one)]
    if not inside or inside[0][0] == "":
        yield "", module
        return
    try:
        whole = len(inside) == 1 and len(list(layers_of(inside[0][1]))) == 1 and read(module, _sizes(module))
    except (UncalledError, NotImplementedError) as error:
        if getattr(error, "fault", False):
            raise TargetError(f"{type(module).__name__}: cannot be read as a recurrent network: {error}") from error
        whole = False
    alone = len(list(module.parameters())) == len(list(inside[0][1].parameters()))
    if whole and (whole.form.states or (whole.form.cell and alone)):
        yield "", module
    else:
        yield from inside


def _held(name: str, module: Any) -> Iterator[Held]:
    layers = list(layers_of(module)) if is_recurrent(module) else []
    if len(layers) <= 1:
        layers = []
    for one in layers:
        sizes = Sizes(one.module.input_size, one.module.hidden_size)
        more = f"{name}.{one.name}".strip(".")
        yield _as_held(more, _named(module), read(one.module, sizes), reverse=one.reverse)
    if layers:
        yield torch_stacks.held_whole_module(name, _named(module), module)
    if not layers:
        yield _as_held(name, _named(module), read(module, _sizes(module)))


def _as_held(name: str, kind: str, found: Read, *, reverse: bool = False) -> Held:
    weights = found.weights
    narrow = {str(one.dtype) for one in weights.values()} - {"float32", "float64"}
    if narrow:
        raise NotImplementedError(f"its weights are {', '.join(narrow)}, expected float32 or float64")
    layer = f"{name.rpartition('.')[2]} in a copy of one layer" if reverse or re.search(r"l\d+$", name) else ""
    reading = told(kind, weights, layer, "from the end of the sequence" if reverse else "", found.told)
    takes = found.form.state != NONE
    shares, suspected = found.shares, tuple(map(_called, found.unused))
    calls = found.calls(reading)
    suspected = suspected if shares else ()
    own = (name, weights, found.options, reading, reverse, takes, None, calls, shares, suspected)
    return Held(*own, lacks=found.roles.lacking)


def _named(module: Any) -> str:
    ours = type(module).__module__.startswith("torch.")
    return f"{'nn.' if ours else ''}{type(module).__name__}"


def _sizes(module: Any) -> Sizes:
    """Return the sizes of an instance: by its attributes, else by the shapes of its matrices. Raises UncalledError."""
    for one in module.modules():
        if isinstance(getattr(one, "input_size", None), int) and isinstance(getattr(one, "hidden_size", None), int):
            return Sizes(one.input_size, one.hidden_size)
    shapes = [tuple(one.shape) for one in module.parameters() if one.ndim == 2]
    for H in {min(shape) for shape in shapes}:
        state = [shape for shape in shapes if set(shape) in ({H}, {3 * H, H}, {4 * H, H})]
        for shape in shapes if state else ():
            rows = max(state[0])
            if shape is not state[0] and rows in shape:
                return Sizes(shape[0] if shape[1] == rows else shape[1], H)
    for rows, columns in shapes:
        if rows < columns:
            return Sizes(columns - rows, rows)
    raise UncalledError(f"its sizes cannot be told by input_size and hidden_size, nor by its matrices {shapes}")


def _called(slots: Slots) -> str:
    """Return the names of parameters."""
    return " ".join(slot.parameter for slot in slots)


def _tensor(array: Any) -> Any:
    """Return a tensor with memory of its own."""
    import torch  # noqa: PLC0415

    return torch.from_numpy(np.array(array))


def _array(tensor: Any) -> Array:
    array: Array = np.array(tensor.detach().cpu().numpy())
    return array


def _gradient(leaf: Any) -> Array:
    """Return a leaf's gradient, zeros where it took no part."""
    return np.zeros(tuple(leaf.shape), _array(leaf).dtype) if leaf.grad is None else _array(leaf.grad)
